"""A chart's limits come from its baseline and stay; its three rules, gaps and refusals do what they say."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fairness.control import Chart, Direction, NoLimits, Rule, Signal, rate_chart, share_chart, xmr_chart
from models.fairness.sums import Counts, Totals

# Mean 10, moving ranges all 2: limits 10 +/- 5.32, a sigma is 1.7733.
STEADY: list[float | None] = [9, 11] * 6


def rules(chart: Chart, rule: Rule) -> list[tuple[int, str]]:
    return [(signal.index, signal.direction.value) for signal in chart.signals if signal.rule is rule]


def test_single_values_by_hand() -> None:
    found = xmr_chart(STEADY)
    assert (found.centre, found.spread, found.range_limit) == pytest.approx((10, 2, 6.536))
    assert found.lower == pytest.approx([4.68] * 12)
    assert found.upper == pytest.approx([15.32] * 12)
    assert (found.signals, found.reason, found.baseline) == ((), None, 12)


def test_one_beyond_the_limits_is_a_signal_and_one_on_them_is_none() -> None:
    found = xmr_chart([*STEADY, 15.3, 15.4, 4.6])
    assert rules(found, Rule.BEYOND_LIMITS) == [(13, "above"), (14, "below")]


def test_two_of_three_beyond_two_sigma_on_one_side_are_a_signal() -> None:
    """Two sigma are at 13.55 and 6.45."""
    assert rules(xmr_chart([*STEADY, 14, 10.5, 14]), Rule.TWO_OF_THREE) == [(14, "above")]
    assert rules(xmr_chart([*STEADY, 6, 6]), Rule.TWO_OF_THREE) == [(13, "below")]
    assert rules(xmr_chart([*STEADY, 14, 6]), Rule.TWO_OF_THREE) == []
    assert rules(xmr_chart([*STEADY, 14, 10, 10, 14]), Rule.TWO_OF_THREE) == []
    # The third point itself must be out there.
    assert rules(xmr_chart([*STEADY, 14, 14, 10]), Rule.TWO_OF_THREE) == [(13, "above")]


def test_eight_in_a_row_on_one_side_are_a_signal() -> None:
    """The last steady point is above the centre, too, and counts."""
    assert rules(xmr_chart([*STEADY, *[10.5] * 6]), Rule.EIGHT_ON_ONE_SIDE) == []
    assert rules(xmr_chart([*STEADY, *[10.5] * 8]), Rule.EIGHT_ON_ONE_SIDE) == [(18, "above"), (19, "above")]
    # A point on the centre is on neither side.
    assert rules(xmr_chart([*STEADY, *[10.5] * 3, 10, *[10.5] * 7]), Rule.EIGHT_ON_ONE_SIDE) == []


def test_the_baseline_is_frozen_unless_all_points_are_asked_for() -> None:
    later = [30.0] * 12
    assert xmr_chart([*STEADY, *later]).centre == 10
    assert xmr_chart([*STEADY, *later]).lower[:12] == xmr_chart(STEADY).lower
    everything = xmr_chart([*STEADY, *later], baseline=None)
    assert (everything.centre, everything.baseline) == (20, 24)


def test_a_gap_is_not_zero_and_no_range_spans_it() -> None:
    """A step that falls into a gap does not widen the limits."""
    found = xmr_chart([9, 11, 9, 11, None, 21, 19, 21, 19, 21], least=8)
    assert found.spread == 2
    assert (found.values[4], found.lower[4], found.upper[4]) == (None, None, None)
    assert found.centre == pytest.approx((40 + 101) / 9)
    assert found.baseline == 9


def test_rules_go_on_after_a_gap() -> None:
    found = xmr_chart([*STEADY, 14, None, 14])
    assert found.signals == (Signal(14, Rule.TWO_OF_THREE, Direction.ABOVE),)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (xmr_chart([]), NoLimits.TOO_FEW_POINTS),
        (xmr_chart([None] * 20), NoLimits.TOO_FEW_POINTS),
        (xmr_chart(STEADY[:7]), NoLimits.TOO_FEW_POINTS),
        (xmr_chart([0.1, None] * 10), NoLimits.TOO_MANY_GAPS),
        (xmr_chart([0.1] * 12), NoLimits.NO_VARIATION),
        (share_chart([]), NoLimits.TOO_FEW_POINTS),
        (share_chart([Counts(0, 0)] * 20), NoLimits.TOO_FEW_POINTS),
        (share_chart([Counts(1, 3)] * 12), NoLimits.NO_VARIATION),
        (share_chart([Counts(9, 9)] * 12), NoLimits.NO_VARIATION),
        (share_chart([Counts(8, 9), None] * 12), NoLimits.TOO_MANY_GAPS),
        (rate_chart([Totals(0, 9)] * 12), NoLimits.NO_VARIATION),
        (rate_chart([Totals(1, 9)] * 3), NoLimits.TOO_FEW_POINTS),
    ],
)
def test_without_enough_to_go_by_there_are_no_limits_but_a_reason(found: Chart, reason: NoLimits) -> None:
    assert found.reason is reason
    assert (found.centre, found.spread, found.range_limit, found.signals) == (None, None, None, ())
    assert set(found.lower) | set(found.upper) <= {None}
    assert len(found.lower) == len(found.upper) == len(found.values)


def test_shares_by_hand() -> None:
    """p = 0.5 of 100 has sigma 0.05; 0.4 and 0.6 are z = -2 and 2, so sigma_z is 4 / 1.128."""
    weeks = [Counts(40, 100), Counts(60, 100)] * 6
    assert share_chart(weeks, laney=False).upper == pytest.approx([0.65] * 12)
    found = share_chart(weeks)
    assert found.spread == pytest.approx(4 / 1.128)
    # The limit would be above 1.
    assert (found.lower[0], found.upper[0]) == (0, 1)
    assert found.signals == ()
    assert found.range_limit is None


def test_a_week_without_contacts_is_a_gap() -> None:
    weeks = [Counts(40, 100), Counts(60, 100)] * 6
    found = share_chart([*weeks, Counts(0, 0), None, Counts(50, 400)], laney=False)
    assert found.values[12:] == (None, None, 0.125)
    assert found.lower[12:14] == (None, None)
    assert found.lower[14] == pytest.approx(0.425)
    assert [signal.index for signal in found.signals if signal.rule is Rule.BEYOND_LIMITS] == [14]


def test_rates_by_hand() -> None:
    """u = 0.25 per contact over 100 contacts has sigma 0.05; events may outnumber contacts."""
    weeks = [Totals(20, 100), Totals(30, 100)] * 6
    found = rate_chart(weeks)
    assert found.spread == pytest.approx(2 / 1.128)
    assert found.upper[0] == pytest.approx(0.25 + 3 * 0.05 * 2 / 1.128)
    assert found.lower[0] == 0
    assert rate_chart([Totals(300, 100), Totals(330, 100)] * 6).reason is None


def test_laney_keeps_quiet_where_a_plain_chart_does_not() -> None:
    """Weeks of 50,000 contacts whose true share wavers by a point: chance explains hardly any of it."""
    random = np.random.default_rng(11)
    weeks = [Counts(int(random.binomial(50_000, p)), 50_000) for p in random.normal(0.8, 0.01, 300)]
    alarms = [len(rules(share_chart(weeks, laney=laney, baseline=None), Rule.BEYOND_LIMITS)) for laney in (False, True)]
    assert alarms[0] > 100
    assert alarms[1] <= 4


def test_without_over_dispersion_laney_is_the_plain_chart() -> None:
    random = np.random.default_rng(12)
    weeks = [Counts(int(random.binomial(500, 0.8)), 500) for _ in range(1000)]
    assert share_chart(weeks, baseline=None).spread == pytest.approx(1, abs=0.05)
    assert rate_chart([Totals(int(random.poisson(40)), 1) for _ in range(1000)], baseline=None).spread == pytest.approx(
        1, abs=0.05
    )


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda: xmr_chart([1, math.nan]), "a value to be a finite number"),
        (lambda: xmr_chart([1], baseline=1), "baseline to be at least 2, got 1"),
        (lambda: xmr_chart([1], least=1), "least to be at least 2, got 1"),
        (lambda: share_chart([], least=0), "least to be at least 2"),
        (lambda: rate_chart([Totals(-1, 5)]), "events to be at least 0, got -1"),
    ],
)
def test_bad_input_is_refused_with_what_was_expected(draw: Callable[[], object], expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        draw()
    assert expected in str(refused.value)


known = st.lists(st.one_of(st.none(), st.integers(-1000, 1000)), min_size=1, max_size=40)


@settings(deadline=None)
@given(known)
def test_turned_upside_down_a_chart_signals_the_other_way(values: list[int | None]) -> None:
    one = xmr_chart(values)
    other = xmr_chart([None if value is None else -value for value in values])
    assert one.reason == other.reason
    opposite = {Direction.ABOVE: Direction.BELOW, Direction.BELOW: Direction.ABOVE}
    assert [(s.index, s.rule, opposite[s.direction]) for s in one.signals] == [
        (s.index, s.rule, s.direction) for s in other.signals
    ]


@settings(deadline=None)
@given(known, known)
def test_what_comes_later_changes_nothing_about_what_was_said(
    before: list[int | None], later: list[int | None]
) -> None:
    """Once there are twelve known points."""
    if sum(value is not None for value in before) < 12:
        return
    one, both = xmr_chart(before), xmr_chart([*before, *later])
    assert (both.centre, both.spread, both.reason) == (one.centre, one.spread, one.reason)
    assert both.lower[: len(before)] == one.lower
    assert tuple(signal for signal in both.signals if signal.index < len(before)) == one.signals


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=30), st.booleans())
def test_limits_of_shares_are_shares_around_the_centre(pairs: list[tuple[int, int]], laney: bool) -> None:
    found = share_chart([Counts(x, x + rest) for x, rest in pairs], laney=laney)
    assert len(found.values) == len(pairs)
    if found.centre is not None:
        for value, low, high in zip(found.values, found.lower, found.upper, strict=True):
            assert (value is None) == (low is None) == (high is None)
            assert low is None or high is None or 0 <= low <= found.centre <= high <= 1
