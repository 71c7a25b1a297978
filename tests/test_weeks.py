"""What weeks amounted to when they ended is kept, and so is every change since."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from models.settings import Settings
from tests.builders import T0, answered_call, event, records

HERE = Partition("contacts.north", "topic-1", 0)
MONDAY = date(2026, 3, 2)
WEEK_LATER = T0 + timedelta(days=8)

Made = Callable[..., Settings]


@pytest.fixture
def opened(make_settings: Made, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A store whose clock shows the given instant; recording never waits."""
    monkeypatch.setattr("ingest.weeks.SETTLED_S", 0.0)
    stores: list[Store] = []

    def open_at(now: datetime, **settings: Any) -> Store:
        clock = {"clock_since": datetime.now(UTC), "clock_shows": now}
        stores.append(Store.open(make_settings(**clock, **settings)))
        # As soon as ingest runs there are sums by day, and little is left to add to them.
        stores[-1].rollups.run("contacts")
        return stores[-1]

    yield open_at
    for store in stores:
        store.connection.close()


def commit(store: Store, events: list[dict[str, Any]], start: int = 0) -> None:
    now = store.settings.clock.now()
    decoded = Decoder("k" * 32, 3600, 1_000_000).decode(records(events, start=start), now)
    assert not decoded.refusals
    store.commit(Batch(decoded, {HERE: start + len(events)}, now))


def figures(store: Store) -> list[tuple[Any, ...]]:
    return store.connection.execute(
        "select site, week_start, offered, answered, abandoned, handle_s from private.week_figures order by recorded_at"
    ).fetchall()


def test_a_week_that_has_ended_is_recorded_once(opened: Any) -> None:
    store = opened(WEEK_LATER)
    commit(store, answered_call())
    assert store.record_weeks()
    first = figures(store)
    assert [row[:5] for row in first] == [("north", MONDAY, 1, 1, 0)]
    assert not store.record_weeks()
    commit(store, answered_call(), 4)  # Repeats change nothing.
    store.record_weeks()
    assert figures(store) == first


def test_the_running_week_is_not_recorded(opened: Any) -> None:
    store = opened(T0 + timedelta(hours=5))
    commit(store, answered_call())
    store.record_weeks()
    assert figures(store) == []


def test_a_late_event_lands_in_its_week_and_the_change_is_recorded_beside_what_was(opened: Any) -> None:
    store = opened(WEEK_LATER)
    commit(store, [event("offered"), *answered_call("c2", 600)])
    store.record_weeks()
    commit(store, [event("abandoned", after_s=30)], 5)
    assert store.record_weeks()
    assert [row[2:5] for row in figures(store)] == [(2, 1, 0), (2, 1, 1)]


def test_a_contact_that_moves_out_of_a_week_leaves_zeros_behind(opened: Any) -> None:
    store = opened(WEEK_LATER)
    commit(store, [event("abandoned", after_s=60)])
    store.record_weeks()
    commit(store, [event("offered", after_s=-86_400)], 1)
    store.record_weeks()
    before = MONDAY - timedelta(weeks=1)
    assert sorted((row[1], row[2]) for row in figures(store)) == [(before, 1), (MONDAY, 0), (MONDAY, 1)]


def test_weeks_begin_at_midnight_of_the_reporting_zone(opened: Any) -> None:
    store = opened(T0 + timedelta(days=6, hours=9), reporting_zone="Asia/Kolkata")
    commit(store, [event("abandoned", after_s=5 * 86_400 + 9 * 3600 + 29 * 60)])
    assert store.settings.clock.now().weekday() == 6  # Sunday 18:00 UTC, 23:30 in Kolkata.
    store.record_weeks()
    assert figures(store) == []
    later = T0 + timedelta(days=6, hours=9, minutes=31)  # Monday, 00:01 there.
    at = int(T0.timestamp() * 1e6)
    touched = store._weeks.touch({("north", at, at)}, later.replace(tzinfo=None))
    assert touched == {("north", MONDAY)}


def test_touched_weeks_survive_the_end_of_the_process(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(WEEK_LATER)
    commit(store, [event("offered")])
    store.record_weeks()
    commit(store, [event("answered", after_s=5)], 1)
    store.connection.close()
    again = opened(WEEK_LATER + timedelta(hours=1))
    assert again.record_weeks()
    assert [row[2:4] for row in figures(again)] == [(1, 0), (1, 1)]


def test_while_a_history_is_being_loaded_nothing_is_recorded(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.weeks.SETTLED_S", 60.0)
    store = opened(WEEK_LATER)
    commit(store, answered_call())
    assert not store.record_weeks()
    monkeypatch.setattr("ingest.weeks.AT_LATEST_S", 0.0)
    assert store.record_weeks()


def test_a_commit_that_fails_leaves_no_week_touched(opened: Any) -> None:
    store = opened(WEEK_LATER)
    now = store.settings.clock.now()
    decoded = Decoder("k" * 32, 3600, 1_000_000).decode(records(answered_call()), now)
    broken = Partition("contacts.north", "i", "no number")  # type: ignore[arg-type]
    with pytest.raises(Exception, match="no number"):
        store.commit(Batch(decoded, {broken: 1}, now))
    commit(store, answered_call())
    assert store.connection.execute("select * from private.week_touched").fetchall() == [("north", MONDAY)]


def test_commits_never_wait_for_sums_of_many_days(opened: Any) -> None:
    store = opened(WEEK_LATER + timedelta(days=30))
    commit(store, [made for n in range(12) for made in answered_call(f"c{n}", n * 86_400)])
    assert not store.record_weeks(), "twelve days are too many to sum up while commits wait"
    assert figures(store) == []
    store.rollups.run("contacts")
    assert store.record_weeks()
    assert sum(row[2] for row in figures(store)) == 12


def test_commits_never_wait_for_sums_that_are_being_made(opened: Any) -> None:
    store = opened(WEEK_LATER)
    commit(store, answered_call())
    asked = threading.Event()
    rest = threading.Event()

    def wait() -> bool:
        asked.set()
        rest.wait(30)
        return False

    rolling = threading.Thread(target=store.rollups.run, args=("contacts", wait))
    rolling.start()
    try:
        assert asked.wait(30)
        assert not store.record_weeks()
    finally:
        rest.set()
        rolling.join()
    assert store.record_weeks()
    assert len(figures(store)) == 1
