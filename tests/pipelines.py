"""What tests of ingest share: a pipeline in a thread, and a site with a topic of its own."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Protocol
from uuid import uuid4

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from ingest.decoding.decoder import Decoder
from ingest.kafka import describe, ensure_topic
from ingest.pipeline import Pipeline
from ingest.receipts import Committed
from ingest.store import Store
from models.settings import Settings
from tests.builders import KEY, encoded

Make = Callable[..., Settings]


class HasAddress(Protocol):
    """A broker, whoever started it."""

    @property
    def address(self) -> str:
        """HOST:PORT."""


def lasting_port() -> int:
    """A free port for a server that goes and comes back: none that the kernel may give to a client meanwhile."""
    first, last = 20_000, int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0]) - 1
    while True:
        port = random.randint(first, last)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def wait_until(ready: Callable[[], object], what: str, timeout_s: float = 60) -> None:
    """Poll until ready says something true."""
    until = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < until, f"waited {timeout_s:.0f} s in vain for {what}"
        time.sleep(0.05)


class Running:
    """A pipeline in a thread, with its own store connection for looking."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store.open(settings)
        self.commits: list[Committed] = []
        self.stopping = threading.Event()
        self.failure: BaseException | None = None
        self.pipeline = Pipeline(
            settings, self.store, Decoder(KEY, 3600, 1_000_000), self.stopping.is_set, self.commits.append
        )
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.pipeline.run()
        except BaseException as error:
            self.failure = error

    def ask(self, query: str) -> list[Any]:
        return self.store.connection.cursor().execute(query).fetchall()

    def wait_for(self, query: str, expected: object, timeout_s: float = 60) -> None:
        """Until the query's first value is what is expected."""
        until = time.monotonic() + timeout_s
        while (found := self.ask(query)[0][0]) != expected:
            assert time.monotonic() < until, f"{query}: {found!r}, expected {expected!r}; {self.failure!r}"
            assert self.thread.is_alive(), repr(self.failure)
            time.sleep(0.05)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(60)
        assert not self.thread.is_alive()
        self.store.close()


@contextmanager
def ingesting(settings: Settings) -> Iterator[Running]:
    running = Running(settings)
    try:
        yield running
    finally:
        running.stop()
    if running.failure:
        raise running.failure


class Site:
    """A topic of this test alone."""

    made: ClassVar[list[tuple[str, str]]] = []
    """Address and topic of all there ever were, for whoever tidies up a broker that outlives the tests."""

    def __init__(self, broker: HasAddress, name: str | None = None, partitions: int = 2) -> None:
        self.name = name or f"site-{uuid4().hex[:8]}"
        self.topic = f"{self.prefix_of(self.name)}{self.name}"
        self.address = broker.address
        self.partitions = partitions
        self.create()

    @staticmethod
    def prefix_of(name: str) -> str:
        """A prefix only this test's ingest listens to, so that tests do not read each other's topics."""
        return f"t{name[-8:]}."

    def create(self) -> None:
        """Make it; on return it is there."""
        admin = KafkaAdminClient(bootstrap_servers=self.address)
        ensure_topic(admin, self.topic, self.partitions)
        wait_until(lambda: self._is_listed(admin), f"{self.topic} to be made")
        self.made.append((self.address, self.topic))
        admin.close()

    def delete(self) -> None:
        """Delete it; on return it is gone."""
        admin = KafkaAdminClient(bootstrap_servers=self.address)
        admin.delete_topics([self.topic])
        wait_until(lambda: not self._is_listed(admin), f"{self.topic} to be deleted")
        admin.close()

    def is_there(self) -> bool:
        """Whether the broker has it now."""
        admin = KafkaAdminClient(bootstrap_servers=self.address)
        try:
            return self._is_listed(admin)
        finally:
            admin.close()

    def _is_listed(self, admin: KafkaAdminClient) -> bool:
        found = next((t for t in describe(admin, [self.topic]) if not t["error_code"]), None)
        return found is not None and not any(part["error_code"] for part in found["partitions"])

    def send(self, *messages: dict[str, Any] | bytes, partition: int | None = None) -> None:
        producer = KafkaProducer(bootstrap_servers=self.address, acks="all", max_request_size=20_000_000)
        for message in messages:
            key = message["subject"].encode() if isinstance(message, dict) else b"k"
            value = encoded(message | {"source": self.name}) if isinstance(message, dict) else message
            producer.send(self.topic, value, key=key, partition=partition)
        producer.flush()
        producer.close()


def settings_for(make_settings: Make, site: Site, **more: Any) -> Settings:
    """Settings of an ingest that reads this site alone."""
    return make_settings(bootstrap_servers=site.address, topic_prefix=Site.prefix_of(site.name), **more)
