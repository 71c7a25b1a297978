"""The dashboard's way to the store: over quack while ingest serves it, else from the file, else not at all.

Every question runs on the server (`from store.query(...)`). Nothing here writes, and the file is open only
while it is being read, because an open reader would keep ingest from starting.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import duckdb

from models import quack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

    from models.settings import Settings

DEADLINE_S = 10.0
STUCK_LIMIT = 4
KEPT_CONNECTIONS = 8
"""Idle connections that are kept: opening one takes a tenth of a second."""
STUCK_FORGOTTEN_S = 600.0


class State(StrEnum):
    """How an answer came about."""

    LIVE = "live"
    STOPPED = "stopped"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Reply:
    """Answers by name of question, how they came about, and what failed on the way."""

    state: State
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    tried: tuple[str, ...] = ()


class Store:
    """Asks questions, from any thread. Finds the server again after it went away."""

    def __init__(self, address: str, path: Path, token: str, deadline_s: float = DEADLINE_S) -> None:
        self.address = address
        self.path = path
        self._token = token
        self._deadline_s = deadline_s
        self._free: list[duckdb.DuckDBPyConnection] = []
        self._connecting = threading.Lock()
        self._reading_file = threading.Lock()
        self._stuck: dict[threading.Thread, float] = {}

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two stores the same store, for caches."""
        return self.address, str(self.path.absolute())

    def ask(self, questions: Mapping[str, str]) -> Reply:
        """Answer all questions from one place. Does not raise for a store that is away."""
        tried = []
        try:
            return Reply(State.LIVE, self._within_deadline(lambda: self._from_server(questions)))
        except (duckdb.Error, TimeoutError, OSError) as error:
            tried.append(f"{self.address}: {self._plain(error)}")
        try:
            return Reply(State.STOPPED, self._from_file(questions), tuple(tried))
        except (duckdb.Error, OSError) as error:
            tried.append(f"{self.path.absolute()}: {self._plain(error)}")
        return Reply(State.UNREACHABLE, {}, tuple(tried))

    def _from_server(self, questions: Mapping[str, str]) -> dict[str, pd.DataFrame]:
        # A connection answers one at a time: of two that ask over one, the server closes the result of the first as
        # soon as it is too long for one message.
        with self._connecting:
            known = self._free.pop() if self._free else None
        if known is not None:
            try:
                return self._answers(known, questions)
            except duckdb.Error:
                # The server may be gone, or be a new one that does not know this session. A fresh
                # connection tells; a question that is wrong in itself fails there again.
                with self._connecting:
                    self._free.clear()
        return self._answers(self._connect(), questions)

    def _answers(self, connection: duckdb.DuckDBPyConnection, questions: Mapping[str, str]) -> dict[str, pd.DataFrame]:
        found = _answers(connection, questions)
        with self._connecting:
            if len(self._free) < KEPT_CONNECTIONS:
                self._free.append(connection)
        return found

    def _connect(self) -> duckdb.DuckDBPyConnection:
        fresh = duckdb.connect(config={"threads": 2})
        for statement in quack.load_statements():
            fresh.execute(statement)
        fresh.execute("set TimeZone = 'UTC'")
        fresh.execute(quack.attach_statement(self.address, self._token))
        return fresh

    def _from_file(self, questions: Mapping[str, str]) -> dict[str, pd.DataFrame]:
        if not self.path.is_file():
            raise FileNotFoundError("no such file")
        with self._reading_file:
            connection = duckdb.connect(str(self.path), read_only=True)
            try:
                connection.execute("set TimeZone = 'UTC'")
                connection.execute("set enable_external_access = false")
                return {name: connection.execute(sql).df() for name, sql in questions.items()}
            finally:
                connection.close()

    def _within_deadline(self, work: Callable[[], dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
        # A server that hangs blocks quack's client for ever: neither http_timeout nor interrupt() ends the
        # call (tried with duckdb 1.5.5). So the call runs in a thread that can be left behind.
        now = time.monotonic()
        self._stuck = {
            thread: since
            for thread, since in list(self._stuck.items())
            if thread.is_alive() and now - since < STUCK_FORGOTTEN_S
        }
        if len(self._stuck) >= STUCK_LIMIT:
            raise TimeoutError("earlier questions are still without an answer")
        outcome: list[dict[str, pd.DataFrame] | BaseException] = []

        def run() -> None:
            try:
                outcome.append(work())
            except BaseException as error:
                outcome.append(error)

        thread = threading.Thread(target=run, name="store-question", daemon=True)
        thread.start()
        thread.join(self._deadline_s)
        if not outcome:
            self._stuck[thread] = now
            raise TimeoutError(f"no answer within {self._deadline_s:g} s")
        result = outcome[0]
        if isinstance(result, BaseException):
            raise result
        return result

    def _plain(self, error: BaseException) -> str:
        # The first line says what is wrong; the rest repeats the statement. The token never leaves.
        lines = str(error).splitlines() or [type(error).__name__]
        return lines[0].replace(self._token, "…")[:300]


def _answers(connection: duckdb.DuckDBPyConnection, questions: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    cursor = connection.cursor()
    try:
        return {name: cursor.execute(f"from store.query({quack.quoted(sql)})").df() for name, sql in questions.items()}
    finally:
        cursor.close()


def open_store(settings: Settings) -> Store:
    """The store these settings name. Connects on the first question."""
    if settings.dashboard_token is None:
        raise ValueError("settings without dashboard_token: use models.settings.with_secrets")
    return Store(settings.store_address, settings.store_path, settings.dashboard_token.get_secret_value())
