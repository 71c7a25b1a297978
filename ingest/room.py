"""Committing on a disk that may be full: wait for room and say so, rather than lose the store.

DuckDB survives a commit that does not fit, but not a checkpoint: that ends the whole database for this process.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import structlog

from ingest.migrate import StoreError
from ingest.receipts import Batch, Committed
from ingest.store import Store

log: Any = structlog.get_logger("ingest")

_RETRY_COMMIT_S = 2.0
_LOOK_S = 0.1
_ROOM_BYTES = 128 << 20
"""Free room below which nothing is committed: about a batch, and what ingest has to say meanwhile.

The write-ahead log, which a checkpoint writes into the file, counts twice on top.
"""


class NoRoomError(Exception):
    """The disk is too full to commit."""


_PASSING = (NoRoomError, duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException)


class PatientStore:
    """The store as ingest writes it: trouble about room is waited out or left for later, any other is raised."""

    def __init__(self, store: Store, stopped: Callable[[], bool]) -> None:
        self.store = store
        self.stopped = stopped

    def commit(self, batch: Batch, state: Callable[[], tuple[str, str]]) -> Committed:
        """Commit, waiting out a full disk or memory. state: what to say of ingest once there is room again.

        Raises StoreError when told to stop while nothing can be stored.
        """
        since, told = 0.0, False
        while True:
            try:
                self._look_for_room()
                done = self.store.commit(batch)
            except _PASSING as error:
                if not _passes(error):
                    raise
                if self.stopped():
                    raise StoreError(
                        f"stopped while nothing could be stored ({error}); what is not stored is read again "
                        "at the next start, if the broker still has it"
                    ) from error
                since = since or time.monotonic()
                log.error("commit failed, trying again", error=str(error), wait_s=_RETRY_COMMIT_S)
                told = told or self.note("waiting_for_room", str(error))
                self._wait_to_retry()
            else:
                break
        if since:
            notice = f"nothing could be stored for {time.monotonic() - since:.0f} s, for want of room; now all is"
            log.warning(notice)
            self.note("notice", notice)
            self.note(*state())
        return done

    def note(self, state: str, detail: str) -> bool:
        """Tell readers what ingest does. Whether that worked: it needs some room as well."""
        return self._if_there_is_room(lambda: self.store.note(state, detail), "readers were not told", state)

    def tidy(self) -> None:
        """Checkpoint when due. What was committed is safe already; without room the next commit tidies instead."""
        self._if_there_is_room(self.store.tidy, "tidying failed")

    def record_weeks(self) -> None:
        """Record what ended weeks amounted to; without room that is done later."""
        self._if_there_is_room(self.store.record_weeks, "figures of weeks not recorded, trying again later")

    def _if_there_is_room(self, work: Callable[[], object], failed: str, about: str = "") -> bool:
        try:
            work()
        except _PASSING as error:
            if not _passes(error):
                raise
            log.error(failed, error=str(error), **({"about": about} if about else {}))
            return False
        return True

    def _look_for_room(self) -> None:
        """Who is told to stop tries all the same."""
        if not self.stopped():
            look_for_room(self.store.path)

    def _wait_to_retry(self) -> None:
        until = time.monotonic() + _RETRY_COMMIT_S
        while time.monotonic() < until and not self.stopped():
            time.sleep(_LOOK_S)


def look_for_room(path: Path) -> None:
    """Raises NoRoomError while the disk of the store at this path is nearly full."""
    log_path = path.with_name(f"{path.name}.wal")
    needed = _ROOM_BYTES + 2 * (log_path.stat().st_size if log_path.exists() else 0)
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise NoRoomError(
            f"the disk of {path.parent} is full: {free >> 20} MiB are free, {needed >> 20} MiB are needed to go on"
        )


def _passes(error: Exception) -> bool:
    """Whether it is about room, which may come back. At commit DuckDB says so in words only."""
    return not isinstance(error, duckdb.TransactionException) or "Could not write" in str(error)
