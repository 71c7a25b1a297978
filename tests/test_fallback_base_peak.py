"""Base and peak: the worked example to the figure, against trying every base and against a linear programme."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from models.fallback.base_peak import base_peak, duration_curve, split_at

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "fallback_vectors.json"
LOADS = st.lists(st.one_of(st.integers(0, 80).map(float), st.floats(0, 80)), min_size=1, max_size=30)
COSTS = st.floats(1, 100)


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))["base_peak"]
    return found


def by_programme(load: list[float], own: float, bought: float, hours: float) -> tuple[float, float]:
    """Base and cost: least b own + sum of bought hours, with bought >= load - b in each interval."""
    n = len(load)
    cost = np.array([n * hours * own, *[hours * bought] * n])
    solved = linprog(cost, A_ub=-np.hstack((np.ones((n, 1)), np.eye(n))), b_ub=-np.array(load))
    assert solved.x is not None
    assert solved.fun is not None
    return float(solved.x[0]), float(solved.fun)


def test_the_worked_example_comes_out_to_the_figure(case: dict[str, Any]) -> None:
    found = base_peak(case["load"], own_cost=case["c_in"], bought_cost=case["c_out"], hours=0.5)
    assert found.critical_share == pytest.approx(case["critical_ratio"], rel=1e-12)
    assert found.best.base == case["optimal_base"]
    assert found.best.share_at_base == case["share_of_time_load_ge_base"]
    assert found.best.share_above == pytest.approx(case["share_ge_base_plus_1"], rel=1e-12)
    assert found.best.cost == pytest.approx(case["cost_opt"], rel=1e-12)
    assert found.all_bought == pytest.approx(case["cost_all_out"], rel=1e-12)
    assert found.all_own == pytest.approx(case["cost_all_in"], rel=1e-12)
    assert found.best.own_share == pytest.approx(case["inhouse_share_of_hours"], rel=1e-12)
    assert found.use == pytest.approx(case["inhouse_utilisation"], rel=1e-12)
    base, cost = by_programme(case["load"], case["c_in"], case["c_out"], 0.5)
    assert base == pytest.approx(case["lp_base"])
    assert cost == pytest.approx(case["lp_cost"])


@given(LOADS.filter(any), COSTS, COSTS)
def test_no_other_number_of_seats_is_cheaper(load: list[float], own: float, bought: float) -> None:
    found = base_peak(load, own_cost=own, bought_cost=bought)
    tried = [split_at(load, base, own, bought, 0.25).cost for base in range(82)]
    assert found.best.cost <= min(tried) * (1 + 1e-9)
    assert found.best.own_hours + found.best.bought_hours == pytest.approx(sum(load) * 0.25)


@given(LOADS.filter(any), COSTS, COSTS, st.floats(0, 50))
def test_a_dearer_provider_never_means_fewer_seats(load: list[float], own: float, bought: float, more: float) -> None:
    first, second = (base_peak(load, own_cost=own, bought_cost=price).best.base for price in (bought, bought + more))
    assert first <= second


def test_the_duration_curve_says_how_long_each_load_is_reached() -> None:
    loads, reached = duration_curve([3, 1, 3, 2])
    assert loads.tolist() == [3, 3, 2, 1]
    assert reached.tolist() == [0.5, 0.5, 0.75, 1]


def test_a_seat_that_costs_more_than_a_bought_hour_is_never_kept() -> None:
    found = base_peak([5, 5], own_cost=10, bought_cost=9)
    assert found.best.base == 0
    assert np.isnan(found.use)


@pytest.mark.parametrize(
    ("load", "own", "bought", "told"),
    [
        ([0, 0], 1, 2, "load: expected some load, got 0 in every interval"),
        ([], 1, 2, "load: expected a row of at least one interval"),
        ([1, -2], 1, 2, "expected load to be a finite number of at least 0, got -2"),
        ([1], -1, 2, "expected own_cost to be a finite number of at least 0, got -1"),
        ([1], 1, 0, "expected bought_cost to be a finite number above 0, got 0"),
    ],
)
def test_inputs_outside_reason_are_refused(load: list[float], own: float, bought: float, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        base_peak(load, own_cost=own, bought_cost=bought)
