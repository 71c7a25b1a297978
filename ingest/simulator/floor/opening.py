"""When a queue is open, in the customers' time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ingest.simulator.scenario.when import local_ms

if TYPE_CHECKING:
    from random import Random

    from ingest.simulator.floor.places import Queue

_LAST_CALL_MINUTES = 15
"""Nobody begins something new in the last minutes before closing time."""
_RUSH_MINUTES = 180
"""Those who found a queue closed come within so many minutes of its opening."""


class Opening:
    """Opening hours of all queues."""

    def __init__(self, zone: ZoneInfo, random: Random) -> None:
        self._zone = zone
        self._random = random

    def is_open(self, queue: Queue, ms: int) -> bool:
        """Whether a contact that comes at this instant would still be served."""
        local = datetime.fromtimestamp(ms / 1000, self._zone)
        line, minute = queue.line, local.hour * 60 + local.minute
        return local.weekday() in line.days and line.opens <= minute < line.closes - _LAST_CALL_MINUTES

    def next_open(self, queue: Queue, ms: int) -> int:
        """The same instant when the queue is open then, else one soon after it opens again."""
        if self.is_open(queue, ms):
            return ms
        local = datetime.fromtimestamp(ms / 1000, self._zone)
        line = queue.line
        day = local.date() + timedelta(days=0 if local.hour * 60 + local.minute < line.opens else 1)
        while day.weekday() not in line.days:
            day += timedelta(days=1)
        rush = min(_RUSH_MINUTES, line.closes - line.opens)
        return local_ms(day, line.opens, self._zone) + int(self._random.random() * rush * 60_000)
