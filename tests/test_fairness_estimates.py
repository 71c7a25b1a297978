"""One figure and its interval: sums are checked, nothing is made of nothing, and intervals hold what they promise."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.fairness.handle_times import log_normal_mean, mean_by_day, mean_if_independent
from models.fairness.intervals import Interval, normal_estimate, normal_quantile, student_estimate, two_sided_p
from models.fairness.sample_sizes import contacts_for_mean, contacts_for_share, contacts_for_share_arcsine
from models.fairness.shares import share, share_difference
from models.fairness.sums import Counts, Moments, Totals
from models.fairness.surveys import (
    Survey,
    net_promoter_score,
    non_response_bounds,
    ratings,
    weighted_for_non_response,
)

NAN = math.nan


@st.composite
def counts(draw: st.DrawFn, least: int = 1) -> Counts:
    n = draw(st.integers(least, 100_000))
    return Counts(draw(st.integers(0, n)), n)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Counts(-1, 5), "x to be from 0 to 5, got -1"),
        (lambda: Counts(6, 5), "x to be from 0 to 5, got 6"),
        (lambda: Counts(0, -1), "n to be at least 0, got -1"),
        (lambda: Counts(NAN, 5), "x to be a finite number, got nan"),
        (lambda: Counts(1, math.inf), "n to be a finite number, got inf"),
        (lambda: Totals(NAN, 5), "total to be a finite number"),
        (lambda: Totals(5, 0), "a total of 0 over 0 contacts, got 5"),
        (lambda: Totals(5, -2), "n to be at least 0, got -2"),
        (lambda: Moments(10, 2, 49), "squares to be at least total^2 / n = 50, got 49"),
        (lambda: Moments(0, 0, 1), "squares to be at least"),
        (lambda: Moments(1, 1, NAN), "squares to be a finite number"),
        (lambda: Interval(2, 1), "low to be at most high, got 2 and 1"),
        (lambda: Interval(NAN, 1), "low to be at most high"),
        (lambda: share(3, 2), "x to be from 0 to 2, got 3"),
        (lambda: share(1, 2, level=1), "level to be between 0 and 1, got 1"),
        (lambda: share_difference(Counts(1, 2), Counts(1, 2), level=0), "level to be between 0 and 1"),
        (lambda: normal_estimate(1, -1), "se to be at least 0"),
        (lambda: normal_estimate(NAN, 1), "value to be a finite number"),
        (lambda: student_estimate(1, 1, 0), "degrees to be above 0, got 0"),
        (lambda: normal_quantile(95), "level to be between 0 and 1, got 95"),
        (lambda: two_sided_p(NAN), "z to be a number"),
        (lambda: ratings([1, 2, 3, 4]), "5 counts, of the answers 1 to 5, got 4"),
        (lambda: ratings([]), "5 counts"),
        (lambda: ratings([1, 2, 3, 4, -1]), "a count to be at least 0, got -1"),
        (lambda: net_promoter_score(3, 3, 5), "promoters + detractors to be from 0 to 5, got 6"),
        (lambda: net_promoter_score(-1, 2, 5), "promoters to be at least 0"),
        (lambda: Survey(5, 6, 1), "answered to be from 0 to 5, got 6"),
        (lambda: Survey(5, 2, 3), "positive to be from 0 to 2, got 3"),
        (lambda: contacts_for_share(0, 0.8), "a difference other than 0"),
        (lambda: contacts_for_share_arcsine(0, 0.8), "a difference other than 0"),
        (lambda: contacts_for_share(0.3, 0.8), "base + difference to be between 0 and 1"),
        (lambda: contacts_for_share(0.1, 0), "base to be between 0 and 1, got 0"),
        (lambda: contacts_for_mean(1, 0), "variance to be above 0, got 0"),
        (lambda: contacts_for_mean(1, 1, power=1), "power to be between 0 and 1"),
        (lambda: log_normal_mean(-1, 0, 0), "n to be at least 0"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(make: Callable[[], object], expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        make()
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    "found",
    [
        Counts(0, 0).share,
        Totals(0, 0).mean,
        Moments(5, 1, 25).variance,
        share(0, 0),
        share_difference(Counts(0, 0), Counts(1, 2)),
        share_difference(Counts(1, 2), Counts(0, 0)),
        mean_by_day([]),
        mean_by_day([Totals(100, 2), Totals(0, 0)]),
        mean_if_independent(Moments(0, 0, 0)),
        mean_if_independent(Moments(5, 1, 25)),
        log_normal_mean(0, 0, 0),
        log_normal_mean(1, 2, 4),
        ratings([0, 0, 0, 0, 0]),
        ratings([0, 0, 0, 0, 1]),
        net_promoter_score(0, 0, 0),
        non_response_bounds(Survey(0, 0, 0)),
        Survey(0, 0, 0).response_rate,
        weighted_for_non_response({}),
        weighted_for_non_response({"billing": Survey(10, 0, 0)}),
    ],
)
def test_nothing_to_divide_by_is_no_data(found: object) -> None:
    assert found is None


def test_wilson_by_hand() -> None:
    """Wilson's interval of 0 of 10 ends at z^2 / (n + z^2)."""
    found = share(0, 10)
    assert found is not None
    assert found.interval.low == 0
    assert found.interval.high == pytest.approx(1.959963985**2 / (10 + 1.959963985**2), rel=1e-8)


@settings(deadline=None)
@given(counts())
def test_a_share_lies_in_its_interval_and_the_interval_in_0_to_1(one: Counts) -> None:
    found = share(one.x, one.n)
    assert found is not None
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1


@settings(deadline=None)
@given(counts(), counts())
def test_a_difference_turns_round_with_its_sides(a: Counts, b: Counts) -> None:
    one, other = share_difference(a, b), share_difference(b, a)
    assert one is not None
    assert other is not None
    assert one.value == -other.value
    assert one.interval.low == pytest.approx(-other.interval.high, abs=1e-12)
    assert one.interval.low <= one.value <= one.interval.high


@settings(deadline=None)
@given(st.floats(-5, 5))
def test_p_and_the_normal_quantile_are_inverse(z: float) -> None:
    p = two_sided_p(z)
    assert p == two_sided_p(-z)
    if 1e-3 < p < 1:
        assert normal_quantile(1 - p) == pytest.approx(abs(z), abs=1e-9)


def test_student_tends_to_the_normal_interval() -> None:
    student, normal = student_estimate(10, 2, 1e7), normal_estimate(10, 2)
    assert student.interval.low == pytest.approx(normal.interval.low, abs=1e-5)
    assert student_estimate(10, 2, 3).interval.high > normal.interval.high


def test_mean_by_day_by_hand() -> None:
    """Two days of 10 contacts at 100 s and 120 s: mean 110, errors -100 and 100, se sqrt(2 * 20000) / 20 = 10."""
    found = mean_by_day([Totals(1000, 10), Totals(1200, 10), Totals(0, 0)])
    assert found is not None
    assert (found.value, found.se) == pytest.approx((110, 10))
    assert found.interval.high == pytest.approx(110 + 12.7062047 * 10)


def test_days_that_differ_widen_the_interval_that_ignores_days() -> None:
    random = np.random.default_rng(1)
    days = [random.normal(300 + shift, 100, 500) for shift in random.normal(0, 20, 28)]
    times = np.concatenate(days)
    by_day = mean_by_day(Totals(float(day.sum()), len(day)) for day in days)
    independent = mean_if_independent(Moments(float(times.sum()), len(times), float((times**2).sum())))
    assert by_day is not None
    assert independent is not None
    assert by_day.value == pytest.approx(independent.value)
    assert independent.se == pytest.approx(stats.sem(times), rel=1e-9)
    assert (by_day.se or 0) > 3 * (independent.se or 0)


@settings(deadline=None)
@given(st.lists(st.floats(1, 3600), min_size=2, max_size=30))
def test_moments_give_the_variance_of_the_contacts_behind_them(times: list[float]) -> None:
    sums = Moments(math.fsum(times), len(times), math.fsum(time**2 for time in times))
    assert sums.mean == pytest.approx(np.mean(times))
    assert sums.variance == pytest.approx(np.var(times, ddof=1), rel=1e-6, abs=1e-6)


def test_the_log_normal_interval_holds_the_mean_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    truth = math.exp(5.5 + 0.8**2 / 2)
    held = 0
    for logs in random.normal(5.5, 0.8, (400, 60)):
        found = log_normal_mean(60, float(logs.sum()), float((logs**2).sum()))
        assert found is not None
        assert found.geometric_mean_s < found.mean_s
        held += found.interval_s.low <= truth <= found.interval_s.high
    assert 0.92 <= held / 400 <= 0.98


def test_answers_all_alike_are_not_certain() -> None:
    found = ratings([0, 0, 0, 0, 8])
    assert found is not None
    assert found.mean.value == found.mean.interval.high == 5
    assert found.mean.interval.low < 4.5
    score = net_promoter_score(8, 0, 8)
    assert score is not None
    assert score.value == score.interval.high == 100
    assert score.interval.low < 80
    middling = net_promoter_score(0, 0, 8)
    assert middling is not None
    assert middling.interval.low < -20 < 20 < middling.interval.high


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), min_size=5, max_size=5))
def test_ratings_stay_on_their_scale(histogram: list[int]) -> None:
    found = ratings(histogram)
    if found is None:
        assert sum(histogram) < 2
        return
    answers = np.repeat(np.arange(1, 6), histogram)
    assert found.mean.value == pytest.approx(answers.mean())
    assert found.top2.value == pytest.approx((answers >= 4).mean())
    assert 1 <= found.mean.interval.low <= found.mean.value <= found.mean.interval.high <= 5
    assert found.mean.interval.low < found.mean.interval.high


@settings(deadline=None)
@given(counts(), st.integers(0, 1000))
def test_what_is_observed_lies_within_what_the_silent_could_change(answers: Counts, silent: int) -> None:
    bounds = non_response_bounds(Survey(answers.n + silent, answers.n, answers.x))
    assert bounds is not None
    assert answers.share is not None
    assert bounds.low - 1e-12 <= answers.share <= bounds.high + 1e-12
    assert bounds.high - bounds.low == pytest.approx(silent / (answers.n + silent))


def test_a_group_nobody_answered_in_shows_in_the_coverage() -> None:
    groups = {"billing": Survey(600, 100, 80), "chat": Survey(200, 50, 20), "fax": Survey(200, 0, 0)}
    found = weighted_for_non_response(groups)
    assert found is not None
    assert found.coverage == pytest.approx(0.8)
    assert found.estimate.value == pytest.approx(0.75 * 0.8 + 0.25 * 0.4)
    assert found.estimate.se == pytest.approx(math.sqrt(0.75**2 * 0.16 / 100 + 0.25**2 * 0.24 / 50))


@settings(deadline=None)
@given(st.floats(0.01, 0.2), st.floats(0.2, 0.7))
def test_half_the_difference_takes_four_times_the_contacts(difference: float, base: float) -> None:
    whole, half = contacts_for_share(difference, base), contacts_for_share(difference / 2, base)
    assert half == pytest.approx(4 * whole)
    assert contacts_for_share(-difference / 2, base) == pytest.approx(half)


def test_so_many_contacts_do_see_the_difference_four_times_in_five() -> None:
    n = math.ceil(contacts_for_share_arcsine(0.05, 0.8))
    random = np.random.default_rng(3)
    a, b = random.binomial(n, 0.85, 20_000) / n, random.binomial(n, 0.8, 20_000) / n
    z = (a - b) / np.sqrt((a * (1 - a) + b * (1 - b)) / n)
    assert np.mean(np.abs(z) > 1.96) == pytest.approx(0.8, abs=0.015)
