"""Weekdays, times of day and opening hours as configuration files write them: `Mon-Fri`, `08:30`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = re.compile(r"(\d\d):([0-5]\d)")
_DAY_MINUTES = 1440


def minute_of_day(value: object) -> int:
    """Minutes since midnight of `HH:MM`, 00:00 to 24:00. Raises ValueError."""
    if isinstance(value, str) and (found := _CLOCK.fullmatch(value)):
        minute = int(found[1]) * 60 + int(found[2])
        if minute <= _DAY_MINUTES:
            return minute
    raise ValueError("expected a time of day as HH:MM, from 00:00 to 24:00")


def _days(value: object) -> frozenset[int]:
    if isinstance(value, frozenset):
        return value
    if value == "daily":
        return frozenset(range(7))
    chosen: set[int] = set()
    for part in str(value).split(","):
        ends = part.strip().split("-")
        if not 1 <= len(ends) <= 2 or any(end not in WEEKDAYS for end in ends):
            raise ValueError('expected weekdays such as "Mon-Fri", "Sat,Sun", "Wed-Sun" or "daily"')
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        chosen |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    return frozenset(chosen)


MinuteOfDay = Annotated[int, BeforeValidator(minute_of_day)]
"""Minutes since local midnight, written HH:MM."""
Days = Annotated[frozenset[int], BeforeValidator(_days)]
"""Weekdays, 0 for Monday."""


class OpeningHours(BaseModel):
    """Hours in which a site is open, in the site's own time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Days = Field(frozenset(range(7)), description="Weekdays they begin on.")
    opens: MinuteOfDay = Field(description="Opening time.")
    closes: MinuteOfDay = Field(description="Closing time; at or before opening it is that of the next day.")

    def spans(self) -> list[tuple[int, int, int]]:
        """(weekday from 0 for Monday, first minute, minute after the last), none of them past midnight."""
        found = []
        for day in sorted(self.days):
            if self.closes > self.opens:
                found.append((day, self.opens, self.closes))
            else:
                found.append((day, self.opens, _DAY_MINUTES))
                if self.closes:
                    found.append(((day + 1) % 7, 0, self.closes))
        return found
