"""A store whose clock stands still where a test puts it, and how its sums by day compare with the contacts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ingest.contacts import Contacts
from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.rollup.rollups import Rollups
from ingest.store import Store
from ingest.weeks import Weeks
from models.metrics.views import added
from models.rollups import MIXED, ROLLUPS, WEEK
from tests.builders import KEY, records

Event = dict[str, Any]

SPAN = "timestamp '1995-01-01', timestamp '2100-01-01'"
"""Everything there may be, as a scan is asked for it."""
_KEPT = ("setting", "quarter_hour", "site", "opening_hours", "topic", "topic_code", "contract", "charge_rule")
_offsets = itertools.count(step=1_000_000)
_decoder = Decoder(KEY, 3600, 1_000_000)


def standing_at(now: datetime) -> dict[str, Any]:
    """Settings of a clock that stands still: a year of the wall moves it by less than a microsecond."""
    return {"clock_since": datetime(2026, 1, 1, tzinfo=UTC), "clock_shows": now, "clock_speed": 1e-14}


def commit(store: Store, events: Iterable[Event]) -> None:
    """One batch of events, each of the site its source names."""
    now, start = store.settings.clock.now(), next(_offsets)
    sites: dict[str, list[Event | bytes | None]] = {}
    for body in events:
        sites.setdefault(body["source"], []).append(body)
    messages = [origin for site, bodies in sites.items() for origin in records(bodies, site, start=start)]
    decoded = _decoder.decode(messages, now)
    assert not decoded.refusals, decoded.refusals[:3]
    ends = {Partition(f"contacts.{site}", "topic-1", 0): start + len(bodies) for site, bodies in sites.items()}
    store.commit(Batch(decoded, ends, now))


def roll_up(store: Store) -> None:
    """Both kinds of runs."""
    store.rollups.run_all()


def move_clock(store: Store, now: datetime) -> None:
    """Put the clock elsewhere, as starting again with other settings does."""
    with store.transaction():
        store.settings = store.settings.model_copy(update=standing_at(now))
        store._write_settings()


def empty(store: Store) -> Store:
    """As it was when it was made."""
    run = store.connection.execute
    tables = run("select table_name from duckdb_tables() where schema_name = 'private'").fetchall()
    with store.transaction():
        for (table,) in tables:
            if table not in _KEPT:
                run(f"delete from private.{table}")
    store._contacts = Contacts(store.connection)
    store._weeks = Weeks(store.connection, store.settings.reporting_zone)
    store.rollups = Rollups(store.connection, store.settings)
    store._batch = store._replaced = 0
    return store


def differences(store: Store) -> dict[str, list[Any]]:
    """Rows in which the sums that are kept differ from what the contacts say now, by roll-up; none when all is well."""
    found: dict[str, list[Any]] = {}
    for rollup in ROLLUPS:
        columns = [row[0] for row in store.connection.execute(f"describe day_{rollup.name}").fetchall()]
        kept, said = (
            Counter(store.connection.execute(f"select {', '.join(columns)} from {source}").fetchall())
            for source in (f"day_{rollup.name}", f"scan_{rollup.name}({SPAN})")
        )
        if kept != said:
            found[rollup.name] = [
                *(("kept", dict(zip(columns, row, strict=True))) for row in kept - said),
                *(("said", dict(zip(columns, row, strict=True))) for row in said - kept),
            ]
    if wrong := weeks_differing(store):
        found["weeks"] = wrong
    return found


def weeks_differing(store: Store) -> list[Any]:
    """Rows in which sums by week differ from those of their days, whatever was added up so far."""
    columns = [row[0] for row in store.connection.execute("describe week_sums").fetchall()]
    added_up = ", ".join(f"{added(name)} as {name}" for name in columns if name not in ("week_start", *MIXED))
    kept, said = (
        Counter(
            store.connection.execute(
                f"select {week} as week_start, {', '.join(MIXED)}, {added_up} from {source} group by all"
            ).fetchall()
        )
        for week, source in (("week_start", "week_sums"), (WEEK, "day_sums"))
    )
    return [*(("kept", row) for row in kept - said), *(("said", row) for row in said - kept)]
