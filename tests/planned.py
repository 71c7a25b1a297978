"""Sums by quarter-hour as they might be kept, written straight into the store, and what planning makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from ingest.arrow import insert_arrow
from ingest.planning.plans import Plans
from ingest.store import Store
from models.forecast.slots import day_slots

Volumes = Callable[[date, int], int]
"""Contacts of a day by slot number."""


@dataclass(frozen=True)
class Line:
    """Contacts of one site and channel, and how they were dealt with."""

    volumes: Volumes
    site: str = "north"
    channel: str = "voice"
    aht_s: int = 300
    abandoned: int = 0
    wait_s: int = 10


def flat(count: int, first: int = 0, beyond: int = 96) -> Volumes:
    """The same in every slot from the first to before `beyond`, every day."""
    return lambda _, slot: count if first <= slot % 96 < beyond else 0


def keep(store: Store, lines: list[Line], since: date, now: datetime) -> None:
    """Make these the sums of every day from `since` on until now, as a run of the roll-up would."""
    zone = ZoneInfo(store.settings.reporting_zone)
    today = now.astimezone(zone).date()
    build = store.connection.execute("select coalesce(max(build), 0) + 1 from private.rolled_up").fetchall()[0][0]
    days = [since + timedelta(days=n) for n in range((today - since).days + 1)]
    rows: dict[str, list[dict[str, Any]]] = {"day": [], "today": []}
    for day in days:
        for line in lines:
            rows["today" if day == today else "day"] += _rows(line, day, zone, now, build)
    with store.transaction():
        for table, found in rows.items():
            if found:
                insert_arrow(store.connection, f"private.{table}_quarters", pa.Table.from_pylist(found))
        run = store.connection.execute
        run("insert into private.rolled_day select $1::bigint, 'quarters', unnest($2::date[])", [build, days[:-1]])
        (midnight,) = (slot.starts_at for slot in day_slots(today, zone)[:1])
        run(
            "insert into private.rolled_up values ($1, 'contacts', $2, 0, 0, $3, $4, $1, '')",
            [build, _utc(now), today, _utc(midnight)],
        )


def _rows(line: Line, day: date, zone: ZoneInfo, now: datetime, build: int) -> Iterator[dict[str, Any]]:
    for slot in day_slots(day, zone):
        count = line.volumes(day, slot.number)
        if count and slot.starts_at < now:
            yield {
                "build": build, "date": day, "starts_at": _utc(slot.starts_at), "site": line.site, "queue": "main",
                "channel": line.channel, "offered": count, "answered": count, "abandoned": line.abandoned,
                "answered_wait_ms": 1000 * line.wait_s * count,
                "abandoned_wait_ms": 1000 * line.wait_s * line.abandoned,
                "handled": count, "handle_ms": 1000 * line.aht_s * count,
            }  # fmt: skip


def plans(store: Store, **settings: Any) -> Plans:
    """Planning of a store, with other settings than it was opened with where given."""
    return Plans(store.connection.cursor(), store.settings.model_copy(update=settings))


def rows(store: Store, query: str, *bound: Any) -> list[Any]:
    """What a reader is answered."""
    return store.connection.execute(query, list(bound)).fetchall()


def kept(store: Store) -> Mapping[str, int]:
    """Rows of every table of planning."""
    tables = ("forecast_version", "forecast_slot", "plan_slot", "staffed_slot")
    return {table: rows(store, f"select count(*) from private.{table}")[0][0] for table in tables}


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
