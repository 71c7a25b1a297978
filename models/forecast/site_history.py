"""The forecasts of a site's day, out of the counts of its last weeks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import numpy as np

from models.forecast.days import Days
from models.forecast.forecast import Forecast, NoForecast
from models.forecast.history import History, history
from models.forecast.intraday import update
from models.forecast.seasonal import LEAST_DAYS, REACH_WEEKS, forecast_day
from models.forecast.silence import HOURS_SLOTS, others_mean, silent
from models.forecast.slots import LABELS, Slot

_HOUR = LABELS // 24
GROUPS = ("offered", "voice", "chat")
"""All contacts, and those that agents have to be there for when they come: calls, and chats with messages."""


@dataclass(frozen=True)
class DayForecast:
    """Of one day: all contacts, and calls and chats for the agents they take.

    counted_until: what had arrived by then is in it; None for one that knows the days before alone. silent: numbers of
    slots that had passed with nobody counting. left_out: same weekdays it could have rested on and does not.
    """

    day: date
    offered: Forecast | NoForecast
    work: Mapping[str, Forecast]
    counted_until: datetime | None
    silent: frozenset[int]
    left_out: tuple[date, ...]


@dataclass(frozen=True, eq=False)
class SiteHistory:
    """The counts of a site: shape (groups, days, days.SLOTS), 0 where nobody came, NaN where there is no such slot.

    The last of the days is today, which is not over. holidays: days unlike their weekday, by the settings. groups: the
    first is all contacts, named "offered"; the others are forecast beside it.
    """

    days: Days
    counts: np.ndarray
    holidays: Collection[date]
    groups: tuple[str, ...] = GROUPS

    def until(self, day: date) -> SiteHistory:
        """As it was on an earlier one of the days, which was not over: what was known of the REACH_WEEKS before it."""
        place = self.days.dates.index(day)
        first = max(0, place - 7 * REACH_WEEKS)
        return replace(self, days=self.days.part(first, place + 1), counts=self.counts[:, first : place + 1])

    @cached_property
    def _first(self) -> int:
        """Position of the first day with a contact; before it the site was not there."""
        came = np.flatnonzero(np.nansum(self.counts[0], axis=1) > 0)
        return int(came[0]) if came.size else len(self.days.dates) - 1

    @property
    def since(self) -> date:
        """The first day with a contact, or today."""
        return self.days.dates[self._first]

    @property
    def lacks_days(self) -> bool:
        """Whether the site is not known for long enough to forecast every day of the week."""
        return len(self._past) < 7 * LEAST_DAYS

    @cached_property
    def _past(self) -> range:
        return range(self._first, len(self.days.dates) - 1)

    def _alike(self, weekday: int) -> list[int]:
        return [place for place in self._past if self.days.dates[place].weekday() == weekday]

    def _usual(self, weekday: int) -> list[int]:
        """Those of them a forecast may rest on."""
        return [place for place in self._alike(weekday) if self.days.dates[place] not in self.left_out]

    @cached_property
    def _open(self) -> np.ndarray:
        """Shape (7, 96): in which hours by the clock someone came on one of the weekday's usual days."""
        found = np.zeros((7, LABELS), dtype=np.bool_)
        for weekday in range(7):
            came = np.nansum(self.counts[0, self._usual(weekday), :LABELS], axis=0) > 0
            found[weekday] = np.repeat(came.reshape(-1, _HOUR).any(axis=1), _HOUR)
        return found

    @cached_property
    def left_out(self) -> frozenset[date]:
        """Days no forecast rests on: holidays, and those on which the site fell silent for hours."""
        found = set(self.holidays)
        for weekday in range(7):
            alike = self._alike(weekday)
            table = self.counts[0, alike]
            for place, expected in zip(alike, others_mean(table), strict=True):
                numbers = [slot.number for slot in self.days.slots[place]]
                if silent(self.counts[0, place, numbers], expected[numbers]).sum() >= HOURS_SLOTS:
                    found.add(self.days.dates[place])
        return frozenset(found)

    def base(self, day: date, slots: Sequence[Slot], made_at: datetime) -> DayForecast:
        """The forecast of today or a day to come from the days before today. slots: all of the day."""
        open_slots = [slot.number for slot in self._open_slots(day, slots)]
        found = {
            name: forecast_day(self._histories[name], day, open_slots, made_at=made_at, left_out=self.left_out)
            for name in self.groups
        }
        work = {name: made for name, made in found.items() if name != "offered" and isinstance(made, Forecast)}
        reach = day.toordinal() - 7 * REACH_WEEKS
        left_out = tuple(
            sorted(
                each for each in self.left_out
                if each < day and each.weekday() == day.weekday() and each.toordinal() >= reach
            )
        )  # fmt: skip
        return DayForecast(day, found["offered"], work, None, frozenset(), left_out)

    def updated(self, base: DayForecast, until: datetime, made_at: datetime) -> DayForecast:
        """Today's forecast, drawn to what has arrived by an instant at which a quarter-hour ends."""
        if isinstance(base.offered, NoForecast):
            return base
        starts = {slot.number: slot.starts_at for slot in self.days.slots[-1]}
        passed = [number for number in base.offered.slots if starts[number] < until]
        unheard = silent(self.counts[0, -1, passed], np.array(base.offered.expected[: len(passed)]))
        nobody = frozenset(number for number, is_silent in zip(passed, unheard, strict=True) if is_silent)

        def arrived(made: Forecast, group: str) -> list[float | None]:
            own = self.counts[self.groups.index(group), -1]
            return [None if n in nobody else float(own[n]) for n in made.slots if starts[n] < until]

        offered = update(base.offered, arrived(base.offered, "offered"), made_at=made_at)
        work = {group: update(made, arrived(made, group), made_at=made_at) for group, made in base.work.items()}
        return DayForecast(base.day, offered, work, until, nobody, base.left_out)

    @cached_property
    def _histories(self) -> dict[str, History]:
        """Rows of every open slot of every day before today, whether anyone came or not."""
        days, numbers, counts = [np.empty(0, dtype="datetime64[D]")], [np.empty(0, dtype=np.intp)], []
        for place in self._past:
            day = self.days.dates[place]
            own = [slot.number for slot in self._open_slots(day, self.days.slots[place])]
            days.append(np.full(len(own), np.datetime64(day)))
            numbers.append(np.array(own, dtype=np.intp))
            counts.append(self.counts[:, place, own])
        table = np.concatenate([np.empty((len(self.groups), 0)), *counts], axis=1)
        dates, slots = np.concatenate(days), np.concatenate(numbers)
        return {group: history(dates, slots, table[place]) for place, group in enumerate(self.groups)}

    def _open_slots(self, day: date, slots: Sequence[Slot]) -> list[Slot]:
        """Those of hours in which contacts come on that weekday; all, while it is too early to say."""
        if len(self._usual(day.weekday())) < LEAST_DAYS:
            return list(slots)
        return [slot for slot in slots if self._open[day.weekday(), slot.number % LABELS]]
