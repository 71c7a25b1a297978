"""What a batch leaves behind besides events and contacts: quarantine, counts by site, Kafka positions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from ingest.arrow import insert_arrow
from ingest.decoding.messages import Decoded, Refusal
from models.settings import Settings

_BY_PARAMETERS = 100


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One partition of one incarnation of a topic: a recreated topic has another id."""

    topic: str
    topic_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A quarantined message that has been dealt with. how: replayed, dismissed or reopened."""

    topic_id: str
    partition: int
    offset: int
    how: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction makes durable.

    positions: next offset of each partition that was read. notices: what readers should know of the reading.
    left: messages still in the broker, by partition. settled: quarantined messages this batch deals with.
    """

    decoded: Decoded
    positions: Mapping[Partition, int]
    received_at: datetime
    notices: tuple[str, ...] = ()
    left: Mapping[Partition, int] = field(default_factory=dict)
    settled: tuple[Settled, ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit did."""

    number: int
    accepted: int
    repeats: int
    refused: int


def write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    batch: Batch,
    number: int,
    repeated: set[int],
    out_of_order: Counter[str],
) -> None:
    """Write the receipts of a batch within the caller's transaction.

    repeated: rows the store had already. out_of_order: contacts that had a later event there, by site.
    """
    if batch.decoded.refusals:
        insert_arrow(connection, "private.refused", _refused(batch, number))
    now = settings.clock.now().replace(tzinfo=None)
    counts = _by_site(settings, batch, repeated, out_of_order)
    _insert(connection, "private.batch_site", [{"batch": number, "committed_at": now, **row} for row in counts])
    positions = [
        {
            "batch": number,
            "kafka_topic": p.topic,
            "kafka_topic_id": p.topic_id,
            "kafka_partition": p.number,
            "next_offset": offset,
            "messages_left": batch.left.get(p, 0),
        }
        for p, offset in batch.positions.items()
    ]
    _insert(connection, "private.kafka_position", positions)
    settled = [
        {
            "kafka_topic_id": message.topic_id,
            "kafka_partition": message.partition,
            "kafka_offset": message.offset,
            "settled_at": now,
            "how": message.how,
            "batch": number,
        }
        for message in batch.settled
    ]
    if len(settled) > _BY_PARAMETERS:
        insert_arrow(connection, "private.refused_settled", pa.Table.from_pylist(settled))
    else:
        _insert(connection, "private.refused_settled", settled)


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


def _by_site(settings: Settings, batch: Batch, repeated: set[int], out_of_order: Counter[str]) -> list[dict[str, Any]]:
    """What came in from each site."""
    decoded = batch.decoded
    events = decoded.events
    counts: dict[str, dict[str, Any]] = {settings.site_of(partition.topic): {} for partition in batch.positions}
    grouped = events.group_by("site").aggregate([("event_id", "count"), ("occurred_at", "min"), ("occurred_at", "max")])
    known = _count_by_site(events, list(repeated))
    simulated = decoded.simulated
    made = _count_by_site(events, [row for row in simulated if row not in repeated] if repeated else simulated)
    for row in grouped.to_pylist():
        site = row["site"]
        counts[site] = {
            "accepted": row["event_id_count"] - known.get(site, 0),
            "simulated": made.get(site, 0),
            "first_occurred_at": row["occurred_at_min"],
            "last_occurred_at": row["occurred_at_max"],
        }
    refused = Counter(refusal.origin.site for refusal in decoded.refusals)
    late = decoded.out_of_order + out_of_order
    for site in {*decoded.messages, *decoded.repeats, *refused, *counts}:
        row = {
            "site": site,
            "accepted": 0,
            "simulated": 0,
            "first_occurred_at": None,
            "last_occurred_at": None,
            "messages": decoded.messages[site],
            "silent": decoded.silent[site],
            "repeats": decoded.repeats[site] + known.get(site, 0),
            "refused": refused[site],
            "out_of_order": late[site],
        }
        counts[site] = row | counts.get(site, {})
    return [row for row in counts.values() if any(row[name] for name in ("accepted", "repeats", "refused", "messages"))]


def _count_by_site(events: pa.Table, rows: Sequence[int]) -> dict[str, int]:
    sites: Any = events["site"].take(pa.array(rows, pa.int64()))
    return {count["values"]: count["counts"] for count in sites.value_counts().to_pylist()}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        marks = ", ".join(["(" + ", ".join("?" * len(rows[0])) + ")"] * len(rows))
        values = [value for row in rows for value in row.values()]
        connection.execute(f"insert into {table} ({', '.join(rows[0])}) values {marks}", values)
