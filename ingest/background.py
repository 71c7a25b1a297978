"""Threads whose work can wait give way to those that commit and those that answer readers."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

_NICE = 10


def step_back() -> None:
    """Let other threads of this machine go before the one that calls this, where the system knows such a thing.

    The store's engine works on the threads of those who ask, so this holds for its work as well.
    """
    with suppress(OSError, AttributeError):
        # On Linux a thread has a number and a niceness of its own; elsewhere this would be that of the process.
        if os.uname().sysname == "Linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
