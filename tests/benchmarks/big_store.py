"""A store of a year of a company's contacts, written straight into the tables and rolled up, for benchmarks of reading.

    uv run python -m tests.benchmarks.big_store [--contacts 10000000] [--into DIR] [--seed 7] [--event-days 9]

Ten sites (three of the company's own, seven of five providers), ten topics, four queues, four channels, three
languages; contracts of every kind and in-house cost; hours, weekdays, a season and drift; agents in teams; customers
who come again; surveys, evaluations, agents'
states, chat messages, campaigns, abandonment, transfers. The year ends now. Raw events are there for the last days
only, as if retention had removed the others; what is derived of them is there for all days. The same seed and end give
the same store. DIR gets the store,
`backstop.toml` with its settings and `made.json` with what was made and how long that took.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest import calendar
from ingest.arrow import arrow_rows
from ingest.costing.months import Months, run_all
from ingest.rollup.changed import KINDS
from ingest.store import Store
from tests.benchmarks import big_facts, big_world
from tests.benchmarks.common import SEED, machine

_SPAN = timedelta(days=28)


def make(store: Store, contacts: int, now: datetime, seed: int = SEED, event_days: float = 9, days: int = 365) -> None:
    """Write the facts of so many days before now (UTC, without a zone) into a new store."""
    run = store.connection.execute
    since = now - timedelta(days=days)
    with store.transaction():
        years = {since.year, now.year} | {(since - timedelta(days=8)).year}
        calendar.extend(store.connection, {big_world.ZONE}, years, calendar.known_years(store.connection))
    for statement in big_facts.MACROS.format(seed=seed).split(";"):
        run(statement)
    run(big_facts.BATCH_OF.format(since=since))
    with arrow_rows(store.connection, _places(min(1, contacts / days * 365 / 1_000_000))) as places:
        run(f"create or replace temp table place as from {places}")
    bound: dict[str, Any] = {"now": now, "since": since}
    run(big_facts.DEMAND, bound | {"contacts": contacts})
    from_at, after = since, 0
    while from_at < now:
        told = {"now": now, "contacts": contacts, "topics": list(big_world.TOPICS)}
        span = {"from_at": from_at - timedelta(minutes=15) if from_at == since else from_at, "to_at": from_at + _SPAN}
        with store.transaction():
            run(big_facts.CONTACTS, told | span)
            run(big_facts.CHAT_MESSAGES, {"after": after})
            run(big_facts.AGENT_CHANGES, {"after": after, "teams": big_world.TEAMS})
            run(big_facts.SURVEYS, {"after": after, "now": now})
            run(big_facts.EVALUATIONS, {"after": after, "now": now})
        after = _one(store, "select coalesce(max(version), 0) from private.contact_version")
        from_at += _SPAN
    with store.transaction():
        run(big_facts.SHIFTS, bound | {"teams": big_world.TEAMS})
        run(big_facts.BATCHES, {"now": now})
        run(big_facts.EVENTS, {"events_since": now - timedelta(days=event_days)})
        run(big_facts.MARK, {"now": now})
    run("drop table temp.demand")
    run("drop table temp.place")


def _places(size: float) -> pa.Table:
    """size: 1 for a company of full size; a smaller one has fewer agents."""
    places = big_world.PLACES
    return pa.table(
        {
            "site_no": list(range(1, len(places) + 1)),
            "site": [place.site for place in places],
            "agents": [max(big_world.TEAMS, round(place.agents * size)) for place in places],
            "share": [place.share for place in places],
            "wait": [place.wait for place in places],
            "drift": [place.drift for place in places],
        }
    )


def _one(store: Store, query: str) -> int:
    return int(store.connection.execute(query).fetchall()[0][0])


def sizes(store: Store) -> dict[str, int]:
    """Rows of every private table."""
    rows = store.connection.execute(
        "select table_name, estimated_size from duckdb_tables() where schema_name = 'private' order by 2 desc"
    ).fetchall()
    return {name: int(count) for name, count in rows if count}


def build(into: Path, contacts: int, seed: int = SEED, event_days: float = 9) -> Mapping[str, Any]:
    """A new store in a folder, rolled up, with its settings and what was measured beside it."""
    now = datetime.now(UTC).replace(microsecond=0)
    into.mkdir(parents=True, exist_ok=True)
    if (into / "backstop.duckdb").exists():
        raise SystemExit(f"{into} already holds a store")
    (into / "backstop.toml").write_text(big_world.as_toml(now), "utf-8")
    seconds: dict[str, float] = {}
    began = time.monotonic()

    def done(what: str) -> None:
        nonlocal began
        seconds[what] = round(time.monotonic() - began, 1)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{what:22} {seconds[what]:8.1f} s  peak so far {peak:7,.0f} MiB", flush=True)
        began = time.monotonic()

    big_world.write_terms(into / "terms")
    store = Store.open(big_world.settings(into, memory_limit="2500MB", store_threads=2, terms_dir=into / "terms"))
    try:
        make(store, contacts, now.replace(tzinfo=None), seed, event_days)
        done("facts")
        store.connection.execute("checkpoint")
        done("checkpoint")
        days = {kind: store.rollups.run(kind).days for kind in KINDS}
        done("roll-ups")
        store.record_weeks()
        done("figures of weeks")
        run_all(Months(store.connection.cursor(), store.settings, store.documents))
        done("costs of months")
        rows = sizes(store)
    finally:
        store.close()
    done("close")
    told = {
        "contacts": contacts,
        "seed": seed,
        "now": now.isoformat(),
        "event_days": event_days,
        "seconds": seconds,
        "builds_of_days": days,
        "rows": rows,
        "file_mib": round((into / "backstop.duckdb").stat().st_size / 2**20),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    (into / "made.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    return told


def main() -> None:
    """Make it and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--into", type=Path, default=Path("/tmp/big/store"))  # noqa: S108
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--event-days", type=float, default=9)
    options = parser.parse_args()
    print(machine())
    told = build(options.into, options.contacts, options.seed, options.event_days)
    for name, count in told["rows"].items():
        print(f"  {name:22} {count:14,}")
    print(f"file {told['file_mib']:,} MiB, peak memory {told['peak_mib']:,} MiB")


if __name__ == "__main__":
    main()
