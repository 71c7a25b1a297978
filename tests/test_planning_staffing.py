"""Agents a day takes by quarter-hour, those who are usually there, and those who were."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from ingest.planning.staffing import SiteWork, Work, required, targets_of
from ingest.store import Store
from models.settings import Settings, SettingsError, load_settings, with_secrets
from models.staffing import Targets, agents_required, chat_agents, offered_load
from tests.builders import event
from tests.planned import Line, flat, keep, plans, rows
from tests.rolled import commit, empty, move_clock, standing_at

TODAY = date(2026, 3, 2)
SINCE = TODAY - timedelta(weeks=6)
MORNING = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
HOUR, DAY = 3600, 86_400
TARGETS = Targets(service_level=0.8, threshold_s=20, max_abandonment=0.05, max_occupancy=0.85)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("staffed")
    opened = Store.open(with_secrets(load_settings(data_dir=folder, **standing_at(MORNING))))
    yield opened
    opened.connection.close()


@pytest.fixture
def store(shared: Store) -> Store:
    move_clock(shared, MORNING)
    return empty(shared)


def shift(agent: str, begins_s: float, ends_s: float, state: str = "available", **more: Any) -> list[dict[str, Any]]:
    """An agent who comes and goes, seconds after T0, 9 o'clock today."""
    return [
        event("agent.state_changed", agent, begins_s, state=state, **more) | {"id": f"{agent}/{begins_s}"},
        event("agent.state_changed", agent, ends_s, state="offline") | {"id": f"{agent}/{ends_s}"},
    ]


# --- agents required --------------------------------------------------------------------------------------


def test_calls_take_what_erlang_a_says_of_the_measured_handle_time_and_patience(store: Store) -> None:
    keep(store, [Line(flat(40, 36, 72), aht_s=240, abandoned=2, wait_s=15)], SINCE, MORNING)
    plans(store).run()
    patience_s = 15 * 42 / 2
    wanted = agents_required(offered_load(160, 240), 240, TARGETS, patience_s=patience_s)
    found = rows(
        store,
        "select distinct voice, voice_aht_s, voice_patience_s, voice_required, chat_required, required, planned "
        "from staffing_plan where date = $1",
        TODAY,
    )
    assert found == [(40.0, 240.0, patience_s, int(wanted), 0, int(wanted), int(wanted))]


def test_chats_take_the_slots_of_agents_who_hold_several(store: Store) -> None:
    move_clock(store, MORNING)
    commit(store, shift("ann", -60 * HOUR, -50 * HOUR, slots=3))
    store.rollups.run("contacts")
    keep(store, [Line(flat(30, 36, 72), channel="chat", aht_s=900)], SINCE, MORNING)
    plans(store).run()
    wanted = chat_agents(120, 900, 3, TARGETS, patience_s=math.inf).agents
    found = rows(
        store,
        "select distinct chat, chat_aht_s, chat_patience_s, chat_slots, chat_required, voice_required, required "
        "from staffing_plan where date = $1",
        TODAY,
    )
    assert found == [(30.0, 900.0, None, 3, int(wanted), 0, int(wanted))]


def test_work_of_which_nobody_knows_how_long_it_takes_has_no_number_of_agents() -> None:
    contacts = {"voice": np.array([3.0, 0.0]), "chat": np.zeros(2)}
    unknown = required(contacts, SiteWork(), TARGETS)
    assert unknown.voice is None
    assert unknown.total is None
    assert unknown.chat is not None
    assert unknown.chat.tolist() == [0, 0]
    known = required(contacts, SiteWork(voice=Work(300.0, 90.0)), TARGETS).total
    assert known is not None
    assert known.tolist() == agents_required(offered_load([12, 0], 300), 300, TARGETS, patience_s=90).tolist()


def test_mail_takes_no_agent_who_has_to_be_there(store: Store) -> None:
    keep(store, [Line(flat(40, 36, 72), channel="email")], SINCE, MORNING)
    plans(store).run()
    assert rows(store, "select distinct required from staffing_plan") == [(0,)]


def test_more_than_expected_takes_more_agents_than_planned(store: Store) -> None:
    now = datetime(2026, 3, 2, 12, 2, tzinfo=UTC)
    move_clock(store, now)
    keep(store, [Line(lambda day, slot: (60 if day == TODAY else 30) * (36 <= slot < 72))], SINCE, now)
    plans(store).run()
    found = rows(store, "select required, planned from staffing_plan where date = $1 order by starts_at", TODAY)
    assert all(required == planned for required, planned in found[:12])
    assert all(required > planned for required, planned in found[12:])


@pytest.mark.parametrize(
    ("given", "level"),
    [({}, 0.8), ({"targets": {"service_level": 0.9}}, 0.9), ({"targets": {"service_level": 1.0}}, 0.99)],
)
def test_the_planned_service_level_is_the_target_unless_the_plan_has_one(given: dict[str, Any], level: float) -> None:
    assert load_settings(**given).planned_service_level == level
    assert load_settings(**given, plan={"service_level": 0.7}).planned_service_level == 0.7
    assert targets_of(load_settings(**given)).service_level == level


def test_targets_are_those_of_the_settings() -> None:
    settings: Settings = load_settings(
        service_level_s=30, plan={"service_level": 0.7, "abandonment_cap": 0.03, "occupancy_cap": 0.9}
    )
    assert targets_of(settings) == Targets(0.7, 30, max_abandonment=0.03, max_occupancy=0.9)
    assert targets_of(load_settings()) == TARGETS
    with pytest.raises(SettingsError, match="plan"):
        load_settings(plan={"service_level": 80})
    assert load_settings(holidays=["2026-12-25"]).holidays == (date(2026, 12, 25),)


# --- who was there ----------------------------------------------------------------------------------------


def test_staffed_are_agents_ready_or_at_work_by_time(store: Store) -> None:
    now = datetime(2026, 3, 2, 10, 2, tzinfo=UTC)
    move_clock(store, now)
    commit(store, [
        *shift("ann", 0, 1800), *shift("ben", 450, 1350, "busy"), *shift("cid", 0, 900, "wrap_up"),
        *shift("dan", 0, 1800, "break"),
    ])  # fmt: skip
    store.rollups.run("contacts")
    keep(store, [Line(flat(5, 36, 72))], SINCE, now)
    planning = plans(store)
    planning.run()
    found = rows(store, "select staffed from staffing_plan where date = $1 order by starts_at", TODAY)
    assert found[:5] == [(2.5,), (1.5,), (0.0,), (0.0,), (None,)]
    commit(store, shift("eve", 900, 1800))
    move_clock(store, now + timedelta(minutes=15))
    planning.run()
    found = rows(store, "select staffed from staffing_plan where date = $1 order by starts_at", TODAY)
    assert found[:5] == [(2.5,), (2.5,), (0.0,), (0.0,), (0.0,)]
    assert rows(store, "select count(*) from private.staffed_slot where starts_at >= '2026-03-02 09:00'") == [(6,)]


def test_yesterday_is_completed_after_midnight(store: Store) -> None:
    move_clock(store, MORNING)
    commit(store, shift("ann", -10 * HOUR, -9.25 * HOUR))
    store.rollups.run("contacts")
    keep(store, [Line(flat(5))], SINCE, MORNING)
    plans(store).run()
    found = rows(store, "select starts_at, agents from private.staffed_slot where agents > 0 order by all")
    assert found == [(datetime(2026, 3, 1, 23, minute), 1.0) for minute in (0, 15, 30)]


def test_usual_is_the_mean_of_the_same_time_of_the_same_weekday_of_four_weeks(store: Store) -> None:
    events = [
        entry
        for weeks, agents in ((1, 4), (2, 2), (3, 9), (4, 3), (5, 50))
        for n in range(agents)
        for entry in shift(f"a{n}", -7 * weeks * DAY, -7 * weeks * DAY + HOUR)
    ]
    commit(store, events)
    store.rollups.run("contacts")
    keep(store, [Line(flat(5, 32, 48))], SINCE, MORNING)
    holiday = TODAY - timedelta(weeks=3)
    plans(store, holidays=(holiday,)).run()
    usual = rows(store, "select usual from staffing_plan where date = $1 order by starts_at", TODAY)
    assert usual == [(0.0,)] * 4 + [(3.0,)] * 4 + [(0.0,)] * 8
    tomorrow = rows(store, "select distinct usual from staffing_plan where date = $1", TODAY + timedelta(days=1))
    assert tomorrow == [(0.0,)], "of yesterday's states is known until they end"


def test_a_site_that_tells_nothing_of_its_agents_has_neither(store: Store) -> None:
    now = datetime(2026, 3, 2, 10, 2, tzinfo=UTC)
    move_clock(store, now)
    commit(store, [body | {"source": "south"} for body in shift("ann", 0, 1800)])
    store.rollups.run("contacts")
    keep(store, [Line(flat(5, 36, 72))], SINCE, now)
    plans(store).run()
    assert rows(store, "select distinct staffed, usual from staffing_plan") == [(None, None)]
