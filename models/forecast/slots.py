"""Quarter-hours of a local day, keyed by what the clock on the wall shows, on days of 23 and 25 hours too.

A slot is a number: quarter-hours since 00:00 by the wall clock, 0 to 95. When clocks are turned back an hour is shown
twice; slots of its second pass (fold 1) are the first pass's plus 96. So the second 02:15 is 9 + 96 = 105, the hour
clocks leap over has no slots, and 09:00 is 36 on every day, which is what makes weekdays comparable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SLOT_MINUTES = 15
LABELS = 24 * 60 // SLOT_MINUTES
"""Quarter-hours a wall clock can show, 96."""
_SLOT = timedelta(minutes=SLOT_MINUTES)


@dataclass(frozen=True, slots=True)
class Slot:
    """A quarter-hour of a certain day: its number, and the instant (UTC) at which it starts."""

    number: int
    starts_at: datetime


def day_slots(day: date, zone: ZoneInfo) -> tuple[Slot, ...]:
    """All quarter-hours of the local day in the order in which they pass: 96, or 92 and 100 where clocks change."""
    at, end = (_midnight(each, zone) for each in (day, day + timedelta(days=1)))
    found = []
    while at < end:
        found.append(Slot(slot_at(at, zone)[1], at))
        at += _SLOT
    return tuple(found)


def slot_at(instant: datetime, zone: ZoneInfo) -> tuple[date, int]:
    """Local date and slot in which the instant falls. Raises ValueError for an instant without a zone."""
    if instant.tzinfo is None:
        raise ValueError(f"expected an instant with a time zone, got {instant.isoformat()}")
    local = instant.astimezone(zone)
    return local.date(), (local.hour * 60 + local.minute) // SLOT_MINUTES + LABELS * local.fold


def label(slot: int) -> int:
    """The slot of an ordinary day that shows the same time, 0 to 95. Raises ValueError when there is no such slot."""
    if not 0 <= slot < 2 * LABELS:
        raise ValueError(f"expected a slot from 0 to {2 * LABELS - 1}, got {slot}")
    return slot % LABELS


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which the local day starts; where clocks leap over midnight, the one at which they leap."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
