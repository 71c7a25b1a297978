"""Plays a world by the clock: what is past at once, the rest when its instant comes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from ingest.simulator.dispatch import Dispatch
from ingest.simulator.playing.publish import Outlet
from ingest.stopping import Stopped

TICK_S = 0.05
"""Events due within this (of real time) are sent together."""
_LONGEST_WAIT_S = 1.0
_NEVER_MS = 1 << 62


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a play is."""

    at_ms: int
    """Everything up to this simulated instant has been sent."""
    arrived: int
    """Events acknowledged."""
    live: bool
    """True once the past has been sent and acknowledged."""


class Player:
    """Plays one world into one outlet, once."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        now: Callable[[], datetime],
        speed: float,
        end_ms: int | None,
        stopped: Stopped,
        progress: Callable[[Reached], None],
    ) -> None:
        """now is the clock, which runs `speed` times as fast as real time.

        end_ms: when the world ends. What is still on its way then, late or repeated, is sent at once.
        """
        self._outlet = outlet
        self._now = now
        self._speed = speed
        self._end_ms = _NEVER_MS if end_ms is None else end_ms
        self._stopped = stopped
        self._progress = progress
        self._live = False

    def play(self, batches: Iterable[tuple[int, list[Dispatch]]]) -> None:
        """Send everything in time, until the batches end or the play is stopped; flush either way.

        Raises PublishError when something could not be delivered.
        """
        before_ms = 0
        for until_ms, events in batches:
            # Where nothing happens for long, the world is still asked for one batch ahead of the clock only.
            shown = self._wait_for(before_ms)
            sent = 0
            while sent < len(events) and not self._stopped.is_set():
                due = bisect_right(events, shown, lo=sent, key=itemgetter(0))
                self._outlet.send(events[sent:due])
                sent = due
                if sent < len(events):
                    shown = self._wait_for(events[sent][0])
            if self._stopped.is_set():
                break
            before_ms = until_ms
            self._tell(min(until_ms, shown))
        self._outlet.flush()
        self._tell(min(before_ms, self._present()))

    def _wait_for(self, instant_ms: int) -> int:
        """Until the clock shows the instant, or the play is stopped. Gives what the clock shows."""
        while (shown := self._present()) < instant_ms and not self._stopped.is_set():
            self._outlet.flush()
            self._live = True
            self._tell(shown)
            wait_s = (instant_ms - shown) / 1000 / self._speed
            self._stopped.wait(min(max(wait_s, TICK_S), _LONGEST_WAIT_S))
        return shown

    def _present(self) -> int:
        """What the clock shows; once the world is over, the end of time."""
        shown = int(self._now().timestamp() * 1000)
        return shown if shown < self._end_ms else _NEVER_MS

    def _tell(self, at_ms: int) -> None:
        self._progress(Reached(min(at_ms, self._end_ms), sum(self._outlet.arrived), self._live))
