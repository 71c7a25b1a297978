"""Lean unpacking reads the same offsets, keys and values as the Kafka client's own code."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import CorruptRecordError
from kafka.record import MemoryRecords
from kafka.record.memory_records import MemoryRecordsBuilder

from ingest.broker import EmbeddedBroker
from ingest.decoding.messages import Message
from ingest.kafka import ensure_topic
from ingest.unpack import messages_of, use_lean_unpacking

blobs = st.one_of(st.none(), st.binary(max_size=200), st.just(b"x" * 70_000))
headers = st.lists(st.tuples(st.text(min_size=1, max_size=5), st.binary(max_size=5)), max_size=2)


def batch_of(rows: list[tuple[Any, Any, Any]], compression: int) -> bytes:
    builder = MemoryRecordsBuilder(2, compression, 10_000_000)
    for n, (key, value, extra) in enumerate(rows):
        builder.append(timestamp=1_700_000_000_000 + n * 77_777, key=key, value=value, headers=extra)
    builder.close()
    return bytes(builder.buffer())


@given(st.lists(st.tuples(blobs, blobs, headers), min_size=1, max_size=8), st.sampled_from([0, 1]))
def test_a_batch_is_read_as_the_client_reads_it(rows: list[tuple[Any, Any, Any]], compression: int) -> None:
    raw = batch_of(rows, compression)
    lean, own = MemoryRecords(raw).next_batch(), MemoryRecords(raw).next_batch()
    assert list(messages_of(lean)) == [Message(r.offset, r.key, r.value) for r in own]


@given(st.binary(min_size=1, max_size=60), st.integers(1, 5))
def test_a_damaged_batch_is_an_error_and_nothing_worse(junk: bytes, count: int) -> None:
    batch = MemoryRecords(batch_of([(b"k", b"v", [])] * count, 0)).next_batch()
    batch._buffer = batch._buffer[: batch._pos] + junk
    try:
        list(messages_of(batch))
    except (CorruptRecordError, ValueError):
        return
    assert len(junk) >= 6 * count


def test_a_topic_is_read_the_same_way_by_a_consumer_with_and_without(broker: EmbeddedBroker) -> None:
    topic = f"unpack-{uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    ensure_topic(admin, topic, 2)
    admin.close()
    producer = KafkaProducer(bootstrap_servers=broker.address, linger_ms=20)
    chosen = random.Random(1)
    for n in range(2_000):
        value = None if n % 97 == 0 else chosen.randbytes(chosen.randint(0, 600))
        producer.send(topic, value, key=str(n % 50).encode(), headers=[("a", b"1")] if n % 3 else [])
    producer.flush()
    producer.close()

    def read(lean: bool) -> list[Any]:
        consumer = KafkaConsumer(bootstrap_servers=broker.address, enable_auto_commit=False)
        if lean:
            use_lean_unpacking(consumer)
        partitions = [TopicPartition(topic, n) for n in range(2)]
        consumer.assign(partitions)
        consumer.seek(partitions[0], 17)
        consumer.seek(partitions[1], 0)
        found: list[Any] = []
        while len(found) < 1_983:
            for address, batch in consumer.poll(timeout_ms=1000, max_records=150).items():
                found += [(address.partition, m.offset, m.key, m.value) for m in batch]
        positions = [consumer.position(p) for p in partitions]
        consumer.close()
        return [*sorted(found), positions]

    assert read(lean=True) == read(lean=False)


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_batch_cut_short_is_an_error(cut: int) -> None:
    batch = MemoryRecords(batch_of([(b"k", b"v" * 50, [])], 0)).next_batch()
    batch._buffer = batch._buffer[:-cut]
    with pytest.raises(CorruptRecordError):
        list(messages_of(batch))
