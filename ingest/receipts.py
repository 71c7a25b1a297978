"""What a batch leaves behind besides events and contacts: quarantine, counts by site, Kafka positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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


def write(connection: duckdb.DuckDBPyConnection, settings: Settings, batch: Batch, number: int, accepted: int) -> None:
    """Write the receipts of a batch within the caller's transaction. accepted: events that were new."""
    if batch.decoded.refusals:
        insert_arrow(connection, "private.refused", _refused(batch, number))
    _insert(connection, "private.batch_site", _by_site(connection, settings, batch, number, accepted))
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


def _by_site(
    connection: duckdb.DuckDBPyConnection, settings: Settings, batch: Batch, number: int, accepted: int
) -> list[tuple[Any, ...]]:
    """Rows of private.batch_site: what came in from each site."""
    events = batch.decoded.events
    counts: dict[str, list[Any]] = {
        settings.site_of(partition.topic): [0, 0, 0, None, None] for partition in batch.positions
    }
    grouped = events.group_by("site").aggregate([("event_id", "count"), ("occurred_at", "min"), ("occurred_at", "max")])
    rows = grouped.to_pylist()
    fresh = {row["site"]: row["event_id_count"] for row in rows}
    if accepted != len(events):
        fresh = dict(
            connection.execute(
                "select site, count(*) from private.event where batch = ? group by site", [number]
            ).fetchall()
        )
    for row in rows:
        site, new = row["site"], fresh.get(row["site"], 0)
        repeats = row["event_id_count"] - new
        counts[site] = [new, repeats, 0, row["occurred_at_min"], row["occurred_at_max"]]
    for site, repeats in batch.decoded.repeats.items():
        counts[site][1] += repeats
    for refusal in batch.decoded.refusals:
        counts[refusal.origin.site][2] += 1
    now = datetime.now(UTC).replace(tzinfo=None)
    return [(number, site, now, *values) for site, values in counts.items() if any(values[:3])]


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join(["(" + ", ".join("?" * len(rows[0])) + ")"] * len(rows))
        connection.execute(f"insert into {table} values {marks}", [value for row in rows for value in row])
