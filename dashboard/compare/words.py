"""Every sentence of the Compare page. Those with names in them go to `parts.plain` or into table cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.figures import shown
from models.fairness.control import BASELINE, LEAST, Direction, NoLimits
from models.fairness.verdict import Verdict

if TYPE_CHECKING:
    from datetime import date

    from dashboard.compare.bridge import Bridge
    from dashboard.compare.differences import Difference
    from dashboard.compare.scorecard import Cell
    from dashboard.compare.signals import Collapsed, Moved
    from dashboard.compare.units import Units
    from models.metrics.metric import Metric

TITLE = "Compare"
STANDS_OUT = "What stands out"
NOTHING_STANDS_OUT = "Nothing stands out: no figure left its usual range, and no comparison tells two apart."
MORE_STANDS_OUT = "More that stands out"
SCORECARD = "Scorecard of the week"
OVER_WEEKS = "Over the weeks"
LIKE_FOR_LIKE = "Like for like"
TABLE = "Week by week"
METRICS = "Metrics"
GROUP = "Columns"
BY_SITE, BY_PROVIDER = "Sites", "Providers"
WEEK = "Week"
LOOK = "One metric in full"
ALL = "All metrics"
ONE, OTHER = "Compare", "with"
DEFAULT_PAIR = "Every bought one"
DEFAULT_OTHER = "In-house"
HOW = "How this is told"
CHOOSE = "Choose a cell to see what it rests on, how it is defined, and the contacts behind it."
LIMITS_MARK = "Ring: outside its usual range (dashed lines)."
DAY_MARK = "Dotted upright line: a day far below its usual."
ONE_ONLY = "There is only one in view, so there are no others to compare it with."
NO_PAIR = (
    "Nothing to compare like for like: it takes a bought site or provider and one of the company's own. "
    "Choose two to compare them."
)
NOT_FINAL = "No week in view is final yet: later contacts and answers can still change every outcome."
OVERLAP_FILTERED = (
    "Occupancy and other figures of agents' time know no queue, channel, language or topic: they are of the whole site."
)
TOO_THIN = "No usual range: fewer than 30 contacts or answers in most weeks."
FOREST = "Point and line: like for like, with its interval. Hollow: the plain difference. Shaded: too small to matter."

CELL_WIDTH = 26
"""Characters that more than half fill a cell of the scorecard."""

SCORECARD_HELP = (
    "Each cell: the figure and the contacts it rests on; its change against the week before; and against all others in "
    "view together, without itself. “Better” and “worse” are said of differences that matter: 2 percentage points, "
    "5 of a service level, 5 % of a time. ≈ is less than that."
)
SIGNALS_HELP = (
    f"Each week is held against the weeks before it: at least {LEAST}, at most {BASELINE}, as far back as "
    "{weeks} weeks before those in view. A signal is a week beyond the limits (three sigma, never narrower than chance "
    "alone would make figures vary), or eight weeks in a row on one side of the centre; only when the distance "
    "matters in practice and, of all weeks and figures looked at here together, it would hardly be chance. Limits stay "
    "as they are from the first signal on. Watched are six figures, one for each thing a site answers for. "
    "Provisional weeks, the week that is not over, weeks in which the feed was silent for an hour or more, and weeks "
    "with fewer than 30 contacts or answers are shown, but not judged."
)
LABELS = {
    "service_level": "service level", "average_handle_time_s": "handle time",
    "first_contact_resolution": "first-contact resolution", "csat": "customer satisfaction",
    "critical_accuracy_client": "critical-error accuracy", "transfer_rate": "transfer rate",
}  # fmt: skip
_LONGER = {
    Verdict.CLEARLY_BETTER: "clearly shorter", Verdict.SLIGHTLY_BETTER: "slightly shorter",
    Verdict.SLIGHTLY_WORSE: "slightly longer", Verdict.CLEARLY_WORSE: "clearly longer",
}  # fmt: skip
_NO_LIMITS = {
    NoLimits.TOO_FEW_POINTS: f"fewer than {LEAST} finished weeks",
    NoLimits.TOO_MANY_GAPS: "too few weeks next to each other",
    NoLimits.NO_VARIATION: "the figure does not vary",
}


def label(metric: Metric) -> str:
    """A metric inside a sentence."""
    return LABELS.get(
        metric.name, metric.label[0].lower() + metric.label[1:] if metric.label[1:2].islower() else metric.label
    )


def short_day(day: date) -> str:
    """`5 Oct`."""
    return f"{day.day} {day:%b}"


def moved(one: Moved, units: Units) -> str:
    """One figure out of its usual range."""
    side = "below" if one.direction is Direction.BELOW else "above"
    usual = f"usually {shown.value(one.metric, one.low)} to {shown.value(one.metric, one.high)}"
    last = shown.value(one.metric, one.value)
    centre = "under" if one.direction is Direction.BELOW else "over"
    if one.ongoing:
        run = f"; {one.in_a_row} weeks in a row {centre} the centre" if one.in_a_row > 2 else ""
        when = f"since {short_day(one.since)}"
        return f"{units.called(one.unit)}: {label(one.metric)} {side} its usual range {when} ({last}, {usual}{run})."
    weeks = ", ".join(short_day(week) for week in one.weeks[-3:])
    noun = "week" if len(one.weeks) == 1 else "weeks"
    was = f"{label(one.metric)} was {side} its usual range in the {noun} of {weeks}"
    return f"{units.called(one.unit)}: {was} ({last}, {usual})."


def collapsed(one: Collapsed, units: Units) -> str:
    """One day far below its usual."""
    fewer = f"{1 - one.answered / one.usual:.0%}"
    return (
        f"{units.called(one.unit)}: on {one.day:%A}, {short_day(one.day)}, it answered {text.count(one.answered)} "
        f"contacts, {fewer} fewer than on other {one.day:%A}s "
        f"(usually {text.count(one.low)} to {text.count(one.high)})."
    )


def no_limits(reason: NoLimits) -> str:
    """Why a chart has no limits."""
    return f"No usual range yet: {_NO_LIMITS[reason]}."


def verdict(one: Difference) -> str:
    """The words of the verdict about the first against the second."""
    if one.verdict is None:
        return "not comparable"
    return _LONGER.get(one.verdict, one.verdict.value) if one.metric.better is None else one.verdict.value


def arrow(number: float | None) -> str:
    """Which way the number goes; says nothing about good or bad."""
    return "" if number is None or number == 0 else "▲" if number > 0 else "▼"


def judged_change(metric: Metric, difference: float | None, margin: float | None) -> str:
    """A difference with the way it goes, and better or worse when it matters."""
    if difference is None:
        return "–"
    size = shown.change(metric, difference)
    if margin is not None and abs(difference) < margin:
        return f"≈ {size}"
    word = shown.judged(metric, difference)
    return f"{arrow(difference)} {size} {word}".strip()


def cell(one: Cell, margin: float | None, *, signalled: bool, so_far: bool) -> str:
    """A scorecard cell, line by line."""
    if one.value is None:
        return "unknown: feed silent" if one.silent else text.NO_DATA
    marks = [
        mark
        for mark, on in (
            ("so far", so_far),
            ("provisional", not one.final and not so_far),
            ("feed silent", one.silent),
            ("◆ signal", signalled),
        )
        if on
    ]
    head = (
        f"{shown.value(one.metric, one.value)}  n {text.count(one.n)}"
        if one.metric.denominator
        else shown.value(one.metric, one.value)
    )
    lines = [" · ".join([head, *marks]), f"before {judged_change(one.metric, one.change, margin)}"]
    if one.metric.denominator is not None:
        lines.append(f"others {judged_change(one.metric, one.against, margin)}")
    if one.target is not None:
        lines.append(f"target {judged_change(one.metric, one.to_target, None)}")
    # A table's cell breaks lines at spaces only, so those within a line do not break, and short lines are filled up.
    return " ".join(line.replace(" ", "\u00a0") + "\u00a0" * 2 * max(0, CELL_WIDTH - len(line)) for line in lines)


def cell_lines(one: Cell, week: date, units: Units, margin: float | None) -> list[str]:
    """A scorecard cell in full."""
    lines = [f"{units.called(one.unit)}, {text.week_days(week)}: {shown.value(one.metric, one.value)}."]
    if one.before is not None:
        lines.append(
            f"Week before: {shown.value(one.metric, one.before)} ({judged_change(one.metric, one.change, margin)})."
        )
    if one.peers is not None:
        against = judged_change(one.metric, one.against, margin)
        lines.append(f"All others together: {shown.value(one.metric, one.peers)} ({against}).")
    if one.silent:
        lines.append("The feed was silent for an hour or more in this week: part of it is unknown, not zero.")
    return lines


def drawn(metric: Metric, raw: float, estimate: float, low: float, high: float, n: float) -> str:
    """A share of few, drawn towards the others."""
    return (
        f"Few of them (n = {text.count(n)}): allowing for luck, {shown.value(metric, raw)} stands for about "
        f"{shown.value(metric, estimate)} ({shown.value(metric, low)} to {shown.value(metric, high)})."
    )


def bridge(one: Bridge, name: str) -> list[str]:
    """From the service level a site reports to ours, in steps that add up."""
    tenth = [round(1000 * value) / 10 for value in (one.own, one.ours)]
    threshold = round(1000 * one.threshold) / 10
    counted = round(tenth[1] - tenth[0] - threshold, 1)
    if not threshold and not counted:
        return [f"{name} counts as we do: {tenth[1]:.1f}%."]

    def step(value: float) -> str:
        return f"{value:+.1f} pp".replace("-", "−") if value else "±0.0 pp"

    return [
        f"{name} reports {tenth[0]:.1f}%.",
        f"{step(threshold)} because our threshold is another than its own.",
        f"{step(counted)} because of who counts: with us everybody who was answered or gave up waiting.",
        f"That makes our {tenth[1]:.1f}%.",
    ]


def chart_description(metric: Metric, units: int, first: date, last: date) -> str:
    """The chart for those who do not see it. Holds nothing that users made up."""
    return f"Line chart: {metric.label} by week, {units} lines, from {text.week(first)} to {text.week(last)}."


def table_description(rows: int) -> str:
    """The table for those who do not see it."""
    return f"Table with one row per week and site or provider, newest first, {rows:,} rows, with every n."
