"""Whether own people can take work over: the worked example to the figure, and laws every answer obeys."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fallback.absorb import absorb, absorb_bounds, occupancy_headroom
from models.fallback.pool import Aim, Pool, Standard
from models.staffing import Targets, agents_required, erlang_a

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "fallback_vectors.json"
PLANNED = Aim(Targets(service_level=0.8, threshold_s=20, max_occupancy=0.9))
HELD = Aim(Targets(service_level=0.8, threshold_s=20, max_abandonment=0.05), 180)
EXAMPLE = Standard(PLANNED, HELD, shrinkage=0.3062, interval_s=1800)
QUARTERS = Standard(Aim(Targets(service_level=0.8, threshold_s=20, max_abandonment=0.05, max_occupancy=0.9), 180))
POOL = Pool("de", own=[30, 40], moved=[20, 25], rostered=[20, 22], own_aht_s=300, moved_aht_s=360)
CONTACTS = st.integers(0, 120)


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))["capacity_test"]
    return found


def pool_of(case: dict[str, Any]) -> Pool:
    own, moved, rostered = ([row[name] for row in case["rows"]] for name in ("own", "partner", "available"))
    return Pool("example", own, moved, rostered, 312, 312)


def test_the_worked_example_comes_out_to_the_figure(case: dict[str, Any]) -> None:
    found = absorb(pool_of(case), EXAMPLE)
    for name, told, digits in (
        ("need_own", "need_own_C", 0),
        ("need_all", "need_all_C", 0),
        ("gap", "gap_all", 0),
        ("absorbable", "absorbable_contacts", 0),
        ("service_level_own", "sl_own_A", 4),
        ("service_level_all", "sl_if_all_absorbed_A", 4),
        ("occupancy_own", "occ_own", 4),
        ("abandonment_all", "abandon_if_all_absorbed", 4),
    ):
        assert np.round(getattr(found, name), digits).tolist() == [row[told] for row in case["rows"]], name
    assert found.absorbable.sum() == case["absorbable_total"]
    assert found.moved.sum() == case["partner_total"]
    assert found.share == pytest.approx(case["share"], rel=1e-12)
    assert found.peak_gap == case["headcount_gap_peak"]
    assert found.people == case["hire_at_shrinkage_0_3062"]


def test_occupancy_headroom_is_the_one_that_misleads(case: dict[str, Any]) -> None:
    """The reference prints occupancy to four places and added those up."""
    found = occupancy_headroom(pool_of(case), EXAMPLE, 0.85).sum()
    assert found == pytest.approx(case["naive_occupancy_headroom_contacts"], abs=0.1)


def test_what_fits_is_the_most_that_fits_by_trying_every_number() -> None:
    found = absorb(POOL, QUARTERS)
    for at, fits in enumerate(found.absorbable):
        extra = np.arange(POOL.moved[at] + 1)
        work = POOL.own[at] * 300 + extra * 360
        queue = erlang_a(POOL.rostered[at], work / 900, work / (POOL.own[at] + extra), 180)
        good = (queue.service_level(20) >= 0.8) & (queue.abandonment <= 0.05) & (queue.occupancy <= 0.9)
        assert fits == np.flatnonzero(good).max()
        assert good[: int(fits) + 1].all()


def test_free_agents_are_those_beyond_own_need() -> None:
    found = absorb(POOL, QUARTERS)
    assert (found.free == np.maximum(0, found.rostered - found.need_own)).all()


def test_short_contacts_on_top_of_long_ones_never_make_the_need_smaller() -> None:
    """By the mean handle time alone twenty contacts of 7 s would save an agent."""
    aim = Aim(Targets(service_level=0.8, threshold_s=60))
    found = absorb(Pool("mixed", [3], [20], [9], 2171, 7), Standard(aim))
    work = 3 * 2171 + 20 * 7
    assert int(agents_required(work / 900, work / 23, aim.targets)) < found.need_own[0]
    assert found.need_all[0] == found.need_own[0]


def test_with_nobody_on_shift_nothing_fits_and_a_quiet_quarter_needs_nobody() -> None:
    found = absorb(replace(POOL, own=[0, 0], moved=[5, 0], rostered=[0, 5]), QUARTERS)
    assert found.absorbable.tolist() == [0, 0]
    assert found.need_all[1] == 0


def test_patient_customers_are_never_promised_what_nobody_can_handle() -> None:
    """Without hang-ups a queue at or above its agents grows without end, whatever the caps are."""
    endless = Standard(Aim(Targets(max_abandonment=0.05)))
    found = absorb(replace(POOL, moved=[500, 500]), endless)
    assert ((np.asarray(POOL.own) * 300 + found.absorbable * 360) / 900 < POOL.rostered).all()


@settings(max_examples=25, deadline=None)
@given(CONTACTS, CONTACTS, st.integers(1, 90), st.integers(0, 40))
def test_more_demand_never_needs_fewer_people(own: int, moved: int, agents: int, more: int) -> None:
    pool = Pool("x", [own, own + more], [moved + 1, moved + 1], [agents, agents], 300, 300)
    found = absorb(pool, QUARTERS)
    assert found.need_all[0] <= found.need_all[1]
    assert found.need_own[0] <= found.need_own[1]
    assert found.gap[0] <= found.gap[1]
    assert found.absorbable[0] >= found.absorbable[1]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(CONTACTS, CONTACTS, st.integers(1, 60), st.integers(120, 600)), min_size=1, max_size=4))
def test_one_pool_never_needs_more_and_never_fits_less(rows: list[tuple[int, int, int, int]]) -> None:
    pools = [Pool(str(n), [own], [moved + 1], [agents], aht, aht) for n, (own, moved, agents, aht) in enumerate(rows)]
    found = absorb_bounds(pools, QUARTERS)
    for low, high in (found.absorbable, found.need_all[::-1], found.gap[::-1]):
        assert (low <= high).all()
    assert found.people[0] >= found.people[1]
    assert (found.absorbable[1] <= found.pooled.moved).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"moved": [0, 0]}, "de: moved: expected contacts to take over, got none"),
        ({"rostered": [0, 0]}, "de: rostered: expected agents in some interval, got an empty roster"),
        ({"own": [-1, 2]}, "expected own to be a finite number of at least 0, got -1"),
        ({"own": [1]}, "de: expected own, moved and rostered as rows of one length"),
        ({"own_aht_s": 0}, "expected own_aht_s to be a finite number above 0"),
    ],
)
def test_inputs_outside_reason_are_refused_with_what_was_expected(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(POOL, **change)


def test_a_standard_outside_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="expected shrinkage to be a share from 0 to below 1, got 1"):
        Standard(PLANNED, shrinkage=1)
    with pytest.raises(ValueError, match="expected interval_s"):
        Standard(PLANNED, interval_s=0)
    with pytest.raises(ValueError, match="expected patience_s"):
        Aim(PLANNED.targets, 0)
    with pytest.raises(ValueError, match="pools: expected at least one"):
        absorb_bounds([], QUARTERS)
    with pytest.raises(ValueError, match="one number of intervals"):
        absorb_bounds([POOL, Pool("y", [1], [1], [1], 300, 300)], QUARTERS)
