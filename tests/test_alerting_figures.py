"""Figures that rules watch are those of the live desk, and a site that falls silent is found out by its own habits."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pandas as pd
import pytest

from dashboard.live import board
from ingest.alerting.look import Looking, hushed
from models.alerts.live import LIVE_METRICS, default_rules
from models.alerts.rule import Rule, Scope
from models.settings import Settings
from tests.alert_desk import ALWAYS_OPEN, desk
from tests.builders import T0, event
from tests.rolled import move_clock

BY_BOARD = {
    "waiting": "waiting", "longest_wait_s": "longest_wait_s", "waiting_over_target": "waiting_over_target",
    "service_level": "service_level", "recent_service_level": "recent_level", "abandonment_rate": "abandonment_rate",
    "in_conversation": "in_conversation", "available_agents": "available", "occupancy": "occupancy",
}  # fmt: skip


def watching(metric: str, **scope: str) -> Rule:
    share = metric in ("service_level", "recent_service_level", "abandonment_rate", "occupancy")
    opens, clears = (0.5, 0.4) if share else (5, 4)
    return Rule(name=metric, metric=metric, scope=Scope(**scope), direction="above", opens=opens, clears=clears)


def test_every_figure_is_that_of_the_board(make_settings: Callable[..., Settings]) -> None:
    chosen = random.Random(5)
    sites = {"north": {"open": ALWAYS_OPEN}, "south": {"open": ALWAYS_OPEN}}
    with desk(make_settings, sites=sites) as ours:
        bodies = []
        for n in range(120):
            site, begins = chosen.choice(["north", "south"]), chosen.uniform(-7000, -5)
            queue, channel = chosen.choice(["main", "billing"]), chosen.choice(["voice", "chat"])
            wait, fate = chosen.uniform(1, 60), chosen.choice(["answered", "answered", "abandoned", "waiting"])
            told = [event("offered", f"c{n}", begins, queue=queue, channel=channel, language="de")]
            if fate != "waiting" and begins + wait < 0:
                told.append(event(fate, f"c{n}", begins + wait, **({"agent_id": "a"} if fate == "answered" else {})))
                if fate == "answered" and begins + wait + 300 < 0:
                    told.append(event("completed", f"c{n}", begins + wait + 300))
            bodies += [body | {"source": site} for body in told]
        # Somebody from days ago still waits.
        bodies.append(event("offered", "old", -3 * 86_400, queue="main", channel="messaging") | {"source": "north"})
        for n in range(30):
            told_at, state = chosen.uniform(-6000, 0), chosen.choice(["available", "busy", "wrap_up", "break"])
            body = event("agent.state_changed", f"agent{n % 9}", told_at, state=state)
            bodies.append(body | {"id": f"s{n}", "source": ["north", "south"][n % 9 % 2]})
        ours.commit(*bodies)
        move_clock(ours.store, T0)
        look = Looking(ours.store.connection.cursor()).look(T0)
        instant = T0.astimezone(UTC).replace(tzinfo=None)
        span = [instant - timedelta(hours=168), instant + timedelta(days=1), instant]
        queues = ours.store.connection.execute("from queues_at(?, ?, ?)", span).df()
        agents = ours.store.connection.execute("from agents_at(?)", [instant]).df()
        for only in (None, "main"):
            selection = board.Selection(queues=[only] if only else [])
            rows = board.rows(queues, agents, "site", selection).set_index("key")
            for name, column in BY_BOARD.items():
                if only and name in ("available_agents", "occupancy"):
                    continue
                for site in ("north", "south"):
                    scope = Scope(site=site, queue=only)
                    seen = look.observation(watching(name), scope)
                    shown: Any = rows.loc[site, column]
                    wanted = None if pd.isna(shown) else float(shown)
                    assert seen.value == pytest.approx(wanted), (name, site, only)
        recent = look.observation(watching("waiting"), Scope(site="north"))
        assert recent.fed
        (rate,) = (metric for metric in LIVE_METRICS if metric.name == "recent_abandonment_rate")
        value, among = rate.of(row for row in look.contacts if row["site"] == "south")
        south = queues[queues["site"] == "south"]
        assert value == pytest.approx(south["recent_abandoned"].sum() / south["recent_offered"].sum())
        assert among == south["recent_offered"].sum()


def test_counts_of_a_site_without_contacts_are_nought_and_its_shares_none(
    make_settings: Callable[..., Settings],
) -> None:
    with desk(make_settings) as ours:
        move_clock(ours.store, T0)
        look = Looking(ours.store.connection.cursor()).look(T0)
        here = Scope(site="north")
        assert [look.observation(watching(name), here).value for name in BY_BOARD] == [
            0, 0, 0, None, None, None, 0, 0, None,
        ]  # fmt: skip


def test_whoever_waits_for_days_is_seen_between_two_slow_looks(make_settings: Callable[..., Settings]) -> None:
    with desk(make_settings) as ours:
        begins = -26 * 3600 + 20
        ours.commit(event("offered", "old", begins, queue="main", channel="messaging"))
        looking = Looking(ours.store.connection.cursor())
        for after_s in (0, 10, 20, 30):
            now = T0 + timedelta(seconds=after_s)
            move_clock(ours.store, now)
            seen = looking.look(now).observation(watching("longest_wait_s"), Scope(site="north"))
            assert seen.value == after_s - begins


@pytest.mark.parametrize(
    ("minutes", "silent"),
    [
        ([5] * 60, False),
        ([5] * 57 + [0] * 3, True),
        ([5] * 58 + [0] * 2, False),
        ([5, 0, 0, 0, 0] * 11 + [5, 0, 0, 0, 0], False),
        ([5, 0, 0, 0, 0] * 10 + [5] + [0] * 9, True),
        ([5, 0, 0, 0, 0] * 10 + [5] + [0] * 7, False),
        ([0] * 40 + [1] * 9 + [0] * 11, False),
        ([0] * 60, False),
        ([], False),
    ],
)
def test_a_site_has_fallen_silent_when_it_is_so_for_twice_as_long_as_ever_in_its_last_hour(
    minutes: list[int], silent: bool
) -> None:
    assert hushed(minutes) is silent


def test_the_figures_of_the_rules_there_are_without_configuration_need_no_agents() -> None:
    """Agents are asked for only when a rule watches them: a third of the time of a look."""
    about = {metric.name: metric.about for metric in LIVE_METRICS}
    assert {about[rule.metric] for rule in default_rules().values()} == {"contacts", "feed"}
