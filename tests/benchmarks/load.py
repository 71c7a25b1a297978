"""What the benchmarks of reading run against: events that keep coming in, and who looks for them in the store."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from kafka.admin import KafkaAdminClient

from ingest.kafka import ensure_topic
from tests.benchmarks import big_world
from tests.benchmarks.common import attached

PRODUCER = """
import sys, time
from datetime import datetime, timedelta, timezone
from kafka import KafkaProducer
address, sites, rate, ahead_s = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]), float(sys.argv[4])
# As a gateway sends: a few requests a second, so that what makes the load takes little of the machine itself.
producer = KafkaProducer(bootstrap_servers=address, linger_ms=50, acks="all")
facts = [("offered", '{"channel":"voice","queue":"%s","language":"de","topic":"refund","customer_id":"cust-%d"}'),
         ("answered", '{"agent_id":"a%d","wait_s":3.0}'), ("completed", '{"talk_s":60.0,"ended_by":"agent"}'),
         ("wrapped_up", '{"wrap_up_s":9.0}'), ("classified", '{"topic":"refund","resolved":true}')]
queues, lag = ["orders", "billing", "care", "technical"], 3000
begin, sent = time.time(), 0
while True:
    while sent < (time.time() - begin) * rate:
        # Facts of one contact lie a few seconds apart, as many contacts are under way at once.
        step, number = sent % 5, sent // 5 - sent % 5 * lag // 5
        sent += 1
        if number < 0:
            continue
        site = sites[number % len(sites)]
        fact, data = facts[step]
        data = data % ((queues[number % 4], number % 50000) if step == 0 else (number % 60,) if step == 1 else ())
        contact = f"{site}-live-{begin:.0f}-{number}"
        at = (datetime.now(timezone.utc) + timedelta(seconds=ahead_s)).isoformat()
        producer.send("contacts." + site, key=contact.encode(), value=(
            '{"specversion":"1.0","id":"%s/%s","source":"%s","type":"contact.%s","time":"%s","subject":"%s",'
            '"simulated":true,"data":%s}' % (contact, fact, site, fact, at, contact, data)).encode())
    time.sleep(0.02)
"""


@contextmanager
def producing(broker: str, rate: int, ahead: timedelta) -> Iterator[None]:
    """Events of the big store's sites at a steady rate."""
    sites = [place.site for place in big_world.PLACES]
    admin = KafkaAdminClient(bootstrap_servers=broker)
    for site in sites:
        ensure_topic(admin, f"contacts.{site}", 4)
    admin.close()
    arguments = [broker, ",".join(sites), str(rate), str(ahead.total_seconds())]
    process = subprocess.Popen([sys.executable, "-c", PRODUCER, *arguments])
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Seen:
    """What a watcher saw of the events that came in: milliseconds from produced to visible."""

    events: int = 0
    since: float = 0.0
    until: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / (self.until - self.since) if self.until > self.since else 0.0


class Looking:
    """Asks the served store again and again, from a connection and a thread of its own. Use as a context."""

    def __init__(self, address: str, every_s: float) -> None:
        self._client = attached(address)
        self._client.execute("set threads = 1")
        self._every_s = every_s
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join(20)

    def _run(self) -> None:
        ((last,),) = self._rows("select coalesce(max(batch), 0) from events")
        while not self._ending.wait(self._every_s):
            last = self._look(last)

    def _look(self, last: int) -> int:
        """Look for what came after this batch; returns the batch to look on from."""
        raise NotImplementedError

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._client.execute("from store.query(?)", [query]).fetchall()


class Watcher(Looking):
    """Looks for new events every 100 ms and notes how long they took."""

    def __init__(self, address: str, ahead: timedelta) -> None:
        super().__init__(address, 0.1)
        self._ahead = ahead
        self.seen = Seen()

    def start_over(self) -> Seen:
        """What was seen until now; counts anew."""
        seen, self.seen = self.seen, Seen()
        return seen

    def _look(self, last: int) -> int:
        rows = self._rows(f"select batch, occurred_at from events where batch > {last}")
        now = datetime.now(UTC).replace(tzinfo=None) + self._ahead
        seen, at = self.seen, time.monotonic()
        seen.since = seen.since or at
        seen.until = at
        seen.events += len(rows)
        seen.latencies += [(now - occurred) / timedelta(milliseconds=1) for _, occurred in rows]
        return max((batch for batch, _ in rows), default=last)


class Asker(Looking):
    """Asks every 50 ms how many contacts were offered since it began, and notes when that changes."""

    def __init__(self, address: str) -> None:
        super().__init__(address, 0.05)
        self.changes: list[tuple[float, int]] = []

    def _look(self, last: int) -> int:
        ((count,),) = self._rows(f"select count(*) from events where batch > {last} and type = 'contact.offered'")
        if count != (self.changes[-1][1] if self.changes else 0):
            self.changes.append((time.time(), count))
        return last
