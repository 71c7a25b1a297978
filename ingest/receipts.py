"""What a batch leaves behind besides events and contacts: quarantine, counts by site, Kafka positions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from ingest.arrow import insert_arrow
from ingest.decode import Decoded, Refusal
from models.settings import Settings


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One partition of one incarnation of a topic: a recreated topic has another id."""

    topic: str
    topic_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction makes durable.

    positions: next offset of each partition that was read. notices: what readers should know of the reading.
    """

    decoded: Decoded
    positions: Mapping[Partition, int]
    received_at: datetime
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did."""

    number: int
    accepted: int
    repeats: int
    refused: int


def write(
    connection: duckdb.DuckDBPyConnection, settings: Settings, batch: Batch, number: int, repeated: set[int]
) -> None:
    """Write the receipts of a batch within the caller's transaction. repeated: rows the store had already."""
    if batch.decoded.refusals:
        insert_arrow(connection, "private.refused", _refused(batch, number))
    _insert(connection, "private.batch_site", _by_site(settings, batch, number, repeated))
    positions = [(number, p.topic, p.topic_id, p.number, offset) for p, offset in batch.positions.items()]
    _insert(connection, "private.kafka_position", positions)


def _refused(batch: Batch, number: int) -> pa.Table:
    received = batch.received_at.replace(tzinfo=None)
    return pa.Table.from_pylist([_refused_row(refusal, received, number) for refusal in batch.decoded.refusals])


def _refused_row(refusal: Refusal, received_at: datetime, number: int) -> dict[str, Any]:
    return {
        "site": refusal.origin.site,
        "code": refusal.code,
        "reason": refusal.reason,
        "received_at": received_at,
        "message": refusal.message.value,
        "message_key": refusal.message.key,
        "kafka_topic": refusal.origin.topic,
        "kafka_topic_id": refusal.origin.topic_id,
        "kafka_partition": refusal.origin.partition,
        "kafka_offset": refusal.message.offset,
        "batch": number,
    }


def _by_site(settings: Settings, batch: Batch, number: int, repeated: set[int]) -> list[tuple[Any, ...]]:
    """Rows of private.batch_site: what came in from each site."""
    events = batch.decoded.events
    counts: dict[str, list[Any]] = {
        settings.site_of(partition.topic): [0, 0, 0, None, None, 0] for partition in batch.positions
    }
    grouped = events.group_by("site").aggregate([("event_id", "count"), ("occurred_at", "min"), ("occurred_at", "max")])
    known = _count_by_site(events, repeated)
    made = _count_by_site(events, (row for row in batch.decoded.simulated if row not in repeated))
    for row in grouped.to_pylist():
        site, repeats = row["site"], known.get(row["site"], 0)
        new, simulated = row["event_id_count"] - repeats, made.get(site, 0)
        counts[site] = [new, repeats, 0, row["occurred_at_min"], row["occurred_at_max"], simulated]
    for site, repeats in batch.decoded.repeats.items():
        counts[site][1] += repeats
    for refusal in batch.decoded.refusals:
        counts[refusal.origin.site][2] += 1
    now = settings.clock.now().replace(tzinfo=None)
    return [(number, site, now, *values) for site, values in counts.items() if any(values[:3])]


def _count_by_site(events: pa.Table, rows: Iterable[int]) -> dict[str, int]:
    sites: Any = events["site"].take(pa.array(rows, pa.int64()))
    return {count["values"]: count["counts"] for count in sites.value_counts().to_pylist()}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join(["(" + ", ".join("?" * len(rows[0])) + ")"] * len(rows))
        connection.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])
