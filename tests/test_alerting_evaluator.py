"""Rules are held against the live figures of every site: what opens, what clears, and what is not known."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from models.alerts.live import default_rules
from models.settings import Settings
from tests.alert_desk import ALWAYS_OPEN, LONG_WAIT, Desk, alive, at, desk, waiting
from tests.builders import T0, event
from tests.rolled import move_clock

Make = Callable[..., Settings]


@pytest.fixture(autouse=True)
def looks_at_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What moves slowly is asked for every time, and the figure of an open episode is kept every time."""
    monkeypatch.setattr("ingest.alerting.look._SLOWLY_S", -1.0)
    monkeypatch.setattr("ingest.alerting.evaluator._KEEP_FIGURE_S", -1.0)


def test_a_wait_opens_after_its_hold_and_clears_after_its_own_at_the_other_threshold(make_settings: Make) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1"), waiting("c2", 5))
        ours.run(290, 330)
        assert ours.events() == []
        ours.run(340, 360)
        assert ours.events() == [("opened", 340)]
        ours.commit(event("answered", "c1", 361))
        ours.commit(waiting("c3", 250))
        ours.run(370, 400)
        assert ours.alerts("state", "last_value") == [("open", 395.0)]
        ours.commit(event("answered", "c2", 401), event("answered", "c3", 401))
        ours.run(410, 460)
        assert ours.alerts("state") == [("clearing",)]
        ours.run(470, 480)
        assert ours.events() == [("opened", 340), ("cleared", 470)]
        assert ours.due() == [("opened", "webhook"), ("cleared", "webhook")]


def test_between_the_thresholds_an_open_alert_stays_open_and_nothing_opens(make_settings: Make) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 340)
        ours.commit(event("answered", "c1", 341), waiting("c2", 150))
        ours.run(350, 430)
        assert [name for name, _ in ours.events()] == ["opened"]
        ours.commit(event("answered", "c2", 431))
        ours.run(440, 500)
        assert [name for name, _ in ours.events()] == ["opened", "cleared"]
        ours.commit(waiting("c3", 300))
        ours.run(510, 590)
        assert [name for name, _ in ours.events()] == ["opened", "cleared"]


def test_a_rule_without_a_site_is_held_against_each_and_one_with_against_its_own(make_settings: Make) -> None:
    rules = {
        "all": LONG_WAIT,
        "south": LONG_WAIT | {"scope": {"site": "south", "queue": "billing", "channel": "voice"}},
    }
    sites = {name: {"open": ALWAYS_OPEN, "in_house": True} for name in ("north", "south", "west")}
    with desk(make_settings, alerts=rules, sites=sites) as ours:
        ours.commit(waiting("a"), waiting("b", site="south"), waiting("c", queue="billing", site="south"))
        ours.commit(alive(1, "west"))
        ours.run(280, 370, 30)
        found = ours.alerts("rule", "site", "queue", "channel", "n")
        assert sorted(found, key=str) == [
            ("all", "north", None, None, 1.0),
            ("all", "south", None, None, 2.0),
            ("south", "south", "billing", "voice", 1.0),
        ]


def test_every_episode_has_its_figures_in_the_view(make_settings: Make) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 350)
        (row,) = ours.alerts("rule", "metric", "direction", "threshold", "value", "n", "state", "could_take")
        assert row == ("long_wait", "longest_wait_s", "above", 300.0, 340.0, 1.0, "open", None)
        (row,) = ours.alerts("last_value", "last_at", "cleared_at", "acknowledged_at")
        assert row == (350.0, T0.replace(tzinfo=None) + timedelta(seconds=350), None, None)


def test_while_the_feed_is_silent_nothing_opens_and_what_is_open_is_unknown(make_settings: Make) -> None:
    rules = {"long_wait": LONG_WAIT, "silent": {
        "metric": "silent_s", "direction": "above", "opens": 600, "clears": 0,
    }}  # fmt: skip
    sites = {name: {"open": ALWAYS_OPEN, "in_house": True} for name in ("north", "south")}
    with desk(make_settings, alerts=rules, sites=sites) as ours:
        ours.commit(waiting("c1", -400), alive(-3600), *at("south", alive(-3600)), alive(-10, "south"))
        ours.run(0, 60)
        assert ours.alerts("rule", "site") == [("long_wait", "north")]
        # The south tells of a contact and then nothing any more: its wait would look longer and longer.
        ours.commit(waiting("c2", 61, "south"))
        ours.run(880, 960, 80)
        assert sorted(ours.alerts("rule", "site", "state")) == [("long_wait", "north", "open")]
        ours.run(1040, 1400, 80)
        assert sorted(ours.alerts("rule", "site", "state")) == [
            ("long_wait", "north", "open"), ("silent", "south", "open"),
        ]  # fmt: skip
        # Now the north too.
        ours.run(2300, 2400, 50, alive_at=None)
        assert ("long_wait", "north", "unknown") in ours.alerts("rule", "site", "state")
        ours.run(2410, 2430)
        assert ("long_wait", "north", "open") in ours.alerts("rule", "site", "state")


def test_what_nobody_looked_at_opens_nothing(make_settings: Make) -> None:
    """After a start, a long pause or a catching up, a wait has to be seen for its whole hold."""
    with desk(make_settings) as ours:
        ours.commit(waiting("c1", -1000))
        ours.run(0, 20)
        ours.restart()
        ours.run(30, 60)
        assert ours.events() == []
        ours.step(70, behind=True)
        ours.run(80, 100)
        assert ours.events() == []
        ours.commit(alive(700))
        ours.run(700, 720)
        assert ours.events() == []
        ours.run(730, 750)
        assert ours.events() == [("opened", 740)]


def test_an_open_alert_survives_a_restart_and_is_not_told_twice(make_settings: Make) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 350)
        (before,) = ours.alerts("episode")
        ours.restart()
        ours.run(360, 400)
        assert ours.alerts("episode", "state") == [(*before, "open")]
        ours.commit(event("answered", "c1", 401))
        ours.run(410, 480)
        assert [name for name, _ in ours.events()] == ["opened", "cleared"]
        assert ours.due() == [("opened", "webhook"), ("cleared", "webhook")]


def test_a_clock_that_is_put_back_stops_nothing(make_settings: Make) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1", -2000))
        ours.run(0, 20)
        ours.run(-1000, -950)
        assert ours.alerts("state") == [("open",)]


def test_quiet_hours_hold_back_the_telling_and_an_alert_still_open_is_told_after_them(make_settings: Make) -> None:
    quiet = LONG_WAIT | {"quiet": [{"begins": "00:00", "ends": "09:10"}]}
    with desk(make_settings, alerts={"long_wait": quiet}) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 350)
        ours.run(420, 580, 80)
        assert ours.events() == [("opened", 340)]
        assert ours.due() == []
        ours.run(600, 620)
        assert ours.events() == [("opened", 340), ("told", 600)]
        assert ours.due() == [("told", "webhook")]


def test_an_alert_over_before_quiet_hours_end_is_never_told(make_settings: Make) -> None:
    quiet = LONG_WAIT | {"quiet": [{"begins": "00:00", "ends": "09:10"}]}
    with desk(make_settings, alerts={"long_wait": quiet}) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 350)
        ours.commit(event("answered", "c1", 355))
        ours.run(360, 660, 60)
        assert [name for name, _ in ours.events()] == ["opened", "cleared"]
        assert ours.due() == []


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ({}, "the rule was removed"),
        ({"long_wait": LONG_WAIT | {"scope": {"queue": "main"}}}, "the rule was changed"),
        ({"long_wait": LONG_WAIT | {"metric": "waiting", "opens": 9, "clears": 2}}, "the rule was changed"),
    ],
)
def test_an_episode_nothing_is_about_any_more_is_cleared_and_told(
    make_settings: Make, rules: dict[str, Any], why: str
) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 350)
        ours.restart(alerts=make_settings(alerts=rules).alerts)
        assert ours.alerts("state", "cleared_note") == [("cleared", why)]
        assert ours.due() == [("opened", "webhook"), ("cleared", "webhook")]
        ours.restart()
        assert [name for name, _ in ours.events()] == ["opened", "cleared"]


def test_an_edited_threshold_goes_on_with_the_open_episode(make_settings: Make) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 350)
        rule = LONG_WAIT | {"opens": 1000, "clears": 900, "clear_hold_s": 0}
        ours.restart(alerts=make_settings(alerts={"long_wait": rule}).alerts)
        ours.run(360, 380)
        assert [name for name, _ in ours.events()] == ["opened", "cleared"]


def test_states_are_kept_when_they_change_and_only_the_last_of_each_after_a_start(
    make_settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.alerting.evaluator._KEEP_FIGURE_S", 1e9)
    with desk(make_settings) as ours:
        ours.run(150, 200, 50)
        assert ours.ask("select count(*) from private.alert_state") == [(0,)]
        ours.commit(waiting("c1", 200))
        ours.run(260, 800, 60)
        assert [json.loads(state)["condition"] for (state,) in ours.ask("select state from private.alert_state")] == [
            "pending", "open",
        ]  # fmt: skip
        ours.restart()
        assert ours.ask("select count(*) from private.alert_state") == [(1,)]
        ours.run(860, 880)
        assert ours.ask("select count(*) > 1 from private.alert_state") == [(True,)]
        monkeypatch.setattr(ours.evaluator, "_tidy_due", 0.0)
        ours.run(890, 890)
        assert ours.ask("select count(*) from private.alert_state") == [(1,)]
        assert ours.alerts("state") == [("open",)]


def test_an_evaluation_that_cannot_be_kept_changes_nothing(
    make_settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(make_settings) as ours:
        ours.commit(waiting("c1"))
        ours.run(290, 330)

        def fails(*_: object) -> bool:
            raise duckdb.IOException("disk full")

        with monkeypatch.context() as broken:
            broken.setattr("ingest.alerting.records.Records.write", fails)
            with pytest.raises(duckdb.IOException):
                ours.run(340, 340)
        assert ours.events() == []
        ours.run(350, 350)
        assert ours.events() == [("opened", 350)]


def test_a_share_of_few_contacts_opens_nothing(make_settings: Make) -> None:
    rule = {"metric": "recent_service_level", "direction": "below", "opens": 0.8, "clears": 0.9, "min_n": 5}
    with desk(make_settings, alerts={"level": rule}) as ours:
        late = [part for n in range(4) for part in _answered_late(f"c{n}", n)]
        move_clock(ours.store, T0 + timedelta(seconds=200))
        ours.commit(*late)
        ours.run(200, 230)
        assert ours.events() == []
        ours.commit(*_answered_late("c9", 4))
        ours.run(240, 250)
        assert ours.alerts("value", "n") == [(0.0, 5.0)]


def test_the_rules_there_are_without_configuration_open_on_a_wait_a_level_and_a_silence(make_settings: Make) -> None:
    with desk(make_settings, alerts={name: rule.model_dump() for name, rule in default_rules().items()}) as ours:
        ours.commit(alive(-3000), *(part for n in range(30) for part in _answered_late(f"c{n}", n - 100)))
        ours.commit(waiting("w", -60))
        ours.run(300, 700, 80)
        assert {rule for (rule,) in ours.alerts("rule")} == {"long_wait", "low_service_level"}
        ours.run(1800, 2000, 50, alive_at=None)
        assert {rule for (rule,) in ours.alerts("rule")} == {"long_wait", "low_service_level", "silent_feed"}
        states = dict(ours.alerts("rule", "state"))
        assert states == {"long_wait": "unknown", "low_service_level": "unknown", "silent_feed": "open"}


def test_an_alert_at_a_providers_site_says_what_the_own_sites_could_take(make_settings: Make) -> None:
    sites = {
        "home": {"open": ALWAYS_OPEN, "in_house": True},
        "away": {"open": ALWAYS_OPEN, "in_house": False},
    }
    with desk(make_settings, sites=sites) as ours:
        _at_work(ours, "ann", "available")
        _at_work(ours, "ben", "busy")
        _at_work(ours, "eve", "available")
        for n, agent in enumerate(("ann", "ben", "ann")):
            ours.commit(*at("home", *_answered(f"h{n}", -5000 + n, agent, "billing", "de")))
        ours.commit(*at("home", *_answered("h9", -5000, "eve", "orders", "de")))
        ours.commit(*(waiting(f"w{n}", n, "away", queue="billing", language="de") for n in range(4)))
        ours.commit(waiting("v", 0, "home", queue="billing", language="de"))
        ours.run(290, 340, alive_at="home")
        told = dict(ours.alerts("site", "could_take"))
        assert told["home"] is None
        found = json.loads(told["away"])
        assert found["idle"] == 1
        (pool,) = found["pools"]
        assert (pool["queue"], pool["language"], pool["waiting"]) == ("billing", "de", 4)
        (site,) = pool["sites"]
        assert (site["site"], site["idle"], site["at_work"]) == ("home", 1, 2)
        assert 0 < site["service_level_then"] <= site["service_level"] <= 1


def _answered(contact: str, after_s: float, agent: str, queue: str, language: str) -> list[dict[str, Any]]:
    return [
        event("offered", contact, after_s, queue=queue, language=language),
        event("answered", contact, after_s + 5, agent_id=agent),
        event("completed", contact, after_s + 125),
    ]


def _answered_late(contact: str, after_s: float) -> list[dict[str, Any]]:
    return [
        event("offered", contact, after_s),
        event("answered", contact, after_s + 60, agent_id="ann"),
        event("completed", contact, after_s + 90),
    ]


def _at_work(ours: Desk, agent: str, state: str) -> None:
    told = event("agent.state_changed", agent, -1200, state=state)
    ours.commit(told | {"source": "home", "id": f"{agent}/{state}"})
