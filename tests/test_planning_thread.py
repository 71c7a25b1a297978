"""Planning runs beside ingest: after what is urgent, on sums that know what came, and never in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest

from ingest.planning import planning as thread
from ingest.planning.planning import Planning
from ingest.planning.writing import write
from ingest.store import Store
from ingest.upkeep.rebuild import rebuild
from models.forecast.silence import others_mean, silent
from models.settings import Settings
from tests.builders import answered_call
from tests.pipelines import HasAddress, Site, ingesting, wait_until
from tests.planned import Line, flat, keep, kept, plans, rows
from tests.rolled import commit, move_clock, standing_at

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 12, 2, tzinfo=UTC)
SINCE = TODAY - timedelta(weeks=6)
Make = Callable[..., Settings]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of the thread's takes a tenth of one."""
    for name in ("_LOOK_S", "_FIRST_S", "_CALM_S", "_LOOK_AGAIN_S", "_AFTER_TROUBLE_S"):
        monkeypatch.setattr(thread, name, getattr(thread, name) / 50)


@pytest.fixture
def store(make_settings: Make) -> Iterator[Store]:
    opened = Store.open(make_settings(**standing_at(NOW), sites={"north": {}}))
    yield opened
    opened.close()


class Planned:
    """The thread on a store, with something more urgent or not."""

    def __init__(self, store: Store) -> None:
        self.is_busy = False
        self.asked = 0
        self.store = store
        self.planning = Planning(store.connection, store.settings, store.path, self._busy)

    def _busy(self) -> bool:
        self.asked += 1
        return self.is_busy

    def versions(self) -> int:
        found = self.store.connection.cursor().execute("select count(*) from private.forecast_version").fetchall()
        return int(found[0][0])

    def looks_again(self, times: int = 20) -> None:
        """Until the thread has looked so often whether there is something to do."""
        upto = self.asked + times
        wait_until(lambda: self.asked >= upto, "the thread to look")


def test_it_waits_for_what_is_urgent_and_then_plans(store: Store) -> None:
    keep(store, [Line(flat(9))], SINCE, NOW)
    planned = Planned(store)
    planned.is_busy = True
    with planned.planning:
        planned.looks_again()
        assert planned.versions() == 0
        planned.is_busy = False
        wait_until(planned.versions, "a forecast")
    assert {mean for (mean,) in rows(store, "select mean from forecasts")} == {9.0}


def test_what_is_urgent_for_long_does_not_stop_it_for_good(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "_BUSY_AT_MOST_S", 0.1)
    keep(store, [Line(flat(9))], SINCE, NOW)
    planned = Planned(store)
    planned.is_busy = True
    with planned.planning:
        wait_until(planned.versions, "a forecast")


def test_it_waits_until_the_sums_know_what_has_come(store: Store) -> None:
    commit(store, answered_call())
    planned = Planned(store)
    with planned.planning:
        planned.looks_again()
        assert planned.versions() == 0
        store.rollups.run("contacts")
        wait_until(planned.versions, "a forecast")


def test_a_history_that_comes_later_is_planned_on_without_waiting_for_the_next_quarter_hour(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread, "_MUCH", 5)
    planned = Planned(store)
    with planned.planning:
        wait_until(planned.versions, "the reason why there is none")
        planned.looks_again()
        assert rows(store, "select count(method) from forecast_versions") == [(0,)]
        planned.is_busy = True
        planned.looks_again()
        commit(store, [body for n in range(6) for body in answered_call(f"c{n}", -86_400 * n)])
        store.rollups.run("contacts")
        keep(store, [Line(flat(9))], SINCE, NOW)
        store.connection.execute("update private.rolled_up set last_version = 1000")
        planned.is_busy = False
        wait_until(lambda: planned.versions() > 2, "a forecast")
    assert rows(store, "select count(method) > 0 from forecast_versions") == [(True,)]


def test_trouble_is_told_and_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = list[bool]()

    def failing(connection: duckdb.DuckDBPyConnection, *made: Any) -> None:
        if not failed:
            failed.append(True)
            raise duckdb.IOException("no room")
        write(connection, *made)

    monkeypatch.setattr("ingest.planning.plans.write", failing)
    keep(store, [Line(flat(9))], SINCE, NOW)
    planned = Planned(store)
    with planned.planning:
        wait_until(planned.versions, "a forecast", 120)
    assert failed


def test_commits_go_on_beside_it(store: Store) -> None:
    keep(store, [Line(flat(9))], SINCE, NOW)
    planned = Planned(store)
    with planned.planning:
        for n in range(10):
            commit(store, answered_call(f"c{n}", n))
        store.connection.execute("update private.rolled_up set last_version = 1000")
        wait_until(planned.versions, "a forecast")
    assert rows(store, "select count(*) from contacts") == [(10,)]


def test_ingest_plans_what_it_takes_in(broker: HasAddress, make_settings: Make) -> None:
    site = Site(broker)
    settings = make_settings(
        bootstrap_servers=broker.address,
        topic_prefix=site.prefix_of(site.name),
        sites={site.name: {}},
        **standing_at(NOW),
    )
    with ingesting(settings) as running:
        site.send(*answered_call())
        running.wait_for("select count(*) from contacts", 1)
        running.wait_for("select count(distinct date) from forecast_versions where reason is not null", 2, 120)


def test_a_rebuilt_store_has_the_forecasts_of_the_old_one(make_settings: Make) -> None:
    settings = make_settings(**standing_at(NOW))
    store = Store.open(settings)
    events = [
        body for day in range(-28, 1) for n in range(3) for body in answered_call(f"c{day}/{n}", 86_400 * day + 600 * n)
    ]
    commit(store, events)
    store.rollups.run("contacts")
    store.rollups.run("answers")
    plans(store).run()
    assert kept(store)["forecast_slot"] > 0
    assert rows(store, "select sum(actual), sum(plan_mean) from forecasts where date = $1", TODAY) == [(3, 3.0)]
    store.close()
    done = rebuild(settings, lambda _: None)
    assert [relation.name for relation in done.compared if not relation.is_equal] == []
    counts = {relation.name: relation.equal for relation in done.compared}
    assert counts["forecasts"] > 0
    assert counts["private.forecast_version"] > 0


# --- silence ----------------------------------------------------------------------------------------------


def test_silence_is_a_stretch_without_anyone_in_which_many_were_expected() -> None:
    counts = np.array([0, 0, 5, 0, 0, 0, 1, 0, 0])
    few, many = np.full(9, 3.3), np.full(9, 3.4)
    assert silent(counts, few).tolist() == [False] * 9
    assert silent(counts, many).tolist() == [False, False, False, True, True, True, False, False, False]
    assert silent(np.zeros(0), np.zeros(0)).tolist() == []


def test_a_day_is_held_against_the_others_of_its_weekday() -> None:
    table = np.array([[1.0, np.nan, 4.0], [3.0, 6.0, np.nan], [8.0, np.nan, np.nan]])
    assert others_mean(table).tolist() == [[5.5, 6.0, 0.0], [4.5, 0.0, 4.0], [2.0, 6.0, 4.0]]
    assert others_mean(table[:1]).tolist() == [[0.0, 0.0, 0.0]]


def test_a_clock_that_moves_on_brings_the_next_update(store: Store) -> None:
    keep(store, [Line(flat(9))], SINCE, NOW)
    planning = plans(store)
    planning.run()
    before = rows(store, "select max(counted_until) from forecast_versions")
    move_clock(store, NOW + timedelta(minutes=15))
    planning.run()
    assert before == [(datetime(2026, 3, 2, 12, 0),)]
    assert rows(store, "select max(counted_until) from forecast_versions") == [(datetime(2026, 3, 2, 12, 15),)]
