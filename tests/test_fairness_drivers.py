"""What drove a change: the parts sum to it, whatever strata came, went or stood empty."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fairness.drivers import Driver, ratio_change, total_change
from models.fairness.sums import Totals

BEFORE = {"billing": Totals(400, 100), "technical": Totals(1000, 100)}


@st.composite
def periods(draw: st.DrawFn) -> dict[str, Totals]:
    found = {}
    for stratum in draw(st.sets(st.sampled_from("abcd"))):
        n = draw(st.integers(0, 10_000))
        found[stratum] = Totals(draw(st.floats(-1e6, 1e6)) if n else 0.0, n)
    return found


def test_a_total_by_hand() -> None:
    """300 contacts instead of 200 at 7 each: 700. Two thirds technical instead of half: 300 * (10 - 4) / 6 = 300.

    Technical dearer by 1 for 200 contacts: 200.
    """
    found = total_change(BEFORE, {"billing": Totals(400, 100), "technical": Totals(2200, 200)})
    assert found is not None
    assert (found.change, found.volume, found.mix, found.rate) == pytest.approx((1200, 700, 300, 200))
    # Both grow dearer by mix: there is less of what is cheaper than 7, more of what is dearer.
    assert found.strata["billing"].mix == pytest.approx(300 * (-1 / 6) * (4 - 7))
    assert found.strata["technical"].mix == pytest.approx(300 * (1 / 6) * (10 - 7))
    assert found.strata["technical"].rate == pytest.approx(200)


def test_a_ratio_by_hand() -> None:
    found = ratio_change(BEFORE, {"billing": Totals(400, 100), "technical": Totals(2200, 200)})
    assert found is not None
    assert (found.change, found.mix, found.rate) == pytest.approx((2600 / 3 / 100 - 7, 1, 2 / 3))


def test_strata_that_are_new_or_gone_are_all_mix() -> None:
    found = ratio_change(BEFORE, {"technical": Totals(1000, 100), "fax": Totals(2000, 100)})
    assert found is not None
    assert (found.change, found.rate) == pytest.approx((8, 0))
    # Half of the contacts were at 4 and left, half are at 20 and new; the average was 7.
    assert found.strata == {"billing": Driver(1.5, 0), "technical": Driver(0, 0), "fax": Driver(6.5, 0)}


def test_an_end_of_all_contacts_is_all_volume() -> None:
    found = total_change(BEFORE, {})
    assert found is not None
    assert (found.change, found.volume, found.mix, found.rate) == (-1400, -1400, 0, 0)


def test_without_contacts_to_start_from_nothing_can_be_said() -> None:
    assert total_change({"fax": Totals(0, 0)}, BEFORE) is None
    assert ratio_change({}, BEFORE) is None
    assert ratio_change(BEFORE, {"fax": Totals(0, 0)}) is None


def test_strata_without_contacts_in_both_periods_are_not_listed() -> None:
    found = total_change({**BEFORE, "fax": Totals(0, 0)}, BEFORE)
    assert found is not None
    assert set(found.strata) == {"billing", "technical"}
    assert found.change == found.volume == found.mix == found.rate == 0


def size(*cells: dict[str, Totals]) -> float:
    """What rounding is relative to: no larger number takes part in the parts' sums."""
    rates = [abs(cell.mean or 0) for period in cells for cell in period.values()]
    return (max(rates, default=0) + 1) * (sum(cell.n for period in cells for cell in period.values()) + 1)


@settings(deadline=None)
@given(periods(), periods())
def test_the_parts_sum_to_the_change(before: dict[str, Totals], after: dict[str, Totals]) -> None:
    total, ratio = total_change(before, after), ratio_change(before, after)
    tiny = 1e-12 * size(before, after)
    if total is not None:
        assert total.change == sum(c.total for c in after.values()) - sum(c.total for c in before.values())
        assert total.volume + total.mix + total.rate == pytest.approx(total.change, abs=tiny)
        assert sum(part.mix for part in total.strata.values()) == pytest.approx(total.mix, abs=tiny)
        assert sum(part.rate for part in total.strata.values()) == pytest.approx(total.rate, abs=tiny)
    if ratio is not None:
        assert ratio.mix + ratio.rate == pytest.approx(ratio.change, abs=tiny)
        assert total is not None
        n1 = sum(cell.n for cell in after.values())
        assert (n1 * ratio.mix, n1 * ratio.rate) == pytest.approx((total.mix, total.rate), abs=tiny)


@settings(deadline=None)
@given(periods(), periods())
def test_the_mix_is_that_of_the_textbook(before: dict[str, Totals], after: dict[str, Totals]) -> None:
    """N1 sum (w1 - w0) r0, without the average taken off, is the same number."""
    total = total_change(before, after)
    n0, n1 = (sum(cell.n for cell in period.values()) for period in (before, after))
    if total is None or not n1:
        return
    plain = 0.0
    for stratum in {*before, *after}:
        old, new = before.get(stratum, Totals(0, 0)), after.get(stratum, Totals(0, 0))
        rate = old.mean if old.mean is not None else new.mean
        plain += n1 * (new.n / n1 - old.n / n0) * (rate or 0)
    assert total.mix == pytest.approx(plain, abs=1e-12 * size(before, after))


@settings(deadline=None)
@given(periods(), st.integers(2, 9))
def test_more_of_the_same_is_all_volume(before: dict[str, Totals], times: int) -> None:
    found = total_change(before, {k: Totals(times * cell.total, times * cell.n) for k, cell in before.items()})
    if found is not None:
        tiny = 1e-11 * size(before)
        assert (found.mix, found.rate) == pytest.approx((0, 0), abs=tiny)
        assert found.volume == pytest.approx(found.change, abs=tiny)
