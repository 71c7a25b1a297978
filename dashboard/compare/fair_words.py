"""What comparisons like for like say. Sentences hold names, so they go to `parts.plain` or into table cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.compare.words import label
from dashboard.figures import shown
from models.fairness.comparison import Refusal
from models.fairness.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.compare.differences import Difference
    from dashboard.compare.units import Units
    from models.metrics.metric import Metric

FAIR_HELP = (
    "A plain average flatters who gets the easy work. Here both sides are counted at the same mix of topic, channel "
    "and language (and part of the day where there is enough of each): that of the side whose work is under decision, "
    "the bought one. Kinds of work of which either had fewer than 30 are left out; if that leaves less than 80 % of "
    "the mix, nothing is said. Intervals hold 95 of 100 times. Only final weeks enter. What stands out is decided for "
    "all comparisons of this page together, so that chance alone hardly makes one."
)
_SOLVES = {
    "first_contact_resolution": ("contacts", "solves", "more at first contact", "fewer at first contact"),
    "csat": ("answers", "has", "more satisfied", "fewer satisfied"),
    "critical_accuracy_client": ("evaluated contacts", "has", "more without a critical error", "fewer without one"),
    "transfer_rate": ("contacts", "hands on", "more", "fewer"),
}
_REFUSED = {
    Refusal.NO_MIX: "no such work in these weeks",
    Refusal.LOW_COVERAGE: "too little of the work was done by both",
}


def fair(one: Difference, units: Units) -> str:
    """What a comparison says, in one or two sentences."""
    first, second = units.called(one.one), units.called(one.other)
    result = one.result
    if result.refusal is not None:
        return (
            f"{first} and {second}: cannot be compared, {_REFUSED[result.refusal]} ({text.share(result.coverage, 0)})."
        )
    if result.difference is None or result.interval is None:
        return f"{first} and {second}: no data."
    said = _told(one, units)
    crude = result.crude_difference
    if crude is not None and result.only_looks_better and one.stands_out and abs(crude) >= one.margin:
        return f"{_looks(one, crude, units)} {said}"
    return said


def leading(one: Difference, units: Units) -> str:
    """The same where its metric is not said beside it."""
    return f"{one.metric.label}: {fair(one, units)}"


def _looks(one: Difference, crude: float, units: Units) -> str:
    if one.metric.better is None:
        ahead, how = (one.one if crude < 0 else one.other), "quicker"
    else:
        ahead, how = (one.one if (crude > 0) == (one.metric.better == "higher") else one.other), "better"
    size = shown.change(one.metric, abs(crude)).removeprefix("+")
    work = "takes easier work" if how == "better" else "takes shorter work"
    return f"{units.called(ahead)} looks {how} by {size}, but {work}."


def _told(one: Difference, units: Units) -> str:
    difference, interval = one.result.difference, one.result.interval
    if difference is None or interval is None:
        return ""
    if one.metric.unit == "share":
        return _told_of_1000(one, units, 1000 * difference, 1000 * interval.low, 1000 * interval.high)
    return _told_in_seconds(one, units, difference, interval.low, interval.high)


def _told_of_1000(one: Difference, units: Units, size: float, low: float, high: float) -> str:
    noun, verb, more, fewer = _SOLVES[one.metric.name]
    ahead = one.ahead or one.one
    behind = one.other if ahead == one.one else one.one
    if ahead != one.one:
        size, low, high = -size, -high, -low
    how = more
    if size < 0:
        size, low, high, how = -size, -high, -low, fewer
    sentence = (
        f"Of every 1,000 {noun} with the same mix, {units.within(ahead)} {verb} {_whole(size)} {how} than "
        f"{units.within(behind)} ({_whole(low)} to {_whole(high)})"
    )
    if one.verdict is Verdict.CANNOT_TELL_YET:
        return f"{sentence}: {_too_few(one)}"
    return sentence + ("; too little to matter." if one.verdict is Verdict.PRACTICALLY_THE_SAME else ".")


def _told_in_seconds(one: Difference, units: Units, size: float, low: float, high: float) -> str:
    slower, quicker = one.one, one.other
    if size < 0:
        slower, quicker, size, low, high = quicker, slower, -size, -high, -low
    sentence = (
        f"On the same mix, {units.within(slower)} takes {_whole(size)} s longer per contact than "
        f"{units.within(quicker)} ({_whole(low)} to {_whole(high)} s)"
    )
    if one.verdict is Verdict.CANNOT_TELL_YET:
        return f"{sentence}: {_too_few(one)}"
    return sentence + ("; too little to matter." if one.verdict is Verdict.PRACTICALLY_THE_SAME else ".")


def _whole(number: float) -> str:
    """`22`, `−5`."""
    rounded = round(number)
    return f"−{-rounded:,}" if rounded < 0 else f"{rounded:,}"


def _too_few(one: Difference) -> str:
    noun = _SOLVES[one.metric.name][0] if one.metric.name in _SOLVES else "contacts"
    return f"cannot tell yet; that takes about {text.count(one.more)} more {noun} of each."


def fair_basis(one: Difference, units: Units) -> str:
    """What a comparison rests on."""
    band = ", language and part of the day" if one.by_band else " and language"
    return (
        f"At the mix of {units.within(one.one)} by topic, channel{band}; {text.share(one.result.coverage, 0)} of it "
        f"could be compared. n = {text.count(one.n_one)} and {text.count(one.n_other)}."
    )


def fair_rest(others: Sequence[Difference]) -> str:
    """What is told behind a click: differences that do not matter, or cannot be told."""
    return "No difference that stands out: " + ", ".join(label(one.metric) for one in others)


def way(metric: Metric) -> str:
    """What the two sides of a chart of differences mean."""
    if metric.better is None:
        return "← shorter · longer →"
    return "← worse · better →" if metric.better == "higher" else "← better · worse →"


def pair(one: str, other: str, units: Units) -> str:
    """Who is compared with whom."""
    return f"{units.called(one)} against {units.within(other)}"
