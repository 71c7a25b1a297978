"""Providers like for like: the same mix for both, refused where too little is in common, honest about its error."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.fairness.comparison import Comparison, Refusal, compare_means, compare_means_by_day, compare_shares
from models.fairness.direct import standardised_share
from models.fairness.expected import count_interval, observed_expected, reference_shares
from models.fairness.handle_times import mean_by_day
from models.fairness.intervals import Interval
from models.fairness.stratified import mantel_haenszel
from models.fairness.sums import Counts, Moments, Totals

STRATA = ("billing", "technical", "orders")


@st.composite
def shares(draw: st.DrawFn) -> dict[str, Counts]:
    sizes = {stratum: draw(st.integers(0, 2000)) for stratum in STRATA}
    return {stratum: Counts(draw(st.integers(0, n)), n) for stratum, n in sizes.items()}


weights = st.fixed_dictionaries({stratum: st.integers(0, 100) for stratum in STRATA})


def test_a_comparison_by_hand() -> None:
    """80 % and 40 % against 70 % and 30 %, at two to one: 66.7 % against 56.7 %."""
    a = {"billing": Counts(80, 100), "technical": Counts(40, 100)}
    b = {"billing": Counts(70, 100), "technical": Counts(30, 100)}
    found = compare_shares(a, b, {"billing": 2, "technical": 1})
    assert (found.a, found.b, found.difference) == pytest.approx((2 / 3, 17 / 30, 0.1))
    variance = 4 / 9 * (0.16 + 0.21) / 100 + 1 / 9 * (0.24 + 0.21) / 100
    assert found.se == pytest.approx(math.sqrt(variance))
    assert found.interval is not None
    assert found.interval.high == pytest.approx(0.1 + 1.959963985 * math.sqrt(variance))
    assert (found.crude_a, found.crude_b, found.coverage, found.refusal) == (0.6, 0.5, 1, None)
    assert found.strata == ("billing", "technical")
    assert found.only_looks_better is False


def test_strata_too_thin_on_either_side_are_left_out() -> None:
    a = {"billing": Counts(80, 100), "technical": Counts(29, 29), "orders": Counts(5, 100)}
    b = {"billing": Counts(70, 100), "technical": Counts(30, 100)}
    found = compare_shares(a, b, {"billing": 90, "technical": 5, "orders": 5})
    assert found.strata == ("billing",)
    assert found.coverage == pytest.approx(0.9)
    assert (found.a, found.b) == pytest.approx((0.8, 0.7))
    assert compare_shares(a, b, {"billing": 1, "technical": 1}, least=29).coverage == 1


def test_too_little_in_common_is_refused_but_crude_figures_are_told() -> None:
    a, b = {"billing": Counts(80, 100)}, {"technical": Counts(30, 100)}
    found = compare_shares(a, b, {"billing": 1, "technical": 1})
    assert found.refusal is Refusal.LOW_COVERAGE
    assert (found.crude_a, found.crude_b, found.coverage, found.strata) == (0.8, 0.3, 0, ())
    assert (found.a, found.b, found.difference, found.se, found.interval, found.z) == (None,) * 6
    assert found.only_looks_better is None


def test_exactly_the_coverage_needed_is_enough() -> None:
    a = b = {"billing": Counts(80, 100)}
    assert compare_shares(a, b, {"billing": 4, "fax": 1}).refusal is None
    assert compare_shares(a, b, {"billing": 3, "fax": 1}).refusal is Refusal.LOW_COVERAGE


@pytest.mark.parametrize("mix", [{}, {"billing": 0}])
def test_without_work_to_compare_on_there_is_no_comparison(mix: dict[str, float]) -> None:
    found = compare_shares({}, {"billing": Counts(1, 100)}, mix)
    assert found.refusal is Refusal.NO_MIX
    assert (found.crude_a, found.crude_b, found.crude_difference) == (None, 0.01, None)


def test_all_of_thirty_is_not_certain() -> None:
    a, b = {"billing": Counts(30, 30)}, {"billing": Counts(30, 30)}
    found = compare_shares(a, b, {"billing": 1})
    assert (found.a, found.b, found.difference) == (1, 1, 0)
    assert found.interval is not None
    assert found.interval.high > 0.03


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        (lambda: compare_shares({}, {}, {"billing": -1}), "the weight of billing to be at least 0, got -1"),
        (lambda: compare_shares({}, {}, {"billing": math.nan}), "the weight of billing to be a finite number"),
        (lambda: compare_shares({}, {}, {"billing": 1}, least=0), "least to be above 0"),
        (lambda: compare_shares({}, {}, {"billing": 1}, coverage_needed=0), "coverage_needed to be above 0"),
        (lambda: compare_means({}, {}, {"billing": 1}, coverage_needed=1.1), "coverage_needed to be from 0 to 1"),
        (lambda: observed_expected({"fax": Counts(1, 2)}, {}), "a reference share for every stratum"),
        (lambda: observed_expected({"fax": Counts(1, 2)}, {"fax": 2}), "the reference share of fax to be from 0 to 1"),
        (lambda: count_interval(-1), "observed to be at least 0"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(compare: Callable[[], object], expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        compare()
    assert expected in str(refused.value)


@settings(deadline=None)
@given(shares(), shares(), weights)
def test_sides_and_scale_of_the_mix_do_not_matter(
    a: dict[str, Counts], b: dict[str, Counts], mix: dict[str, int]
) -> None:
    one = compare_shares(a, b, mix)
    other = compare_shares(b, a, {stratum: 7.5 * weight for stratum, weight in mix.items()})
    assert 0 <= one.coverage <= 1
    assert one.coverage == pytest.approx(other.coverage)
    assert (one.refusal, one.strata) == (other.refusal, other.strata)
    if one.difference is not None and other.difference is not None:
        assert one.difference == pytest.approx(-other.difference, abs=1e-12)
        assert one.se == pytest.approx(other.se)
        assert one.interval is not None
        assert one.interval.low <= one.difference <= one.interval.high


@settings(deadline=None)
@given(shares(), shares())
def test_at_its_own_mix_a_provider_keeps_its_crude_figure(a: dict[str, Counts], b: dict[str, Counts]) -> None:
    found = compare_shares(a, b, {stratum: cell.n for stratum, cell in a.items()}, coverage_needed=1)
    if found.refusal is None:
        assert found.a == pytest.approx(found.crude_a)


@settings(deadline=None)
@given(shares(), shares(), weights)
def test_a_provider_better_in_every_stratum_is_better_like_for_like(
    a: dict[str, Counts], b: dict[str, Counts], mix: dict[str, int]
) -> None:
    found = compare_shares(a, b, mix)
    if found.difference is not None:
        apart = [(a[k].share or 0) - (b[k].share or 0) for k in STRATA if k in found.strata]
        assert min(apart) - 1e-12 <= found.difference <= max(apart) + 1e-12


def moments(times: np.ndarray) -> Moments:
    return Moments(float(times.sum()), len(times), float((times**2).sum()))


def test_means_with_one_stratum_are_the_two_sample_test() -> None:
    random = np.random.default_rng(4)
    a, b = random.normal(300, 80, 200), random.normal(320, 120, 400)
    found = compare_means({"billing": moments(a)}, {"billing": moments(b)}, {"billing": 1})
    test = stats.ttest_ind(a, b, equal_var=False)
    assert found.z == pytest.approx(test.statistic)
    assert found.a == pytest.approx(a.mean())


def test_a_mean_needs_two_contacts_whatever_is_asked_for() -> None:
    a = b = {"billing": moments(np.array([300.0]))}
    assert compare_means(a, b, {"billing": 1}, least=1).refusal is Refusal.LOW_COVERAGE


Days = dict[str, dict[int, Totals]]


def by_day(times: dict[str, list[np.ndarray]]) -> Days:
    return {
        stratum: {day: Totals(float(one.sum()), len(one)) for day, one in enumerate(days)}
        for stratum, days in times.items()
    }


def test_days_with_one_stratum_are_the_clustered_means() -> None:
    random = np.random.default_rng(5)
    a = by_day({"billing": [random.normal(300, 80, 50) for _ in range(7)]})
    b = by_day({"billing": [random.normal(320, 80, 60) for _ in range(5)]})
    found = compare_means_by_day(a, b, {"billing": 1})
    one, other = mean_by_day(a["billing"].values()), mean_by_day(b["billing"].values())
    assert one is not None
    assert other is not None
    assert found.difference == pytest.approx(one.value - other.value)
    assert found.se == pytest.approx(math.hypot(one.se or 0, other.se or 0))
    assert found.crude_a == pytest.approx(one.value)
    u, v = (one.se or 0) ** 2, (other.se or 0) ** 2
    degrees = (u + v) ** 2 / (u**2 / 6 + v**2 / 4)
    assert found.interval is not None
    half = (found.interval.high - found.interval.low) / 2
    assert half / (found.se or 1) == pytest.approx(stats.t.ppf(0.975, degrees))


def test_a_stratum_of_one_day_has_no_spread_and_is_left_out() -> None:
    a = {"billing": {1: Totals(3000, 40), 2: Totals(3300, 40)}, "orders": {1: Totals(9000, 90)}}
    found = compare_means_by_day(a, a, {"billing": 9, "orders": 1})
    assert found.strata == ("billing",)
    assert found.difference == 0


def test_a_stratum_without_spread_is_no_error() -> None:
    a = {"billing": {1: Totals(3000, 30), 2: Totals(3000, 30)}}
    found = compare_means_by_day(a, a, {"billing": 1})
    assert (found.se, found.z, found.difference) == (0, None, 0)


def coverage(compare: Callable[[Days, Days], Comparison], truth: float) -> float:
    """How often the interval holds the truth, when a bad day is bad for all strata of a provider."""
    random = np.random.default_rng(6)
    held = 0
    for _ in range(200):
        sides = []
        for shift in (0.0, truth):
            days = random.normal(0, 15, 28)
            sides.append(by_day({name: [random.normal(300 - shift + day, 80, 40) for day in days] for name in STRATA}))
        interval = compare(sides[0], sides[1]).interval
        assert interval is not None
        held += interval.low <= truth <= interval.high
    return held / 200


def test_the_interval_by_day_holds_the_truth_as_often_as_it_says() -> None:
    mix = dict.fromkeys(STRATA, 1.0)
    assert 0.91 <= coverage(lambda a, b: compare_means_by_day(a, b, mix), 10.0) <= 0.99


def test_strata_taken_for_independent_would_promise_too_much() -> None:
    """What `compare_means_by_day` avoids: the strata's own variances, added up, hold the truth too seldom."""

    def added_up(a: Days, b: Days) -> Comparison:
        parts = [compare_means_by_day({k: a[k]}, {k: b[k]}, {k: 1.0}) for k in STRATA]
        apart = sum(part.difference or 0 for part in parts) / 3
        se = math.sqrt(sum((part.se or 0) ** 2 for part in parts)) / 3
        interval = Interval(apart - 1.96 * se, apart + 1.96 * se)
        return Comparison(None, None, None, None, apart, se, interval, None, 1.0, (), None)

    assert coverage(added_up, 10.0) < 0.9


def test_the_interval_of_shares_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    p_a, p_b, n = (0.9, 0.7), (0.85, 0.68), ((200, 800), (700, 300))
    held = 0
    for _ in range(1000):
        a = {k: Counts(int(random.binomial(n[0][k], p_a[k])), n[0][k]) for k in (0, 1)}
        b = {k: Counts(int(random.binomial(n[1][k], p_b[k])), n[1][k]) for k in (0, 1)}
        interval = compare_shares(a, b, {0: 1, 1: 1}).interval
        assert interval is not None
        held += interval.low <= 0.035 <= interval.high
    assert 0.93 <= held / 1000 <= 0.97


def test_standardised_share_counts_contacts() -> None:
    assert standardised_share({"fax": Counts(1, 4)}, {"fax": 1.0}) == (0.25, 0.046875, 4)


def test_mantel_and_haenszel_with_one_stratum_are_the_plain_table() -> None:
    found = mantel_haenszel({"fax": Counts(30, 40), "x": Counts(1, 2)}, {"fax": Counts(20, 40), "x": Counts(0, 0)})
    assert found is not None
    assert found.difference == pytest.approx(0.25)
    assert found.odds_ratio == pytest.approx(3)
    assert found.odds_ratio_interval is not None
    # Woolf's variance, which is Robins, Breslow & Greenland's for one table.
    half = 1.959963985 * math.sqrt(1 / 30 + 1 / 10 + 1 / 20 + 1 / 20)
    assert math.log(found.odds_ratio_interval.high) == pytest.approx(math.log(3) + half)


def test_mantel_and_haenszel_say_so_where_there_is_no_ratio() -> None:
    assert mantel_haenszel({"fax": Counts(1, 2)}, {"orders": Counts(1, 2)}) is None
    alike = mantel_haenszel({"fax": Counts(5, 5)}, {"fax": Counts(7, 7)})
    assert alike is not None
    assert (alike.difference, alike.odds_ratio, alike.odds_ratio_interval, alike.chi_square) == (0, None, None, None)
    never = mantel_haenszel({"fax": Counts(0, 50)}, {"fax": Counts(10, 50)})
    assert never is not None
    assert never.difference == pytest.approx(-0.2)
    assert (never.odds_ratio, never.odds_ratio_interval) == (None, None)
    assert (never.chi_square or 0) > 10


def test_everybody_together_is_as_expected() -> None:
    side = {"billing": Counts(80, 100), "fax": Counts(0, 0)}
    found = observed_expected(side, reference_shares([side]))
    assert (found.observed, found.expected, found.ratio) == (80, 80, 1)
    assert found.interval is not None
    assert found.interval.low < 1 < found.interval.high


def test_where_nothing_is_expected_there_is_no_ratio() -> None:
    found = observed_expected({"billing": Counts(0, 100)}, {"billing": 0.0})
    assert (found.observed, found.expected, found.ratio, found.interval) == (0, 0, None, None)


@pytest.mark.parametrize(
    ("observed", "low", "high"),
    [(0, 0, 3.688879), (1, 0.025318, 5.571643), (5, 1.623486, 11.668332), (10, 4.790, 18.391), (100, 81.36, 121.63)],
)
def test_intervals_of_a_count_from_tables(observed: float, low: float, high: float) -> None:
    """Exact below 10 (Garwood's table), Byar's from 10 on."""
    found = count_interval(observed)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-3)


@settings(deadline=None)
@given(st.integers(10, 100_000), st.sampled_from([0.8, 0.95, 0.998]))
def test_byar_is_near_the_exact_interval(observed: int, level: float) -> None:
    found = count_interval(observed, level=level)
    tail = (1 - level) / 2
    assert found.low == pytest.approx(stats.chi2.ppf(tail, 2 * observed) / 2, rel=0.02)
    assert found.high == pytest.approx(stats.chi2.isf(tail, 2 * observed + 2) / 2, rel=0.01)
