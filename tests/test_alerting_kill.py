"""Killed between any two steps and started again, no alert is lost, and a receiver that knows keys gets each once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingest.store import Store
from tests.alert_child import STEPS, settings_of
from tests.alert_desk import Mailbox, Receiver, mailbox, receiver
from tests.builders import event
from tests.rolled import commit

ROOT = Path(__file__).resolve().parent.parent
SENT_BUT_NOT_KNOWN = {"webhook: sent": "webhook", "mail: sent": "mail"}


def run(data_dir: Path, web: Receiver, box: Mailbox, round_: int, step: str = "") -> int:
    """One life of the process. Returns its exit code."""
    command = [sys.executable, "-m", "tests.alert_child", str(data_dir), web.url, str(box.port), str(round_), step]
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def waiting_since(store: Store, seconds: float) -> None:
    """Somebody waits and the site is heard."""
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    commit(store, [event("offered", "c1") | {"time": at.isoformat()}])


@pytest.mark.slow
@pytest.mark.parametrize("steps", [*((step,) for step in STEPS), STEPS], ids=lambda steps: " - ".join(steps)[:40])
def test_an_opening_is_told_whenever_the_process_is_killed(tmp_path: Path, steps: tuple[str, ...]) -> None:
    """The last case is killed at every step in turn, one life after the other."""
    with receiver() as web, mailbox() as box:
        data_dir = tmp_path / "data"
        store = Store.open(settings_of(data_dir, web.url, box.port))
        waiting_since(store, 900)
        store.close()
        killed = [run(data_dir, web, box, n, step) for n, step in enumerate(steps)]
        assert -signal.SIGKILL in killed
        assert run(data_dir, web, box, len(steps)) == 0
        if len(steps) > 1:
            assert run(data_dir, web, box, len(steps) + 1) == 0
        with duckdb.connect(data_dir / "backstop.duckdb", read_only=True) as db:
            ((episode,),) = db.execute("select episode from alerts").fetchall()
            rows = db.execute("select channel, event, state from alert_notifications order by channel").fetchall()
        assert rows == [("mail", "opened", "sent"), ("webhook", "opened", "sent")]
        posted = Counter(one.key for one in web.posted)
        letters = Counter(letter["Message-ID"] for letter in box.letters)
        assert set(posted) == {f"{episode}-opened"}
        assert set(letters) == {f"<{episode}-opened@example.com>"}
        unsure = {SENT_BUT_NOT_KNOWN[step] for step in steps if step in SENT_BUT_NOT_KNOWN}
        assert posted.total() == 1 + ("webhook" in unsure)
        assert letters.total() == 1 + ("mail" in unsure)
