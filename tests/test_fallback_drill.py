"""A provider goes dark, as a fluid: the worked example to the figure, against small steps, and laws of every outage."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fallback.drill import Outage, diversion_needed, fluid
from models.fallback.overload import backlog, largest_load, overload
from models.staffing import Targets, agents_required, erlang_a

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "fallback_vectors.json"
DAY = Outage(
    own=[144.0] * 20, provider=[120.0] * 20, agents=[60] * 20, dark_from=8, dark_until=16, aht_s=300, patience_s=180
)


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))["outage"]
    return found


def test_before_and_during_are_those_of_the_example(case: dict[str, Any]) -> None:
    given = case["inputs"]
    own, both = given["own_erlangs"], given["own_erlangs"] + given["partner_erlangs"]
    for told, load in ((case["before"], own), (case["during"], both)):
        queue = erlang_a(given["in_house_agents"], load, given["aht_s"], given["patience_s"])
        found = {
            "sl_all": queue.service_level(20),
            "pab": queue.abandonment,
            "ew": queue.mean_wait_s,
            "occ": queue.occupancy,
            "lq": queue.queue_length,
        }
        for name, figure in told.items():
            assert float(found[name]) == pytest.approx(figure, rel=1e-9), name
    lost = float(queue.abandonment) * both * 3600 / given["aht_s"]
    assert lost == pytest.approx(case["abandoned_per_hour"], rel=1e-9)
    assert int(agents_required(both, 300, Targets(service_level=0.8, threshold_s=20))) == case["agents_needed_80_20"]


def test_the_fluid_figures_are_those_of_the_example(case: dict[str, Any]) -> None:
    found = overload(60, 88, 180)
    assert float(found.abandonment) == pytest.approx(case["fluid_abandon"], rel=1e-12)
    assert float(found.offered_wait_s) == pytest.approx(case["fluid_offered_wait_s"], rel=1e-12)
    told = case["backlog_if_nobody_abandons"]
    kept = backlog(60, 88, 48, 300, 2)
    assert (kept.growth_per_min, kept.contacts, kept.clear_min) == pytest.approx(
        (told["growth_per_min"], told["after_2h"], told["clear_minutes"]), rel=1e-12
    )


def test_the_share_to_divert_is_that_of_the_example(case: dict[str, Any]) -> None:
    """The reference looked at every half Erlang; ours is the exact load, of which that is the half below."""
    load = float(largest_load(60, 300, 180, 0.1))
    assert math.floor(load * 2) / 2 == case["max_erlangs_for_abandon_10pct"]
    assert float(erlang_a(60, load, 300, 180).abandonment) == pytest.approx(0.1, abs=1e-9)
    needed = diversion_needed(DAY, 0.1)
    assert needed[8:16] == pytest.approx((88 - load) / 40)
    assert not needed[:8].any()
    assert not needed[16:].any()
    assert (88 - math.floor(load * 2) / 2) / 40 == pytest.approx(case["divert_share_of_partner_load"], rel=1e-12)
    held = replace(DAY, diverted=float(needed[8]))
    assert held.offered[8] / 3 == pytest.approx(load)


def test_a_long_outage_settles_at_what_the_formula_says_and_ends_soon_after() -> None:
    found = fluid(DAY)
    steady = overload(60, 88, 180)
    assert found.lost_share[12] == pytest.approx(float(steady.abandonment), abs=1e-3)
    assert found.wait_s[12] == pytest.approx(float(steady.offered_wait_s), rel=1e-3)
    assert not found.lost[:8].any()
    assert found.normal_s is not None
    assert 16 * 900 < found.normal_s < 17 * 900


def by_small_steps(outage: Outage, step: float = 0.25) -> tuple[list[float], list[float]]:
    inside, lost, queue = min(outage.offered[0] / 900 * outage.aht_s, outage.agents[0]), [], []
    for contacts, agents in zip(outage.offered, outage.agents, strict=True):
        gone = 0.0
        for _ in range(int(900 / step)):
            waiting = max(0.0, inside - agents)
            gone += waiting / outage.patience_s * step
            inside += (contacts / 900 - min(inside, agents) / outage.aht_s - waiting / outage.patience_s) * step
        lost.append(gone)
        queue.append(max(0.0, inside - agents))
    return lost, queue


@pytest.mark.parametrize("patience", [180.0, 1500.0, math.inf])
def test_the_exact_course_is_that_of_small_steps_also_when_agents_come_and_go(patience: float) -> None:
    outage = replace(DAY, agents=[60, 60, 40, 70] * 5, patience_s=patience)
    found = fluid(outage)
    lost, queue = by_small_steps(outage)
    assert found.lost == pytest.approx(lost, rel=3e-3, abs=0.05)
    assert found.queue == pytest.approx(queue, rel=3e-3, abs=0.05)


def test_a_queue_that_outlasts_the_day_has_no_time_at_which_it_is_normal_again() -> None:
    mail = replace(DAY, patience_s=math.inf)
    assert fluid(mail).normal_s is None
    assert fluid(mail).queue[15] == pytest.approx(672, rel=0.02)
    long = replace(mail, own=[144.0] * 40, provider=[120.0] * 40, agents=[60] * 40)
    done = fluid(long).normal_s
    assert done is not None
    assert (done - 16 * 900) / 60 == pytest.approx(280, rel=0.02)


def test_without_agents_everybody_waits_for_ever_or_hangs_up() -> None:
    found = fluid(replace(DAY, agents=[60] * 12 + [0] * 8))
    assert math.isinf(found.wait_s[-1])
    assert found.normal_s is None
    assert found.lost_share[-1] == pytest.approx(1, abs=0.02)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), min_size=3, max_size=12),
    st.floats(0, 100),
    st.one_of(st.floats(20, 2000), st.just(math.inf)),
)
def test_losses_and_queues_grow_with_demand_and_nothing_gets_lost_twice(
    rows: list[tuple[int, int]], more: float, patience: float
) -> None:
    own, agents = [float(row[0]) for row in rows], [row[1] for row in rows[:-1]] + [10]
    less = Outage(own, [50.0] * len(own), agents, 1, 2, 240, patience)
    much = replace(less, provider=[50.0 + more] * len(own))
    one, other = fluid(less), fluid(much)
    assert one.lost.sum() <= other.lost.sum() + 1e-6
    assert (one.queue <= other.queue + 1e-6).all()
    assert (one.lost >= -1e-9).all()
    assert one.lost.sum() <= one.offered.sum() + 1e-6
    assert (one.normal_s or math.inf) <= (other.normal_s or math.inf) + 1e-6


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"agents": [0] * 20}, "agents: expected whole numbers, not all 0"),
        ({"agents": [1.5] * 20}, "agents: expected whole numbers"),
        ({"agents": [60]}, "expected own, provider and agents as rows of one length"),
        ({"own": [-1.0] * 20}, "expected own to be a finite number of at least 0, got -1"),
        ({"provider": [0.0] * 20}, "provider: expected contacts while it is dark, got none"),
        ({"dark_until": 8}, "expected 0 <= dark_from < dark_until <= 20, got 8 and 8"),
        ({"diverted": 1.1}, "diverted: expected a share from 0 to 1, got 1.1"),
        ({"aht_s": 0}, "expected aht_s to be a finite number above 0"),
        ({"patience_s": 0}, "expected patience_s to be a number above 0"),
    ],
)
def test_inputs_outside_reason_are_refused_with_what_was_expected(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(DAY, **change)


def test_a_backlog_that_nobody_has_time_for_is_never_cleared() -> None:
    assert math.isinf(backlog(60, 88, 60, 300, 2).clear_min)
    assert backlog(60, 50, 60, 300, 2).clear_min == 0
    assert np.asarray(largest_load(0, 300, 180, 0.1)) == 0
