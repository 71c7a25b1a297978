"""What the benchmarks share: events of the demo world in a broker, an ingest process, and its use of the machine."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

import duckdb
import psutil
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from ingest.broker import EmbeddedBroker, free_port
from ingest.kafka import ensure_topic
from ingest.simulator.delivery.delivery import DeliveryRules
from ingest.simulator.playing.command import DEMO
from ingest.simulator.scenario.file import load
from ingest.simulator.world import World
from models.quack import attach_statement, load_statements

TOKEN = "benchmark-token-of-the-dashboard"
SEED = 7


BEGINS = datetime(2026, 6, 1)
"""First day of the demo world in the benchmarks, in its own time zone."""


def world_events(count: int, begins: datetime = BEGINS) -> Iterator[tuple[str, bytes, bytes]]:
    """(topic, key, message) of so many events of the demo world in order of time, delivered without faults."""
    scenario = load(DEMO)
    flawless = {site: rules.model_copy(update={"delivery": DeliveryRules()}) for site, rules in scenario.sites.items()}
    world = World(
        scenario.model_copy(update={"sites": flawless}),
        SEED,
        begins.replace(tzinfo=ZoneInfo(scenario.time_zone)),
    )
    topics = [f"contacts.{site}" for site in world.sites]
    events = ((topics[site], key.encode(), text.encode()) for _, batch in world.play() for _, site, key, text in batch)
    return islice(events, count)


def publish(address: str, messages: Iterator[tuple[str, bytes, bytes]], partitions: int = 4) -> set[str]:
    """Write everything to its topics, made when new. Returns these."""
    admin = KafkaAdminClient(bootstrap_servers=address)
    producer = KafkaProducer(bootstrap_servers=address, linger_ms=500, batch_size=512 << 10, acks="all")
    topics: set[str] = set()
    for topic, key, message in messages:
        if topic not in topics:
            ensure_topic(admin, topic, partitions)
            topics.add(topic)
        producer.send(topic, message, key=key, partition=crc32(key) % partitions)
    producer.flush()
    producer.close()
    admin.close()
    return topics


@dataclass
class Usage:
    """CPU seconds (user and system) and peak resident memory in MiB of a process and its children, sampled."""

    cpu_s: float = 0.0
    peak_mib: float = 0.0

    def sample(self, process: psutil.Process) -> None:
        """Look at the process."""
        try:
            family = [process, *process.children(recursive=True)]
            times = [member.cpu_times() for member in family]
            self.cpu_s = sum(used.user + used.system for used in times)
            self.peak_mib = max(self.peak_mib, sum(member.memory_info().rss for member in family) / 2**20)
        except psutil.NoSuchProcess:
            return


@contextmanager
def sampling(process: psutil.Process) -> Iterator[Usage]:
    """Looks at the process twice a second."""
    usage, ending = Usage(), threading.Event()

    def sample() -> None:
        while not ending.wait(0.5):
            usage.sample(process)

    usage.sample(process)
    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield usage
    finally:
        ending.set()
        thread.join()


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


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """One line about where this runs."""
    memory_gib = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {memory_gib:.0f} GiB, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
