"""The Kafka side of ingest: takes up every partition of every site's topic, reads on where the store says."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, LogTruncationError, OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata

from ingest.decoding.messages import Messages, Origin
from ingest.kafka import client_options, describe, ensure_topic, make_consumer
from ingest.receipts import Partition
from ingest.unpack import use_lean_unpacking
from models.settings import Settings

GROUP = "backstop-ingest"
"""Offsets are committed to this group for lag monitors only; reading starts from the store's positions."""

_COMMIT_EVERY_S = 5.0

log: Any = structlog.get_logger("source")


@dataclass
class Source:
    """Reads messages. `next_offsets` is where each partition goes on after what was handed out."""

    settings: Settings
    positions: Mapping[Partition, int]
    consumer: Any = None
    admin: Any = None
    next_offsets: dict[Partition, int] = field(default_factory=dict)
    _notices: list[str] = field(default_factory=list)
    _by_topic: dict[TopicPartition, Partition] = field(default_factory=dict)
    _refresh_at: float = 0.0
    _commit_at: float = 0.0
    _committed: dict[Partition, int] = field(default_factory=dict)

    def connect(self) -> bool:
        """Connect and take up every partition there is; always True. Raises KafkaError while no broker answers."""
        self.close()
        options = client_options(self.settings)
        self.admin = KafkaAdminClient(**options)
        for site in self.settings.sites:
            self._make_topic(self.settings.topic_prefix + site)
        self._make_consumer()
        self.refresh()
        return True

    def _make_topic(self, topic: str) -> None:
        """So that a configured site can send at once, also where the broker makes no topics by itself."""
        try:
            if ensure_topic(self.admin, topic, self.settings.topic_partitions):
                log.info("topic made", topic=topic, partitions=self.settings.topic_partitions)
        except KafkaError as error:
            if error.retriable:
                raise
            log.warning("topic not made; whoever runs the broker has to", topic=topic, error=str(error))

    def _make_consumer(self) -> None:
        made = make_consumer(
            self.settings,
            group_id=GROUP,
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_bytes=32 << 20,
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=50,
            isolation_level="read_committed",
        )
        use_lean_unpacking(made)
        # The old one is closed last: when no new one can be made it still serves.
        old, self.consumer = self.consumer, made
        self._by_topic = {}
        if old is not None:
            old.close()

    def look_anew(self) -> None:
        """Ask the broker for everything afresh, so that `is_read_empty` rests on answers given from now on.

        Only a new client does: a running one keeps high watermarks of earlier fetches, and in a fetch session
        the broker leaves out partitions in which nothing changed. Raises KafkaError; then it has to be done again.
        """
        self._make_consumer()
        self.refresh()

    def is_read_empty(self) -> bool:
        """Whether every partition was fetched by this client, and handed out up to its high watermark."""
        return all(
            (high := self.consumer.highwater(address)) is not None and self._next(address) >= high
            for address in self._by_topic
        )

    def _next(self, address: TopicPartition) -> int:
        """Where the client reads on: past the last message handed out, and past transaction markers after it."""
        position: int | None = self.consumer.position(address, timeout_ms=0)
        return max(position or 0, self.next_offsets[self._by_topic[address]])

    def refresh_if_due(self) -> None:
        """Look for new topics and partitions now and then. Raises KafkaError when the broker is gone."""
        if time.monotonic() >= self._refresh_at:
            self.refresh()

    def refresh(self) -> None:
        """Take up new topics and partitions; let go of topics that went or were made anew."""
        found: dict[TopicPartition, Partition] = {}
        for topic in describe(self.admin):
            if topic["name"].startswith(self.settings.topic_prefix) and not topic["error_code"]:
                for part in topic["partitions"]:
                    number = part["partition_index"]
                    partition = Partition(topic["name"], str(topic["topic_id"]), number)
                    found[TopicPartition(topic["name"], number)] = partition
        self._refresh_at = time.monotonic() + self.settings.topic_refresh_s
        if found == self._by_topic:
            return
        if any(found.get(address, old) != old for address, old in self._by_topic.items()):
            # The client goes on asking for the topic by its old id, so it has to be made anew too.
            self._make_consumer()
        for partition in set(found.values()) - set(self._by_topic.values()):
            self.next_offsets.setdefault(partition, self._start_of(partition))
        self._by_topic = found
        self.consumer.assign(list(found))
        for address, partition in found.items():
            self.consumer.seek(address, self.next_offsets[partition])
        log.info("partitions taken up", topics=sorted({p.topic for p in found.values()}), partitions=len(found))

    def _start_of(self, partition: Partition) -> int:
        known = self.positions.get(partition)
        if known is not None:
            return known
        others = [
            p
            for p in (*self.positions, *self.next_offsets)
            if p.topic == partition.topic and p.topic_id != partition.topic_id
        ]
        if others and partition.number == 0:
            self._say(
                f"{partition.topic} was deleted and made anew (id {others[-1].topic_id} is now "
                f"{partition.topic_id}): reading it from its beginning; events already stored count once"
            )
        return 0

    def poll(self, timeout_ms: int, max_records: int) -> Messages:
        """The next messages. Empty when nothing came in time."""
        try:
            polled = self.consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        except OffsetOutOfRangeError as error:
            self.refresh()
            self._restart_out_of_range(error)
            return []
        except LogTruncationError as error:
            self._restart_truncated(error)
            return []
        if polled and not self._are_of_these_topics(polled):
            return []
        messages: Messages = []
        for address, batch in polled.items():
            partition = self._by_topic.get(address)
            if partition is not None:
                site = self.settings.site_of(address.topic)
                origin = Origin(site, partition.topic, partition.topic_id, partition.number)
                messages.append((origin, batch))
                self.next_offsets[partition] = batch[-1].offset + 1
        return messages

    def _are_of_these_topics(self, polled: Mapping[TopicPartition, Any]) -> bool:
        """Whether what was just polled is of the topics it was asked of; if not, those that are there are taken up.

        The client fetches by name: from a topic that was made anew since the last look it reads on where the old
        one was, and those messages would be taken for the old one's. Ids asked for after the fetch tell.
        """
        are = False
        try:
            found = describe(self.admin, sorted({address.topic for address in polled}))
            ids = {topic["name"]: str(topic["topic_id"]) for topic in found if not topic["error_code"]}
            are = all(ids.get(p.topic, p.topic_id) == p.topic_id for p in self._by_topic.values())
            if not are:
                self.refresh()
        finally:
            if not are:
                # Not handed out, so to be read again, even by a pipeline that stops and connects no more.
                for address in set(polled) & set(self._by_topic):
                    self.consumer.seek(address, self.next_offsets[self._by_topic[address]])
        return are

    def _restart_out_of_range(self, error: OffsetOutOfRangeError) -> None:
        """The broker no longer has, or never had, the offset the store wants next."""
        if not error.args or not isinstance(error.args[0], dict):
            raise error
        # A topic that was made anew starts at its beginning already.
        addresses = [
            address
            for address, offset in error.args[0].items()
            if address in self._by_topic and self.consumer.position(address, timeout_ms=0) == offset
        ]
        if not addresses:
            return
        beginnings = self.consumer.beginning_offsets(addresses)
        for address in addresses:
            partition = self._by_topic[address]
            wanted, begins = self.next_offsets[partition], beginnings[address]
            lost = "deleted by retention before they were read" if begins > wanted else "never written there"
            self._say(
                f"{address.topic}[{address.partition}]@{wanted} is out of range: the broker begins at {begins}. "
                f"Messages up to there were {lost}; reading on from {begins}"
            )
            self.next_offsets[partition] = begins
            self.consumer.seek(address, begins)

    def _restart_truncated(self, error: LogTruncationError) -> None:
        """The broker has less of a partition than was read of it: its topic was made anew, or it lost the end.

        The client finds out by the leader's epoch before the topic's id is looked at, and says so again and again
        until it is made anew.
        """
        before = dict(self._by_topic)
        self._make_consumer()
        self.refresh()
        if all(self._by_topic.get(address) == partition for address, partition in before.items()):
            self._say(
                f"the broker lost messages it had handed out ({error}); they are in the store already. "
                "Reading on from where the store stands"
            )

    def _say(self, notice: str) -> None:
        log.warning(notice)
        self._notices.append(notice)

    def take_notices(self) -> list[str]:
        """What was said since the last call: positions that could not be followed."""
        taken, self._notices = self._notices, []
        return taken

    def lag(self) -> int:
        """Messages in the broker that were not handed out yet, as far as the broker has told."""
        return sum(self.left(self._by_topic.values()).values())

    def left(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The same by partition."""
        wanted = set(partitions)
        behind = {}
        for address, partition in self._by_topic.items():
            if partition in wanted and self.consumer is not None:
                high = self.consumer.highwater(address)
                behind[partition] = max(0, high - self._next(address)) if high is not None else 0
        return behind

    def report_offsets(self, committed: Mapping[Partition, int], *, force: bool = False) -> None:
        """Tell the broker what is stored, for lag monitors. Failing to is no harm."""
        if (
            self.consumer is None
            or self._committed == dict(committed)
            or (time.monotonic() < self._commit_at and not force)
        ):
            return
        self._commit_at = time.monotonic() + _COMMIT_EVERY_S
        offsets = {
            TopicPartition(p.topic, p.number): OffsetAndMetadata(offset, "", -1)
            for p, offset in committed.items()
            if TopicPartition(p.topic, p.number) in self._by_topic
        }
        try:
            self.consumer.commit_async(offsets)
            self._committed = dict(committed)
        except KafkaError as error:
            log.info("offsets not reported to the broker", error=str(error))

    def close(self) -> None:
        """Let go of the broker."""
        for client in (self.consumer, self.admin):
            if client is not None:
                client.close()
        self.consumer = self.admin = None
