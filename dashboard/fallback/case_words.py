"""The words of the case: criteria, how weeks were judged, why the standing is what it is, and like for like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback import words
from dashboard.figures import shown
from models.alerts.state import Condition
from models.fallback.case_answer import PERIODS
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from datetime import date

    from dashboard.fallback.case_rows import Since
    from models.fallback.exit_watch import Reason, Standing
    from models.fallback.facts import Compared, Criterion, Seen

GOOD, BETWEEN, BAD, THIN, UNKNOWN = JUDGED = ("good", "between", "bad", "thin", "unknown")
MARKS = {GOOD: "✓", BETWEEN: "~", BAD: "✕", THIN: "·", UNKNOWN: "?"}
STANDING_MARKS = {"ok": "✓", "building": "▲", "exit_watch": "✕", "unknown": "?"}
STANDING_NAMES = {str(standing): name for standing, name in words.STANDINGS.items()}
LEGEND = (
    "✓ good · ~ between the limits · ✕ bad · thin: too few contacts, the week changes nothing · ? nobody knows. The "
    "top row is the standing: ✓ all is well, ▲ building up, ✕ exit watch, ? unknown."
)
WHY = "Why"
BY_WEEK = "Exit criteria by week"
CHART = "Standing and criteria"
STANDING = "Standing"
WEEK = "Week"
LIMITS = "Limits, and where they come from"
LIKE = "Like for like with in-house"
LIKE_HELP = (
    "The same topics, channels and languages in the same share. What only one side handles cannot be compared and is "
    "left out; the share that could be is said."
)
NO_COMPARISON = "Nothing could be compared like for like with in-house."
SINCE = "What changed since the last review"
NO_REVIEW = "No contract is configured, so nobody knows when both sides last met."
NO_REVIEW_YET = "The contract has no review that is over, so there is nothing to compare with."
TABLE_ALT = "One row per week, newest first: the standing and each exit criterion with its value and how it was judged."
LIMITS_ALT = (
    "One row per exit criterion: what is bad, what is good again, the least number, and where limits come from."
)
SINCE_ALT = "One row per exit criterion: mean of up to four weeks before the review, of the last four, and the change."
ALL_WELL = "No criterion is open, building up, unknown or thin."
COLUMNS = {
    "criterion": "Criterion",
    "bad": "Bad",
    "good": "Good again",
    "least": "Least n",
    "source": "Where the limits come from",
    "before": "Before",
    "now": "Now",
    "change": "Change",
}


def week(monday: date) -> str:
    """A week as a row's name."""
    return f"{text.week(monday)} · {text.week_days(monday)}"


def short_week(monday: date) -> str:
    """`24 Aug`, for an axis."""
    return f"{monday.day} {monday:%b}"


def standing(value: Standing) -> str:
    """`✕ Exit watch`."""
    return f"{STANDING_MARKS[value]} {words.STANDINGS[value]}"


def difference(number: float) -> str:
    """Of shares, in percentage points: `−7.6 pp`."""
    return f"{100 * number:+.1f} pp".replace("-", "−") if round(number, 3) else "0.0 pp"


def value(criterion: Criterion, number: float | None) -> str:
    """A criterion's value with its unit."""
    if number is None:
        return text.NO_DATA
    match criterion.unit:
        case "share":
            # What is bad below 0 is a difference of shares.
            return difference(number) if criterion.opens < 0 else text.share(number)
        case "hours":
            return f"{number:,.1f} h"
        case "count":
            return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
        case _:
            return f"{number:+.2f}".replace("-", "−")


def cell(criterion: Criterion, seen: Seen, judged: str) -> str:
    """A week of a criterion: `✕ 74.0% bad`."""
    if judged == UNKNOWN or seen.value is None:
        return f"{MARKS[judged]} {judged}"
    return f"{MARKS[judged]} {value(criterion, seen.value)} {judged}"


def limit(criterion: Criterion, number: float, *, bad: bool) -> str:
    """`below 75.0%`, `80.0% or more`."""
    told = value(criterion, number)
    if bad:
        return f"{criterion.direction} {told}"
    return f"{told} or {'less' if criterion.direction == 'above' else 'more'}"


def rule(needed: int, known: int) -> str:
    """How weeks make a standing."""
    criteria, make = ("criterion", "makes") if needed == 1 else ("criteria", "make")
    return (
        f"A criterion opens when {PERIODS.bad} of the last {PERIODS.of} weeks with enough contacts are bad, and closes "
        f"after {PERIODS.good} good ones in a row, {PERIODS.held} weeks later at the earliest. {needed} open "
        f"{criteria} of {known} {make} an exit watch. A week without data is unknown, never good."
    )


def count(opened: int, needed: int) -> str:
    """How far it is."""
    criteria = "criterion is" if opened == 1 else "criteria are"
    return f"{opened} {criteria} open; {needed} {'makes' if needed == 1 else 'make'} an exit watch."


def reason(criterion: Criterion, why: Reason) -> str:
    """Why a criterion counts."""
    if why.condition is Condition.UNKNOWN:
        stays = f"; open since the week of {text.day(why.open_since.date())}, and still" if why.open_since else ""
        return f"{criterion.label}: its feed was silent last week, so nobody knows it{stays}."
    last = (
        f"last week rests on n = {why.n:,.0f}, fewer than {criterion.min_n:,}, and changed nothing"
        if why.thin
        else f"last week {value(criterion, why.value)}"
    )
    return f"{criterion.label}: {_state(criterion, why)}{last}."


def _state(criterion: Criterion, why: Reason) -> str:
    """What is remembered of the weeks before, to go before last week's."""
    good, bad = limit(criterion, criterion.clears, bad=False), limit(criterion, criterion.opens, bad=True)
    since = f"open since the week of {text.day(why.open_since.date())}" if why.open_since else ""
    match why.condition:
        case Condition.OPEN:
            return f"{since}, closes after {PERIODS.good} weeks in a row at {good}; "
        case Condition.CLEARING:
            return f"{since}, but good for {why.good_weeks} of the {PERIODS.good} weeks in a row that close it; "
        case Condition.PENDING:
            weeks = "valid weeks were" if why.bad_weeks > 1 else "valid weeks was"
            return f"{why.bad_weeks} of the last {PERIODS.of} {weeks} {bad}, {PERIODS.bad} open it; "
        case _:
            return ""


def compared(one: Compared, in_house: str) -> str:
    """A figure like for like: both sides, the difference with its interval, the raw one, and what could be compared."""
    metric = BY_NAME.get(one.metric)
    if metric is None:
        return f"{one.metric}: no figure of that name is known here."
    both = f"{shown.value(metric, one.provider)} against {shown.value(metric, one.own)} at {in_house}"
    if one.difference is None:
        raw = f" Raw, it is {both}, {shown.change(metric, one.raw)}." if one.raw is not None else ""
        return f"{metric.label}: cannot be compared like for like.{raw}"
    interval = (
        f" (95 % interval {shown.change(metric, one.low)} to {shown.change(metric, one.high)}){_judged(one)}"
        if one.low is not None and one.high is not None
        else ", without an interval"
    )
    raw = f" The raw difference is {shown.change(metric, one.raw)}." if one.raw is not None else ""
    share = (
        f" {text.share(one.comparable)} of its contacts could be compared, n = {one.n:,.0f}."
        if one.comparable is not None
        else ""
    )
    return f"{metric.label}: like for like {both}, {shown.change(metric, one.difference)}{interval}.{raw}{share}"


def _judged(one: Compared) -> str:
    """What the interval says, in words."""
    if one.low is None or one.high is None:
        return ""
    if one.low <= 0 <= one.high:
        return ", which cannot be told from chance"
    return f", surely {shown.judged(BY_NAME[one.metric], one.difference) or 'different'}"


def since_review(on: date, weeks: int) -> str:
    """What is compared with what."""
    if not weeks:
        return f"The last review was on {text.day(on)}; no whole week is over since."
    last = "the week" if weeks == 1 else f"the last {min(weeks, 4)} weeks"
    return f"The last review was on {text.day(on)}. Means of the four weeks before it, and of {last} since."


def moved(one: Since) -> str:
    """A change in words: `−3.1 pp, ✕ worse`."""
    if one.change is None:
        return text.NO_DATA
    if not one.change:
        return "the same"
    sign, size = ("+" if one.change > 0 else "−"), abs(one.change)
    amount = {"share": f"{100 * size:.1f} pp", "hours": f"{size:,.1f} h", "count": f"{size:,.1f}"}.get(
        one.criterion.unit, f"{size:.2f}"
    )
    return f"{sign}{amount}, {'✕ worse' if one.worse else '✓ better'}"


def chart_description(weeks: int, criteria: int, now: str) -> str:
    """The chart for those who do not see it."""
    return f"The standing and {criteria} exit criteria over {weeks} weeks, as marks by week; the standing now: {now}."
