"""Decoding and committing as stages beside reading: each has a thread, a batch goes through them in order.

At most one batch is in each stage, so that what is read ahead stays bounded: handing over waits for the stage. While
one batch is decoded the next is on its way to the decoder already, which then never waits for work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from ingest.decoding.messages import Decoded, Decodes, Messages
from ingest.receipts import Batch, Committed


class Stages:
    """Use as a context; what was handed over is finished when it ends."""

    def __init__(self, decoder: Decodes, commit: Callable[[Batch], Committed]) -> None:
        self._begin = decoder.begin
        self._commit = commit
        self._threads = [ThreadPoolExecutor(1, name) for name in ("send", "decode", "commit")]
        self._sender, self._decoder, self._committer = self._threads
        self._sending: Future[None] | None = None
        self._decoding: Future[None] | None = None
        self._committing: Future[None] | None = None
        self._done: deque[Committed] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for thread in self._threads:
            thread.shutdown()

    def hand_over(self, messages: Messages, received_at: datetime, made: Callable[[Decoded], Batch]) -> None:
        """Take on a batch, once the one before is on its way. made: the batch to commit, from what was decoded.

        Raises what an earlier batch raised.
        """
        _wait_for(self._sending)
        self._sending = self._sender.submit(self._send, messages, received_at, made)

    def _send(self, messages: Messages, received_at: datetime, made: Callable[[Decoded], Batch]) -> None:
        decoded = self._begin(messages, received_at)
        _wait_for(self._decoding)
        self._decoding = self._decoder.submit(self._take, decoded, made)

    def _take(self, decoded: Callable[[], Decoded], made: Callable[[Decoded], Batch]) -> None:
        batch = made(decoded())
        _wait_for(self._committing)
        self._committing = self._committer.submit(lambda: self._done.append(self._commit(batch)))

    def finish(self) -> None:
        """Wait until everything handed over is committed. Raises what it raised."""
        _wait_for(self._sending)
        _wait_for(self._decoding)
        _wait_for(self._committing)

    def committed(self) -> list[Committed]:
        """What was committed since the last call. Raises what a stage raised meanwhile."""
        for stage in (self._sending, self._decoding, self._committing):
            if stage is not None and stage.done():
                stage.result()
        return [self._done.popleft() for _ in range(len(self._done))]

    def run(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Run something else with the store, after the commit under way; returns what it returns."""
        return self._committer.submit(work, *arguments).result()


def _wait_for(stage: Future[None] | None) -> None:
    if stage is not None:
        stage.result()
