"""The earliest safe day to take work home: when people can do it, and when the contract can end.

Methods 4.2. Nothing is said here of whether people of the provider come over by law (TUPE and its like): ask a lawyer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from models.terms.contract import Ending
from models.terms.ending import first_end


@dataclass(frozen=True, slots=True)
class Homecoming:
    """What to do when. The provider works on the last day still, own people from the day after."""

    people_ready: date
    notice_only: date
    """Last day of the contract if notice were given at once, whether people are ready or not."""
    last_day: date
    """The first one allowed on which people are ready for the day after."""
    notice_by: date
    """Last day on which notice can be given for it."""
    assisted_until: date
    """Last day on which the provider has to help."""

    @property
    def home_on(self) -> date:
        """First day of own people."""
        return self.last_day + timedelta(days=1)

    @property
    def waits_for(self) -> Literal["notice", "people"]:
        """What is slower: with people ready sooner, home could not come sooner."""
        return "notice" if self.last_day == self.notice_only else "people"

    @property
    def idle_days(self) -> int:
        """Days own people are ready and the provider still has the work."""
        return (self.home_on - self.people_ready).days


def homecoming(decided: date, ready_in_weeks: int, ending: Ending) -> Homecoming:
    """Set people against notice, given on the day of the decision or later.

    ready_in_weeks: the week from which capacity covers the need, `hiring.Ready.first`. Raises ValueError for a negative
    one, and for one that leads beyond the calendar.
    """
    if ready_in_weeks < 0:
        raise ValueError(f"ready_in_weeks: expected 0 or more, got {ready_in_weeks}")
    try:
        ready = decided + timedelta(weeks=ready_in_weeks)
        # Notice given on the last day needed is late enough for whatever was agreed.
        given = _first_day(decided, max(decided, ready - timedelta(days=1)), ready - timedelta(days=1), ending)
        last_day = first_end(ending, given)
        return Homecoming(
            ready, first_end(ending, decided), last_day, _last_day_for(last_day, given, ending),
            last_day + timedelta(days=ending.assistance_days),
        )  # fmt: skip
    except OverflowError as error:
        raise ValueError(f"ready_in_weeks: expected a day of the calendar, got {ready_in_weeks} weeks") from error


def _first_day(low: date, high: date, wanted: date, ending: Ending) -> date:
    """First day from low on whose notice ends the contract on the wanted day or later; high is known to be one."""
    while low < high:
        middle = low + (high - low) // 2
        if first_end(ending, middle) >= wanted:
            high = middle
        else:
            low = middle + timedelta(days=1)
    return low


def _last_day_for(last_day: date, given: date, ending: Ending) -> date:
    """Last day from `given` on whose notice still ends the contract on that day."""
    low, high = given, last_day + timedelta(days=1)
    while (high - low).days > 1:
        middle = low + (high - low) // 2
        if first_end(ending, middle) <= last_day:
            low = middle
        else:
            high = middle
    return low
