"""The store: migrations forward only, one writer, one transaction a batch, calendars that know every quarter-hour."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import duckdb
import pytest

from ingest.calendar import quarter_hours
from ingest.decoding.decoder import Decoder
from ingest.migrate import StoreError, migrate
from ingest.receipts import Batch, Partition
from ingest.store import Store
from models import schema
from models.settings import Settings
from tests.builders import T0, answered_call, event, records

HERE = Partition("contacts.north", "topic-1", 0)
NOW = T0 + timedelta(days=30)


def commit(store: Store, decoder: Decoder, events: list[dict[str, object]], start: int = 0) -> None:
    store.commit(Batch(decoder.decode(records(events, start=start), NOW), {HERE: start + len(events)}, NOW))


def test_migrations_are_recorded_once_each(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    Store.open(settings).close()
    store = Store.open(settings)
    recorded = store.connection.execute("select number, name from schema_migration order by number").fetchall()
    assert recorded == [(step.number, step.name) for step in schema.migrations()]
    store.close()


def test_a_store_newer_than_the_program_is_refused_and_left_alone(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    Store.open(settings).close()
    with duckdb.connect(settings.store_path) as db:
        db.execute("insert into schema_migration values (999, 'from_the_future', now())")
    with pytest.raises(StoreError, match=r"schema 999.*newer Backstop"):
        Store.open(settings)
    with duckdb.connect(settings.store_path) as db:
        assert db.execute("select max(number) from schema_migration").fetchone() == (999,)


def test_a_migration_that_fails_leaves_the_store_as_it_was(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings()
    Store.open(settings).close()
    steps = schema.migrations()
    broken = schema.Migration(len(steps) + 1, "broken", "create table private.half (i int); select * from nowhere;")
    monkeypatch.setattr(schema, "migrations", lambda: [*steps, broken])
    with duckdb.connect(settings.store_path) as db:
        with pytest.raises(duckdb.Error):
            migrate(db, settings.store_path)
        assert db.execute("select count(*) from duckdb_tables() where table_name = 'half'").fetchone() == (0,)
        assert db.execute("select max(number) from schema_migration").fetchone() == (len(steps),)


def test_a_second_writer_is_refused_with_the_reason(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    store = Store.open(settings)
    code = (
        "import sys; from models.settings import load_settings; from ingest.store import Store\n"
        "from ingest.migrate import StoreError\n"
        "try: Store.open(load_settings(data_dir=sys.argv[1]))\n"
        "except StoreError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.data_dir)], capture_output=True, text=True, timeout=60
    )
    assert "Only one ingest may write a store" in done.stdout, done.stderr
    store.close()


def test_a_reader_that_has_the_file_open_for_a_moment_only_delays_the_start(
    make_settings: Callable[..., Settings],
) -> None:
    settings = make_settings()
    Store.open(settings).close()
    code = (
        "import sys, time, duckdb; db = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print('open', flush=True); time.sleep(1.5)"
    )
    reader = subprocess.Popen([sys.executable, "-c", code, str(settings.store_path)], stdout=subprocess.PIPE)
    assert reader.stdout
    reader.stdout.readline()
    began = time.monotonic()
    Store.open(settings).close()
    assert time.monotonic() - began > 0.5
    reader.wait()


def test_the_file_is_readable_by_its_owner_only(store: Store) -> None:
    assert store.path.stat().st_mode & 0o077 == 0


def test_counts_by_site_tell_new_repeated_and_refused_apart(store: Store, decoder: Decoder) -> None:
    commit(store, decoder, answered_call("c1"))
    again = [*answered_call("c1"), *answered_call("c2"), event("answered", "c2", 15), event("held", hold_s=-1)]
    commit(store, decoder, again, 4)
    row = store.connection.execute("select events, repeats, refused from sites where site = 'north'").fetchone()
    assert row == (9, 4, 1)


def test_positions_survive_tidying_and_reopening(make_settings: Callable[..., Settings], decoder: Decoder) -> None:
    settings = make_settings()
    store = Store.open(settings)
    for start in range(0, 12, 4):
        commit(store, decoder, answered_call(f"c{start}"), start)
        commit(store, decoder, [event("wrapped_up", f"c{start}", 300)], start + 100)
    store.tidy(force=True)
    assert store.positions() == {HERE: 109}
    before = store.connection.execute("from contacts order by contact_id").fetchall()
    store.close()
    store = Store.open(settings)
    assert store.positions() == {HERE: 109}
    assert store.connection.execute("from contacts order by contact_id").fetchall() == before
    commit(store, decoder, [event("classified", "c0", 400, topic="refund")], 200)
    assert store.connection.execute("select topic from contacts where contact_id = 'c0'").fetchall() == [("refund",)]
    store.close()


def test_tidying_adds_up_the_counts_of_batches_and_changes_no_number(store: Store, decoder: Decoder) -> None:
    for n in range(6):
        commit(store, decoder, [event("offered", "c1", n), event("held", hold_s=-1), event("offered", "c1", n)], n * 3)
    before = store.connection.execute("from sites").fetchall()
    assert store.connection.execute("select count(*) from private.batch_site").fetchone() == (6,)
    assert store.tidy(force=True)
    assert store.connection.execute("from sites").fetchall() == before
    rows = store.connection.execute("select count(*) from private.batch_site").fetchall()[0][0]
    assert rows in (1, 2)  # Two when an hour ended meanwhile.


def test_readers_see_a_batch_whole_or_not_at_all(store: Store, decoder: Decoder) -> None:
    stop, seen = threading.Event(), set()

    def look() -> None:
        reader = store.connection.cursor()
        while not stop.is_set():
            query = "select (select count(*) from events), (select sum(next_offset) from private.kafka_position)"
            seen.add(reader.execute(query).fetchall()[0])

    looking = threading.Thread(target=look)
    looking.start()
    for n in range(5):
        commit(store, decoder, answered_call(f"c{n}"), n * 4)
    stop.set()
    looking.join()
    sums = {0: None, 4: 4, 8: 12, 12: 24, 16: 40, 20: 60}
    assert seen <= set(sums.items())


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("Europe/Berlin", date(2025, 3, 30), 92),
        ("Europe/Berlin", date(2025, 10, 26), 100),
        ("America/New_York", date(2025, 3, 9), 92),
        ("America/New_York", date(2025, 11, 2), 100),
        ("Asia/Kolkata", date(2025, 3, 30), 96),
        ("Asia/Kathmandu", date(2025, 10, 26), 96),
    ],
)
def test_a_local_day_has_as_many_quarter_hours_as_its_clocks_say(zone: str, day: date, count: int) -> None:
    days = quarter_hours(zone, 2025)["local_date"].to_pylist()
    assert days.count(day) == count


def test_weeks_start_on_monday_of_the_local_calendar() -> None:
    rows = quarter_hours("Asia/Kathmandu", 2025).to_pylist()
    (row,) = [row for row in rows if row["starts_at"] == datetime(2025, 6, 1, 18, 15)]
    assert (row["local_at"], row["week_start"]) == (datetime(2025, 6, 2), date(2025, 6, 2))
    assert all(row["week_start"].weekday() == 0 for row in rows)


def test_a_contact_belongs_to_the_week_of_the_reporting_zone(
    make_settings: Callable[..., Settings], decoder: Decoder
) -> None:
    for zone, week in (("UTC", date(2026, 2, 23)), ("Asia/Tokyo", date(2026, 3, 2))):
        settings = make_settings(data_dir=make_settings().data_dir / zone.replace("/", "-"), reporting_zone=zone)
        store = Store.open(settings)
        sunday_evening = -13 * 3600  # T0 is Monday 09:00 UTC.
        commit(store, decoder, answered_call("c1", sunday_evening))
        store.rollups.run("contacts")
        assert store.connection.execute("select week_start, offered from site_week").fetchall() == [(week, 1)]
        store.close()
