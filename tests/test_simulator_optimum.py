"""The truth's own optimum: the base of own agents that is cheapest, found by trying every one."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.simulator.demo.terms import write_terms
from ingest.simulator.playing.command import DEMO
from ingest.simulator.scenario.file import load
from ingest.simulator.truth.optimum import QUARTER_MS, Work, optimum
from ingest.simulator.world import World
from models.billing.in_house import unit_cost
from models.fallback.base_peak import base_peak
from models.terms.in_house import InHouseCosts
from tests.worlds import MONDAY, scenario


def work_of(*loads: float) -> Work:
    """So many agents at work in one quarter-hour after the other."""
    work = Work()
    for number, agents in enumerate(loads):
        for agent in range(int(agents) + 1):
            part = min(1.0, agents - agent)
            work.done(number * QUARTER_MS, number * QUARTER_MS + round(part * QUARTER_MS), 1)
    return work


def test_work_counts_where_it_is_done_and_a_chat_by_its_part_of_the_agent() -> None:
    work = Work()
    work.done(QUARTER_MS // 2, 2 * QUARTER_MS + 90_000, 1)
    work.done(QUARTER_MS, 2 * QUARTER_MS, 3)
    assert work.loads == pytest.approx({0: 0.5, 1: 1 + 1 / 3, 2: 0.1})
    assert work.hours == pytest.approx((0.5 + 1 + 1 / 3 + 0.1) / 4)


def test_the_optimum_of_a_day_is_as_worked_out_by_hand() -> None:
    """Loads 1, 2, 4 and 1 are 2 agent-hours; at 40.00 bought and 26.00 own, one agent is busy throughout."""
    found = optimum(work_of(1, 2, 4, 1), 26.0, 80.0)
    assert found is not None
    assert (found["quarter_hours"], found["agent_hours"], found["busiest"]) == (4, 2.0, 4.0)
    assert (found["bought_hour"], found["price_ratio"]) == (40.0, 0.65)
    # 26 + 1 agent-hour bought; none 80; two would be 52 + half an agent-hour.
    assert (found["base"], found["cost"], found["cost_of_none"], found["cost_of_all"]) == (1, 66.0, 80.0, 104.0)
    # The second is used for half of the time, and so is worth half of what a bought hour costs; then it is kept.
    assert (found["base_by_ratio"]["0.50"], found["base_by_ratio"]["0.55"]) == (2, 1)


def test_where_an_own_hour_is_dearer_nothing_is_kept() -> None:
    found = optimum(work_of(3, 3), 50.0, 1.5 * 40)
    assert found is not None
    assert (found["base"], found["cost"]) == (0, found["cost_of_none"])


@pytest.mark.parametrize(("work", "paid"), [(Work(), 10.0), (work_of(1.0), 0.0)])
def test_without_work_or_pay_there_is_none(work: Work, paid: float) -> None:
    assert optimum(work, 10.0, paid) is None


@settings(deadline=None)
@given(st.lists(st.integers(1, 40).map(lambda n: n / 4), min_size=1, max_size=40), st.floats(0.05, 1.2))
def test_it_is_the_split_the_product_recommends_of_the_same_loads(loads: list[float], ratio: float) -> None:
    """Two ways: here every base is tried, there seats are counted that are used enough."""
    hours = sum(loads) / 4
    found = optimum(work_of(*loads), ratio, hours)
    assert found is not None
    model = base_peak(np.array(list(work_of(*loads).loads.values())), own_cost=ratio, bought_cost=1.0)
    assert found["cost"] == pytest.approx(model.best.cost, abs=0.006)
    used = [float(np.clip(np.array(loads) - seat, 0, 1).mean()) for seat in range(11)]
    if min(abs(each - ratio) for each in used) > 1e-3:
        assert found["base"] == model.best.base


def truth(tmp_path: Path, *changes: tuple[str, Any]) -> dict[str, Any]:
    """Of two days of the small world."""
    world = World(scenario(*changes), 1, MONDAY, MONDAY + timedelta(days=2), tmp_path)
    for _ in world.play():
        pass
    world.write_truth(tmp_path)
    found: dict[str, Any] = json.loads((tmp_path / "truth.json").read_text())
    return found


def test_the_truth_has_it_for_sites_that_bill_and_only_with_an_own_price(tmp_path: Path) -> None:
    assert all("optimum" not in site for site in truth(tmp_path)["sites"].values())
    told = truth(tmp_path, ("own_hour", 30.0))
    assert "optimum" not in told["sites"]["home"]
    away = told["sites"]["away"]["optimum"]
    paid = sum(float(month["right_amount"]) for month in told["bills"]["away"])
    assert away["bought_hour"] * away["agent_hours"] == pytest.approx(paid, rel=1e-5)
    weeks = told["sites"]["away"]["weeks"]
    handled = sum(week["talk_ms"] + week["hold_ms"] + week["wrap_ms"] for week in weeks) / 3_600_000
    # Two thirds of each chat's time is another chat's.
    assert handled / 3 < away["agent_hours"] < handled


def test_prices_in_two_currencies_are_not_compared(tmp_path: Path) -> None:
    billing = {"unit": "contact", "rate": "2.00", "currency": "GBP"}
    told = truth(
        tmp_path, ("own_hour", 30.0), ("sites.home.billing", {"unit": "hour", "rate": "20"}),
        ("sites.away.billing", billing),
    )  # fmt: skip
    assert "optimum" not in told["sites"]["away"]


def test_the_demos_own_price_is_what_its_in_house_costs_come_to(tmp_path: Path) -> None:
    demo = load(DEMO)
    write_terms(tmp_path / "terms", demo, MONDAY.date())
    costs = InHouseCosts.model_validate(tomllib.loads((tmp_path / "terms" / "in-house.toml").read_text()))
    assert demo.own_hour == round(float(unit_cost(costs.periods[0]).per_available_hour), 2)
