"""The one clock: the wall's, or for demonstrations one that runs faster from some instant on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Shows the wall's time until `since` and runs `speed` times as fast from then on.

    `models/sql/macros/present.sql` is the same clock for readers of the store.
    """

    speed: float = 1.0
    since: datetime | None = None

    def now(self) -> datetime:
        """The present, UTC."""
        return self.at(datetime.now(UTC))

    def at(self, wall: datetime) -> datetime:
        """What this clock shows when the wall's shows `wall`. Raises OverflowError beyond the year 9999."""
        if self.since is None or wall <= self.since:
            return wall
        return (self.since + (wall - self.since) * self.speed).astimezone(UTC)
