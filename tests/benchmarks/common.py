"""What the benchmarks share: call events in a broker, an ingest process, and its use of the machine."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psutil
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from ingest.broker import EmbeddedBroker, free_port
from ingest.kafka import ensure_topic
from models.quack import attach_statement, load_statements

TOKEN = "benchmark-token-of-the-dashboard"
SITE = "bench"
TOPIC = f"contacts.{SITE}"


def call_events(calls: int, start: datetime, gap_s: float = 0.9) -> Iterator[tuple[bytes, bytes]]:
    """(key, message) of answered calls, four events each, about 300 bytes a message, in the order of time per call."""
    envelope = (
        '{"specversion":"1.0","id":"%s/%s","source":"%s","type":"contact.%s","time":"%s","subject":"%s","data":%s}'
    )
    facts = [
        ("started", 0.0, '{"channel":"voice","direction":"inbound","language":"en","topic":"%s"}'),
        (
            "offered",
            6.0,
            '{"channel":"voice","queue":"%s","direction":"inbound","language":"en","topic":"billing","customer_id":"%d"}',
        ),
        ("answered", 19.0, '{"agent_id":"agent-%03d","wait_s":13.0}'),
        ("completed", 240.0, '{"talk_s":%d,"ended_by":"customer"}'),
    ]
    for n in range(calls):
        contact = f"call-{n:08d}"
        begin = start + timedelta(seconds=n * gap_s)
        fills: list[Any] = [
            ("billing", "delivery")[n % 2],
            ("main", "orders")[n % 2],
            n % 50_000,
            n % 240,
            60 + n % 500,
        ]
        values = [fills[0], (fills[1], fills[2]), fills[3], fills[4]]
        for (fact, after_s, data), fill in zip(facts, values, strict=True):
            at = (begin + timedelta(seconds=after_s)).isoformat()
            yield (
                contact.encode(),
                (envelope % (contact, fact, SITE, fact, at, contact, data % fill)).encode(),
            )


def publish(address: str, messages: Iterator[tuple[bytes, bytes]], partitions: int = 4) -> int:
    """Write everything to the site's topic. Returns the number of messages."""
    admin = KafkaAdminClient(bootstrap_servers=address)
    ensure_topic(admin, TOPIC, partitions)
    admin.close()
    producer = KafkaProducer(bootstrap_servers=address, linger_ms=50, batch_size=512 << 10, acks="all")
    count = 0
    for key, message in messages:
        producer.send(TOPIC, message, key=key)
        count += 1
    producer.flush()
    producer.close()
    return count


@dataclass
class Usage:
    """CPU seconds (user and system) and peak resident memory in MiB of a process, sampled."""

    cpu_s: float = 0.0
    peak_mib: float = 0.0

    def sample(self, process: psutil.Process) -> None:
        """Look at the process."""
        try:
            times = process.cpu_times()
            self.cpu_s = times.user + times.system
            self.peak_mib = max(self.peak_mib, process.memory_info().rss / 2**20)
        except psutil.NoSuchProcess:
            return


@contextmanager
def running_broker() -> Iterator[EmbeddedBroker]:
    """An embedded broker for the length of the block."""
    with tempfile.TemporaryDirectory() as folder:
        broker = EmbeddedBroker(0, Path(folder) / "broker.log")
        try:
            yield broker
        finally:
            broker.stop()


@contextmanager
def running_ingest(broker: str, data_dir: Path, **extra: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`backstop ingest` as a process of its own, everything on. Yields it and the store's address."""
    import os

    port = free_port()
    environment = dict(os.environ) | {
        "BACKSTOP_DATA_DIR": str(data_dir),
        "BACKSTOP_BOOTSTRAP_SERVERS": broker,
        "BACKSTOP_STORE_PORT": str(port),
        "BACKSTOP_DASHBOARD_TOKEN": TOKEN,
        "BACKSTOP_LOG_FORMAT": "json",
        **extra,
    }
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "ingest.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest.cli", "ingest"], env=environment, stdout=log, stderr=log
        )
    try:
        yield process, f"quack:localhost:{port}"
    finally:
        process.terminate()
        process.wait(60)


def attached(address: str, token: str = TOKEN, timeout_s: float = 30) -> duckdb.DuckDBPyConnection:
    """A client of the served store, as soon as it answers."""
    client = duckdb.connect()
    for statement in load_statements():
        client.execute(statement)
    until = time.monotonic() + timeout_s
    while True:
        try:
            client.execute(attach_statement(address, token))
            client.execute("from store.query('select 1')").fetchall()
        except duckdb.Error:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return client


def machine() -> str:
    """One line about where this runs."""
    memory_gib = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory_gib:.0f} GiB, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
