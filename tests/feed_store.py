"""What a feed leaves in the store, by hand: events, receipts, refused messages, figures of weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tests.dashboard_store import Site, add_quarter_hours, add_sites, log

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

QUARTER = timedelta(minutes=15)
FIGURES = {
    "offered": 100,
    "answered": 90,
    "answered_in_target": 80,
    "abandoned": 8,
    "left_queue": 2,
    "left_menu": 0,
    "unknown_end": 0,
    "excluded": 1,
    "handled": 90,
    "answered_wait_s": 900.0,
    "abandoned_wait_s": 300.0,
    "handle_s": 27_000.0,
}


def naive(at: datetime) -> datetime:
    """UTC without its zone, as the store keeps it."""
    return at.replace(tzinfo=None)


def add_events(
    connection: duckdb.DuckDBPyConnection,
    site: str,
    moments: Iterable[datetime],
    delay_s: float = 0.5,
    simulated: bool = False,
) -> None:
    """Events that happened at these instants and came so much later, with the receipt of their batch."""
    happened = [naive(at) for at in moments]
    if not happened:
        return
    came = [at + timedelta(seconds=delay_s) for at in happened]
    row = connection.execute("select coalesce(max(batch), 0) + 1, count(*) from private.batch_site").fetchone()
    batch = row[0] if row else 1
    rows = pa.table({"occurred_at": happened, "received_at": came, "n": list(range(len(happened)))})
    connection.register("rows", rows)
    connection.execute(
        """
        insert into private.event by name
        select $1 as site, $2 || '-' || n as event_id, 'contact.offered' as type, 'c' || n as subject, occurred_at,
            received_at, '{}' as data, n::ubigint as content_hash, 'contacts.' || $1 as kafka_topic,
            0 as kafka_partition, n as kafka_offset, $2 as batch
        from rows
        """,
        [site, batch],
    )
    connection.unregister("rows")
    receive(
        connection,
        site,
        max(came),
        batch=batch,
        accepted=len(happened),
        messages=len(happened),
        first_occurred_at=min(happened),
        last_occurred_at=max(happened),
        simulated=len(happened) if simulated else 0,
    )


def receive(connection: duckdb.DuckDBPyConnection, site: str, committed_at: datetime, **counts: Any) -> None:
    """One row of private.batch_site."""
    values = {"batch": 0, "accepted": 0, "repeats": 0, "refused": 0} | counts
    insert(connection, "batch_site", site=site, committed_at=naive(committed_at), **values)


def add_position(
    connection: duckdb.DuckDBPyConnection,
    topic: str,
    messages_left: int,
    batch: int = 1,
    partition: int = 0,
    topic_id: str = "t",
) -> None:
    """Where ingest was in a partition after a batch."""
    insert(
        connection,
        "kafka_position",
        batch=batch,
        kafka_topic=topic,
        kafka_topic_id=topic_id,
        kafka_partition=partition,
        next_offset=batch,
        messages_left=messages_left,
    )


def add_refused(
    connection: duckdb.DuckDBPyConnection,
    site: str,
    offset: int,
    at: datetime,
    message: bytes | None = b"{",
    code: str = "not_json",
    reason: str = "expected a JSON document",
) -> None:
    """One refused message of partition 0."""
    insert(
        connection,
        "refused",
        site=site,
        code=code,
        reason=f"contacts.{site}[0]@{offset}: {reason}",
        received_at=naive(at),
        message=message,
        kafka_topic=f"contacts.{site}",
        kafka_topic_id="t",
        kafka_partition=0,
        kafka_offset=offset,
        batch=1,
    )


def settle(connection: duckdb.DuckDBPyConnection, offset: int, at: datetime, how: str) -> None:
    """Somebody has dealt with a refused message."""
    insert(
        connection,
        "refused_settled",
        kafka_topic_id="t",
        kafka_partition=0,
        kafka_offset=offset,
        settled_at=naive(at),
        how=how,
        batch=2,
    )


def record_week(
    connection: duckdb.DuckDBPyConnection, site: str, week_start: datetime, recorded_at: datetime, **figures: float
) -> None:
    """The figures of a closed week as they were known from an instant on."""
    insert(
        connection,
        "week_figures",
        site=site,
        week_start=week_start.date(),
        recorded_at=naive(recorded_at),
        **(FIGURES | figures),
    )


def add_hours(
    connection: duckdb.DuckDBPyConnection, site: str, weekdays: Iterable[int], opens: int, closes: int
) -> None:
    """Opening hours in minutes of the site's day; weekdays from 1 for Monday."""
    for weekday in weekdays:
        insert(
            connection, "opening_hours", site=site, weekday=weekday, opens_minute=opens * 60, closes_minute=closes * 60
        )


def insert(connection: duckdb.DuckDBPyConnection, table: str, **values: Any) -> None:
    """One row of a private table; columns left out have their defaults."""
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    connection.execute(f"insert into private.{table} ({names}) values ({marks})", list(values.values()))


def every(step: timedelta, start: datetime, end: datetime) -> list[datetime]:
    """Instants from start up to, not including, end."""
    return [start + step * n for n in range(max(0, -((start - end) // step)))]


def busy_days(site_opens: int, site_closes: int, now: datetime, days: int, step: timedelta) -> list[datetime]:
    """Instants on weekdays between two hours UTC of the days before now."""
    found: list[datetime] = []
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(days, -1, -1):
        day = midnight - timedelta(days=back)
        if day.weekday() < 5:
            found += every(step, day + timedelta(hours=site_opens), min(now, day + timedelta(hours=site_closes)))
    return found


def troubled(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Five sites, one in each state that a page must show well, and everything else there is to say."""
    sites = {
        "leeds": "Leeds", "berlin": "Berlin", "manila": "Manila (Northwind BPO)", "cape": "Cape Town",
        "krakow": "Kraków", "lima": "Lima",
    }  # fmt: skip
    add_sites(connection, [Site(site, name) for site, name in sites.items()])
    add_quarter_hours(connection, {(now - timedelta(days=60)).year, now.year})
    connection.execute("update private.site set system = 'amazon_connect' where site = 'manila'")
    day = every(timedelta(minutes=7), now - timedelta(days=40), now - timedelta(hours=1))
    hour = every(timedelta(seconds=11), now - timedelta(hours=1), now)
    add_events(connection, "leeds", [*day, *hour])
    silent = [at for at in day if not timedelta(days=2) < now - at < timedelta(days=2, hours=3)]
    add_events(connection, "berlin", [at for at in silent if at < now - timedelta(minutes=42)])
    add_events(connection, "manila", [at for at in [*day, *hour] if at < now - timedelta(minutes=9)], 500)
    add_events(connection, "cape", every(timedelta(minutes=7), now - timedelta(days=3), now - timedelta(days=2)))
    add_hours(connection, "cape", [((now - timedelta(days=3)).isoweekday())], 0, 24)
    add_events(connection, "krakow", [*day, *hour[::3]], -12)
    add_position(connection, "contacts.manila", 2140)
    add_position(connection, "contacts.leeds", 0)
    receive(connection, "leeds", now, repeats=14, out_of_order=3, silent=220, messages=4000)
    add_problems(connection, now)


def add_problems(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Refused messages, unmapped topics' list, changed weeks, and what ingest said."""
    for n in range(60):
        body = f'{{"specversion":"1.0","id":"e{n}","data":{{"customer_id":"+44 20 7946 {n:04d}","queue":"Billing"}}}}'
        add_refused(
            connection, "krakow", 4100 + n, now - timedelta(minutes=n), body.encode(),
            "invalid", f"data.wait_s: expected a number of seconds, got '{n} s'",
        )  # fmt: skip
    add_refused(connection, "leeds", 77, now - timedelta(hours=3), b'\xff\xfe{\x00"', "not_json", "expected UTF-8")
    settle(connection, 77, now - timedelta(hours=1), "replayed")
    receive(connection, "krakow", now, refused=60, messages=60)
    monday = (now - timedelta(days=now.weekday() + 14)).replace(hour=0, minute=0, second=0, microsecond=0)
    record_week(connection, "leeds", monday, monday + timedelta(days=7), answered=1932, offered=2010)
    record_week(connection, "leeds", monday, monday + timedelta(days=9), answered=1934, offered=2011, handle_s=27_300)
    log(connection, "waiting_for_broker", "no broker at localhost:9092: connection refused", now - timedelta(hours=2))
    log(connection, "consuming", "12 partitions of 6 topics", now - timedelta(minutes=110))
    log(connection, "notice", "contacts.lima was made anew: read from its beginning", now - timedelta(minutes=50))
