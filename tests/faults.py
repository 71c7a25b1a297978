"""A reader like the dashboard, that looks all the while something goes wrong, and what it must never see."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import duckdb

from models.quack import attach_statement, load_statements
from models.settings import Settings
from tests.ingesting import Ingest
from tests.pipelines import wait_until

_QUERY = """select
    (select count(*) from events), (select count(*) from contacts), (select count(*) from quarantine),
    (select coalesce(sum(events), 0) from sites), (select coalesce(sum(refused), 0) from sites),
    (select state from ingest_status), (select detail from ingest_status)"""
_EVERY_S = 0.1
_NOT_THERE = ("Could not connect", "Server returned nothing", "Failed to send message")
"""What the client says when the process is not there, or went while it was answering."""


class Seen(NamedTuple):
    """One answer: all of it from one snapshot."""

    events: int
    contacts: int
    quarantine: int
    events_of_sites: int
    refused_of_sites: int
    state: str | None
    detail: str | None


class Reader:
    """Asks all the time over quack, as long as the block lasts; at its end every answer is judged."""

    def __init__(self, address: str, token: str, *, ingest_goes_away: bool = False) -> None:
        """ingest_goes_away: whether being refused a connection is in order once the store has answered."""
        self.seen: list[Seen] = []
        self.errors: list[str] = []
        self.address = address
        """Where to ask from the next connection on."""
        self._token = token
        self._goes_away = ingest_goes_away
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if kind is None:
            self._judge()

    def states(self) -> set[str | None]:
        """Every state of ingest that was seen, once it had said one."""
        return {seen.state for seen in list(self.seen)} - {None}

    def wait_for_state(self, state: str) -> Seen:
        """Until the last answer shows this state; gives that answer."""
        wait_until(lambda: self.seen and self.seen[-1].state == state, f"state {state}; last {self.seen[-1:]}")
        return self.seen[-1]

    def _look(self) -> None:
        # One client for all connections: loading the extensions takes 0.3 s of a processor.
        client = duckdb.connect()
        for statement in load_statements():
            client.execute(statement)
        quoted = _QUERY.replace("'", "''")
        connected = False
        while not self._done.is_set():
            try:
                if not connected:
                    client.execute("detach database if exists store")
                    client.execute(attach_statement(self.address, self._token))
                    connected = True
                row: Any = client.execute(f"from store.query('{quoted}')").fetchone()
            except duckdb.Error as error:
                # Before the first answer ingest may still be starting.
                if self.seen:
                    self.errors.append(f"{time.monotonic():.3f} {type(error).__name__}: {error}")
                connected = False
            else:
                self.seen.append(Seen(*row))
            self._done.wait(_EVERY_S)
        client.close()

    def _judge(self) -> None:
        assert self.seen, self.errors
        wrong = [e for e in self.errors if not (self._goes_away and any(known in e for known in _NOT_THERE))]
        assert not wrong, wrong[:3]
        for before, after in zip(self.seen, self.seen[1:], strict=False):
            grown = all(now >= then for now, then in zip(after[:3], before[:3], strict=True))
            assert grown, (before, after)
        for seen in self.seen:
            assert (seen.events, seen.quarantine) == (seen.events_of_sites, seen.refused_of_sites), seen

    def never_more_than(self, expected: dict[str, list[Any]]) -> None:
        """Assert that no answer ever held more than a clean run ends with."""
        for seen in self.seen:
            for name in ("events", "contacts", "quarantine"):
                assert getattr(seen, name) <= len(expected[name]), seen


@contextmanager
def watched(settings: Settings, folder: Path) -> Iterator[tuple[Ingest, Reader]]:
    """Ingest with a reader beside it. At the end ingest is stopped; after a failure it is killed."""
    ingest = Ingest(settings, folder)
    try:
        with Reader(ingest.address, ingest.token) as reader:
            yield ingest, reader
        ingest.stop()
    finally:
        ingest.kill()
