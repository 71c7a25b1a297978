"""A thread that has forecasts and plans made while ingest runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import structlog

from ingest.background import Background, step_back
from ingest.room import NoRoomError, look_for_room
from models.settings import Settings

if TYPE_CHECKING:
    from ingest.planning.plans import Plans

log: Any = structlog.get_logger("planning")

_LOOK_S = 1.0
_FIRST_S = 5.0
_CALM_S = 4.0
"""For so long there must have been nothing more urgent: longer than it takes to notice."""
_BUSY_AT_MOST_S = 1800.0
_SHARE_OF_TIME = 0.1
"""A run that takes long is repeated less often, so that no more than this of the time goes into it."""
_AFTER_TROUBLE_S = 60.0
_LOOK_AGAIN_S = 30.0
_MUCH = 10_000
"""So many versions of contacts more may be the history that a site was lacking."""

_COMMITTED = "select coalesce(max(version), 0) from private.contact_version"
_ROLLED_UP = "select coalesce(max(last_version), 0) from private.rolled_up where kind = 'contacts'"


class Planning(Background):
    """Use as a context. busy: whether there is more urgent work, which a run waits for.

    A run also waits until the sums by day know all that had come in when it was due. A history that is being loaded
    would otherwise give a plan out of half of it, and the plan of a day is the first that was made.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, settings: Settings, path: Path, busy: Callable[[], bool]
    ) -> None:
        super().__init__(connection, "planning")
        self._settings = settings
        self._path = path
        self._busy = busy
        self._plans: Plans | None = None
        self._due_at: datetime | None = None
        self._not_before = 0.0
        self._urgent_at = 0.0
        self._waits_for: int | None = None
        self._lacks_days = False
        self._known = 0
        self._look_again = 0.0

    def _begin(self) -> None:
        self._urgent_at = time.monotonic()
        self._not_before = self._urgent_at + _FIRST_S

    def _work(self) -> None:
        step_back()
        while not self._ending.wait(_LOOK_S):
            try:
                if self._is_time():
                    look_for_room(self._path)
                    self._run()
            except (NoRoomError, duckdb.Error) as error:
                # Readers go on with the forecast there is.
                log.error("no forecast made, trying again", error=str(error))
                self._not_before = time.monotonic() + _AFTER_TROUBLE_S

    def _is_time(self) -> bool:
        now = time.monotonic()
        if self._busy():
            self._urgent_at = now
        if now < self._not_before or not self._is_due(now):
            return False
        is_calm = now - self._urgent_at >= _CALM_S
        if not is_calm and now < self._not_before + _BUSY_AT_MOST_S:
            self._waits_for = None
            return False
        if self._waits_for is None:
            self._waits_for = self._number(_COMMITTED)
        return self._number(_ROLLED_UP) >= self._waits_for

    def _is_due(self, now: float) -> bool:
        if self._due_at is not None and self._lacks_days and now >= self._look_again:
            # What came in may be the history that was lacking.
            self._look_again = now + _LOOK_AGAIN_S
            if self._number(_COMMITTED) - self._known >= _MUCH:
                self._due_at = None
        return self._due_at is None or self._settings.clock.now() >= self._due_at

    def _number(self, query: str) -> int:
        return int(self._connection.execute(query).fetchall()[0][0])

    def _run(self) -> None:
        if self._plans is None:
            # Here and not above: it takes the better part of a second, and what waits in the broker comes first.
            from ingest.planning.plans import Plans

            self._plans = Plans(self._connection, self._settings)
        known = self._number(_COMMITTED)
        done = self._plans.run(self._ending.is_set)
        self._due_at, self._waits_for = done.due_at, None
        self._lacks_days, self._known = done.lacks_days, known
        self._not_before = time.monotonic() + done.seconds / _SHARE_OF_TIME
        if done.seconds > 1:
            log.info("forecasts made", forecasts=done.forecasts, seconds=round(done.seconds, 1))
