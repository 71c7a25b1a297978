"""Threads beside the one that commits: what they have in common, and how they give way to those that cannot wait."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from types import TracebackType
from typing import Self

import duckdb

_NICE = 10


def step_back() -> None:
    """Let other threads of this machine go before the one that calls this, where the system knows such a thing.

    The store's engine works on the threads of those who ask, so this holds for its work as well.
    """
    with suppress(OSError, AttributeError):
        # On Linux a thread has a number and a niceness of its own; elsewhere this would be that of the process.
        if os.uname().sysname == "Linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


class Background(ABC):
    """A context in which a thread works on a cursor of its own, until it ends."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        self._parent = connection
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._connection = self._parent.cursor()
        self._begin()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._connection.close()

    @abstractmethod
    def _begin(self) -> None:
        """What is noted before the thread starts."""

    @abstractmethod
    def _work(self) -> None:
        """What the thread does; ends when `_ending` is set."""
