"""The one clock: the wall's, or for demonstrations one that shows another time and runs faster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Shows `shows` when the wall's clock shows `since`, and runs `speed` times as fast from then on.

    Without `shows` it shows the wall's time until then, without `since` for ever.
    `models/sql/macros/present.sql` is the same clock for readers of the store.
    """

    speed: float = 1.0
    since: datetime | None = None
    shows: datetime | None = None

    def now(self) -> datetime:
        """The present, UTC."""
        return self.at(datetime.now(UTC))

    def at(self, wall: datetime) -> datetime:
        """What this clock shows when the wall's shows `wall`. Raises OverflowError beyond the year 9999."""
        if self.since is None:
            return wall
        gone = wall - self.since
        start = self.since if self.shows is None else self.shows
        return (start + (gone if gone <= timedelta() else gone * self.speed)).astimezone(UTC)
