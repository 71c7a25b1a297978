"""Days that follow each other, with their quarter-hours, and where in them instants lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from models.forecast.slots import LABELS, Slot, day_slots

SLOTS = 2 * LABELS
"""Numbers a slot may have (see `models.forecast.slots`)."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Days that follow each other, and the quarter-hours of each in the order in which they pass."""

    dates: tuple[date, ...]
    slots: tuple[tuple[Slot, ...], ...]

    @classmethod
    def between(cls, first: date, last: date, zone: ZoneInfo) -> Days:
        """From the first to the last, both included."""
        dates = tuple(map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)))
        return cls(dates, tuple(day_slots(day, zone) for day in dates))

    def part(self, first: int, beyond: int) -> Days:
        """Those from a position on to before another one."""
        return Days(self.dates[first:beyond], self.slots[first:beyond])

    def table(self) -> np.ndarray:
        """Shape (days, SLOTS): 0 for each quarter-hour there is, NaN where the day has none of that number."""
        found = np.full((len(self.dates), SLOTS), np.nan)
        for place, slots in enumerate(self.slots):
            found[place, [slot.number for slot in slots]] = 0
        return found

    def places(self, starts_at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Day and slot of instants (UTC, datetime64), and which of them lie within the days at all."""
        known = [(slot.starts_at, place, slot.number) for place, slots in enumerate(self.slots) for slot in slots]
        starts = np.array([_plain(at) for at, _, _ in known], dtype="datetime64[us]")
        days, numbers = (np.array([row[column] for row in known], dtype=np.intp) for column in (1, 2))
        asked = starts_at.astype("datetime64[us]")
        found = np.minimum(np.searchsorted(starts, asked), len(starts) - 1)
        return days[found], numbers[found], starts[found] == asked


def _plain(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
