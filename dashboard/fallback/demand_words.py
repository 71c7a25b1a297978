"""The words of the demand: contacts expected by quarter-hour, and repeats that would go away or appear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.fallback import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

EXPECTED = "Contacts expected"
TOTALS = "By day"
REPEATS = "Repeats that would go away or appear"
NO_DAYS = "Nothing is expected of the days ahead: no forecast could be made of this work."
TOTALS_ALT = (
    "One row per day ahead: contacts expected by pool and in all, the band, and the days the forecast rests on."
)
BAND_HELP = (
    "Sum of the quarter-hours' bands, each of which holds 95 % of its quarter-hours; a day as a whole varies less than "
    "that."
)
BASIS_HELP = "The forecast is a mean of the same weekday of these weeks."
COLUMNS = {"day": "Day", "total": "In all", "low": "Band from", "high": "to", "basis": "Rests on"}


def none_on(day: date) -> str:
    """Nothing is expected on a day."""
    return (
        f"None of this work is expected on {words.short_day(day)}: it is closed then, or there is no such day in the "
        "weeks the forecast rests on."
    )


def total(day: date, moved: float, low: float, high: float, passed: int) -> str:
    """What is expected on a day."""
    since = f" from {words.quarter(passed)} on" if 0 < passed < 96 else ""
    return (
        f"On {words.short_day(day)}{since} {moved:,.0f} contacts of this work are expected "
        f"(by the band {low:,.0f} to {high:,.0f})."
    )


def unit(day: date, zone: str) -> str:
    """Under a chart's title."""
    return f"contacts expected by quarter-hour on {words.short_day(day)}, {zone}, with the band"


def description(pool: str, moved: float, first: str, end: str, busiest: str) -> str:
    """A chart for those who do not see it."""
    return f"{pool}: {moved:,.0f} contacts expected between {first} and {end}, most at {busiest}, with a band around."


def basis(days: Sequence[date]) -> str | None:
    """`27 Oct, 3 Nov …`."""
    return ", ".join(f"{day.day} {day:%b}" for day in sorted(days)) or None


def repeats(volume: float, at_home: float, own: float, provider: float, returning: float) -> str:
    """Contacts an issue takes on either side, over a month."""
    change = volume - at_home
    there = f"A month’s {volume:,.0f} contacts at the provider would be {at_home:,.0f} in-house"
    solved = (
        f"{text.share(own)} are solved at first contact in-house and {text.share(provider)} at the provider, and of "
        f"the unsolved {text.share(returning)} come again"
    )
    if abs(change) < 0.5:
        return f"{there}, as many: {solved}."
    return f"{there}, {abs(change):,.0f} {'fewer' if change > 0 else 'more'}: {solved}."


def repeats_unknown(problem: str) -> str:
    """What is missing for it."""
    return f"Whether repeats would go away or appear is not known. {problem}"
