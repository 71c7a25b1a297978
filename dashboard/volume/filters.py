"""What the Volume page keeps in the address besides the shared filters, and how much of it fits a chart."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard.scope.own import Choice

PAGE = "volume"
MOST_POINTS = 1400
"""Points of all lines of a chart of quarter-hours: two weeks of one line."""
MOST_DAYS = 371
"""Days a chart of days shows: a year and a few days."""
GRAIN = Choice("grain", ("day", "week", "quarter"))
LINE = Choice("line", ("all", "provider", "site"))


def choices(weeks: tuple[date, ...]) -> tuple[Choice, ...]:
    """The choices of the page. The day is one of the weeks there are, or none."""
    days = (start + timedelta(days=n) for start in weeks for n in range(7))
    return GRAIN, LINE, Choice("day", ("", *(day.isoformat() for day in days)))


def fitting(first: date, end: date, grain: str, lines: int) -> date:
    """The first day shown so that a chart stays readable; the last days of the chosen weeks are."""
    if grain == "week":
        return first
    most = MOST_DAYS if grain == "day" else min(14, max(1, MOST_POINTS // (96 * max(1, lines))))
    return max(first, end - timedelta(days=most))
