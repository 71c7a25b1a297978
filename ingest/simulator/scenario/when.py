"""Points in time as a scenario writes them: `week 9 Wed 10:00`, `2026-10-31`, `12-25`, `Mon-Fri`, `08:30`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, InstanceOf

from models.hours import WEEKDAYS, minute_of_day

_WEEK = re.compile(r"week (\d{1,3})(?: (Mon|Tue|Wed|Thu|Fri|Sat|Sun))?(?: (\d\d:\d\d))?")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d))?")
_YEARLY = re.compile(r"(\d\d)-(\d\d)")

Day = date
"""A name for it inside Moment, whose method `date` hides the class."""


def first_monday(start: date) -> date:
    """Monday of week 1: of the week in which the simulation starts."""
    return start - timedelta(days=start.weekday())


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, by its date or by week (from 1) and weekday, and minutes since local midnight."""

    week: int | None
    weekday: int
    day: Day | None
    minute: int

    def date(self, start: Day) -> Day:
        """The date, in a simulation that starts on `start`."""
        if self.day is not None:
            return self.day
        return first_monday(start) + timedelta(weeks=(self.week or 1) - 1, days=self.weekday)

    def instant_ms(self, start: Day, zone: ZoneInfo) -> int:
        """Milliseconds since 1970 in a simulation that starts on `start`."""
        return local_ms(self.date(start), self.minute, zone)


@dataclass(frozen=True, slots=True)
class Yearly:
    """A day of every year."""

    month: int
    day: int

    def days_from(self, when: date) -> int:
        """Days to its nearest return, negative when that is past."""
        years = [when.year - 1, when.year, when.year + 1]
        return min(((self.in_year(year) - when).days for year in years), key=abs)

    def in_year(self, year: int) -> date:
        """Its date in a year; 29 February is the 28th in other years."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return date(year, self.month, 28)


def local_ms(day: date, minute: int, zone: ZoneInfo) -> int:
    """Milliseconds since 1970 of a local wall time; `minute` may be 1440 or more for the days after."""
    days, rest = divmod(minute, 1440)
    later = day + timedelta(days=days)
    local = datetime(later.year, later.month, later.day, rest // 60, rest % 60, tzinfo=zone)
    return round(local.timestamp() * 1000)


def _moment(value: object) -> Moment:
    if isinstance(value, Moment):
        return value
    text = str(value)
    if found := _WEEK.fullmatch(text):
        minute = minute_of_day(found[3]) if found[3] else 0
        if int(found[1]) >= 1:
            return Moment(int(found[1]), WEEKDAYS.index(found[2] or "Mon"), None, minute)
    elif found := _DATE.fullmatch(text):
        try:
            day = date.fromisoformat(found[1])
        except ValueError:
            raise ValueError("expected a date that exists") from None
        return Moment(None, 0, day, minute_of_day(found[2]) if found[2] else 0)
    raise ValueError('expected "week 9", "week 9 Wed", "week 9 Wed 10:00", "2026-10-31" or "2026-10-31 10:00"')


def _holiday(value: object) -> Moment | Yearly:
    if isinstance(value, str) and _YEARLY.fullmatch(value):
        return _yearly(value)
    return _moment(value)


def _yearly(value: object) -> Yearly:
    if isinstance(value, Yearly):
        return value
    if isinstance(value, str) and (found := _YEARLY.fullmatch(value)):
        try:
            date(2024, int(found[1]), int(found[2]))
        except ValueError:
            raise ValueError("expected a month and a day that exist") from None
        return Yearly(int(found[1]), int(found[2]))
    raise ValueError('expected month and day as "12-25"')


When = Annotated[InstanceOf[Moment], BeforeValidator(_moment)]
Holiday = Annotated[InstanceOf[Moment] | InstanceOf[Yearly], BeforeValidator(_holiday)]
DayOfYear = Annotated[InstanceOf[Yearly], BeforeValidator(_yearly)]
