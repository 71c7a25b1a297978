"""Shows how far a play is: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections import deque
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_EVERY_S = 5.0
_RATE_OVER_S = 5.0


class Display:
    """One bar, or its lines. Use as a context; say what lasts with `say`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            refresh_per_second=4,
        )
        self._task = self._bar.add_task("starting", total=1.0, detail="")
        self._said_at = 0.0
        self._rates: deque[tuple[float, int]] = deque()

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away; again does nothing."""
        if self._console.is_terminal:
            self._bar.stop()

    def say(self, text: str) -> None:
        """A line that stays."""
        self._console.print(escape(text), highlight=False, soft_wrap=True)

    def show(self, where: str, share: float, events: int) -> None:
        """How far it is: in words, as a share of all, and as the events that arrived."""
        now = time.monotonic()
        detail = f"{events:,} events{self._rate(now, events)}"
        self._bar.update(self._task, description=escape(where), completed=min(share, 1.0), detail=detail)
        if not self._console.is_terminal and now - self._said_at >= _EVERY_S:
            self._said_at = now
            self.say(f"{where}, {detail}")

    def _rate(self, now: float, events: int) -> str:
        """Events per second of late, once there is something to go by. Fewer events are a count of something else."""
        if self._rates and events < self._rates[-1][1]:
            self._rates.clear()
        self._rates.append((now, events))
        while now - self._rates[0][0] > _RATE_OVER_S:
            self._rates.popleft()
        since, before = self._rates[0]
        return f", {(events - before) / (now - since):,.0f}/s" if now - since > 1 else ""
