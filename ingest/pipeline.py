"""The order of safety, in one place: read, decode, commit everything at once, only then go on.

Reading and decoding the next batch overlap with the commit of the one before; commits never overlap.
Two kinds of trouble only: wait and try again (broker away, disk full), or stop and say why.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import duckdb
import structlog
from kafka.errors import KafkaError

from ingest.decode import Decoder, Messages
from ingest.kafka import when_reachable
from ingest.receipts import Batch, Committed, Partition
from ingest.source import Source
from ingest.store import Store
from models.settings import Settings

log: Any = structlog.get_logger("ingest")

_IDLE_POLL_MS = 100
_FEW = 500
_GATHER_S = 0.025
_RETRY_COMMIT_S = 2.0


@dataclass
class BatchWindow:
    """When a batch closes: by size, by the age of its first message, or because ingest stops."""

    max_events: int
    max_age_s: float
    count: int = 0
    _messages: Messages = field(default_factory=list)
    _opened_at: float = 0.0

    def add(self, messages: Messages, now: float) -> None:
        """Take messages in. now: monotonic seconds."""
        if messages and not self.count:
            self._opened_at = now
        self._messages.extend(messages)
        self.count += sum(len(found) for _, found in messages)

    def is_due(self, now: float, *, stopping: bool) -> bool:
        """Whether the batch must close now."""
        if not self.count:
            return False
        return stopping or self.count >= self.max_events or now - self._opened_at >= self.max_age_s

    def room(self) -> int:
        """How many more messages fit."""
        return max(1, self.max_events - self.count)

    def time_left_ms(self, now: float) -> int:
        """How long to wait for more before the batch closes by age."""
        if not self.count:
            return _IDLE_POLL_MS
        return max(0, min(_IDLE_POLL_MS, int((self._opened_at + self.max_age_s - now) * 1000)))

    def take(self) -> Messages:
        """Close the batch."""
        taken, self._messages, self.count = self._messages, [], 0
        return taken


class Pipeline:
    """Runs until told to stop. `on_commit` sees every commit (the tests and the rate log use it)."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        decoder: Decoder,
        stopped: Callable[[], bool],
        on_commit: Callable[[Committed], None] = lambda _: None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.decoder = decoder
        self.stopped = stopped
        self.on_commit = on_commit
        self.source = Source(settings, store.positions())
        self.window = BatchWindow(settings.batch_events, settings.batch_age_ms / 1000)
        self._committing: Future[Committed] | None = None
        self._committed: dict[Partition, int] = {}
        self._taken: dict[Partition, int] = dict(self.source.positions)
        self._drain_until = 0.0
        self._state = ""

    def run(self) -> None:
        """Read and commit until stopped; what was read by then is committed."""
        with ThreadPoolExecutor(1, "commit") as committer:
            self._connect(committer)
            while not self._finished():
                try:
                    self.source.refresh_if_due()
                    self._read()
                except KafkaError as error:
                    if not error.retriable:
                        raise
                    self._connect(committer, f"{type(error).__name__}: {error}")
                if self.window.is_due(time.monotonic(), stopping=self.stopped()):
                    self._close_batch(committer)
                elif self._committing and self._committing.done():
                    self._settle()
            if self.window.count:
                self._close_batch(committer)
            self._settle()
        if self.source.consumer is not None:
            self.source.report_offsets(self._committed, force=True)
            left = self.source.lag()
            if left:
                log.warning("stopped before everything in the broker was read", messages_left=left)
        self.source.close()

    def _finished(self) -> bool:
        """Stopped and, when asked to drain, nothing left to read."""
        if not self.stopped():
            return False
        now = time.monotonic()
        if not self._drain_until:
            self._drain_until = now + self.settings.drain_on_stop_s
        if now >= self._drain_until or self.source.consumer is None:
            return True
        return not self.window.count and self.source.lag() == 0

    def _connect(self, committer: ThreadPoolExecutor, reason: str = "") -> None:
        """(Re)connect, waiting for the broker and saying so; what was read meanwhile is kept."""
        if reason:
            self._say("waiting_for_broker", reason, committer)
        connected = when_reachable(
            self.source.connect,
            lambda why, wait_s: self._say(
                "waiting_for_broker",
                f"no broker at {self.settings.bootstrap_servers} ({why}); next try in {wait_s:.1f} s",
                committer,
            ),
            self.stopped,
        )
        if connected:
            self._say("consuming", f"reading from {self.settings.bootstrap_servers}", committer)

    def _say(self, state: str, detail: str, committer: ThreadPoolExecutor) -> None:
        log.info(state, detail=detail)
        if state != self._state:
            self._state = state
            committer.submit(self.store.note, state, detail).result()

    def _read(self) -> None:
        """Poll once. With little to read, let some gather first: each poll costs as much as many messages."""
        before = self.window.count
        self.window.add(
            self.source.poll(self.window.time_left_ms(time.monotonic()), self.window.room()), time.monotonic()
        )
        if 0 < self.window.count - before < _FEW and not self.stopped():
            time.sleep(min(_GATHER_S, self.window.time_left_ms(time.monotonic()) / 1000))

    def _close_batch(self, committer: ThreadPoolExecutor) -> None:
        received_at = self.settings.clock.now()
        decoded = self.decoder.decode(self.window.take(), received_at)
        for refusal in decoded.refusals[:5]:
            log.warning("refused", code=refusal.code, reason=refusal.reason)
        if len(decoded.refusals) > 5:
            log.warning("refused more", count=len(decoded.refusals) - 5)
        self._settle()
        moved = {p: o for p, o in self.source.next_offsets.items() if self._taken.get(p) != o}
        self._taken |= moved
        batch = Batch(decoded, moved, received_at, tuple(self.source.take_notices()))
        self._committing = committer.submit(self._commit, batch)

    def _commit(self, batch: Batch) -> Committed:
        """Commit, waiting out a full disk or memory; anything else stops ingest with its reason."""
        while True:
            try:
                done = self.store.commit(batch)
            except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
                if self.stopped():
                    raise
                log.error("commit failed, trying again", error=str(error), wait_s=_RETRY_COMMIT_S)
                time.sleep(_RETRY_COMMIT_S)
            else:
                break
        self._committed |= batch.positions
        try:
            self.store.tidy()
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            # The batch is safe already and must not be committed again; the next commit tidies instead.
            log.error("tidying failed", error=str(error))
        return done

    def _settle(self) -> None:
        """Wait for the commit under way; raises what it raised."""
        if self._committing is not None:
            done, self._committing = self._committing.result(), None
            self.on_commit(done)
            self.source.report_offsets(self._committed)
