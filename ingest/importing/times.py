"""Wall-clock times of one zone to UTC, with an explicit answer where the clock was changed.

Instants are microseconds since 1970-01-01; a *wall* time is the same count read off the local clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_US = 24 * HOUR_US
EPOCH = datetime(1970, 1, 1)
EPOCH_DAY = EPOCH.toordinal()


class Resolved(NamedTuple):
    """A UTC instant, and how it was found: plain, ambiguous (it came twice) or shifted (it never came)."""

    utc_us: int
    how: Literal["plain", "ambiguous", "shifted"]
    later: bool
    """True when the second of the two possible readings was taken."""


class NonexistentTimeError(ValueError):
    """The clock jumped over this wall time and the mapping says to refuse such rows."""


class LocalZone:
    """Turns wall times of one zone into UTC. Keeps the offsets of days without a clock change."""

    def __init__(
        self,
        zone: str,
        ambiguous: Literal["earlier", "later"],
        nonexistent: Literal["shift_forward", "refuse"],
    ) -> None:
        self._zone = ZoneInfo(zone)
        self._later = ambiguous == "later"
        self._refuse = nonexistent == "refuse"
        self._offsets: dict[int, int | None] = {}

    def resolve(self, wall_us: int, first: Resolved | None = None) -> Resolved:
        """The UTC instant of a wall time; `first` is the row's first instant when this is a following one.

        The policy for ambiguous times decides the first instant. A following one is read as the first was
        (the earlier way when the first was not ambiguous), unless that puts it more than half the length
        of the overlap before the first: then it can only be the later one. So a call from 02:50 to 02:10
        lasts 20 minutes. Raises NonexistentTimeError, or OverflowError outside the years 1 to 9999.
        """
        day = wall_us // DAY_US
        if day not in self._offsets:
            self._offsets[day] = self._constant_offset(day)
        offset = self._offsets[day]
        if offset is not None:
            return Resolved(wall_us - offset, "plain", False)
        wall = EPOCH + timedelta(microseconds=wall_us)
        before, after = self._offset(wall, 0), self._offset(wall, 1)
        if before == after:
            return Resolved(wall_us - before, "plain", False)
        if before < after:
            if self._refuse:
                raise NonexistentTimeError(f"{wall} does not exist in {self._zone.key}")
            return Resolved(wall_us - before, "shifted", False)
        later = self._later if first is None else first.later
        if first is not None and not later:
            later = wall_us - before < first.utc_us - (before - after) // 2
        return Resolved(wall_us - (after if later else before), "ambiguous", later)

    def _offset(self, wall: datetime, fold: int) -> int:
        offset = wall.replace(tzinfo=self._zone, fold=fold).utcoffset()
        if offset is None:  # pragma: no cover - every ZoneInfo has an offset
            raise ValueError(f"{self._zone.key} has no offset at {wall}")
        return offset // timedelta(microseconds=1)

    def _constant_offset(self, day: int) -> int | None:
        """The offset of a day on which the clock is not changed, else None."""
        start = EPOCH + timedelta(days=day)
        hours = [start + timedelta(hours=hour) for hour in range(24)] + [start + timedelta(hours=24, seconds=-1)]
        offsets = {self._offset(wall, fold) for wall in hours for fold in (0, 1)}
        return offsets.pop() if len(offsets) == 1 else None


def wall_of(moment: datetime) -> int:
    """Wall time of a datetime without offset, microseconds."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def utc_of(moment: datetime) -> int:
    """UTC instant of a datetime with offset, microseconds."""
    return wall_of(moment.astimezone(UTC).replace(tzinfo=None))


def rfc3339(utc_us: int) -> str:
    """`1999-01-31T22:00:31Z`; a fraction only where there is one. Raises OverflowError outside 1 to 9999."""
    return (EPOCH + timedelta(microseconds=utc_us)).isoformat() + "Z"
