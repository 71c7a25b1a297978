"""Ingest keeps a forecast of today and tomorrow for every site, in versions that tell what was known when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest

from ingest.planning import plans as running
from ingest.planning import thinning
from ingest.planning.writing import write
from ingest.store import Store
from models.forecast.forecast import Forecast, Reason
from models.forecast.history import history
from models.forecast.intraday import update
from models.forecast.scores import bias, coverage, wape
from models.forecast.seasonal import forecast_day
from models.forecast.slots import day_slots
from models.settings import load_settings, with_secrets
from tests.planned import Line, flat, keep, kept, plans, rows
from tests.rolled import empty, move_clock, standing_at

TODAY = date(2026, 3, 2)
"""A Monday."""
SINCE = TODAY - timedelta(weeks=8)
MORNING = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("planned")
    opened = Store.open(with_secrets(load_settings(data_dir=folder, **standing_at(MORNING))))
    yield opened
    opened.connection.close()


@pytest.fixture(scope="module")
def shared_in_berlin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("planned_in_berlin")
    settings = load_settings(data_dir=folder, reporting_zone="Europe/Berlin", **standing_at(MORNING))
    opened = Store.open(with_secrets(settings))
    yield opened
    opened.connection.close()


@pytest.fixture
def store(shared: Store) -> Store:
    move_clock(shared, MORNING)
    return empty(shared)


def at(hour: float, day: date = TODAY) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour, seconds=90)


def plan_at(store: Store, lines: list[Line], now: datetime, **settings: Any) -> running.Ran:
    """The sums as of then, and one run of a process that has just started."""
    move_clock(store, now)
    keep(store, lines, SINCE, now)
    return plans(store, **settings).run()


def rising(day: date, slot: int) -> int:
    """From 8 to 18 o'clock, one more each week."""
    return 10 + (day - SINCE).days // 7 if 32 <= slot % 96 < 72 else 0


def means(store: Store, day: date = TODAY, column: str = "mean") -> list[float]:
    found = rows(store, f"select {column} from forecasts where date = $1 order by starts_at", day)
    return [mean for (mean,) in found]


# --- what a forecast rests on -----------------------------------------------------------------------------


def test_it_is_the_mean_of_the_last_four_same_weekdays(store: Store) -> None:
    plan_at(store, [Line(rising)], MORNING)
    assert means(store) == [np.mean([14, 15, 16, 17])] * 40
    assert means(store, TODAY + timedelta(days=1)) == [15.5] * 40
    ((method, basis, total),) = rows(
        store, "select method, basis, mean from forecast_versions where date = $1 and is_latest", TODAY
    )
    assert method == "mean of the same weekdays"
    assert basis == [TODAY - timedelta(weeks=n) for n in (4, 3, 2, 1)]
    assert total == 40 * 15.5


def test_it_is_of_all_queues_and_channels_of_a_site_and_of_each_site_apart(store: Store) -> None:
    lines = [Line(flat(8)), Line(flat(2), channel="chat"), Line(flat(1), channel="email"), Line(flat(5), site="south")]
    plan_at(store, lines, MORNING)
    found = rows(store, "select distinct site, mean from forecasts where date = $1 order by site", TODAY)
    assert found == [("north", 11.0), ("south", 5.0)]


def test_a_holiday_and_a_day_of_silence_are_left_out(store: Store) -> None:
    holiday, outage = TODAY - timedelta(weeks=1), TODAY - timedelta(weeks=2)

    def volumes(day: date, slot: int) -> int:
        if day == holiday:
            return 1
        return 0 if day == outage and slot >= 50 else rising(day, slot)

    plan_at(store, [Line(volumes)], MORNING, holidays=(holiday,))
    ((basis, left_out),) = rows(
        store, "select basis, left_out from forecast_versions where date = $1 and is_latest", TODAY
    )
    assert left_out == [outage, holiday]
    assert basis == [TODAY - timedelta(weeks=n) for n in (6, 5, 4, 3)]
    assert set(means(store)) == {13.5}


def test_quiet_hours_of_a_small_site_are_no_silence(store: Store) -> None:
    """Where few come, none in hours is chance, and counts."""
    plan_at(store, [Line(lambda day, slot: int(slot in (40, 60) and day.day % 2))], MORNING)
    odd = [(TODAY - timedelta(weeks=n)).day % 2 for n in (1, 2, 3, 4)]
    assert max(means(store)) == np.mean(odd)
    assert rows(store, "select distinct left_out from forecast_versions") == [([],)]


def test_a_holiday_gets_no_forecast(store: Store) -> None:
    plan_at(store, [Line(rising)], MORNING, holidays=(TODAY,))
    assert means(store) == []
    assert rows(store, "select reason from forecast_versions where date = $1", TODAY) == [(Reason.LEFT_OUT.value,)]
    assert len(means(store, TODAY + timedelta(days=1))) == 40


def test_what_was_forecast_of_a_day_that_turns_out_to_be_a_holiday_no_longer_holds(store: Store) -> None:
    plan_at(store, [Line(rising)], MORNING)
    plan_at(store, [Line(rising)], at(9), holidays=(TODAY,))
    assert means(store) == []
    assert rows(store, "select * from staffing_plan where date = $1", TODAY) == []


def test_a_weekday_on_which_nobody_comes_is_closed(store: Store) -> None:
    plan_at(store, [Line(lambda day, slot: 0 if day.weekday() == 1 else rising(day, slot))], MORNING)
    tomorrow = TODAY + timedelta(days=1)
    assert rows(store, "select reason from forecast_versions where date = $1", tomorrow) == [(Reason.CLOSED.value,)]


def test_without_history_there_is_no_forecast_and_the_reason_is_told_once(store: Store) -> None:
    known = load_settings(sites={"north": {}}).sites
    move_clock(store, MORNING)
    keep(store, [], TODAY, MORNING)
    planning = plans(store, sites=known)
    done = planning.run()
    assert (done.forecasts, done.lacks_days) == (0, True)
    told = rows(store, "select site, date, method, reason from forecast_versions order by date")
    assert told == [
        ("north", TODAY + timedelta(days=n), None, Reason.TOO_FEW_DAYS.value) for n in (0, 1)
    ]  # fmt: skip
    planning.run()
    plans(store, sites=known).run()
    assert len(rows(store, "from forecast_versions")) == 2
    assert rows(store, "from forecasts") == rows(store, "from staffing_plan") == []


def test_history_that_comes_during_the_day_gives_a_plan_of_the_whole_day(store: Store) -> None:
    move_clock(store, at(10))
    keep(store, [], TODAY, at(10))
    planning = plans(store, sites=load_settings(sites={"north": {}}).sites)
    planning.run()
    keep(store, [Line(rising)], SINCE, at(10))
    done = planning.run()
    assert not done.lacks_days
    assert means(store, column="plan_mean") == [15.5] * 40
    assert rows(store, "select counted_until from forecast_versions where is_plan and date = $1", TODAY) == [(None,)]
    (last,) = rows(store, "select counted_until from forecast_versions where is_latest and date = $1", TODAY)
    assert last == (datetime(2026, 3, 2, 10, 0),)


# --- during the day ---------------------------------------------------------------------------------------


def test_what_has_arrived_moves_the_rest_as_the_formula_says(store: Store) -> None:
    def busier(day: date, slot: int) -> int:
        return 2 * rising(day, slot) if day == TODAY else rising(day, slot)

    plan_at(store, [Line(busier)], at(12))
    slots = [slot.number for slot in day_slots(TODAY, ZoneInfo("UTC")) if 32 <= slot.number < 72]
    days = [SINCE + timedelta(days=n) for n in range(56)]
    past = history(
        [day for day in days for _ in slots], slots * len(days), [rising(day, slot) for day in days for slot in slots]
    )
    base = forecast_day(past, TODAY, slots, made_at=at(12))
    assert isinstance(base, Forecast)
    drawn = update(base, [float(busier(TODAY, slot)) for slot in slots[:16]], made_at=at(12))
    found = rows(
        store, "select mean, low, high, plan_mean, actual from forecasts where date = $1 order by starts_at", TODAY
    )
    assert [row[:3] for row in found[16:]] == list(zip(drawn.mean, drawn.low, drawn.high, strict=True))[16:]
    assert found[16][0] > 1.3 * found[16][3]
    assert [row[4] for row in found] == [2 * rising(TODAY, 40)] * 16 + [None] * 24
    ((mean, factor),) = rows(store, "select mean, factor from forecast_versions where date = $1 and is_latest", TODAY)
    assert (mean, factor) == (drawn.total.mean, drawn.factor)


def test_of_a_quarter_hour_that_is_over_the_forecast_is_that_of_when_it_began(store: Store) -> None:
    lines = [Line(lambda day, slot: 3 * rising(day, slot) if day == TODAY else rising(day, slot))]
    plan_at(store, lines, at(9))
    before = means(store)
    plan_at(store, lines, at(9.25))
    after = means(store)
    assert after[:5] == before[:5]
    assert after[5] > before[5]


def test_a_quarter_hour_counts_only_once_events_had_time_to_come(store: Store) -> None:
    for seconds, until in ((59, 45), (61, 60)):
        now = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(seconds=seconds)
        done = plan_at(store, [Line(rising)], now)
        (last,) = rows(store, "select max(counted_until) from forecast_versions")
        assert last == (datetime(2026, 3, 2, 8) + timedelta(minutes=until),)
        assert done.due_at == datetime(2026, 3, 2, 8, 16, tzinfo=UTC) + timedelta(minutes=until)


def test_a_feed_that_fell_silent_is_unknown_and_pulls_nothing_down(store: Store) -> None:
    lines = [Line(lambda day, slot: 0 if day == TODAY and 40 <= slot < 44 else rising(day, slot))]
    plan_at(store, lines, at(11.5))
    found = rows(store, "select mean, actual from forecasts where date = $1 order by starts_at", TODAY)
    assert [actual for _, actual in found[6:14]] == [18, 18, None, None, None, None, 18, 18]
    (mean, _) = found[20]
    assert mean > 15.5


def test_nothing_is_made_twice(store: Store) -> None:
    move_clock(store, at(9))
    keep(store, [Line(rising)], SINCE, at(9))
    planning = plans(store)
    assert planning.run().forecasts == 3
    before = kept(store)
    assert planning.run().forecasts == 0
    assert kept(store) == before
    move_clock(store, at(9.25))
    assert planning.run().forecasts == 1


def test_after_midnight_tomorrow_is_today_and_keeps_its_plan(store: Store) -> None:
    move_clock(store, at(22))
    keep(store, [Line(rising)], SINCE, at(22))
    planning = plans(store)
    planning.run()
    tomorrow = TODAY + timedelta(days=1)
    move_clock(store, at(24))
    keep(store, [Line(rising)], SINCE, at(24))
    assert planning.run().forecasts == 2
    found = rows(
        store, "select made_at < $2, is_plan from forecast_versions where date = $1 order by version", tomorrow,
        datetime(2026, 3, 3),
    )  # fmt: skip
    assert found == [(True, True), (False, False)]
    assert rows(store, "select max(date) from forecast_versions") == [(TODAY + timedelta(days=2),)]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_on_which_clocks_change_have_every_quarter_hour_once(
    shared_in_berlin: Store, day: date, hours: int
) -> None:
    store = empty(shared_in_berlin)
    now = datetime.combine(day, datetime.min.time(), BERLIN) + timedelta(hours=9, minutes=2)
    move_clock(store, now)
    keep(store, [Line(lambda _, slot: 5 + slot % 96)], day - timedelta(weeks=6), now)
    plans(store).run()
    found = rows(store, "select starts_at, plan_mean, actual from forecasts where date = $1 order by starts_at", day)
    slots = day_slots(day, BERLIN)
    assert len(found) == 4 * hours
    assert [row[0] for row in found] == [slot.starts_at.replace(tzinfo=None) for slot in slots]
    assert [row[1] for row in found] == [5 + slot.number % 96 for slot in slots]
    passed = 4 * (hours - 15)
    assert [row[2] for row in found] == [5 + slot.number % 96 for slot in slots[:passed]] + [None] * (96 - 36)


# --- versions ---------------------------------------------------------------------------------------------


def test_a_run_that_is_broken_off_leaves_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    move_clock(store, at(9))
    keep(store, [Line(rising)], SINCE, at(9))
    planning = plans(store)

    def killed(connection: duckdb.DuckDBPyConnection, *made: Any) -> None:
        write(connection, *made)
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.planning.plans.write", killed)
    with pytest.raises(KeyboardInterrupt):
        planning.run()
    assert set(kept(store).values()) == {0}
    monkeypatch.setattr("ingest.planning.plans.write", write)
    assert planning.run().forecasts == 3
    assert means(store)


def test_a_run_that_is_told_to_stop_writes_nothing_and_does_all_of_it_later(store: Store) -> None:
    move_clock(store, at(9))
    keep(store, [Line(rising), Line(rising, site="south")], SINCE, at(9))
    planning = plans(store)
    asked = 0
    while not kept(store)["forecast_version"]:
        assert set(kept(store).values()) == {0}
        answers = iter([False] * asked)
        planning.run(lambda answers=answers: next(answers, True))  # type: ignore[misc]
        asked += 1
    assert asked > 3
    assert kept(store)["forecast_version"] == 6 + 2 * running.LOOKED_BACK_DAYS


def live_through(store: Store, lines: list[Line]) -> None:
    """Today from 7 o'clock until it is over, with a run every quarter-hour."""
    keep(store, lines, SINCE, at(23.9))
    planning = None
    for quarter in range(28, 80):
        move_clock(store, at(quarter / 4))
        planning = planning or plans(store)
        planning.run()
    move_clock(store, at(24))
    keep(store, lines, SINCE, at(24))


def jumping(day: date, slot: int) -> int:
    """From 8 to 18 o'clock, some days and hours more than others."""
    return (day.toordinal() * 7 + slot * slot * 3) % 23 + day.toordinal() % 5 * 4 if 32 <= slot % 96 < 72 else 0


def test_old_updates_are_thinned_and_no_figure_of_a_past_day_changes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_BREATH_S", 0.0)
    live_through(store, [Line(jumping), Line(flat(3), channel="chat")])
    views = ("forecasts", "forecast_versions", "forecast_errors", "staffing_plan")
    before = {view: rows(store, f"from {view} order by all") for view in views}
    full, of_day = kept(store), "select count(*) from private.forecast_slot where date = $1"
    ((slots,),) = rows(store, of_day, TODAY)
    monkeypatch.setattr(thinning, "_MANY_ROWS", 100_000)
    assert thinning.thin(store.connection, TODAY + timedelta(days=30)) == 0
    monkeypatch.setattr(thinning, "_MANY_ROWS", 10)
    assert thinning.thin(store.connection, TODAY + timedelta(days=7)) == 0
    gone = thinning.thin(store.connection, TODAY + timedelta(days=8))
    left = kept(store)
    assert gone == sum(full.values()) - sum(left.values())
    assert rows(store, of_day, TODAY)[0][0] < 0.5 * slots
    assert {view: rows(store, f"from {view} order by all") for view in views} == before
    last_slot = datetime(2026, 3, 2, 17, 45)
    whole = rows(
        store,
        "select distinct counted_until from private.forecast_version join private.forecast_slot "
        "using (version, site, date) where date = $1 and starts_at = $2 and counted_until < starts_at order by all",
        TODAY, last_slot,
    )  # fmt: skip
    assert [until for (until,) in whole] == [datetime(2026, 3, 2, hour) for hour in range(7, 18)]
    assert thinning.thin(store.connection, TODAY + timedelta(days=8)) == 0


def test_errors_of_a_day_that_is_over_are_those_of_plain_sums(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_BREATH_S", 0.0)
    silence = range(48, 52)
    lines = [Line(lambda day, slot: 0 if day == TODAY and slot in silence else jumping(day, slot))]
    live_through(store, lines)
    slots = rows(
        store,
        "select version, starts_at, mean, low, high from private.forecast_slot where date = $1 order by version",
        TODAY,
    )
    said: dict[datetime, list[tuple[float, float, float]]] = {}
    for _, starts_at, *band in slots:
        said.setdefault(starts_at, []).append(tuple(band))
    counted = {
        slot.starts_at.replace(tzinfo=None): jumping(TODAY, slot.number)
        for slot in day_slots(TODAY, ZoneInfo("UTC"))
        if 32 <= slot.number < 72 and slot.number not in silence
    }
    actual = list(counted.values())
    plan, last = ([said[at][place] for at in counted] for place in (0, -1))
    ((n, offered, *found),) = rows(
        store,
        "select n, offered, plan_wape, plan_bias, plan_coverage, update_wape, update_bias, update_coverage "
        "from forecast_errors where site = 'north' and date = $1",
        TODAY,
    )
    assert (n, offered) == (36, sum(actual))
    expected = [
        score
        for bands in (plan, last)
        for score in (
            wape(actual, [band[0] for band in bands]),
            bias(actual, [band[0] for band in bands]),
            coverage(actual, [band[1] for band in bands], [band[2] for band in bands]),
        )
    ]
    assert found == pytest.approx(expected)
    assert found[0] != pytest.approx(found[3])


def test_a_day_that_is_not_over_has_no_errors_yet(store: Store) -> None:
    plan_at(store, [Line(rising)], at(12))
    assert rows(store, "from forecast_errors where date >= $1", TODAY) == []


def test_days_that_were_over_before_get_the_forecast_they_would_have_had(store: Store) -> None:
    """Made on the day, before anyone came, and made afterwards, when what came since is known: the same."""
    lines = [Line(jumping), Line(rising, site="south")]
    slots = (
        "select site, starts_at, mean, low, high from private.forecast_slot s where date = $1 and version = "
        "(select min(version) from private.forecast_version v where (v.site, v.date) = (s.site, s.date)) order by all"
    )
    plan_at(store, lines, MORNING)
    then = rows(store, slots, TODAY)
    assert len(then) == 80
    for table in ("forecast_version", "forecast_slot", "plan_slot"):
        store.connection.execute(f"delete from private.{table}")
    later = MORNING + timedelta(days=3)
    plan_at(store, lines, later)
    assert rows(store, slots, TODAY) == then
    days = [later.date() - timedelta(days=n) for n in range(running.LOOKED_BACK_DAYS, 0, -1)]
    found = rows(store, "select date, plan_wape > 0, update_wape from forecast_errors where site = 'south' order by 1")
    assert found == [(day, True, None) for day in days]
    assert rows(store, "select count(*) from staffing_plan where date < $1", later.date()) == [(0,)]


def test_days_that_lack_history_are_looked_at_again_when_there_is_more(store: Store) -> None:
    move_clock(store, MORNING)
    keep(store, [Line(rising)], TODAY - timedelta(weeks=1), MORNING)
    planning = plans(store)
    planning.run()
    past = "select count(*) from forecast_versions where date < $1"
    assert rows(store, past, TODAY) == [(0,)]
    keep(store, [Line(rising)], TODAY - timedelta(weeks=10), MORNING)
    planning.run()
    assert rows(store, past, TODAY) == [(running.LOOKED_BACK_DAYS,)]
    planning.run()
    assert rows(store, past, TODAY) == [(running.LOOKED_BACK_DAYS,)]


def test_a_site_that_comes_later_is_planned_with_the_next_run(store: Store) -> None:
    move_clock(store, at(9))
    keep(store, [Line(rising)], SINCE, at(9))
    planning = plans(store)
    planning.run()
    keep(store, [Line(rising), Line(rising, site="south")], SINCE, at(9))
    move_clock(store, at(9.25))
    assert planning.run().forecasts == 4


def test_a_surplus_makes_up_for_no_shortage_in_line_adherence(store: Store) -> None:
    plan_at(store, [Line(flat(40, 32, 72))], at(9.1))
    slots = rows(
        store, "select starts_at, required from staffing_plan where date = $1 order by starts_at limit 4", TODAY
    )
    store.connection.execute("delete from private.staffed_slot")
    assert rows(store, "from line_adherence") == []
    off = [0.0, -2.0, 2.0, 0.5]
    for (starts_at, required), difference in zip(slots, off, strict=True):
        store.connection.execute(
            "insert into private.staffed_slot values (1, 'north', $1, $2, $3)",
            [TODAY, starts_at, required + difference],
        )
    required = [float(each) for _, each in slots]
    ((n, told, staffed, adherence, within),) = rows(
        store, "select n, required, staffed, adherence, within_5_percent from line_adherence where date = $1", TODAY
    )
    assert (n, told, staffed) == (4, sum(required), sum(required) + 0.5)
    assert adherence == pytest.approx(1 - 4.5 / sum(required))
    assert within == np.mean([abs(d) <= 0.05 * r for d, r in zip(off, required, strict=True)])
    assert 0 < within < 1
