"""Reads Kafka record batches into offset, key and value only.

The client makes an object with fourteen attributes for every message, which costs more than decoding it.
This stands in for that one step (kafka-python is pinned; `tests/test_unpack.py` compares the two) and leaves
fetching, checksums, compression and the filtering of aborted transactions to the client's own code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError
from kafka.protocol.consumer import IsolationLevel
from kafka.record.util import decode_varint
from kafka.structs import TopicPartition

from ingest.decode import Message


def use_lean_unpacking(consumer: Any) -> None:
    """Have this consumer return `Message` objects from poll."""
    consumer._fetcher.PartitionRecords = LeanPartitionRecords


def messages_of(batch: Any) -> Iterator[Message]:
    """The messages of one record batch (magic 2). Raises CorruptRecordError."""
    batch._maybe_uncompress()
    buffer, pos, base = bytes(batch._buffer), batch._pos, batch.base_offset
    try:
        for _ in range(batch.records_count):
            length, pos = decode_varint(buffer, pos)
            end = pos + length
            pos += 1  # Attributes: one byte, unused.
            while buffer[pos] & 0x80:  # The time of the message is not needed.
                pos += 1
            pos += 1
            delta, pos = decode_varint(buffer, pos)
            size, pos = decode_varint(buffer, pos)
            key = None
            if size >= 0:
                key = buffer[pos : pos + size]
                pos += size
            size, pos = decode_varint(buffer, pos)
            value = None
            if size >= 0:
                value = buffer[pos : pos + size]
                pos += size
            if pos > end or end > len(buffer):
                raise CorruptRecordError(f"record {base + delta} does not fit its length")
            pos = end  # Headers, if any, are not needed.
            yield Message(base + delta, key, value)
    except IndexError as error:
        raise CorruptRecordError(f"record batch at {base} ends within a record") from error
    if pos != len(buffer):
        raise CorruptRecordError(f"{len(buffer) - pos} bytes after the last record of the batch at {base}")


class LeanPartitionRecords(Fetcher.PartitionRecords):  # type: ignore[misc]
    """What the client keeps of a fetched partition, with messages unpacked leanly."""

    def _unpack_records(
        self, tp: TopicPartition, records: Any, key_deserializer: Any, value_deserializer: Any
    ) -> Iterator[Message]:
        del tp, key_deserializer, value_deserializer
        last = None
        while (batch := records.next_batch()) is not None:
            last = batch
            if self.check_crcs and not batch.validate_crc():
                raise CorruptRecordError(
                    f"record batch of {self.topic_partition} at offset {batch.base_offset} fails its checksum"
                )
            if batch.magic == 2 and self._is_left_out(batch):
                self.next_fetch_offset = batch.next_offset
                continue
            found = messages_of(batch) if batch.magic == 2 else _old_messages(batch)
            for message in found:
                self.next_fetch_offset = message.offset + 1
                yield message
            self.records_read += batch.records_count if batch.magic == 2 else 1
            self.bytes_read += batch.size_in_bytes if batch.magic == 2 else 0
        if last is not None and last.magic == 2:
            # Compaction may have removed the last records of the batch.
            self.next_fetch_offset = last.next_offset
        self.drain()

    def _is_left_out(self, batch: Any) -> bool:
        """Control batches, and batches of transactions that were aborted."""
        self.leader_epoch = batch.leader_epoch
        if self.isolation_level == IsolationLevel.READ_COMMITTED and batch.has_producer_id():
            self._consume_aborted_transactions_up_to(batch.last_offset)
            if self._contains_abort_marker(batch):
                self.aborted_producer_ids.discard(batch.producer_id)
            elif self._is_batch_aborted(batch):
                return True
        return bool(batch.is_control_batch)


def _old_messages(batch: Any) -> Iterator[Message]:
    """Formats before Kafka 0.11, as the client reads them."""
    for record in batch:
        yield Message(record.offset, record.key, record.value)
