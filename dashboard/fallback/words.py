"""The words of the Fallback page's frame. Those with names of users' own go to `parts.plain` or into a table's cell.

The headline is in `headline_words`, the parts have words of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from models.fallback.exit_watch import Standing

if TYPE_CHECKING:
    from datetime import date, datetime

TITLE = "Fallback"
PROVIDER = "Provider"
HOURS = "Hours of the day"
SHARE = "Share, %"
SHARE_HELP = "How much of what is left after the other filters. The rest stays with the provider."
EVIDENCE = "Evidence"
DAY = "Day"
QUARTER = "Quarter-hour"
AS_TABLE = "As a table"
NOT_KNOWN = "What is not known, and what follows from it"
PARTS = {
    "case": "The case",
    "demand": "The demand",
    "now": "Can we take it now",
    "when": "From when",
    "price": "At what price",
    "which": "Which part",
    "drill": "The drill",
    "decide": "Decide",
    "readiness": "Readiness",
}
NO_PROVIDER_TITLE = "No work is bought in"
NO_PROVIDER = (
    "Every site of the settings is in-house, so there is no work to bring home. A site of a provider has `provider` "
    "and no `in_house = true` in the settings."
)
SAVED = "Saved answer"
BACK_TO_TODAY = "Back to today’s data"
STANDINGS = {
    Standing.OK: "All is well",
    Standing.BUILDING: "Building up",
    Standing.EXIT_WATCH: "Exit watch",
    Standing.UNKNOWN: "Unknown",
}
STANDING_HELP = {
    Standing.OK: "no exit criterion is open and none is building up.",
    Standing.BUILDING: "some exit criteria are open or have bad weeks, not enough for an exit watch.",
    Standing.EXIT_WATCH: "enough exit criteria are open: it is time to look at leaving.",
    Standing.UNKNOWN: "not enough exit criteria are open, but those without data could make it enough.",
}
NO_DAYS = "Nothing is known of the days ahead."
NO_STANDING = "No standing"
KINDS = {"voice": "calls", "chat": "chats"}
NO_LANGUAGE = "language not told"


def one_provider(name: str) -> str:
    """The address names several providers."""
    return f"An answer is about one provider at a time: {name} is shown."


def one_hour(first: int) -> str:
    """Both ends of the hours stand on one."""
    return f"From {first}:00 to {first}:00 is no time at all; the hour from {first}:00 to {first + 1}:00 is shown."


def not_known(count: int) -> str:
    """Label of the rest of what is not known."""
    return f"{NOT_KNOWN} ({count:,})"


def pool(kind: str, language: str) -> str:
    """`Calls in de`."""
    named = KINDS.get(kind, kind)
    return f"{named.capitalize()}, {NO_LANGUAGE}" if not language else f"{named.capitalize()} in {language}"


def short_day(day: date) -> str:
    """`Tue 24 Nov`."""
    return f"{day:%a} {day.day} {day:%b}"


def day_option(day: date, today: date) -> str:
    """A day as a choice."""
    return f"{short_day(day)} (today)" if day == today else short_day(day)


def hours(first: int, end: int) -> str:
    """Hours of the day; empty for all of them."""
    return "" if (first, end) == (0, 24) else f"between {first}:00 and {end}:00"


def quarter(number: int) -> str:
    """`08:15` of a quarter-hour's number."""
    return f"{number // 4:02d}:{15 * (number % 4):02d}"


def saved(sliced: str, asked_at: datetime, zone: str) -> str:
    """The page shows an answer that was saved."""
    return f"{sliced}, as known on {text.moment(asked_at, zone)}, with what was assumed then. Nothing here moves."


def as_of(known_upto: int, asked_at: str, version: str) -> str:
    """On what the answer rests."""
    return f"Computed on data up to batch {known_upto:,}, asked for {asked_at}, by version {version}."
