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
from kafka.structs import TopicPartition

from ingest.decoding.messages import Message


def use_lean_unpacking(consumer: Any) -> None:
    """Have this consumer return `Message` objects from poll."""
    consumer._fetcher.PartitionRecords = LeanPartitionRecords


def messages_of(batch: Any) -> Iterator[Message]:
    """The messages of one record batch (magic 2). Raises CorruptRecordError."""
    batch._maybe_uncompress()
    buffer, pos, base = bytes(batch._buffer), batch._pos, batch.base_offset
    whole, new = len(buffer), tuple.__new__
    try:
        for _ in range(batch.records_count):
            # Variable-length integers of one or two bytes are read in place: a call for each would double the time.
            number = buffer[pos]
            pos += 1
            if number > 0x7F:
                if (more := buffer[pos]) < 0x80:
                    number = number & 0x7F | more << 7
                    pos += 1
                else:
                    number, pos = _longer(buffer, pos, number)
            end = pos + (number >> 1 ^ -(number & 1))
            pos += 1  # Attributes: one byte, unused.
            while buffer[pos] > 0x7F:  # The time of the message is not needed.
                pos += 1
            pos += 1
            delta = buffer[pos]
            pos += 1
            if delta > 0x7F:
                if (more := buffer[pos]) < 0x80:
                    delta = delta & 0x7F | more << 7
                    pos += 1
                else:
                    delta, pos = _longer(buffer, pos, delta)
            number = buffer[pos]
            pos += 1
            if number > 0x7F:
                number, pos = _longer(buffer, pos, number)
            key = None
            if not number & 1:  # Odd are the negative ones: no key.
                start = pos
                pos += number >> 1
                key = buffer[start:pos]
            number = buffer[pos]
            pos += 1
            if number > 0x7F:
                if (more := buffer[pos]) < 0x80:
                    number = number & 0x7F | more << 7
                    pos += 1
                else:
                    number, pos = _longer(buffer, pos, number)
            value = None
            if not number & 1:
                start = pos
                pos += number >> 1
                value = buffer[start:pos]
            if pos > end or end > whole:
                raise CorruptRecordError(f"record {base + (delta >> 1)} does not fit its length")
            pos = end  # Headers, if any, are not needed.
            yield new(Message, (base + (delta >> 1 ^ -(delta & 1)), key, value))
    except IndexError as error:
        raise CorruptRecordError(f"record batch at {base} ends within a record") from error
    if pos != whole:
        raise CorruptRecordError(f"{whole - pos} bytes after the last record of the batch at {base}")


def _longer(buffer: bytes, pos: int, number: int) -> tuple[int, int]:
    """The rest of a variable-length integer whose first byte was `number`, still in zigzag; the place after it."""
    number &= 0x7F
    shift = 7
    while True:
        byte = buffer[pos]
        pos += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, pos
        shift += 7
        if shift > 63:
            raise CorruptRecordError("a variable-length integer of more than nine bytes")


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
