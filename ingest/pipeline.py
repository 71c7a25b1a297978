"""The order of safety, in one place: read, decode, commit everything at once, only then go on.

Reading, decoding and committing overlap, each with another batch; commits never overlap.
Two kinds of trouble only: wait and try again (broker away, disk full), or stop and say why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from kafka.errors import KafkaError

from ingest.alerting.alerting import Alerting
from ingest.costing.costing import Costing
from ingest.decoding.messages import Decoded, Decodes, Messages
from ingest.garbage import Garbage
from ingest.kafka import when_reachable
from ingest.planning.planning import Planning
from ingest.receipts import Batch, Committed, Partition
from ingest.rollup.rolling import Rolling
from ingest.room import PatientStore
from ingest.source import Source
from ingest.stages import Stages
from ingest.store import Store
from ingest.upkeep.control import Control
from models.settings import Settings

log: Any = structlog.get_logger("ingest")

_IDLE_POLL_MS = 100
_FEW = 500
_GATHER_S, _GATHER_SHARE = 0.025, 0.4
_COMMIT_SHARE, _OLDEST_S, _SMOOTH = 0.15, 0.4, 0.2
_LOOK_AT_WEEKS_S = 5.0
_READING = "consuming"
_MUCH, _FAST_PER_S, _RATE_OVER_S = 10_000, 3_000.0, 2.0
"""Messages left to read, or events a second, above which sums by day and plans wait: catching up comes first."""


@dataclass
class BatchWindow:
    """When a batch closes: by size, by the age of its first message, or because ingest stops.

    A commit costs much the same for one event as for hundreds, so where commits take long batches grow older: at a
    steady rate no more than a seventh of the time goes into commits, and the rest is left to those who read.
    """

    max_events: int
    max_age_s: float
    count: int = 0
    _messages: Messages = field(default_factory=list)
    _opened_at: float = 0.0
    _least_age_s: float = field(init=False)
    _commit_s: float = 0.0

    def __post_init__(self) -> None:
        self._least_age_s = self.max_age_s

    def tell(self, commit_s: float) -> None:
        """Say how long a commit took, in seconds."""
        self._commit_s += (commit_s - self._commit_s) * _SMOOTH
        self.max_age_s = max(self._least_age_s, min(self._commit_s / _COMMIT_SHARE, _OLDEST_S))

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
        decoder: Decodes,
        stopped: Callable[[], bool],
        on_commit: Callable[[Committed], None] = lambda _: None,
        controls: Sequence[Control] = (),
    ) -> None:
        self.settings = settings
        self.store = store
        self.patient = PatientStore(store, stopped)
        self.decoder = decoder
        self.stages = Stages(decoder, self._commit)
        self.stopped = stopped
        self.on_commit = on_commit
        self.controls = controls
        self.source = Source(settings, store.positions())
        self.window = BatchWindow(settings.batch_events, settings.batch_age_ms / 1000)
        self._committed: dict[Partition, int] = {}
        self._taken: dict[Partition, int] = dict(self.source.positions)
        self._drain_until = 0.0
        self._look_at_weeks = time.monotonic() + _LOOK_AT_WEEKS_S
        self._looked_anew = False
        self._state = self._detail = ""
        self._behind = self._counted = 0
        self._counted_from, self._rate = time.monotonic(), 0.0
        self._garbage = Garbage()
        self.rolling = Rolling(store.rollups, store.path, self._is_catching_up)
        self.planning = Planning(store.connection, settings, store.path, self._is_catching_up)
        self.costing = Costing(store.connection, settings, store.documents, store.path, self._is_catching_up)
        self.alerting = Alerting(store.connection, store.path, settings, self._is_behind)

    def run(self) -> None:
        """Read and commit until stopped; what was read by then is committed."""
        with self.stages, self.rolling, self.planning, self.costing, self.alerting:
            self._connect()
            while not self._finished():
                try:
                    if self._drain_until and not self._looked_anew:
                        self.source.look_anew()
                        self._looked_anew = True
                    self.source.refresh_if_due()
                    self._read()
                except KafkaError as error:
                    if not error.retriable:
                        raise
                    self._connect(str(error) or type(error).__name__)
                if self.window.is_due(time.monotonic(), stopping=self.stopped()):
                    self._close_batch()
                self._tell_committed()
                self._record_weeks_if_quiet()
                self._do_requests()
                self._garbage.collect_if_due()
            if self.window.count:
                self._close_batch()
            self.stages.finish()
            self._tell_committed()
        if self.source.consumer is not None:
            self.source.report_offsets(self._committed, force=True)
            left = self.source.lag()
            if left:
                log.warning("stopped before everything in the broker was read", messages_left=left)
        self.source.close()

    def _finished(self) -> bool:
        """Stopped and, when asked to drain, nothing left to read, as the broker said after the stop."""
        if not self.stopped():
            return False
        now = time.monotonic()
        if not self._drain_until:
            self._drain_until = now + self.settings.drain_on_stop_s
        if now >= self._drain_until or self.source.consumer is None:
            return True
        return self._looked_anew and not self.window.count and self.source.is_read_empty()

    def _do_requests(self) -> None:
        """What the command line asks for, a little of it at a time."""
        for control in self.controls:
            for request in control.pending():
                self.stages.run(request.run, self.store, self.decoder)

    def _stopped_meanwhile(self) -> bool:
        """Asked again and again while the broker is waited for."""
        self._do_requests()
        return self.stopped()

    def _record_weeks_if_quiet(self) -> None:
        """Not while much is left to read: figures recorded then would only be those of half a week."""
        now = time.monotonic()
        if now >= self._look_at_weeks:
            self._look_at_weeks = now + _LOOK_AT_WEEKS_S
            # Asked first, since running something with the store waits for the commit under way.
            if self.store.weeks_are_due() and self.source.lag() < self.settings.batch_events // 10:
                self.stages.run(self.patient.record_weeks)

    def _connect(self, reason: str = "") -> None:
        """(Re)connect, waiting for the broker and saying so; what was read meanwhile is kept."""
        if reason:
            self._say("waiting_for_broker", f"lost the broker at {self.settings.bootstrap_servers} ({reason})")
        connected = when_reachable(
            self.source.connect,
            lambda why, wait_s: self._say(
                "waiting_for_broker",
                f"no broker at {self.settings.bootstrap_servers} ({why}); next try in {wait_s:.1f} s",
            ),
            self._stopped_meanwhile,
        )
        if connected:
            self._say(_READING, f"reading from {self.settings.bootstrap_servers}")

    def _say(self, state: str, detail: str) -> None:
        log.info(state, detail=detail)
        if state != self._state:
            self._state, self._detail = state, detail
            self.stages.run(self.store.note, state, detail)

    def _read(self) -> None:
        """Poll once. With little to read, let some gather first: each poll costs as much as many messages."""
        before = self.window.count
        self.window.add(
            self.source.poll(self.window.time_left_ms(time.monotonic()), self.window.room()), time.monotonic()
        )
        if 0 < self.window.count - before < _FEW and not self.stopped():
            gather_s = max(_GATHER_S, _GATHER_SHARE * self.window.max_age_s)
            time.sleep(min(gather_s, self.window.time_left_ms(time.monotonic()) / 1000))

    def _close_batch(self) -> None:
        received_at = self.settings.clock.now()
        moved = {p: o for p, o in self.source.next_offsets.items() if self._taken.get(p) != o}
        self._taken |= moved
        left = self.source.left(moved)
        notices = tuple(self.source.take_notices())

        def batch(decoded: Decoded) -> Batch:
            for refusal in decoded.refusals[:5]:
                log.warning("refused", code=refusal.code, reason=refusal.reason)
            if len(decoded.refusals) > 5:
                log.warning("refused more", count=len(decoded.refusals) - 5)
            return Batch(decoded, moved, received_at, notices, left)

        self.stages.hand_over(self.window.take(), received_at, batch)

    def _commit(self, batch: Batch) -> Committed:
        began = time.monotonic()
        done = self.patient.commit(batch, lambda: (self._state, self._detail))
        self.window.tell(time.monotonic() - began)
        self._committed |= batch.positions
        self.patient.tidy()
        return done

    def _measure_load(self, events: int) -> None:
        """Now and then only: asking for what is left goes through every partition."""
        self._counted += events
        now = time.monotonic()
        if now - self._counted_from >= _RATE_OVER_S:
            self._rate = self._counted / (now - self._counted_from)
            self._behind = self.source.lag()
            self._counted, self._counted_from = 0, now

    def _is_catching_up(self) -> bool:
        """Whether a history is being loaded: much is left to read, or far more comes than a day brings."""
        return self._behind > _MUCH or self._rate > _FAST_PER_S

    def _is_behind(self) -> bool:
        """Whether what the store says is not what goes on now."""
        return self._state != _READING or self._is_catching_up()

    def _tell_committed(self) -> None:
        """Pass on what was committed meanwhile. Raises what a stage raised."""
        done = self.stages.committed()
        self._measure_load(sum(committed.accepted + committed.repeats for committed in done))
        for committed in done:
            self.on_commit(committed)
        if done:
            self.source.report_offsets(self._committed)
