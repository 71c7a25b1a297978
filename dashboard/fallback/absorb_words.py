"""The words of whether in-house can take the work now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback import words
from dashboard.fallback.headline_words import whole

if TYPE_CHECKING:
    from datetime import date

    from models.fallback.answer_parts import DayAnswer

TITLE = "Agents by quarter-hour"
TITLE_HELP = (
    "What fits is the most that keeps the promised service level and abandonment, by Erlang with customers who give "
    "up. How busy agents are on average is not used as a test: small teams miss the promise long before they are busy, "
    "and large ones keep it while they are."
)
POOLS = "By pool"
QUARTERS = "By quarter-hour"
THERE, OWN, ALL = "There", "Needed for own work", "Needed with all of it"
NAMES = {"there": THERE, "own": OWN, "all": ALL}
AS_ONE = "as one pool"
APART = "apart"
POOLS_ALT = (
    "One row per pool, and one for all as one pool: contacts asked about, what fits, service level and abandonment "
    "without and with all of it, the widest gap, and people to add."
)
QUARTERS_ALT = (
    "One row per quarter-hour: contacts, what fits, agents there, needed for own work and with all of it, gap."
)
BOUNDS = (
    "Apart, everybody does only the pool they mostly work in; as one pool, everybody could do everything. The truth "
    "lies between, nearer to apart the fewer languages people share. The answer above counts apart."
)
COLUMNS = {
    "pool": "Pool", "asked": "Asked", "fits": "Fits", "share": "Share that fits", "level_own": "Service level now",
    "level_all": "With all of it", "lost_own": "Abandonment now", "lost_all": "With all of it ", "worst": "Worst then",
    "gap": "Widest gap", "people": "People to add",
}  # fmt: skip
HELP = {
    "fits": "The most contacts that keep what is promised, by quarter-hour, added up; whole ones, or all.",
    "level_own": "Service level of own work alone, by quarter-hours weighed by contacts.",
    "level_all": "The same with all of the work and only the people there now.",
    "lost_own": "Share of own contacts whose customers hang up before an answer.",
    "lost_all": "The same with all of the work.",
    "worst": "Service level in the worst quarter-hour with all of it.",
    "gap": "Agents short in the worst quarter-hour, those in-house lacks for its own work among them.",
    "people": "Agents short, plus those who are away by the shrinkage assumed.",
}
BY_QUARTER = {
    "quarter": words.QUARTER, "moved": "Asked", "fits": "Fits", "there": THERE, "own": OWN, "all": ALL, "gap": "Gap",
}  # fmt: skip


def none_on(day: date, *, begun: bool) -> str:
    """Nothing is to be taken over on a day."""
    if begun:
        return f"On {words.short_day(day)} (today) none of this work is expected any more."
    return f"On {words.short_day(day)} none of this work is expected, so there is nothing to take over."


def fits(in_house: str, answer: DayAnswer) -> str:
    """How much of a day's work fits."""
    moved, (apart, as_one) = answer.moved, answer.absorbable
    share = apart / moved if moved else 0.0
    line = (
        f"On {words.short_day(answer.day)} {in_house} can take {whole(apart):,} of {moved:,.0f} contacts "
        f"({text.share(share)}) and keep what is promised"
    )
    if whole(as_one) > whole(apart):
        return f"{line}; {whole(as_one):,} if everybody could do everything."
    return f"{line}."


def people(answer: DayAnswer, widest: str | None) -> str:
    """Who would have to be added on that day."""
    apart, as_one = answer.people
    if not apart:
        return "Nobody has to be added for all of it."
    more = f"{apart:,} {'person' if apart == 1 else 'people'} more would have to be scheduled"
    at = f" for the widest gap, at {widest}" if widest else ""
    if as_one < apart:
        pooled = "nobody" if not as_one else f"{as_one:,}"
        return f"For all of it {more}{at}; {pooled} if everybody could do everything."
    return f"For all of it {more}{at}."


def kind_title(kind: str, pools: int) -> str:
    """A chart's title."""
    named = words.KINDS[kind].capitalize()
    return f"{named}, {pools} pools apart" if pools > 1 else named


def unit(day: date, zone: str) -> str:
    """Under a chart's title."""
    return f"agents on {words.short_day(day)}, {zone}"


def description(kind: str, there: float, own: float, everything: float, short: int) -> str:
    """A chart for those who do not see it."""
    return (
        f"{words.KINDS[kind].capitalize()} by quarter-hour: up to {there:,.0f} agents there, up to {own:,.0f} needed "
        f"for own work and up to {everything:,.0f} with all of it; too few in {short} quarter-hours."
    )


def pool(kind: str, name: str) -> str:
    """A row's name."""
    return words.pool(kind, name)


def pooled(kind: str) -> str:
    """The row of all as one."""
    return f"{words.KINDS[kind].capitalize()} {AS_ONE}"
