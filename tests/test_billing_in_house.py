"""Own cost and cost of a resolution beyond the reference vectors: parts sum, ranges are refused, issues are cut."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from models.billing import Handled, issues_by_owner, per_resolution, site_cost, unit_cost
from models.terms.in_house import InHouse
from tests.agreed import beside

AGENT = InHouse.model_validate(
    {
        "from": date(2026, 1, 1), "currency": "EUR", "pay": "30000", "on_cost": "0.2", "seat": "4000",
        "lead": {"pay": "50000", "span": "10"}, "trainer": {"pay": "40000", "span": "20"},
        "working_days": "250", "hours_per_day": "8", "absence_days": "50", "shrinkage": "0.25", "overtime": "1.5",
    }
)  # fmt: skip
NOON = datetime(2026, 6, 1, 12)


def test_parts_sum_to_the_whole_and_support_has_on_cost() -> None:
    cost = unit_cost(AGENT)
    assert {name: part for name, part in cost.parts.items() if part} == {
        "pay": 36_000, "seat": 4000, "lead": 6000, "trainer": 2400,
    }  # fmt: skip
    assert cost.annual == sum(cost.parts.values()) == 48_400
    assert beside(cost.paid_hours, cost.present_hours, cost.available_hours) == (2000, 1600, 1200)
    assert cost.shrinkage == Decimal("0.4")


def test_three_prices_that_are_never_mixed() -> None:
    cost = unit_cost(AGENT)
    assert beside(cost.idle_per_minute, cost.labour_per_available_hour, cost.overtime_per_available_hour) == (0, 30, 45)
    assert round(cost.per_available_hour, 4) == Decimal("40.3333")
    with pytest.raises(ValueError, match="expected an occupancy above 0 and at most 1, got 0"):
        cost.per_handled_minute(Decimal(0))


def test_a_site_costs_by_its_productive_hours() -> None:
    month = site_cost(unit_cost(AGENT), Decimal(600))
    assert beside(month.full_time, month.amount, month.parts["lead"]) == (Decimal("0.5"), 24_200, 3000)
    assert site_cost(unit_cost(AGENT), Decimal(0)).amount == 0
    with pytest.raises(ValueError, match="expected 0 hours or more, got -1"):
        site_cost(unit_cost(AGENT), Decimal(-1))


@pytest.mark.parametrize(("fcr", "returning"), [("0", "0.5"), ("1.1", "0.5"), ("0.5", "-0.1"), ("0.5", "1.1")])
def test_shares_out_of_range_are_refused(fcr: str, returning: str) -> None:
    with pytest.raises(ValueError, match="expected a"):
        per_resolution(Decimal(4), Decimal(fcr), Decimal(returning))


def test_the_price_of_a_resolution_does_not_depend_on_who_returns() -> None:
    found = {per_resolution(Decimal(4), Decimal("0.8"), Decimal(q)).per_resolution for q in ("0", "0.4", "1")}
    assert found == {Decimal(5)}


def contact(days: float, owner: str = "A", topic: str = "bill") -> Handled:
    return Handled("c1", topic, owner, NOON + timedelta(days=days), Decimal(1))


def test_a_gap_of_exactly_the_window_is_the_same_issue() -> None:
    later = NOON + timedelta(days=90)
    (one,) = issues_by_owner([contact(7, "B"), contact(0)], 7, later)
    assert (one.owner, one.issues, one.contacts) == ("A", 1, 2)
    assert [i.owner for i in issues_by_owner([contact(0), contact(7.001, "B")], 7, later)] == ["A", "B"]
    assert len(issues_by_owner([contact(0), contact(1, "B", "order")], 7, later)) == 2


def test_an_issue_counts_once_it_is_as_old_as_the_window() -> None:
    assert issues_by_owner([contact(0)], 7, NOON + timedelta(days=6.999)) == []
    assert len(issues_by_owner([contact(0)], 7, NOON + timedelta(days=7))) == 1
    # One that went on is as young as its last contact.
    assert issues_by_owner([contact(0), contact(3)], 7, NOON + timedelta(days=9)) == []
