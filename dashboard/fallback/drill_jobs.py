"""A simulation of a drill that runs beside the page: how far it is, what came of it, and its end when nobody asks.

One at a time runs for all viewers: it takes a whole core.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from models.fallback.drill_runs import Runs, drill_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from models.fallback.drill import Outage

RUNS, SEED = 2_000, 1
FORSAKEN_AFTER_S = 30.0
"""Who is gone so long without asking does not come back for it."""
_WAIT_S = 0.1
_ROOM = threading.BoundedSemaphore(1)


class Job:
    """One simulation. about: what it is of, to be compared with what is asked now; outage: what is simulated.

    Safe to be asked from any thread. Once `running` is False exactly one of `result`, `trouble` and `cancelled` holds.
    """

    def __init__(
        self, about: Hashable, outage: Outage, *, threshold_s: float, runs: int = RUNS, seed: int = SEED,
        forsaken_after_s: float = FORSAKEN_AFTER_S, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.about, self.outage, self.runs, self.seed, self.threshold_s = about, outage, runs, seed, threshold_s
        self.result: Runs | None = None
        self.trouble: str | None = None
        self.took_s: float | None = None
        self._share = 0.0
        self._stop = threading.Event()
        self._patience_s, self._clock, self._seen = forsaken_after_s, clock, clock()
        self._thread = threading.Thread(target=self._run, name="drill", daemon=True)

    def start(self) -> Job:
        """Begin; to be called once."""
        self._thread.start()
        return self

    @property
    def running(self) -> bool:
        """Whether it still works or waits for its turn. To ask is a sign of life of the viewer."""
        self._seen = self._clock()
        return self._thread.is_alive()

    @property
    def share(self) -> float:
        """How far it is, from 0 to 1; 0 while another simulation has its turn."""
        return self._share

    @property
    def cancelled(self) -> bool:
        """Whether it was ended before it was done."""
        return self._stop.is_set() and self.result is None

    def cancel(self) -> None:
        """Have it end soon; nothing if it has."""
        self._stop.set()

    def wait(self, timeout_s: float) -> bool:
        """Until it is over; whether it is."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _over(self) -> bool:
        if self._clock() - self._seen > self._patience_s:
            self._stop.set()
        return self._stop.is_set()

    def _run(self) -> None:
        while not _ROOM.acquire(timeout=_WAIT_S):
            if self._over():
                return
        try:
            began = self._clock()
            self.result = drill_runs(
                self.outage, runs=self.runs, seed=self.seed, threshold_s=self.threshold_s, progress=self._progress,
                cancelled=self._over,
            )  # fmt: skip
            self.took_s = self._clock() - began
        except (ValueError, MemoryError) as error:
            self.trouble = str(error) or type(error).__name__
        finally:
            _ROOM.release()

    def _progress(self, done: int, of: int) -> None:
        self._share = done / of if of else 1.0
