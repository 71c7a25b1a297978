"""Being told to stop: at any moment, and only as often as someone meant it."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator

import pytest

from ingest.stopping import Stopping


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.timeout(60)
def test_a_signal_at_any_moment_of_the_waiting_ends_it() -> None:
    """Where an event would do, this ended in a deadlock after a few hundred rounds."""
    moments = random.Random(3)
    for _ in range(3000):
        stopping = Stopping()
        stopping.listen(signal.SIGALRM)
        signal.setitimer(signal.ITIMER_REAL, moments.uniform(0.00005, 0.001))
        while not stopping.wait(0.00005):
            pass
        assert stopping.is_set()


def test_waiting_ends_at_once_when_told_to_stop() -> None:
    stopping = Stopping()
    began = time.monotonic()
    assert not stopping.wait(0.05)
    stopping.listen(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    assert stopping.wait(30)
    assert stopping.wait(30)
    assert time.monotonic() - began < 10


def test_only_who_signals_again_later_is_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = Stopping()
    stopping.listen(signal.SIGALRM)
    os.kill(os.getpid(), signal.SIGALRM)
    os.kill(os.getpid(), signal.SIGALRM)
    assert stopping.is_set()
    assert not stopping.is_urgent
    later = time.monotonic() + 2
    monkeypatch.setattr("ingest.stopping.time.monotonic", lambda: later)
    os.kill(os.getpid(), signal.SIGALRM)
    assert stopping.is_urgent


def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stopping = Stopping()
    stopping.listen(signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGHUP)
    assert not stopping.is_set()
