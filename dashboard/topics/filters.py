"""What the Topics page keeps in the address besides the shared filters, and which weeks it compares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dashboard.scope.own import Choice

if TYPE_CHECKING:
    from dashboard.scope.scope import Known, Scope

PAGE = "topics"
WHO = Choice("by", ("provider", "site"))
AGAINST = Choice("against", ("before", "halves"))
FIGURE = Choice("figure", ("average_handle_time_s", "first_contact_resolution", "csat"))
CHANGE = Choice("change", ("contacts", "handle_hours", "handle_time"))
CHOICES = (WHO, AGAINST, FIGURE, CHANGE)

WEEK = timedelta(weeks=1)
Span = tuple[date, date]
"""First day and the day after the last."""


@dataclass(frozen=True)
class Spans:
    """now: the chosen weeks that are over; after and before: what is compared, None when there is nothing to.

    open_week: the week that is not over was chosen and left out. halves: the chosen weeks are compared with themselves.
    """

    now: Span
    after: Span | None
    before: Span | None
    open_week: bool
    halves: bool

    @property
    def weeks(self) -> int:
        """Weeks on each side of the comparison."""
        return (self.after[1] - self.after[0]).days // 7 if self.after else 0


def spans(scope: Scope, known: Known, today: date, against: str) -> Spans:
    """The weeks looked at and compared. A week that is not over is left out unless it is the only one."""
    first, end = scope.span(known)
    monday = today - timedelta(days=today.weekday())
    open_week = first < monday < end
    end = min(end, monday) if open_week else end
    weeks = (end - first) // WEEK
    earliest = known.weeks[0]
    if against == "before" and first - weeks * WEEK >= earliest:
        return Spans((first, end), (first, end), (first - weeks * WEEK, first), open_week, False)
    half = weeks // 2
    if half:
        after = (end - half * WEEK, end)
        return Spans((first, end), after, (after[0] - half * WEEK, after[0]), open_week, True)
    return Spans((first, end), None, None, open_week, False)
