"""Agents for targets: the least that meets them, never fewer for more load, never more for one pool than apart."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.staffing import (
    VARIANTS,
    Targets,
    agents_required,
    erlang_a,
    erlang_b,
    erlang_c,
    halfin_whitt_beta,
    halfin_whitt_waiting,
    lines_required,
    mean_patience_s,
    pooled_agents,
    pooled_service_level,
    square_root_agents,
)

EIGHTY_IN_20 = Targets(service_level=0.8, threshold_s=20)
NOISE = 1e-11

loads = st.one_of(st.floats(1e-3, 20), st.floats(1, 3000))
shares = st.floats(0.01, 0.99)
patiences = st.floats(0, 5).map(lambda power: 10.0**power)


@st.composite
def targets(draw: st.DrawFn) -> Targets:
    """At least a service level, by any variant, and some of the caps."""
    variant = draw(st.sampled_from(VARIANTS))
    return Targets(
        service_level=draw(shares),
        threshold_s=draw(st.floats(0, 600)),
        variant=variant,
        short_s=5.0 if variant == "sl_ignore_short" else None,
        max_abandonment=draw(st.none() | shares),
        max_occupancy=draw(st.none() | st.floats(0.1, 1)),
        max_waiting=draw(st.none() | shares),
    )


def meets(agents: int, a: float, aht_s: float, wanted: Targets, patience_s: float) -> bool:
    """Read off the queue itself, target by target."""
    if agents == 0:
        return a == 0
    queue = erlang_a(agents, a, aht_s, patience_s)
    if patience_s == math.inf and agents <= a:
        return False
    level = 1.0
    if wanted.threshold_s is not None:
        level = float(queue.service_level(wanted.threshold_s, wanted.variant, short_s=wanted.short_s))
    return (
        level >= (wanted.service_level or 0)
        and float(queue.abandonment) <= (wanted.max_abandonment or 1)
        and float(queue.occupancy) <= (wanted.max_occupancy or 1)
        and float(queue.waiting) <= (wanted.max_waiting or 1)
    )


@given(a=loads, aht_s=st.floats(30, 900), wanted=targets(), patience_s=patiences | st.just(math.inf))
@settings(max_examples=150, deadline=None)
def test_agents_are_enough_and_one_fewer_is_not(a: float, aht_s: float, wanted: Targets, patience_s: float) -> None:
    agents = int(agents_required(a, aht_s, wanted, patience_s=patience_s))
    assert meets(agents, a, aht_s, wanted, patience_s)
    assert not meets(agents - 1, a, aht_s, wanted, patience_s)


@given(
    a=st.lists(st.floats(0, 500), min_size=2, max_size=8), wanted=targets(), patience_s=patiences | st.just(math.inf)
)
@settings(max_examples=80, deadline=None)
def test_more_load_never_takes_fewer_agents(a: list[float], wanted: Targets, patience_s: float) -> None:
    agents = agents_required(sorted(a), 300, wanted, patience_s=patience_s)
    assert (np.diff(agents) >= 0).all()


@given(a=loads, patience_s=patiences, threshold_s=st.floats(0, 600), share=st.floats(0.05, 2))
@settings(max_examples=80, deadline=None)
def test_more_agents_never_lower_a_service_level_or_raise_abandonment(
    a: float, patience_s: float, threshold_s: float, share: float
) -> None:
    first = max(1, int(a * share))
    queue = erlang_a(np.arange(first, first + 30), a, 300, patience_s)
    for variant in VARIANTS:
        level = queue.service_level(threshold_s, variant, short_s=5 if variant == "sl_ignore_short" else None)
        assert (np.diff(level) >= -NOISE).all(), variant
    for falling in (queue.abandonment, queue.waiting, queue.occupancy):
        assert (np.diff(falling) <= NOISE).all()
    patient = erlang_c(np.arange(first, first + 30), a, 300)
    assert (np.diff(patient.service_level(threshold_s)) >= -NOISE).all()


@given(
    a=st.lists(st.floats(0, 200), min_size=1, max_size=5),
    aht_s=st.floats(60, 600),
    case=st.one_of(
        st.tuples(st.builds(Targets, max_abandonment=shares), patiences),
        st.tuples(st.builds(Targets, service_level=shares, threshold_s=st.floats(0, 120)), st.just(math.inf)),
        st.tuples(st.builds(Targets, max_waiting=shares, max_occupancy=st.floats(0.1, 1)), st.just(math.inf)),
    ),
)
@settings(max_examples=80, deadline=None)
def test_one_pool_never_takes_more_agents_than_queues_apart(
    a: list[float], aht_s: float, case: tuple[Targets, float]
) -> None:
    """Caps on abandonment, and anything where all are answered: a law. Short-handed pools may answer fewer at once."""
    wanted, patience_s = case
    pooled = int(agents_required(sum(a), aht_s, wanted, patience_s=patience_s))
    apart = int(agents_required(a, aht_s, wanted, patience_s=patience_s).sum())
    assert pooled <= apart
    found = pooled_agents(a, aht_s, wanted, patience_s=patience_s)
    assert (found.pooled, found.separate) == (pooled, apart)


@given(a=st.lists(st.floats(0, 200), min_size=1, max_size=5), wanted=targets(), patience_s=patiences)
@settings(max_examples=60, deadline=None)
def test_a_chain_lies_between_one_pool_and_queues_apart(a: list[float], wanted: Targets, patience_s: float) -> None:
    found = pooled_agents(a, 300, wanted, patience_s=patience_s)
    assert found.pooled <= found.chained <= found.separate == found.by_queue.sum()


def test_a_chain_takes_what_three_points_more_of_one_pool_take() -> None:
    found = pooled_agents([50] * 4, 300, EIGHTY_IN_20, patience_s=180)
    more = replace(EIGHTY_IN_20, service_level=0.83)
    assert found.chained == int(agents_required(200, 300, more, patience_s=180))
    assert found.pooled < found.chained < found.separate


def test_a_chain_without_a_reachable_service_level_takes_what_queues_apart_take() -> None:
    for wanted in (Targets(max_abandonment=0.05), Targets(service_level=0.98, threshold_s=20)):
        found = pooled_agents([10] * 4, 300, wanted, patience_s=180)
        assert found.pooled < found.chained == found.separate


def test_queues_of_different_handle_times_are_pooled_at_their_mean_over_contacts() -> None:
    found = pooled_service_level([3, 30], [2, 20], [60, 600], 20, patience_s=180)
    assert found.separate == pytest.approx(
        float(np.mean(erlang_a([3, 30], [2, 20], [60, 600], 180).service_level(20))), abs=1e-12
    )
    assert found.pooled == pytest.approx(float(erlang_a(33, 22, 330, 180).service_level(20)), abs=1e-12)


def test_pooling_no_load_at_all() -> None:
    found = pooled_agents([0, 0], 300, EIGHTY_IN_20)
    assert (found.separate, found.chained, found.pooled) == (0, 0, 0)
    assert math.isnan(pooled_service_level([1, 1], 0, 300, 20).pooled)


def test_intervals_answer_together_as_they_do_alone() -> None:
    a = np.array([[0, 1e-9, 0.5], [7, 93.5, 4900]])
    patience = np.array([30, 180, math.inf])
    together = agents_required(a, 300, EIGHTY_IN_20, patience_s=patience)
    assert together.shape == (2, 3)
    for place in np.ndindex(2, 3):
        assert together[place] == agents_required(a[place], 300, EIGHTY_IN_20, patience_s=patience[place[1]])
    assert together[0].tolist() == [0, 1, 2]
    assert together.dtype == np.int64


def test_no_intervals_take_nobody() -> None:
    assert agents_required([], 300, EIGHTY_IN_20).tolist() == []
    assert agents_required([], 300, EIGHTY_IN_20, patience_s=60).tolist() == []


def test_caps_take_more_agents_than_a_service_level_alone() -> None:
    """With 4,900 Erlang most of a service level can be had by letting people hang up."""

    def agents(**caps: Any) -> int:
        return int(agents_required(4900, 300, replace(EIGHTY_IN_20, **caps), patience_s=180))

    assert [agents(), agents(max_abandonment=0.05), agents(max_abandonment=0.03, max_occupancy=0.9)] == [
        4483,
        4656,
        5445,
    ]


def test_endless_patience_takes_more_agents_than_load_whatever_the_cap() -> None:
    assert int(agents_required(10, 300, Targets(max_abandonment=0.5))) == 11
    assert int(agents_required(10, 300, Targets(max_occupancy=1))) == 11
    assert int(agents_required(10, 300, Targets(max_abandonment=0.5), patience_s=180)) < 10


@given(a=st.floats(0, 3000), cap=shares)
@settings(max_examples=60, deadline=None)
def test_lines_are_enough_and_one_fewer_is_not(a: float, cap: float) -> None:
    lines = int(lines_required(a, cap))
    assert float(erlang_b(lines, a)) <= cap
    assert lines == 0 or float(erlang_b(lines - 1, a)) > cap


@given(waiting=st.floats(1e-6, 1 - 1e-6))
def test_beta_and_waiting_are_inverse(waiting: float) -> None:
    assert float(halfin_whitt_waiting(halfin_whitt_beta(waiting))) == pytest.approx(waiting, rel=1e-9)


def test_the_square_root_rule_is_off_by_one_agent_at_most() -> None:
    a = np.geomspace(0.5, 5000, 200)
    exact = agents_required(a, 300, EIGHTY_IN_20)
    assert np.abs(square_root_agents(a, 300, 0.8, 20) - exact).max() <= 1
    assert square_root_agents([0, 10], 300, 0.8, 20).tolist() == [0, 14]


def test_patience_counts_the_waits_of_the_answered_too() -> None:
    """Customers drawn with known patience, in a queue that answers at a random time."""
    random = np.random.default_rng(1)
    patience, offered = random.exponential(200, 100_000), random.exponential(100, 100_000)
    found = float(mean_patience_s(np.minimum(patience, offered).sum(), (patience < offered).sum()))
    assert found == pytest.approx(200, rel=0.02)
    assert patience[patience < offered].mean() < 80


def test_patience_of_nobody_who_hung_up() -> None:
    found = mean_patience_s([100, 0, 100, 0], [0, 0, 4, 4])
    assert found[0] == math.inf
    assert math.isnan(found[1])
    assert found[2:].tolist() == [25, 0]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({}, "a service level, or a cap on abandonment, occupancy or waiting, got none"),
        ({"service_level": 0.8}, "service_level and threshold_s together, got service_level 0.8 and threshold_s None"),
        ({"threshold_s": 20, "max_waiting": 0.5}, "service_level and threshold_s together"),
        ({"service_level": 1, "threshold_s": 20}, "service_level to be a share between 0 and 1, got 1"),
        ({"service_level": 80, "threshold_s": 20}, "service_level to be a share between 0 and 1, got 80"),
        ({"service_level": math.nan, "threshold_s": 20}, "service_level to be a share between 0 and 1, got nan"),
        ({"service_level": 0.8, "threshold_s": -1}, "threshold_s to be a finite number of at least 0, got -1"),
        ({"service_level": 0.8, "threshold_s": 20, "variant": "sl_own"}, "variant to be one of service_level, "),
        ({"service_level": 0.8, "threshold_s": 20, "variant": "sl_ignore_short"}, "short_s with sl_ignore_short"),
        ({"service_level": 0.8, "threshold_s": 20, "short_s": 5}, "only there, got 5 with service_level"),
        ({"max_abandonment": 0}, "max_abandonment to be a share between 0 and 1, got 0"),
        ({"max_occupancy": 1.1}, "max_occupancy to be a share above 0 and at most 1, got 1.1"),
    ],
)
def test_targets_out_of_reason_are_refused(wrong: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        Targets(**wrong)
    assert expected in str(refused.value)
