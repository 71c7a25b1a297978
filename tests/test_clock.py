"""One clock for everybody: the wall's, or a demonstration's that runs ahead, the same in Python and in SQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dashboard import queries
from dashboard.live import questions as live
from dashboard.store import State, open_store
from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.serving import serve
from ingest.store import Store
from models.clock import Clock
from models.settings import Settings, SettingsError, load_settings
from tests.builders import KEY, event, records

ROOT = Path(__file__).parent.parent
HERE = Partition("contacts.north", "topic-1", 0)
SLACK = timedelta(milliseconds=1)
Make = Callable[..., Settings]

instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
speeds = st.one_of(st.sampled_from([0.5, 1.0, 60.0, 1000.0]), st.floats(0.01, 1000))


def fast(make_settings: Make, speed: float = 60, ahead: timedelta = timedelta(hours=10), **more: Any) -> Settings:
    """Settings whose clock is ahead of the wall's by now."""
    since = datetime.now(UTC) - ahead / (speed - 1)
    return make_settings(clock_speed=speed, clock_since=since, **more)


def commit(store: Store, settings: Settings, *events: dict[str, Any]) -> None:
    received_at = settings.clock.now()
    decoded = Decoder(KEY, settings.future_tolerance_s, 1_000_000).decode(records(events), received_at)
    assert not decoded.refusals
    store.commit(Batch(decoded, {HERE: len(events)}, received_at))


def one(store: Store, query: str) -> Any:
    return store.connection.execute(query).fetchall()[0][0]


@given(instants, instants, speeds, st.none() | instants)
def test_the_clock_runs_at_real_speed_until_it_starts_and_then_so_many_times_as_fast(
    wall: datetime, since: datetime, speed: float, shows: datetime | None
) -> None:
    clock = Clock(speed, since, shows)
    start = shows or since
    assert clock.at(since) == start
    if wall <= since:
        assert clock.at(wall) - start == wall - since
    else:
        assert abs((clock.at(wall) - start) - (wall - since) * speed) < SLACK
    assert clock.at(wall) <= clock.at(wall + timedelta(seconds=1))
    assert clock.at(wall).utcoffset() == timedelta()
    assert Clock().at(wall) == Clock(1, since).at(wall) == wall


@examples(deadline=None)
@given(instants, instants, speeds, st.none() | instants)
def test_the_stores_clock_is_the_same_clock(
    wall: datetime, since: datetime, speed: float, shows: datetime | None
) -> None:
    macro = (ROOT / "models/sql/macros/present.sql").read_text("utf-8")
    now = "now() at time zone 'UTC'"
    assert macro.count(now) == 1
    with duckdb.connect() as db:
        db.execute("create schema private; create table private.setting (name varchar, value varchar)")
        values = [("clock_speed", str(speed)), ("clock_since", str(since.replace(tzinfo=None)))]
        values += [("clock_shows", str(shows.replace(tzinfo=None)))] if shows else []
        db.executemany("insert into private.setting values (?, ?)", values)
        db.execute(macro.replace(now, f"timestamp '{wall.replace(tzinfo=None)}'"))
        ((shown,),) = db.execute("select present()").fetchall()
    assert abs(shown.replace(tzinfo=UTC) - Clock(speed, since, shows).at(wall)) < SLACK


def test_without_settings_of_its_own_the_present_is_now_to_the_microsecond(make_settings: Make) -> None:
    for settings in (make_settings(), make_settings(clock_since=datetime(2026, 3, 1, tzinfo=UTC))):
        store = Store.open(settings)
        assert one(store, "select present() = now() at time zone 'UTC'")
        store.connection.execute("delete from private.setting")
        assert one(store, "select present() = now() at time zone 'UTC'")
        store.close()


def test_a_speed_without_a_start_is_refused_naming_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTOP_CLOCK_SPEED", "60")
    monkeypatch.setenv("BACKSTOP_ANALYST_TOKEN", "a-secret-of-enough-letters")
    with pytest.raises(SettingsError, match=r"clock_speed.* needs clock_since") as refused:
        load_settings()
    assert "a-secret" not in str(refused.value) + str(refused.value.__cause__)
    monkeypatch.setenv("BACKSTOP_CLOCK_SINCE", "2026-03-01T09:30:00+01:00")
    assert load_settings().clock == Clock(60, datetime(2026, 3, 1, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("speed", "since", "named"),
    [
        (0, None, "clock_speed"),
        (1001, datetime(2026, 3, 1, tzinfo=UTC), "clock_speed"),
        (float("nan"), datetime(2026, 3, 1, tzinfo=UTC), "clock_speed"),
        (60, datetime(2026, 3, 1), "clock_since"),
        (1000, datetime(1990, 3, 1, tzinfo=UTC), "clock_since"),
    ],
)
def test_a_clock_that_cannot_run_is_refused(speed: float, since: datetime | None, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load_settings(clock_speed=speed, clock_since=since)


def test_what_happens_on_a_fast_clock_is_neither_refused_nor_ahead_of_it(make_settings: Make) -> None:
    settings = fast(make_settings, ahead=timedelta(days=3))
    store = Store.open(settings)
    at = settings.clock.now() - timedelta(seconds=90)
    commit(store, settings, event("offered") | {"time": at.isoformat()})
    store.note("consuming", "")
    for query in (
        "select received_at from events",
        "select last_received_at from sites",
        "select since from ingest_status",
    ):
        assert at.replace(tzinfo=None) < one(store, query) <= one(store, "select present()")
    assert 90 <= one(store, "select longest_wait_s from queue_now") < 90 + 60 * 30
    assert one(store, "select offered from site_today") == 1
    assert one(store, "select clock_speed from ingest_status") == 60
    store.close()


def test_today_is_the_day_of_the_clock_in_the_reporting_zone_whatever_year_it_has_come_to(make_settings: Make) -> None:
    settings = fast(make_settings, 1000, timedelta(days=2000), reporting_zone="Pacific/Kiritimati")
    store = Store.open(settings)
    now = settings.clock.now()
    assert one(store, f"select count(*) > 0 from private.quarter_hour where year(starts_at) = {now.year}")
    commit(store, settings, event("offered") | {"time": now.isoformat()})
    assert one(store, "select offered from site_today") == 1
    store.close()


def test_a_store_reopened_on_the_walls_clock_is_on_the_walls_clock(make_settings: Make) -> None:
    Store.open(fast(make_settings)).close()
    store = Store.open(make_settings())
    assert one(store, "select present() = now() at time zone 'UTC'")
    store.close()


def test_the_pages_ask_the_same_clock_when_served_and_from_the_file(make_settings: Make) -> None:
    settings = fast(make_settings, sites={"north": {"name": "North"}})
    assert settings.dashboard_token
    token = settings.dashboard_token.get_secret_value()
    store = Store.open(settings)
    store.note("consuming", "")
    served = serve(store.connection, host="localhost", port=0, tokens={"dashboard": token}, memory_limit="500MB")
    pages = open_store(settings.model_copy(update={"store_port": served.port}))
    questions = {"status": queries.STATUS, "sites": live.SITES, "queues": "from queue_now"}
    for state in (State.LIVE, State.STOPPED):
        before = settings.clock.now()
        reply = pages.ask(questions)
        assert reply.state is state, reply.tried
        now = queries.status(reply)
        assert before - SLACK <= now.asked_at <= settings.clock.now() + SLACK
        assert now.clock_speed == 60
        if state is State.LIVE:
            served.stop()
            store.close()


def test_nothing_else_asks_the_wall() -> None:
    """A second clock in one place and demonstrations lie there. The simulator alone sees both: it drives the clock."""
    allowed = {"models/clock.py", "ingest/migrate.py", "models/sql/macros/present.sql"}
    asking = re.compile(
        r"datetime\.now\(|utcnow\(|date\.today\(|\btime\.time\(|(?<![\w.])now\(\)|current_(date|timestamp)"
    )
    found = {
        str(path.relative_to(ROOT))
        for package in ("models", "ingest", "dashboard")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".sql")
        and "simulator" not in path.parts
        and asking.search(re.sub(r"--.*|#.*", "", path.read_text("utf-8")))
    }
    assert found == allowed
