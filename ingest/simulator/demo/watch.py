"""How the demo knows how far it is: what the simulator says, and what the store has taken in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Self

import duckdb

from ingest.simulator.playing.play import Reached
from ingest.supervisor import Child
from models.quack import attach_statement, load_statements
from models.settings import Settings

_LOOK_S = 0.25
_LAST_ANSWER_S = 2.0


class Reports:
    """What the simulator last said of how far it is."""

    def __init__(self, simulator: Child) -> None:
        self.reached = Reached(0, 0, live=False)
        threading.Thread(target=self._read, args=[simulator.process.stdout or ()], daemon=True).start()

    def _read(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if line.endswith(b"\n"):
                self.reached = Reached(**json.loads(line))


class Count:
    """Asks the store how many messages it has taken in, in a thread: an answer may be long in coming."""

    def __init__(self, settings: Settings) -> None:
        self.messages: int | None = None
        """The last answer; None before the first."""
        self._settings = settings
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._thread.ident is not None:
            self._thread.join(_LAST_ANSWER_S)

    def begin(self) -> None:
        """Start asking; again does nothing."""
        if self._thread.ident is None:
            self._thread.start()

    def _ask(self) -> None:
        question = "from store.query('select coalesce(sum(events + repeats + refused), 0) from sites')"
        token = self._settings.dashboard_token
        attach = attach_statement(self._settings.store_address, token.get_secret_value() if token else "")
        with duckdb.connect(config={"threads": 1}) as client:
            for statement in load_statements():
                client.execute(statement)
            attached = False
            while not self._done.wait(_LOOK_S):
                try:
                    if not attached:
                        client.execute(attach)
                        attached = True
                    row = client.execute(question).fetchone()
                except duckdb.Error:
                    continue  # Not served yet; should ingest have ended, that is seen elsewhere.
                self.messages = int(row[0]) if row else 0
