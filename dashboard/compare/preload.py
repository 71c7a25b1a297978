"""What takes seconds to import, imported while the first page is drawn. Nothing waits for it."""

from __future__ import annotations

import importlib
import threading

SLOW = ("models.fairness.screening", "models.fairness.shrinkage")
_started = threading.Lock()


def start() -> None:
    """Import in the background, once in a process."""
    if _started.acquire(blocking=False):
        threading.Thread(target=_load, name="preload", daemon=True).start()


def _load() -> None:
    for name in SLOW:
        importlib.import_module(name)
