"""Decoding and committing as two stages beside reading: each has a thread, a batch goes through them in order.

At most one batch is in each stage, so that what is read ahead stays bounded: handing over waits for the stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from ingest.messages import Decoded, Messages
from ingest.receipts import Batch, Committed


class Stages:
    """Use as a context; what was handed over is finished when it ends."""

    def __init__(self, decode: Callable[[Messages, datetime], Decoded], commit: Callable[[Batch], Committed]) -> None:
        self._decode = decode
        self._commit = commit
        self._decoder = ThreadPoolExecutor(1, "decode")
        self._committer = ThreadPoolExecutor(1, "commit")
        self._decoding: Future[None] | None = None
        self._committing: Future[None] | None = None
        self._done: deque[Committed] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._decoder.shutdown()
        self._committer.shutdown()

    def hand_over(self, messages: Messages, received_at: datetime, made: Callable[[Decoded], Batch]) -> None:
        """Take on a batch, once the one before is decoded. made: the batch to commit, from what was decoded.

        Raises what an earlier batch raised.
        """
        self.wait_for_decoding()
        self._decoding = self._decoder.submit(self._step, messages, received_at, made)

    def _step(self, messages: Messages, received_at: datetime, made: Callable[[Decoded], Batch]) -> None:
        batch = made(self._decode(messages, received_at))
        if self._committing is not None:
            self._committing.result()
        self._committing = self._committer.submit(lambda: self._done.append(self._commit(batch)))

    def wait_for_decoding(self) -> None:
        """Wait until the batch being decoded is being committed. Raises what it raised."""
        if self._decoding is not None:
            self._decoding.result()
            self._decoding = None

    def finish(self) -> None:
        """Wait until everything handed over is committed. Raises what it raised."""
        self.wait_for_decoding()
        if self._committing is not None:
            self._committing.result()

    def committed(self) -> list[Committed]:
        """What was committed since the last call. Raises what a stage raised meanwhile."""
        for stage in (self._decoding, self._committing):
            if stage is not None and stage.done():
                stage.result()
        return [self._done.popleft() for _ in range(len(self._done))]

    def run(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Run something else with the store, after the commit under way; returns what it returns."""
        return self._committer.submit(work, *arguments).result()
