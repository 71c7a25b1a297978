"""Ingest killed with SIGKILL at random moments and started again ends with the same tables, row by row."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pytest

from ingest.broker import EmbeddedBroker, free_port
from models.settings import Settings
from tests.benchmarks.common import attached
from tests.builders import answered_call, encoded, event
from tests.test_pipeline import Site

KILLS = 20
TABLES = {
    "contacts": "select * from contacts order by all",
    "events": "select * exclude (received_at, batch) from events order by all",
    "quarantine": "select * exclude (received_at, batch) from quarantine order by all",
    "positions": (
        "select kafka_topic, kafka_partition, max(next_offset) from private.kafka_position group by all order by all"
    ),
}  # fmt: skip


class Ingest:
    """An ingest process on one data folder."""

    def __init__(self, settings: Settings, data_dir: Path, batch_events: int = 400) -> None:
        names = ("dashboard_token", "analyst_token", "customer_key")
        secrets = {name: getattr(settings, name).get_secret_value() for name in names}
        self.token = secrets["analyst_token"]
        port = free_port()
        self.address = f"quack:localhost:{port}"
        self.log = data_dir / "ingest.log"
        environment = dict(os.environ) | {
            "BACKSTOP_DATA_DIR": str(data_dir),
            "BACKSTOP_BOOTSTRAP_SERVERS": settings.bootstrap_servers or "",
            "BACKSTOP_TOPIC_PREFIX": settings.topic_prefix,
            "BACKSTOP_STORE_PORT": str(port),
            "BACKSTOP_BATCH_EVENTS": str(batch_events),
            "PYTHONUNBUFFERED": "1",
            **{f"BACKSTOP_{name.upper()}": value for name, value in secrets.items()},
        }
        command = [sys.executable, "-m", "ingest.cli", "ingest"]
        self._logged = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)

    def kill_at(self, number: int, moments: random.Random) -> None:
        """Kill it: every fourth while it starts, the others between opening its store and having read everything."""
        if number % 4:
            # From when the store is open, not from the start, which takes long on a busy machine.
            deadline = time.monotonic() + 60
            while b"store served" not in self.log.read_bytes()[self._logged :]:
                assert self.process.poll() is None, self.log.read_text()[-2000:]
                assert time.monotonic() < deadline, self.log.read_text()[-2000:]
                time.sleep(0.02)
        time.sleep(moments.uniform(0.2, 2.0))
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop_when_read(self, messages: int) -> None:
        """Wait until every message is an event, a repeat or in quarantine; then stop cleanly."""
        client = attached(self.address, self.token, timeout_s=60)
        count = "from store.query('select coalesce(sum(events + repeats + refused), 0) from sites')"
        deadline = time.monotonic() + 120
        while (read := client.execute(count).fetchall()[0][0]) != messages:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, f"{read} of {messages} read; {self.log.read_text()[-2000:]}"
            time.sleep(0.2)
        client.close()
        self.process.terminate()
        assert self.process.wait(60) == 0, self.log.read_text()[-2000:]


def tables(data_dir: Path) -> dict[str, list[Any]]:
    with duckdb.connect(data_dir / "backstop.duckdb", read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        return {name: db.execute(query).fetchall() for name, query in TABLES.items()}


def messages() -> list[dict[str, Any] | bytes]:
    """6,000 messages: calls in order and out of it, repeats, late events, bad ones."""
    chosen = random.Random(7)
    calls: list[dict[str, Any] | bytes] = [e for n in range(1400) for e in answered_call(f"c{n}", n * 3)]
    late = [event("wrapped_up", f"c{n}", n * 3 + 500, wrap_up_s=float(n % 40)) for n in range(0, 1400, 7)]
    repeats = chosen.sample(calls, 150)
    bad = [b"{", b"\xff", encoded(event("offered", f"bad{1}", queue=1))] * 16 + [b"[]"] * 2
    mixed = [*calls, *late, *repeats, *bad]
    # Out of order within a window, as deliveries are.
    order = sorted(range(len(mixed)), key=lambda n: n + chosen.randint(0, 900))
    return [mixed[n] for n in order]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ingest_killed_twenty_times_ends_with_the_same_tables(
    broker: EmbeddedBroker, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    site = Site(broker, f"kill-{uuid4().hex[:8]}", partitions=4)
    settings = make_settings(bootstrap_servers=site.address, topic_prefix=Site.prefix_of(site.name))
    sent = messages()
    site.send(*sent)
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    calm.mkdir()
    killed.mkdir()
    Ingest(settings, calm).stop_when_read(len(sent))

    moments = random.Random(11)
    for number in range(KILLS):
        Ingest(settings, killed).kill_at(number, moments)
    Ingest(settings, killed).stop_when_read(len(sent))

    expected, found = tables(calm), tables(killed)
    for name in TABLES:
        assert found[name] == expected[name], name
    assert len(expected["events"]) == 1400 * 4 + 200
    assert len(expected["contacts"]) == 1400
    assert len(expected["quarantine"]) == 50
    assert expected["contacts"][0][1].startswith("c")
