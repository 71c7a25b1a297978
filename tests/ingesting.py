"""The real `backstop ingest` as a process on a data folder, and what its store holds afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from ingest.broker import free_port
from models.settings import Settings
from tests.benchmarks.common import attached
from tests.builders import answered_call, encoded, event
from tests.pipelines import wait_until

TABLES = {
    "contacts": "select * from contacts order by all",
    "events": "select * exclude (received_at, batch) from events order by all",
    "quarantine": "select * exclude (received_at, batch) from quarantine order by all",
    "positions": (
        "select kafka_topic, kafka_partition, max(next_offset) from private.kafka_position group by all order by all"
    ),
}  # fmt: skip
READ = "select coalesce(sum(events + repeats + refused), 0) from sites"


class Ingest:
    """An ingest process on one data folder."""

    def __init__(
        self, settings: Settings, data_dir: Path, batch_events: int = 400, port: int = 0, **more: object
    ) -> None:
        """more: settings of the process, by name."""
        names = ("dashboard_token", "analyst_token", "customer_key")
        secrets = {name: getattr(settings, name).get_secret_value() for name in names}
        self.token = secrets["analyst_token"]
        self.port = port or free_port()
        self.address = f"quack:localhost:{self.port}"
        self.log = data_dir.with_name(f"{data_dir.name}-{uuid4().hex[:8]}.log")
        environment = dict(os.environ) | {
            "BACKSTOP_DATA_DIR": str(data_dir),
            "BACKSTOP_BOOTSTRAP_SERVERS": settings.bootstrap_servers or "",
            "BACKSTOP_TOPIC_PREFIX": settings.topic_prefix,
            "BACKSTOP_STORE_PORT": str(self.port),
            "BACKSTOP_BATCH_EVENTS": str(batch_events),
            "PYTHONUNBUFFERED": "1",
            **{f"BACKSTOP_{name.upper()}": value for name, value in secrets.items()},
            **{f"BACKSTOP_{name.upper()}": str(value) for name, value in more.items()},
        }
        command = [sys.executable, "-m", "ingest.cli", "ingest"]
        self._started = time.monotonic()
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)

    def said(self) -> str:
        """What this process wrote to its log so far."""
        return self.log.read_text("utf-8", "replace")

    def wait_until_said(self, text: str) -> None:
        """Until its log has this text."""
        wait_until(lambda: text in self.said() or self._ended(), f"{text!r} in the log: {self.said()[-2000:]}")
        assert text in self.said(), self.said()[-2000:]

    def _ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        """SIGKILL."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def kill_at(self, number: int, moments: random.Random) -> None:
        """Kill it: every fourth while it starts, the others between opening its store and having read everything."""
        if number % 4:
            # What comes before the first commit takes about as long as opening the store did: long on a busy machine.
            self.wait_until_said("store served")
            longest_s = max(2.0, time.monotonic() - self._started)
        else:
            longest_s = 2.0
        time.sleep(moments.uniform(0.2, longest_s))
        self.kill()

    def wait_for(self, query: str, expected: object, timeout_s: float = 120) -> None:
        """Until the served store answers a query with this value."""
        client = attached(self.address, self.token, timeout_s=60)
        quoted = query.replace("'", "''")
        deadline = time.monotonic() + timeout_s
        while (found := client.execute(f"from store.query('{quoted}')").fetchall()[0][0]) != expected:
            assert not self._ended(), self.said()[-2000:]
            assert time.monotonic() < deadline, f"{query}: {found!r}, expected {expected!r}; {self.said()[-2000:]}"
            time.sleep(0.1)
        client.close()

    def stop(self) -> None:
        """Stop it cleanly."""
        self.process.terminate()
        assert self.process.wait(60) == 0, self.said()[-2000:]

    def stop_when_read(self, messages: int) -> None:
        """Wait until every message is an event, a repeat or in quarantine; then stop cleanly."""
        self.wait_for(READ, messages)
        self.stop()


def ask(data_dir: Path, query: str) -> list[Any]:
    """The answer of a stopped store."""
    with duckdb.connect(data_dir / "backstop.duckdb", read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        return db.execute(query).fetchall()


def tables(data_dir: Path) -> dict[str, list[Any]]:
    """Everything a stopped store holds, but for when it came in."""
    return {name: ask(data_dir, query) for name, query in TABLES.items()}


def clean_run(settings: Settings, data_dir: Path, messages: int) -> dict[str, list[Any]]:
    """What a new store holds after an undisturbed ingest has read what lies in the broker now."""
    Ingest(settings, data_dir).stop_when_read(messages)
    return tables(data_dir)


def messages(calls: int = 1400, first: int = 0) -> list[dict[str, Any] | bytes]:
    """About four messages a call: in order and out of it, repeats, late events, bad ones. 1,400 calls are 6,000."""
    chosen = random.Random(7)
    numbers = range(first, first + calls)
    sound: list[dict[str, Any] | bytes] = [e for n in numbers for e in answered_call(f"c{n}", n * 3)]
    late = [event("wrapped_up", f"c{n}", n * 3 + 500, wrap_up_s=float(n % 40)) for n in numbers[::7]]
    repeats = chosen.sample(sound, calls * 150 // 1400)
    bad = [b"{", b"\xff", encoded(event("offered", f"bad{1}", queue=1))] * (calls // 87) + [b"[]"] * 2
    mixed = [*sound, *late, *repeats, *bad]
    # Out of order within a window, as deliveries are.
    order = sorted(range(len(mixed)), key=lambda n: n + chosen.randint(0, 900))
    return [mixed[n] for n in order]
