"""Queues at their ends: no load, nobody to answer, overload, no or endless patience, and numbers out of reason."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.staffing import (
    VARIANTS,
    Targets,
    agents_required,
    agents_under_uncertainty,
    chat_agents,
    combined_shrinkage,
    concurrency_gain,
    erlang_a,
    erlang_b,
    erlang_c,
    expected_under_uncertainty,
    halfin_whitt_beta,
    halfin_whitt_waiting,
    lines_required,
    mean_patience_s,
    offered_load,
    people_scheduled,
    pooled_agents,
    pooled_service_level,
    scheduled,
    service_level_band,
    square_root_agents,
)

EIGHTY_IN_20 = Targets(service_level=0.8, threshold_s=20)


def numbers(*figures: NDArray[np.float64]) -> list[float]:
    return [float(figure) for figure in figures]


@pytest.mark.parametrize("agents", [0, 5])
def test_without_load_nobody_waits(agents: int) -> None:
    patient, queue = erlang_c(agents, 0, 300), erlang_a(agents, 0, 300, 60)
    assert erlang_b(agents, 0) == 0
    for found in (patient, queue):
        assert numbers(found.waiting, found.mean_wait_s, found.queue_length) == [0, 0, 0]
        assert found.service_level(0) == 1
        assert found.occupancy == 0 if agents else math.isnan(float(found.occupancy))
    assert patient.wait_quantile_s(0.99) == 0
    assert numbers(queue.abandonment, queue.mean_wait_answered_s) == [0, 0]
    for variant in VARIANTS:
        assert queue.service_level(20, variant, short_s=5 if variant == "sl_ignore_short" else None) == 1


def test_without_agents_everybody_hangs_up() -> None:
    assert erlang_b(0, 3) == 1
    queue = erlang_a(0, 3, 300, 60)
    assert numbers(queue.waiting, queue.abandonment, queue.mean_wait_s) == [1, 1, 60]
    assert queue.queue_length == pytest.approx(3 / 300 * 60)
    assert np.isnan([queue.mean_wait_answered_s, queue.occupancy, queue.service_level(20, "sl_answered_only")]).all()
    assert queue.service_level(20) == queue.service_level(20, "sl_ignore_within_T") == 0
    assert queue.service_level(20, "sl_positive") == pytest.approx(1 - math.exp(-20 / 60))


@pytest.mark.parametrize("agents", [0, 8, 10])
def test_patient_customers_of_too_few_agents_wait_for_ever(agents: int) -> None:
    found = erlang_c(agents, 10, 300)
    assert numbers(found.waiting, found.service_level(1e9)) == [1, 0]
    assert numbers(found.mean_wait_s, found.queue_length, found.wait_quantile_s(0.5)) == [math.inf] * 3
    assert found.occupancy == 1 if agents else math.isnan(float(found.occupancy))


def test_overload_answers_as_many_as_there_is_time_for() -> None:
    found = erlang_a([100, 1000, 5000], [300, 3000, 15000], 300, 180)
    np.testing.assert_allclose(found.abandonment, 2 / 3, atol=1e-9)
    np.testing.assert_allclose(found.occupancy, 1, atol=1e-9)
    # The offered wait at which two in three have hung up.
    np.testing.assert_allclose(found.mean_wait_answered_s, 180 * math.log(3), rtol=0.02)
    assert erlang_b(5000, 15000) == pytest.approx(2 / 3, abs=1e-4)


@pytest.mark.parametrize("patience_s", [math.inf, 1e12])
def test_endless_patience_is_erlang_c(patience_s: float) -> None:
    agents = np.array([9, 10, 11, 14, 40])
    queue, patient = erlang_a(agents, 10, 300, patience_s), erlang_c(agents, 10, 300)
    np.testing.assert_array_equal(queue.waiting, patient.waiting)
    np.testing.assert_array_equal(queue.mean_wait_s, patient.mean_wait_s)
    np.testing.assert_array_equal(queue.mean_wait_answered_s, patient.mean_wait_s)
    np.testing.assert_allclose(queue.abandonment, [0.1, 0, 0, 0, 0])
    for variant in VARIANTS:
        short_s = 5 if variant == "sl_ignore_short" else None
        np.testing.assert_allclose(queue.service_level(20, variant, short_s=short_s), patient.service_level(20))


@given(agents=st.integers(1, 3000), load=st.floats(0.1, 0.97))
@settings(max_examples=60, deadline=None)
def test_growing_patience_tends_to_erlang_c_and_shrinking_to_erlang_b(agents: int, load: float) -> None:
    a = agents * load
    patient = erlang_c(agents, a, 300)
    almost = erlang_a(agents, a, 300, 300 * 0.99e6)
    np.testing.assert_allclose(almost.waiting, patient.waiting, rtol=0.02, atol=1e-12)
    np.testing.assert_allclose(almost.service_level(20), patient.service_level(20), rtol=0.02)
    hasty = erlang_a(agents, a, 300, 1e-6)
    np.testing.assert_allclose(hasty.abandonment, erlang_b(agents, a), rtol=1e-4, atol=1e-12)


@given(
    agents=st.floats(1e-3, 5000),
    load=st.floats(1e-4, 100),
    patience=st.floats(-8, 8).map(lambda power: 10.0**power),
    threshold=st.floats(0, 1e4),
)
@settings(max_examples=300, deadline=None)
def test_every_figure_of_a_queue_is_in_its_range(agents: float, load: float, patience: float, threshold: float) -> None:
    """From thousandths of an agent, hundredfold overload and microseconds of patience to what never ends."""
    with np.errstate(all="raise", under="ignore"):
        queue = erlang_a(agents, agents * load, 60, 60 * patience)
        for variant in VARIANTS:
            level = queue.service_level(threshold, variant, short_s=5 if variant == "sl_ignore_short" else None)
            assert 0 <= level <= 1, variant
    for share in (queue.waiting, queue.abandonment, queue.occupancy):
        assert 0 <= share <= 1
    assert queue.abandonment <= queue.waiting
    assert queue.mean_wait_s >= 0
    assert queue.mean_wait_answered_s >= 0


@given(agents=st.floats(0.01, 5000), load=st.floats(0.7, 3))
def test_blocking_of_fractions_keeps_the_recursion(agents: float, load: float) -> None:
    """1 / B(n + 1) = 1 + (n + 1) / a / B(n), also between whole numbers."""
    a = agents * load
    before, after = 1 / float(erlang_b(agents, a)), 1 / float(erlang_b(agents + 1, a))
    assert after == pytest.approx(1 + (agents + 1) / a * before, rel=1e-9)


def test_a_threshold_per_interval_broadcasts() -> None:
    queue = erlang_a(np.array([[14], [16]]), 10, 180, 300)
    level = queue.service_level([0, 20, 60])
    assert level.shape == (2, 3)
    assert level[1, 2] == erlang_a(16, 10, 180, 300).service_level(60)
    assert level[0, 0] == pytest.approx(1 - float(queue.waiting[0, 0]))


def test_a_quantile_is_where_the_service_level_is_that_share() -> None:
    queue = erlang_c([52, 55], 50, 300)
    assert queue.service_level(queue.wait_quantile_s(0.9)) == pytest.approx(0.9)
    assert erlang_c(80, 50, 300).wait_quantile_s(0.9) == 0


def test_shrinkage_of_whole_people_does_not_round_up_a_rounding_error() -> None:
    assert people_scheduled([14, 14, 7, 0], [0.3, 0, 0.3, 0.5]).tolist() == [20, 14, 10, 0]
    assert people_scheduled(14.1, 0.3) == 21
    assert combined_shrinkage() == 0
    assert combined_shrinkage(0.1, [0.0, 0.5]).tolist() == pytest.approx([0.1, 0.55])


def test_chats_in_intervals_take_agents_in_intervals() -> None:
    found = chat_agents([0, 60, 120], 600, 2, Targets(max_abandonment=0.02), patience_s=180)
    assert found.slots.tolist() == [0, *agents_required([10, 20], 600, Targets(max_abandonment=0.02), patience_s=180)]
    assert found.agents.tolist() == [math.ceil(slots / 2) for slots in found.slots.tolist()]
    assert concurrency_gain(600, 480, 2) == pytest.approx(1.6)


def test_a_rate_that_is_known_is_not_uncertain() -> None:
    for patience_s in (180, math.inf):
        queue = erlang_a([25, 0], [20, 0], 300, patience_s)
        found = expected_under_uncertainty([25, 0], [20, 0], 300, 20, cv=0, patience_s=patience_s)
        np.testing.assert_allclose(found.service_level, queue.service_level(20))
        np.testing.assert_allclose(found.abandonment, queue.abandonment)
        np.testing.assert_allclose(found.occupancy, queue.occupancy)
        np.testing.assert_allclose(found.waiting, queue.waiting)
    band = service_level_band(25, 20, 300, 20, cv=0)
    assert band.low == band.high == pytest.approx(float(band.expected))


@given(cv=st.floats(0.001, 0.6), a=st.floats(1, 300), spare=st.floats(0.8, 1.4))
@settings(max_examples=40, deadline=None)
def test_expectations_are_means_over_drawn_rates(cv: float, a: float, spare: float) -> None:
    """Against rates that are equally likely: a plain mean over quantiles, weighted with their contacts."""
    agents = max(1, round(a * spare))
    rates = _gamma_quantiles(cv)
    queue = erlang_a(agents, a * rates, 300, 180)
    found = expected_under_uncertainty(agents, a, 300, 20, cv=cv, patience_s=180, variant="sl_answered_only")
    answered = (rates * queue.within(20).answered).sum() / (rates * (1 - queue.abandonment)).sum()
    assert float(found.service_level) == pytest.approx(answered, abs=2e-3)
    assert float(found.abandonment) == pytest.approx(float((rates * queue.abandonment).sum() / rates.sum()), abs=2e-3)
    assert float(found.occupancy) == pytest.approx(float(queue.occupancy.mean()), abs=2e-3)
    band = service_level_band(agents, a, 300, 20, cv=cv, patience_s=180, level=0.8)
    assert band.low <= band.high
    ends = erlang_a(agents, a * np.quantile(rates, [0.9, 0.1]), 300, 180).service_level(20)
    assert [float(band.low), float(band.high)] == pytest.approx(ends.tolist(), abs=5e-3)


def _gamma_quantiles(cv: float) -> NDArray[np.float64]:
    from scipy import stats

    places = (np.arange(4000) + 0.5) / 4000
    return np.asarray(stats.gamma.ppf(places, 1 / cv**2, scale=cv**2))


def test_uncertainty_takes_more_agents_and_none_without_load() -> None:
    agents = agents_under_uncertainty([0, 100, 100, 100], 300, EIGHTY_IN_20, cv=[0.2, 0, 0.1, 0.2], patience_s=180)
    assert agents[0] == 0
    assert agents[1] == agents_required(100, 300, EIGHTY_IN_20, patience_s=180)
    assert agents[1] < agents[2] < agents[3]
    capped = Targets(max_occupancy=0.8, max_waiting=0.5)
    patient = int(agents_under_uncertainty(20, 300, capped, cv=0.2))
    expected = [expected_under_uncertainty(n, 20, 300, 20, cv=0.2) for n in (patient - 1, patient)]
    assert expected[1].occupancy <= 0.8
    assert expected[0].occupancy > 0.8


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: erlang_b(-1, 1), "agents to be a finite number of at least 0, got -1"),
        (lambda: erlang_b(1, math.nan), "erlangs to be a finite number of at least 0, got nan"),
        (lambda: erlang_b(math.inf, 1), "agents to be a finite number of at least 0, got inf"),
        (lambda: erlang_b([1, 2], [1, 2, 3]), "numbers or arrays of one shape, got (2,), (3,)"),
        (lambda: erlang_c(1, 1, 0), "aht_s to be a finite number above 0, got 0"),
        (lambda: erlang_c(5, [1, -2], 60), "erlangs to be a finite number of at least 0, got -2"),
        (lambda: erlang_c(5, 1, 60).service_level(-1), "threshold_s to be a finite number of at least 0, got -1"),
        (lambda: erlang_c(5, 1, 60).wait_quantile_s(1), "share to be a share from 0 to below 1, got 1"),
        (lambda: erlang_a(5, 1, 60, 0), "patience_s to be a number above 0, got 0"),
        (lambda: erlang_a(5, 1, 60, math.nan), "patience_s to be a number above 0, got nan"),
        (lambda: erlang_a(5, 1, 60, 60).service_level(20, "sl_own"), "variant to be one of service_level, "),  # type: ignore[arg-type]
        (lambda: erlang_a(5, 1, 60, 60).service_level(20, "sl_ignore_short"), "short_s with sl_ignore_short"),
        (lambda: erlang_a(5, 1, 60, 60).service_level(20, short_s=5), "only there, got 5 with service_level"),
        (lambda: erlang_a(5, 1, 60, 60).within(math.nan), "threshold_s to be a finite number"),
        (lambda: offered_load(-1, 60), "contacts_per_hour to be a finite number of at least 0"),
        (lambda: agents_required(-1, 60, EIGHTY_IN_20), "erlangs to be a finite number of at least 0, got -1"),
        (lambda: agents_required(1, 60, EIGHTY_IN_20, patience_s=-5), "patience_s to be a number above 0, got -5"),
        (lambda: lines_required(1, 0), "max_blocking to be a share between 0 and 1, got 0"),
        (lambda: halfin_whitt_beta(1), "waiting to be a share between 0 and 1, got 1"),
        (lambda: halfin_whitt_waiting(-1), "beta to be a finite number of at least 0, got -1"),
        (lambda: square_root_agents(1, 60, 1, 20), "service_level to be a share between 0 and 1, got 1"),
        (lambda: mean_patience_s(-1, 2), "waited_s to be a finite number of at least 0"),
        (lambda: mean_patience_s(1, -2), "abandoned to be a finite number of at least 0"),
        (lambda: scheduled(14, 1), "shrinkage to be a share from 0 to below 1, got 1"),
        (lambda: scheduled(14, -0.1), "shrinkage to be a share from 0 to below 1, got -0.1"),
        (lambda: scheduled(-1, 0.3), "agents to be a finite number of at least 0"),
        (lambda: combined_shrinkage(0.3, 30), "shrinkage to be a share from 0 to below 1, got 30"),
        (lambda: chat_agents(60, 600, 0, EIGHTY_IN_20), "concurrency to be a finite number of at least 1, got 0"),
        (lambda: chat_agents(60, 600, 1.5, EIGHTY_IN_20), "concurrency to be a whole number, got 1.5"),
        (lambda: chat_agents(60, 0, 2, EIGHTY_IN_20), "chat_s to be a finite number above 0"),
        (lambda: pooled_agents([[1, 2], [3, 4]], 300, EIGHTY_IN_20), "one row of queues, got an array of shape (2, 2)"),  # type: ignore[list-item]
        (lambda: pooled_service_level([[1, 2]], [1, 2], 300, 20), "one row of queues, got an array of shape (1, 2)"),  # type: ignore[list-item]
        (lambda: expected_under_uncertainty(5, 1, 60, 20, cv=1), "cv to be a share from 0 to below 1, got 1"),
        (lambda: service_level_band(5, 1, 60, 20, cv=0.1, level=1), "level to be a share between 0 and 1, got 1"),
        (lambda: agents_under_uncertainty(5, 60, EIGHTY_IN_20, cv=-0.1), "cv to be a share from 0 to below 1"),
    ],
)
def test_numbers_out_of_reason_are_refused_with_what_was_expected(ask: Callable[[], object], expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        ask()
    assert expected in str(refused.value)


@pytest.mark.timeout(20)
def test_next_to_no_agent_is_none() -> None:
    hardly, nobody = (erlang_a(agents, [0.3, 30.0, 800.0], 300, 180) for agents in (2.3e-308, 0))
    assert np.array_equal(hardly.abandonment, nobody.abandonment)
    assert np.array_equal(hardly.mean_wait_s, nobody.mean_wait_s)
