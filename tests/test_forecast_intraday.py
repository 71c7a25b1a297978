"""What has arrived draws the rest of the day to it, never the wrong way, and bands hold what they promise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.forecast.bands import ends
from models.forecast.dispersion import LEAST_DAY, Dispersion, measure
from models.forecast.forecast import Band, Forecast, Method
from models.forecast.history import history
from models.forecast.intraday import Base, conditional, update
from models.forecast.scores import bias, coverage, dispersion_index, mape, mase, poisson_floor, wape
from models.forecast.seasonal import forecast_day

DAY = date(2026, 6, 29)
NOW = datetime(2026, 6, 29, 9, tzinfo=UTC)
SPREAD = Dispersion(0.06, 0.05, 0.04, 0.03)


def base(expected: list[float], spread: Dispersion = SPREAD, days: int = 4, level: float = 0.9) -> Forecast:
    """Before anything has arrived; slots from 08:00 on."""
    basis = tuple(DAY - timedelta(weeks=week) for week in range(days, 0, -1))
    slots = tuple(range(32, 32 + len(expected)))
    return conditional(Base(DAY, basis, slots, tuple(expected), (days,) * len(expected), level, spread, ()), (), NOW)


def test_nothing_arrived_is_the_base_forecast() -> None:
    first = base([10, 20, 0, 5])
    assert update(first, (), made_at=NOW) == first
    assert (first.method, first.factor, first.weight, first.elapsed) == (Method.SEASONAL_MEAN, 1, 0, 0)


def test_a_gamma_distributed_level_gives_the_posterior_mean() -> None:
    """(1 / 0.05 + 30) / (1 / 0.05 + 20) for 30 where 20 were expected; few days in the mean widen both alike."""
    found = update(base([20, 40], Dispersion(0.05, 0.05, 0.05, 0.05)), [30], made_at=NOW)
    assert found.factor == pytest.approx(50 / 40)
    assert found.weight == pytest.approx(20 / 40)
    assert found.mean == pytest.approx((30, 50))
    assert found.total.mean == pytest.approx(80)
    assert (found.elapsed, found.method) == (1, Method.INTRADAY)


def test_the_weight_grows_to_the_days_own_level() -> None:
    level = Dispersion(0.05, 0.05, 0.05, 0.05)
    weights = [update(base([30.0] * 60, level), [45.0] * gone, made_at=NOW).weight for gone in (0, 1, 5, 20, 59)]
    assert weights == sorted(weights)
    assert weights[0] == 0
    assert weights[-1] > 0.98
    assert update(base([30.0] * 60, level), [45.0] * 59, made_at=NOW).mean[-1] == pytest.approx(45, rel=0.02)


def test_what_came_nearer_says_more() -> None:
    first = base([20.0] * 40)
    early, late = [20.0] * 30, [20.0] * 30
    early[0] = late[-1] = 60.0
    assert update(first, late, made_at=NOW).mean[30] > update(first, early, made_at=NOW).mean[30] > 20


def test_slots_nobody_counted_are_still_forecast() -> None:
    first = base([20.0, 20.0, 20.0])
    found = update(first, [40, None], made_at=NOW)
    assert found.mean[0] == found.low[0] == found.high[0] == 40
    assert found.low[1] < found.mean[1] < found.high[1]
    assert found.mean[1] > 20
    assert found.elapsed == 2
    assert found.total.mean == pytest.approx(sum(found.mean))
    assert update(first, [None, None], made_at=NOW).mean == first.mean


def test_where_none_were_expected_what_came_says_nothing_of_the_rest() -> None:
    found = update(base([0.0, 10.0]), [7], made_at=NOW)
    assert (found.mean, found.factor) == ((7, 10), 1)
    assert found.total.mean == 17


def test_a_day_on_which_nobody_comes_is_never_expected_to_take_contacts_back() -> None:
    """Rounding must not carry a factor below 0 where the weight is all but 1."""
    random = np.random.default_rng(1)
    for _ in range(200):
        expected = random.choice([0.05, 0.3, 3, 50, 300], 20).tolist()
        spread = Dispersion(*sorted(random.choice([0.0025, 0.01, 0.1, 0.5], 4), reverse=True))
        found = update(base(expected, spread), [0] * int(random.integers(1, 20)), made_at=NOW)
        assert min(found.mean) >= 0


def test_a_day_that_is_over_ends_where_it_ended() -> None:
    found = update(base([5.0, 6.0]), [9, 2], made_at=NOW)
    assert found.total == Band(11, 11, 11)
    assert (found.low, found.mean, found.high) == ((9, 2),) * 3


def test_an_update_may_be_updated_with_all_since_the_morning() -> None:
    first = base([20.0] * 8)
    again = update(update(first, [30, 31], made_at=NOW), [30, 31, 10], made_at=NOW)
    assert again == update(first, [30, 31, 10], made_at=NOW)


def test_the_band_of_the_day_narrows_as_it_passes() -> None:
    first = base([20.0] * 12)
    widths = [(t := update(first, [20.0] * gone, made_at=NOW).total).high - t.low for gone in range(13)]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(("arrived", "said"), [
    ([1, 2, 3], "expected counts of at most the day's 2 slots, got 3"),
    ([1, -1], "expected contacts of slot 33 to be at least 0 or None, got -1"),
    ([float("nan")], "slot 32 .* got nan"),
])  # fmt: skip
def test_arrivals_that_cannot_be_are_refused(arrived: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        update(base([1.0, 2.0]), arrived, made_at=NOW)


def test_an_update_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        update(base([1.0]), (), made_at=datetime(2026, 6, 29))


spreads = st.lists(st.floats(0, 0.5), min_size=4, max_size=4).map(
    lambda parts: Dispersion(*sorted((max(part, LEAST_DAY) for part in parts), reverse=True))
)
means = st.lists(st.one_of(st.just(0.0), st.floats(0.05, 300)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=100)
@given(means, spreads, st.data())
def test_exactly_what_was_expected_changes_no_mean(
    expected: list[float], spread: Dispersion, data: st.DataObject
) -> None:
    first = base(expected, spread)
    found = update(first, expected[: data.draw(st.integers(0, len(expected)))], made_at=NOW)
    assert found.mean == first.mean
    assert (found.factor, found.total.mean) == pytest.approx((1, first.total.mean))


@settings(deadline=None, max_examples=150)
@given(means, spreads, st.integers(1, 6), st.data())
def test_more_arrivals_never_lower_a_number_of_the_rest(
    expected: list[float], spread: Dispersion, days: int, data: st.DataObject
) -> None:
    first = base(expected, spread, days)
    arrived = data.draw(st.lists(st.integers(0, 500), min_size=1, max_size=len(expected)))
    more = list(arrived)
    more[data.draw(st.integers(0, len(arrived) - 1))] += data.draw(st.integers(1, 300))
    fewer, found = (update(first, each, made_at=NOW) for each in (arrived, more))
    for name in ("mean", "low", "high"):
        pairs = zip(getattr(fewer, name), getattr(found, name), strict=True)
        assert all(a <= b + 1e-9 for a, b in pairs), name
    for name in ("mean", "low", "high"):
        rest_of_both = (getattr(each.total, name) - sum(counts) for each, counts in ((fewer, arrived), (found, more)))
        least, most = rest_of_both
        assert least <= most + 1e-6, name


@settings(deadline=None, max_examples=100)
@given(means, spreads, st.data())
def test_bands_hold_their_means_and_are_never_narrower_than_chance_alone(
    expected: list[float], spread: Dispersion, data: st.DataObject
) -> None:
    arrived = data.draw(st.lists(st.integers(0, 500), max_size=len(expected)))
    found = update(base(expected, spread), arrived, made_at=NOW)
    for low, mean, high in list(zip(found.low, found.mean, found.high, strict=True))[len(arrived) :]:
        assert low <= mean <= high
        assert low <= stats.poisson.ppf(0.05, mean)
        assert high >= stats.poisson.ppf(0.95, mean)
    rest = found.total.mean - sum(arrived)
    assert found.total.low <= found.total.mean <= found.total.high
    if len(arrived) < len(expected):
        assert found.total.low - sum(arrived) <= max(0.0, stats.poisson.ppf(0.05, max(rest, 0.0)))
        assert found.total.high - sum(arrived) >= stats.poisson.ppf(0.95, max(rest - 1e-9, 0.0))


@settings(deadline=None, max_examples=100)
@given(st.floats(0.01, 3000), st.floats(1.01, 40), st.sampled_from([0.005, 0.05, 0.1]))
def test_ends_are_quantiles_of_the_negative_binomial(mean: float, times: float, tail: float) -> None:
    size, chance = mean / (times - 1), 1 / times
    given_both = np.array([mean]), np.array([mean * times])
    low = min(stats.nbinom.ppf(tail, size, chance), stats.poisson.ppf(tail, mean), np.floor(mean))
    high = max(stats.nbinom.ppf(1 - tail, size, chance), stats.poisson.ppf(1 - tail, mean), np.ceil(mean))
    # An end may differ by one where the chance is reached but for rounding.
    (least,), (most,) = ends(tail, given_both, given_both)
    assert least == pytest.approx(max(low, 0), abs=1)
    assert most == pytest.approx(high, abs=1)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 3000), st.floats(1, 40)), min_size=2, max_size=20))
def test_an_end_is_the_same_whatever_it_is_searched_with(parts: list[tuple[float, float]]) -> None:
    mean = np.array([each for each, _ in parts])
    both = mean, mean * np.array([times for _, times in parts])
    together = ends(0.05, both, both)
    for place in range(len(parts)):
        one = mean[place : place + 1], both[1][place : place + 1]
        alone = ends(0.05, one, one)
        assert (together[0][place], together[1][place]) == (alone[0][0], alone[1][0])


def drawn_days(random: np.random.Generator, days: int, expected: np.ndarray, level: float, own: float) -> np.ndarray:
    """Poisson contacts, shape (days, slots), with a gamma factor of each day and one of each slot."""
    of_day = random.gamma(1 / level, level, (days, 1))
    return random.poisson(expected * of_day * random.gamma(1 / own, own, (days, expected.size)))


def test_dispersion_of_drawn_days_is_found_again() -> None:
    table = np.full((4000, 96), np.nan)
    table[:, 32:72] = drawn_days(np.random.default_rng(5), 4000, np.full(40, 25.0), 0.04, 0.1)
    found = measure([table[:2000], table[2000:]])
    assert (found.hour, found.hours, found.day) == pytest.approx((0.04,) * 3, rel=0.1)
    assert found.own == pytest.approx(0.04 + 0.1 + 0.004, rel=0.05)


def test_few_days_are_told_from_without_leaning() -> None:
    random = np.random.default_rng(6)
    table = np.full((6000, 96), np.nan)
    table[:, 32:72] = drawn_days(random, 6000, np.full(40, 25.0), 0.04, 0.1)
    assert measure(np.split(table, 2000)).day == pytest.approx(0.04, rel=0.1)


def test_days_alike_have_no_more_than_the_least_dispersion() -> None:
    table = np.full((4, 96), np.nan)
    assert measure([]) == measure([table]) == Dispersion(*[LEAST_DAY] * 4)
    table[:, 36:50] = 9
    assert measure([table]) == Dispersion(*[LEAST_DAY] * 4)


def test_a_dispersion_that_cannot_be_is_refused() -> None:
    for wrong in ((0.1, 0.2, 0, 0), (0.1, 0.1, 0.1, -0.1), (float("nan"), 0, 0, 0)):
        with pytest.raises(ValueError, match="expected own >= hour"):
            Dispersion(*wrong)


def test_on_drawn_days_bands_hold_about_what_they_promise() -> None:
    """Days whose level and slots are gamma-distributed, forecast from the eight weeks before, nine in ten."""
    random = np.random.default_rng(7)
    expected = np.concatenate([np.linspace(2, 40, 20), np.linspace(40, 5, 20)])
    slots = list(range(32, 72))
    days = np.datetime64(DAY) - np.arange(56, -1, -1)
    hits: dict[str, list[float]] = {"slots": [], "total": [], "late": [], "late total": []}
    for _ in range(500):
        table = drawn_days(random, 57, expected, 0.03, 0.05)
        past = history(np.repeat(days, 40), np.tile(slots, 57), table.ravel())
        first = forecast_day(past, DAY, slots, made_at=NOW)
        assert isinstance(first, Forecast)
        actual = table[-1].tolist()
        later = update(first, actual[:20], made_at=NOW)
        hits["slots"].append(coverage(actual, first.low, first.high) or 0)
        hits["late"].append(coverage(actual[20:], later.low[20:], later.high[20:]) or 0)
        hits["total"].append(first.total.low <= sum(actual) <= first.total.high)
        hits["late total"].append(later.total.low <= sum(actual) <= later.total.high)
    found = {name: float(np.mean(each)) for name, each in hits.items()}
    assert all(0.86 <= each <= 0.95 for each in found.values()), found


def test_scores_have_no_value_where_there_is_nothing_to_divide_by() -> None:
    assert (wape([], []), bias([0, 0], [1, 2]), mape([0, 2], [1, 2]), mape([], [])) == (None,) * 4
    assert (mase([], [], [1, 2, 3], 1), mase([1], [2], [1], 1), mase([1], [2], [3, 3], 1)) == (None,) * 3
    assert (coverage([], [], []), dispersion_index([1], [0])) == (None, None)
    assert coverage([1, 5, 9], [1, 2, 3], [2, 5, 8]) == pytest.approx(2 / 3)
    assert dispersion_index([8, 14], [10, 10]) == 1


def test_scores_of_what_does_not_belong_together_are_refused() -> None:
    calls: list[Any] = [
        lambda: wape([1, 2], [1]), lambda: bias([1], [float("nan")]), lambda: mase([1], [1], [1, 2], 0),
        lambda: poisson_floor(0), lambda: poisson_floor(float("inf")),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(ValueError, match="expected"):
            call()


def test_the_floor_of_a_small_mean_by_its_definition() -> None:
    for mean in (0.3, 1.0, 2.5, 7.0):
        counts = np.arange(200)
        by_hand = float(np.sum(np.abs(counts - mean) * stats.poisson.pmf(counts, mean))) / mean
        assert poisson_floor(mean) == pytest.approx(by_hand)
