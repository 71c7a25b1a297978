"""Being told to stop by a signal, and waiting for that."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from types import FrameType
from typing import Protocol

_SAME_SIGNAL_S = 1.0
"""A terminal and a wrapper such as `uv run` may both pass on one Ctrl-C."""


class Stopped(Protocol):
    """Something that may be told to stop: a `Stopping`, or in tests an event."""

    def is_set(self) -> bool:
        """Whether it was."""

    def wait(self, timeout: float) -> bool:
        """Wait for it, so many seconds at most. Gives whether it was."""


class Stopping:
    """Set by signals once `listen` was called.

    Not a threading.Event: a handler runs in the middle of whatever the main thread does, and setting an
    event that it waits for just then waits for ever.
    """

    def __init__(self) -> None:
        self.is_urgent = False
        """True once signals came again: whoever sent them does not want to wait."""
        self._since = 0.0
        self._is_set = False
        self._reader, self._writer = os.pipe()

    def listen(self, *numbers: signal.Signals) -> None:
        """Take over these signals; SIGHUP only when it is not ignored, as under `nohup`.

        Outside the main thread this does nothing: Python lets only that one take signals.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        for number in numbers:
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        if not self._is_set:
            self.set()
        elif time.monotonic() - self._since > _SAME_SIGNAL_S:
            self.is_urgent = True

    def set(self) -> None:
        """Stop."""
        self._since = time.monotonic()
        self._is_set = True
        os.write(self._writer, b"\0")

    def is_set(self) -> bool:
        """Whether it was told to stop."""
        return self._is_set

    def wait(self, timeout: float) -> bool:
        """Wait until it is told to stop, so many seconds at most. Gives whether it was."""
        if not self._is_set:
            select.select([self._reader], [], [], timeout)
        return self._is_set

    def __del__(self) -> None:
        os.close(self._reader)
        os.close(self._writer)
