"""Many sites at once: small ones are drawn to the others, and neither luck nor multiplicity makes one stand out."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from models.fairness.funnel import Place, Team, funnel, ratio_limits, share_limits
from models.fairness.screening import screen
from models.fairness.shrinkage import STRONGEST, Prior, fit_prior, pool_logits, shrink
from models.fairness.sums import Counts

SITES = [Counts(80, 100), Counts(300, 500), Counts(45, 50), Counts(700, 1000), Counts(9, 20)]


def test_the_prior_is_the_likeliest_by_another_search() -> None:
    x, n = [site.x for site in SITES], [site.n for site in SITES]

    def minus(at: np.ndarray) -> float:
        return -float(np.sum(stats.betabinom.logpmf(x, n, np.exp(at[0]), np.exp(at[1]))))

    found = optimize.minimize(minus, np.array([1.0, 1.0]), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-9})
    a, b = np.exp(found.x)
    prior = fit_prior(SITES)
    assert prior is not None
    assert (prior.mean, prior.strength) == pytest.approx((a / (a + b), a + b), rel=1e-4)


def test_the_prior_finds_the_sites_it_was_drawn_from() -> None:
    random = np.random.default_rng(8)
    truth = random.beta(80, 20, 400)
    prior = fit_prior([Counts(int(random.binomial(300, p)), 300) for p in truth])
    assert prior is not None
    assert prior.mean == pytest.approx(0.8, abs=0.01)
    assert prior.strength == pytest.approx(100, rel=0.2)


def test_sites_that_differ_no_more_than_chance_are_all_alike() -> None:
    sites = [Counts(80, 100)] * 5
    prior = fit_prior(sites)
    assert prior is not None
    assert prior.strength == pytest.approx(STRONGEST, rel=1e-3)
    assert shrink(Counts(0, 10), prior).estimate == pytest.approx(0.8, abs=1e-4)
    pool = pool_logits(sites)
    assert pool is not None
    assert pool.tau2 == 0
    assert pool.estimates == pytest.approx([80.5 / 101] * 5)


@pytest.mark.parametrize("sites", [[], SITES[:2], [*SITES[:2], Counts(0, 0)], [Counts(5, 5)] * 4, [Counts(0, 5)] * 4])
def test_too_little_to_tell_sites_apart_gives_no_prior(sites: list[Counts]) -> None:
    assert fit_prior(sites) is None


def test_too_few_sites_are_not_pooled_and_one_without_contacts_has_no_estimate() -> None:
    assert pool_logits(SITES[:2]) is None
    pool = pool_logits([Counts(0, 0), *SITES])
    assert pool is not None
    assert pool.estimates[0] is None
    assert [estimate is not None for estimate in pool.estimates[1:]] == [True] * 5


@settings(deadline=None)
@given(st.floats(0.01, 0.99), st.floats(1, 1000), st.integers(0, 1000), st.data())
def test_an_estimate_lies_between_the_site_and_the_others(
    mean: float, strength: float, n: int, data: st.DataObject
) -> None:
    x = data.draw(st.integers(0, n))
    found = shrink(Counts(x, n), Prior(mean, strength))
    raw = mean if found.raw is None else found.raw
    assert min(mean, raw) - 1e-9 <= found.estimate <= max(mean, raw) + 1e-9
    assert found.estimate == pytest.approx(found.weight_on_own * raw + (1 - found.weight_on_own) * mean)
    assert 0 <= found.interval.low <= found.interval.high <= 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=12))
def test_any_sites_give_a_prior_or_none(pairs: list[tuple[int, int]]) -> None:
    prior = fit_prior([Counts(x, x + rest) for x, rest in pairs])
    if prior is not None:
        assert 0 < prior.mean < 1
        assert 0 < prior.strength <= STRONGEST * (1 + 1e-9)


def test_a_funnel_by_hand() -> None:
    """144 where 100 are expected: sqrt ratio 1.2, z = 0.2 * 2 * 10 = 4."""
    found = funnel([Team(144, 100)])
    assert found is not None
    assert (found.phi, found.tau2) == pytest.approx((16, 0))
    point = found.points[0]
    assert point is not None
    assert (point.ratio, point.z_by_chance, point.z) == pytest.approx((1.44, 4, 4))
    assert (point.place, point.place_by_chance) == (Place.BEYOND_998, Place.BEYOND_998)


def test_over_dispersion_by_hand() -> None:
    """z = 4 and -4 are winsorised to 3.2 and -3.2: phi 10.24, tau2 (2 * 10.24 - 1) / (800 - 400)."""
    found = funnel([Team(144, 100), Team(64, 100)])
    assert found is not None
    assert (found.phi, found.tau2) == pytest.approx((10.24, 0.0487))
    assert found.points[0] is not None
    assert found.points[0].z == pytest.approx(0.2 / math.sqrt(0.0025 + 0.0487))
    assert (found.points[0].place_by_chance, found.points[0].place) == (Place.BEYOND_998, Place.INSIDE)


def test_a_team_of_which_nothing_is_expected_has_no_point() -> None:
    found = funnel([Team(5, 0), Team(10, 10)])
    assert found is not None
    assert found.points[0] is None
    assert found.points[1] is not None
    assert found.points[1].place is Place.INSIDE
    assert funnel([]) is None
    assert funnel([Team(0, 0)]) is None


def test_limits_of_a_funnel_are_where_places_change() -> None:
    for tau2 in (0.0, 0.01):
        limits = ratio_limits(400, tau2)
        assert limits.low_998 < limits.low_95 < 1 < limits.high_95 < limits.high_998
        z = (math.sqrt(limits.high_95) - 1) / math.sqrt(1 / 1600 + tau2)
        assert z == pytest.approx(1.959963985)
    assert ratio_limits(0.1).low_998 == 0
    high = ratio_limits(400).high_998
    for ratio, place in ((high * 0.999, Place.BEYOND_95), (high * 1.001, Place.BEYOND_998)):
        found = funnel([Team(400 * ratio, 400)])
        assert found is not None
        assert found.points[0] is not None
        assert found.points[0].place is place


def test_over_dispersion_only_brings_teams_nearer() -> None:
    random = np.random.default_rng(9)
    expected = random.uniform(50, 2000, 40)
    found = funnel([Team(float(e * r**2), float(e)) for e, r in zip(expected, random.normal(1, 0.1, 40), strict=True)])
    assert found is not None
    # 0.1 squared, less what winsorising takes away.
    assert 0.003 < found.tau2 < 0.011
    assert all(point is not None and abs(point.z) <= abs(point.z_by_chance) for point in found.points)


@settings(deadline=None)
@given(st.integers(1, 5000), st.floats(0.001, 0.999))
def test_limits_of_shares_are_in_order_and_in_bounds(n: int, centre: float) -> None:
    found = share_limits(n, centre)
    limits = [found.low_998, found.low_95, found.high_95, found.high_998]
    assert limits == sorted(limits)
    assert limits[0] >= 0
    assert limits[-1] <= 1


def test_limits_of_shares_tend_to_the_normal() -> None:
    found = share_limits(1_000_000, 0.8)
    assert found.high_95 - 0.8 == pytest.approx(1.96 * 0.0004, rel=1e-2)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: Team(-1, 2), "observed to be at least 0"),
        (lambda: Team(1, math.nan), "expected to be a finite number"),
        (lambda: ratio_limits(0), "expected to be above 0"),
        (lambda: ratio_limits(1, -1), "tau2 to be at least 0"),
        (lambda: share_limits(0, 0.5), "n to be at least 1"),
        (lambda: share_limits(10, 1.0), "centre to be between 0 and 1"),
        (lambda: Prior(1, 10), "mean to be between 0 and 1"),
        (lambda: Prior(0.5, 0), "strength to be above 0"),
        (lambda: screen([]), "at least one comparison"),
        (lambda: screen([0.5, 1.5]), "p to be from 0 to 1, got 1.5"),
        (lambda: screen([math.nan]), "p to be a finite number"),
        (lambda: screen([0.5], false_share=0), "false_share to be between 0 and 1"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(ask: Callable[[], object], expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        ask()
    assert expected in str(refused.value)


def test_a_screen_by_hand() -> None:
    """Of four, 0.01 times 4 and 0.02 times 4/2 are at most 0.05; a comparison without data does not count."""
    found = screen([0.6, None, 0.02, 0.01, 0.9])
    assert [one and (round(one.adjusted_p, 10), one.stands_out) for one in found] == [
        (0.8, False), None, (0.04, True), (0.04, True), (0.9, False),
    ]  # fmt: skip
    assert screen([None, None]) == (None, None)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.randoms())
def test_a_screen_does_not_depend_on_the_order(p_values: list[float], random: Random) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)
    straight, shuffled = screen(p_values), screen([p_values[i] for i in order])
    assert [straight[i] for i in order] == list(shuffled)
    for p, one in zip(p_values, straight, strict=True):
        assert one is not None
        assert one.adjusted_p >= p or one.adjusted_p == pytest.approx(p)
        assert one.stands_out == (one.adjusted_p <= 0.05)


def test_of_a_screen_of_chance_hardly_any_screen_has_one_that_stands_out() -> None:
    random = np.random.default_rng(10)
    alarms = [
        any(one is not None and one.stands_out for one in screen(p)) for p in random.uniform(size=(400, 20)).tolist()
    ]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.03)
