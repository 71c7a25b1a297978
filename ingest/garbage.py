"""When cyclic garbage is collected: seldom, and a little of it at a time.

A batch makes hundreds of thousands of short-lived objects without cycles, which the default thresholds would walk over
and over. The Kafka client leaves cycles behind with each request, though, over a megabyte a second, so the young ones
are looked through now and then.
"""

from __future__ import annotations

import gc
import time

_YOUNG_EVERY_S = 5.0
_OLDER_EVERY_S = 60.0
_NEVER_BY_ITSELF = 10_000_000


class Garbage:
    """Collects from the pipeline's own loop. What was made before `Garbage.seldom` is never looked at again."""

    def __init__(self) -> None:
        now = time.monotonic()
        self._young_at, self._older_at = now + _YOUNG_EVERY_S, now + _OLDER_EVERY_S

    @staticmethod
    def seldom() -> None:
        """For the whole process: no collection by itself from now on."""
        gc.freeze()
        gc.set_threshold(_NEVER_BY_ITSELF, 20, 50)

    def collect_if_due(self) -> None:
        """Collect what is due: the time it takes grows with what was made since, not with what there is."""
        now = time.monotonic()
        if now < self._young_at:
            return
        older = now >= self._older_at
        gc.collect(1 if older else 0)
        self._young_at = now + _YOUNG_EVERY_S
        if older:
            self._older_at = now + _OLDER_EVERY_S
