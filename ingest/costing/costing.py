"""A thread that keeps what months cost up to date while ingest runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import structlog

from ingest.background import Background, step_back
from ingest.room import NoRoomError, look_for_room
from models.settings import Settings

if TYPE_CHECKING:
    from models.terms.folder import Documents

log: Any = structlog.get_logger("costing")

_LOOK_S = 1.0
_FIRST_S = 8.0
_EVERY_S = 60.0
_SHARE_OF_TIME = 0.05
"""A run that takes long is repeated less often, so that no more than this of the time goes into it."""
_BUSY_AT_MOST_S = 1800.0
_AFTER_TROUBLE_S = 60.0


class Costing(Background):
    """Use as a context. busy: whether there is more urgent work, which a run waits for."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, settings: Settings, documents: Documents, path: Path,
        busy: Callable[[], bool],
    ) -> None:  # fmt: skip
        super().__init__(connection, "costing")
        self._settings = settings
        self._documents = documents
        self._path = path
        self._busy = busy
        self._due = self._began = 0.0

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._due = self._began + _FIRST_S

    def _work(self) -> None:
        if not self._documents.contracts and not self._documents.in_house:
            return
        step_back()
        # Here and not above: it takes a while, and what waits in the broker comes first.
        from ingest.costing.checks import Checks
        from ingest.costing.months import Months, run_all
        from ingest.costing.writing import drop_passed

        months = Months(self._connection, self._settings, self._documents)
        checks = Checks(self._connection, months)
        while not self._ending.wait(_LOOK_S):
            now = time.monotonic()
            try:
                # Somebody waits for a bill that was just loaded.
                for bill in checks.due() if now >= self._began + _FIRST_S else ():
                    checks.check(bill)
                if now < self._due or (self._busy() and now < self._due + _BUSY_AT_MOST_S):
                    continue
                look_for_room(self._path)
                if done := run_all(months, self._ending.is_set):
                    log.info("costs computed", months=done, seconds=round(time.monotonic() - now, 2))
                    drop_passed(self._connection)
                took = time.monotonic() - now
                self._due = now + took + max(_EVERY_S if done else _LOOK_S * 5, took / _SHARE_OF_TIME)
            except (NoRoomError, duckdb.Error) as error:
                log.error("costs are not up to date, trying again", error=str(error))
                self._due = now + _AFTER_TROUBLE_S
