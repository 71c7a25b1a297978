"""Ingest killed with SIGKILL at random moments and started again ends with the same tables, row by row."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kafka import KafkaProducer

from models.settings import Settings
from tests.builders import encoded
from tests.faults import Reader
from tests.ingesting import TABLES, Ingest, clean_run, messages, tables
from tests.pipelines import HasAddress, Site

KILLS = 50
SEED = 11
LONGEST_S = 0.8
PER_BURST = 8


class Trickle:
    """Sends messages a few at a time, so that there is work at whatever moment ingest is killed."""

    def __init__(self, site: Site, sent: list[dict[str, Any] | bytes]) -> None:
        self._site = site
        self._left = list(reversed(sent))
        self._producer = KafkaProducer(bootstrap_servers=site.address, acks="all")

    def send(self, count: int) -> None:
        """The next ones."""
        for message in [self._left.pop() for _ in range(min(count, len(self._left)))]:
            if isinstance(message, dict):
                value = encoded(message | {"source": self._site.name})
                self._producer.send(self._site.topic, value, key=message["subject"].encode())
            else:
                self._producer.send(self._site.topic, message, key=b"k")
        self._producer.flush()

    def send_for(self, seconds: float) -> None:
        """A burst every moment, so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.send(PER_BURST)
            time.sleep(0.02)

    def send_rest(self) -> None:
        """All that is left."""
        self.send(len(self._left))
        self._producer.close()


@pytest.mark.slow
@pytest.mark.embedded_is_enough
@pytest.mark.timeout(1500)
def test_ingest_killed_fifty_times_ends_with_the_same_tables(
    broker: HasAddress, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    """Every fifth is killed while it starts, the others at work. The next one starts before the last one dies."""
    print(f"seed {SEED}")
    site = Site(broker, f"kill-{uuid4().hex[:8]}", partitions=4)
    settings = make_settings(bootstrap_servers=site.address, topic_prefix=Site.prefix_of(site.name))
    sent = messages()
    trickle = Trickle(site, sent)
    moments = random.Random(SEED)
    killed = tmp_path / "killed"

    running = Ingest(settings, killed)
    following: Ingest | None = None
    seen_at_kills = []
    try:
        with Reader(running.address, running.token, ingest_goes_away=True) as reader:
            for number in range(KILLS):
                if number % 5 == 0:
                    trickle.send_for(moments.uniform(0.1, 1.2))
                else:
                    if running.process.poll() == 2:
                        # On a busy machine its predecessor held the store for longer than it waits.
                        assert "is open in another process" in running.said()
                        running = Ingest(settings, killed)
                        reader.address = running.address
                    running.wait_until_said("partitions taken up")
                    following = Ingest(settings, killed)
                    trickle.send_for(moments.uniform(0.0, LONGEST_S))
                running.kill()
                running, following = following or Ingest(settings, killed), None
                reader.address = running.address
                seen_at_kills.append(reader.seen[-1].events if reader.seen else 0)
            trickle.send_rest()
            running.stop_when_read(len(sent))
    finally:
        for process in (running, following):
            if process is not None:
                process.kill()

    expected, found = clean_run(settings, tmp_path / "calm", len(sent)), tables(killed)
    for name in TABLES:
        assert found[name] == expected[name], name
    assert len(expected["events"]) == 1400 * 4 + 200
    assert len(expected["contacts"]) == 1400
    assert len(expected["quarantine"]) == 50
    assert expected["contacts"][0][1].startswith("c")
    reader.never_more_than(expected)
    assert len(set(seen_at_kills)) > KILLS / 3, f"the kills did not fall into work: {seen_at_kills}"
