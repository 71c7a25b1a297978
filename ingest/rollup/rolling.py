"""A thread that keeps the sums by day up while ingest runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import structlog

from ingest.background import step_back
from ingest.rollup.changed import Kind
from ingest.rollup.rollups import Rollups
from ingest.room import NoRoomError, look_for_room

log: Any = structlog.get_logger("rollup")

_LOOK_S = 1.0
_FIRST_S = 3.0
"""How long after the start the first run is: taking up what waits in the broker comes first."""
_EVERY_S: dict[Kind, float] = {"contacts": 10.0, "answers": 30.0, "history": 300.0}
_SHARE_OF_TIME: dict[Kind, float] = {"contacts": 0.1, "answers": 0.05, "history": 0.01}
"""A run that takes long is repeated less often, so that no more than this of the time goes into it."""
_AT_LEAST_EVERY_S: dict[Kind, float] = {"contacts": 60.0, "answers": 900.0, "history": 6 * 3600.0}
_BUSY_AT_MOST_S: dict[Kind, float] = {"contacts": 60.0, "answers": 300.0, "history": 3600.0}
"""For so long more urgent work comes first."""
_AFTER_TROUBLE_S = 60.0
_LAST_RUN_S = 1.0


class Rolling:
    """Use as a context. busy: whether there is more urgent work. The last run is at its end, cut short if long."""

    def __init__(self, rollups: Rollups, path: Path, busy: Callable[[], bool]) -> None:
        self._rollups = rollups
        self._path = path
        self._busy = busy
        self._ending = threading.Event()
        self._due: dict[Kind, float] = {}
        self._began = 0.0
        self._thread = threading.Thread(target=self._work, name="rolling", daemon=True)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._due = dict.fromkeys(_EVERY_S, self._began + _FIRST_S)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(_LAST_RUN_S)
        while self._thread.is_alive():
            # It asks between stretches of days, of which one can take long. What it had begun is undone.
            self._rollups.interrupt()
            self._thread.join(_LAST_RUN_S)
        if kind is None:
            until = time.monotonic() + _LAST_RUN_S
            self._run("contacts", lambda: time.monotonic() > until)

    def _work(self) -> None:
        step_back()
        # What is being loaded is let come in first: sums of half of it would be made again and again.
        while not self._ending.wait(_LOOK_S):
            for kind, due in self._due.items():
                now, busy = time.monotonic(), self._busy()
                waited = busy and now < max(due, self._began) + _BUSY_AT_MOST_S[kind]
                if now >= due and not waited and not self._ending.is_set():
                    again = self._run(kind, self._ending.is_set)
                    # What was made in the midst of loading is half of it, however long it took.
                    self._due[kind] = time.monotonic() + (_EVERY_S[kind] if busy else again)

    def _run(self, kind: Kind, stopped: Callable[[], bool]) -> float:
        """Returns after how many seconds to do so again."""
        try:
            look_for_room(self._path)
            done = self._rollups.run(kind, stopped)
        except (NoRoomError, duckdb.Error) as error:
            if self._ending.is_set() and isinstance(error, duckdb.InterruptException):
                return _EVERY_S[kind]
            # Readers go on with the sums there are; what was committed is safe.
            log.error("sums by day not brought up to date, trying again", kind=kind, error=str(error))
            return _AFTER_TROUBLE_S
        if done.seconds > 1:
            log.info("sums by day brought up to date", kind=kind, days=done.days, seconds=round(done.seconds, 1))
        return min(max(_EVERY_S[kind], done.seconds / _SHARE_OF_TIME[kind]), _AT_LEAST_EVERY_S[kind])
