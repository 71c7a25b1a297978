"""Where simulated events go: to the topics of their sites, or as lines of JSON to a file."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any, Protocol
from zlib import crc32

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from ingest.kafka import make_consumer
from ingest.producer import CLOSE_S, Deliveries, PublishError
from ingest.simulator.dispatch import Dispatch
from models.settings import Settings, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kafka import KafkaProducer

LINGER_MS = 500
"""Long, as what is live is flushed. Many small batches cost broker and ingest twice as much as large ones."""
IN_FLIGHT_EVENTS = 60_000
"""Sent and not yet acknowledged, at most: about a second's worth, or lingering would hold up the sending."""

_LOOKED_AT = 20
"""Messages at the end of each partition that are looked at: some of a simulator's are damaged on purpose."""
_LOOK_MS = 5_000


class Outlet(Protocol):
    """Takes events and counts those that arrived."""

    arrived: list[int]
    """Events acknowledged, by number of the site."""

    def send(self, events: Sequence[Dispatch]) -> None:
        """Hand these on. Raises PublishError after the first one that failed."""

    def flush(self) -> None:
        """Do not return before everything sent has arrived. Raises PublishError when something did not."""


class KafkaOutlet:
    """Sends each event to the topic of its site, keyed, acknowledged by all replicas, each delivery checked."""

    def __init__(self, producer: KafkaProducer, topics: Sequence[str], hurried: Callable[[], bool]) -> None:
        """hurried: whether to stop waiting soon for what is not acknowledged. Raises PublishError."""
        self._producer = producer
        self._topics = topics
        self.arrived = [0] * len(topics)
        self._deliveries = Deliveries[int](self._count, hurried)
        try:
            self._partitions = [len(producer.partitions_for(topic)) for topic in topics]
        except KafkaError as failure:
            raise PublishError(f"topics {', '.join(topics)}: {type(failure).__name__}: {failure}") from failure

    def _count(self, site: int, arrived: int) -> None:
        self.arrived[site] += arrived

    def send(self, events: Sequence[Dispatch]) -> None:
        """Send; waits for the oldest once too many are under way."""
        topics, partitions, send = self._topics, self._partitions, self._producer.send
        futures: list[list[Any]] = [[] for _ in topics]
        # The time of sending, given once: brokers delete by it, so the time of the event would not do.
        sent_ms = int(time.time() * 1000)
        try:
            for _, site, key, text in events:
                keyed = key.encode("utf-8", "surrogateescape")
                value = text.encode("utf-8", "surrogateescape")
                # The client's own choice of a partition costs half as much again as all the rest of `send`.
                partition = crc32(keyed) % partitions[site]
                futures[site].append(send(topics[site], value, keyed, None, partition, sent_ms))
        except KafkaError as failure:
            self._deliveries.fail(failure)
        for site, sent in enumerate(futures):
            if sent:
                self._deliveries.add(site, sent)
        limit = IN_FLIGHT_EVENTS
        self._deliveries.settle(limit // 2 if self._deliveries.under_way > limit else limit)
        self._check()

    def flush(self) -> None:
        """Have everything sent now and wait until it is acknowledged."""
        if self._deliveries.under_way:
            self._hasten()
            self._deliveries.settle(-1)
        self._check()

    def _hasten(self) -> None:
        """Send without lingering. How each delivery ended is found when settling."""
        try:
            self._producer.flush(timeout=CLOSE_S)
        except KafkaError:
            return

    def _check(self) -> None:
        if self._deliveries.error is not None:
            raise PublishError(f"not delivered to Kafka: {self._deliveries.error}")


class LinesOutlet:
    """Writes an event as one line, `{"topic":…,"key":…,"value":…}`. Bytes that are no text come as \\udcXX."""

    def __init__(self, out: IO[str], topics: Sequence[str]) -> None:
        self._out = out
        self._topics = topics
        self.arrived = [0] * len(topics)

    def send(self, events: Sequence[Dispatch]) -> None:
        """Write the lines."""
        for _, site, key, text in events:
            line = {"topic": self._topics[site], "key": key, "value": text}
            self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
            self.arrived[site] += 1

    def flush(self) -> None:
        """Have the lines written out."""
        self._out.flush()


def refuse_real_topics(settings: Settings, sites: Sequence[str]) -> None:
    """Raise SettingsError when a topic of these sites holds events and a simulator made none of its last ones.

    What a simulator made says so (`simulated`), so a world can be played on, or again, into its own topics.
    """
    consumer = make_consumer(settings, enable_auto_commit=False, auto_offset_reset="none")
    try:
        for site in sites:
            topic = settings.topic_prefix + site
            found = _last_messages(consumer, topic)
            if found and not any(_is_simulated(value) for value in found):
                raise SettingsError(
                    f"topic {topic} holds events that no simulator made, and playing a world into it would mix "
                    f"them for good: give the site another id in the scenario, or choose topics of the "
                    f"simulator's own with BACKSTOP_TOPIC_PREFIX"
                )
    finally:
        consumer.close()


def _last_messages(consumer: KafkaConsumer, topic: str) -> list[bytes | None]:
    """Values at the end of every partition; empty when the topic is."""
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    partitions = [partition for partition in partitions if ends[partition] > begins[partition]]
    consumer.assign(partitions)
    for partition in partitions:
        consumer.seek(partition, max(begins[partition], ends[partition] - _LOOKED_AT))
    values: list[bytes | None] = []
    until = time.monotonic() + _LOOK_MS / 1000
    while any(consumer.position(p) < ends[p] for p in partitions) and time.monotonic() < until:
        for records in consumer.poll(timeout_ms=200).values():
            values += [record.value for record in records]
    return values


def _is_simulated(value: bytes | None) -> bool:
    try:
        event = json.loads(value or b"")
    except ValueError:
        return False
    return isinstance(event, dict) and event.get("simulated") is True
