"""What a month ought to cost, worked out by hand, at the edges of every price model."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.billing import Delivered, at_pace, expected, minimum_at_pace
from tests.agreed import JUNE, PER_CONTACT, agreed, amounts, beside, came, contract, owed, terms, tiered

SMALL: list[dict[str, Any]] = [{"upto": "100", "rate": "2"}, {"rate": "1.5"}]
HOUR = 3_600_000
BASELINE: dict[str, Any] = {
    "kind": "baseline",
    "fee": "50000",
    "baseline": "1000",
    "dead_band": "0.1",
    "additional": [{"upto": "0.2", "rate": "45"}, {"rate": "40"}],
    "reduced": [{"upto": "0.2", "rate": "30"}, {"rate": "20"}],
}


def test_contacts_at_a_rate() -> None:
    lines = expected(agreed(PER_CONTACT), JUNE, came(100, 0, 7))
    assert [(line.day, line.quantity, line.rate, line.amount) for line in lines] == [
        (JUNE, Decimal("100.00"), Decimal("3.60"), Decimal("360.00")),
        (JUNE + timedelta(days=2), Decimal("7.00"), Decimal("3.60"), Decimal("25.20")),
    ]
    assert {(line.kind, line.unit, line.currency, line.terms_from) for line in lines} == {
        ("contact", "contact", "EUR", date(2026, 1, 1))
    }


def test_minutes_are_summed_over_the_day_before_they_are_rounded() -> None:
    """Three of 100.2 s are 5.01 minutes, as the simulator bills them."""
    (line,) = expected(agreed({"kind": "minute", "rate": "0.56"}), JUNE, came(300_600))
    assert (line.quantity, line.amount) == (Decimal("5.01"), Decimal("2.81"))


def test_hours_of_the_day_with_twenty_five() -> None:
    """Days come from SQL: one agent around the clock on the day clocks go back has 25 hours, and they are paid."""
    october = date(2026, 10, 1)
    lines = expected(
        agreed({"kind": "hour", "rate": "20"}), october, [Delivered(date(2026, 10, 25), "work", 25 * HOUR)]
    )
    assert [(line.quantity, line.amount) for line in lines] == [(Decimal("25.00"), Decimal("500.00"))]


@pytest.mark.parametrize(
    ("kind", "contacts", "amount"),
    [
        ("marginal", 100, "200.00"), ("marginal", 101, "201.50"), ("marginal", 0, "0"),
        ("all_units", 100, "200.00"), ("all_units", 101, "151.50"), ("all_units", 0, "0"),
    ],
)  # fmt: skip
def test_the_last_unit_of_a_band_and_the_first_of_the_next(kind: str, contacts: int, amount: str) -> None:
    assert owed(agreed(tiered(kind, SMALL)), contacts) == Decimal(amount)


def test_the_day_that_crosses_a_border_says_so() -> None:
    marginal = expected(agreed(tiered("marginal", SMALL)), JUNE, came(99, 2, 1))
    assert [(line.rate, line.amount, line.note) for line in marginal] == [
        (Decimal("2.000000"), Decimal("198.00"), ""),
        (None, Decimal("3.50"), "several prices: 2, 1.5"),
        (Decimal("1.500000"), Decimal("1.50"), ""),
    ]
    whole = expected(agreed(tiered("all_units", SMALL)), JUNE, came(99, 2, 1))
    assert [(line.rate, line.amount, line.note) for line in whole] == [
        (Decimal("2.000000"), Decimal("198.00"), ""),
        # 101 at 1.50 are 151.50: this day gives back what the first was dearer.
        (Decimal("1.500000"), Decimal("-46.50"), "the 99 before it in the month now have this price too"),
        (Decimal("1.500000"), Decimal("1.50"), ""),
    ]


@pytest.mark.parametrize(
    ("month", "days"), [(date(2026, 2, 1), 28), (date(2028, 2, 1), 29), (JUNE, 30), (date(2026, 7, 1), 31)]
)
def test_a_fee_sums_to_itself_over_any_month(month: date, days: int) -> None:
    lines = expected(agreed({"kind": "fixed", "fee": "1000"}), month, [])
    assert len(lines) == days
    assert sum(line.amount for line in lines) == 1000
    assert max(line.amount for line in lines) - min(line.amount for line in lines) <= Decimal("0.01")


def test_contacts_beyond_those_included() -> None:
    fixed = agreed({"kind": "fixed", "fee": "3000", "included": "100", "overage": "4"})
    assert [owed(fixed, count) for count in (0, 100, 101)] == [3000, 3000, 3004]
    assert amounts(expected(fixed, JUNE, came(90, 20, 5)), "overage") == ["0.00", "40.00", "20.00"]


@pytest.mark.parametrize(
    ("volume", "amount"),
    [
        (1000, "50000"), (900, "50000"), (1100, "50000"),
        # One beyond the dead band either way; the border of the next band; beyond it.
        (1101, "50045"), (1200, "54500"), (1201, "54540"),
        (899, "49970"), (800, "47000"), (799, "46980"),
        # 30 x 100 and 20 x 800 below.
        (0, "31000"),
    ],
)  # fmt: skip
def test_a_dead_band_is_free_up_to_its_borders(volume: int, amount: str) -> None:
    assert owed(agreed(BASELINE), volume) == Decimal(amount)


def test_missing_volume_is_credited_at_the_end_only() -> None:
    lines = expected(agreed(BASELINE), JUNE, came(10), until=date(2026, 6, 29))
    assert amounts(lines, "rrc") == []
    lines = expected(agreed(BASELINE), JUNE, came(10), until=date(2026, 6, 30))
    (credit,) = [line for line in lines if line.kind == "rrc"]
    assert (credit.day, credit.quantity, credit.amount) == (None, Decimal("990.00"), Decimal("-18800.00"))


def test_agents_who_were_not_there_are_deducted() -> None:
    agents = {"kind": "fte", "agents": "10", "fee": "3200", "hours": "160"}
    assert owed(agreed(agents), 1600 * HOUR) == 32_000
    assert owed(agreed(agents), 1700 * HOUR) == 32_000
    # An hour is 20.
    assert owed(agreed(agents), 1599 * HOUR) == 31_980
    assert owed(agreed(agents)) == 0
    assert owed(agreed({**agents, "deduct_absence": False})) == 32_000


def test_a_deduction_never_exceeds_the_fee() -> None:
    """Hours rounded up would cost more than was paid for them."""
    odd = agreed(
        {"kind": "fte", "agents": "0.005", "fee": "1000", "hours": "1"}, rounding={"quantity_places": 0, "mode": "up"}
    )
    assert owed(odd) == 0


@pytest.mark.parametrize(
    ("amount", "contacts", "missing"), [("360", 100, "0.00"), ("360", 99, "3.60"), ("360", 0, "360.00")]
)
def test_a_minimum_of_money(amount: str, contacts: int, missing: str) -> None:
    lines = expected(agreed(PER_CONTACT, minimum={"kind": "amount", "amount": amount}), JUNE, came(contacts))
    assert amounts(lines, "minimum") == [missing]
    assert lines[-1].day is None


def test_a_minimum_of_money_counts_all_charges() -> None:
    agreement = agreed(
        PER_CONTACT, {"kind": "fixed", "name": "desk", "fee": "300"}, minimum={"kind": "amount", "amount": "500"}
    )
    assert owed(agreement, 10) == 500
    assert owed(agreement, 100) == 660


def test_a_minimum_of_units() -> None:
    agreement = agreed(
        PER_CONTACT, {"kind": "fixed", "name": "desk", "fee": "300"}, minimum={"kind": "units", "units": "100"}
    )
    assert [owed(agreement, count) for count in (0, 99, 100, 101)] == [660, 660, 660, Decimal("663.60")]


def test_more_units_than_the_minimum_may_be_cheaper() -> None:
    """Who reaches the minimum has no more to pay, even where tiers for all units make more units cheaper."""
    agreement = agreed(tiered("all_units", SMALL), minimum={"kind": "units", "units": "95"})
    assert [owed(agreement, count) for count in (94, 95, 101)] == [190, 190, Decimal("151.5")]


def test_a_minimum_of_a_locked_forecast() -> None:
    locked = [
        {"month": "2026-06", "units": "1000", "locked_on": date(2026, 4, 1)},
        {"month": "2026-06", "units": "2000", "locked_on": date(2026, 3, 1)},
    ]
    agreement = agreed(PER_CONTACT, minimum={"kind": "forecast", "share": "0.9", "forecasts": locked})
    assert owed(agreement, 100) == 3240
    (line,) = expected(agreement, date(2026, 7, 1), [])
    assert beside(line.amount, line.note) == (0, "no forecast was locked for 2026-07: no minimum")


def test_a_running_month_has_no_minimum_but_an_estimate() -> None:
    agreement = agreed(PER_CONTACT, minimum={"kind": "units", "units": "100"})
    tenth = date(2026, 6, 10)
    assert amounts(expected(agreement, JUNE, came(20, 0, 5), tenth), "minimum") == []
    # 25 in ten days are 75 in thirty.
    assert minimum_at_pace(agreement, JUNE, came(20, 0, 5), tenth) == 90
    assert minimum_at_pace(agreement, JUNE, came(34), tenth) == 0


def test_new_terms_within_a_month_split_it() -> None:
    """From 16 June on half of June is left: half the fee, half the border, half the minimum of each."""
    old = terms(tiered("marginal", SMALL), {"kind": "fixed", "name": "desk", "fee": "300"})
    new = terms(
        tiered("marginal", [{"upto": "100", "rate": "4"}, {"rate": "3"}]),
        {"kind": "fixed", "name": "desk", "fee": "600"},
        on=date(2026, 6, 16),
        minimum={"kind": "amount", "amount": "1000"},
    )
    delivered = [*came(60), *came(60, first=date(2026, 6, 16))]
    lines = expected(contract(old, new), JUNE, delivered)
    # 50 x 2 + 10 x 1.50; 50 x 4 + 10 x 3.
    assert amounts(lines, "contact") == ["115.00", "230.00"]
    fees = [line for line in lines if line.kind == "fee"]
    assert sum(line.amount for line in fees if line.terms_from == old.on) == 150
    assert sum(line.amount for line in fees if line.terms_from == new.on) == 300
    # 500 less 530.
    assert amounts(lines, "minimum") == ["0.00"]
    half = expected(contract(old, new), JUNE, delivered[:1])
    assert amounts(half, "minimum") == ["200.00"]


def test_a_contract_that_begins_within_a_month() -> None:
    agreement = agreed({"kind": "fixed", "fee": "300"}, on=date(2026, 6, 21))
    lines = expected(agreement, JUNE, [])
    assert (len(lines), sum(line.amount for line in lines)) == (10, 100)
    assert expected(agreement, date(2026, 5, 1), came(5, first=date(2026, 5, 1))) == []


def test_prices_rise_from_the_day_of_indexation_on() -> None:
    cola = [
        {"from": date(2026, 6, 16), "change": "0.1", "index": "CPI"},
        {"from": date(2026, 7, 1), "change": "0.02", "index": "CPI"},
    ]
    agreement = agreed(
        {"kind": "contact", "rate": "3"}, {"kind": "fixed", "name": "desk", "fee": "300"}, indexation=cola
    )
    lines = expected(agreement, JUNE, [*came(10), *came(10, first=date(2026, 6, 16))])
    assert amounts(lines, "contact") == ["30.00", "33.00"]
    assert sum(line.amount for line in lines if line.kind == "fee") == 150 + 165
    (july,) = expected(
        agreed({"kind": "contact", "rate": "3"}, indexation=cola), date(2026, 7, 1), came(10, first=date(2026, 7, 1))
    )
    assert (july.rate, july.amount) == (Decimal("3.366000"), Decimal("33.66"))


def test_an_indexed_rate_has_six_places_half_up() -> None:
    (line,) = expected(
        agreed(
            {"kind": "contact", "rate": "0.333333"}, indexation=[{"from": JUNE, "change": "0.0155", "index": "CPI"}]
        ),
        JUNE,
        came(1),
    )
    # 0.3384996615
    assert line.rate == Decimal("0.338500")


def test_a_band_goes_on_when_prices_rise() -> None:
    """Indexation is no new contract: units before it count towards the border."""
    agreement = agreed(
        tiered("marginal", SMALL), indexation=[{"from": date(2026, 6, 2), "change": "1", "index": "CPI"}]
    )
    assert amounts(expected(agreement, JUNE, came(100, 1))) == ["200.00", "3.00"]


def test_days_round_by_themselves_or_as_a_month() -> None:
    third = {"kind": "contact", "rate": "0.333333"}
    assert amounts(expected(agreed(third), JUNE, came(1, 1, 1))) == ["0.33", "0.33", "0.33"]
    assert amounts(expected(agreed(third, rounding={"per": "month"}), JUNE, came(1, 1, 1))) == ["0.33", "0.34", "0.33"]
    minute = {"kind": "minute", "rate": "1"}
    # 0.004 minutes a day are nothing, of a month they are one hundredth.
    assert expected(agreed(minute), JUNE, came(240, 240, 240)) == []
    assert amounts(expected(agreed(minute, rounding={"per": "month"}), JUNE, came(240, 240, 240))) == ["0.01"]


@pytest.mark.parametrize(
    ("mode", "amount"), [("half_up", "0.13"), ("half_even", "0.12"), ("up", "0.13"), ("down", "0.12")]
)
def test_half_a_cent(mode: str, amount: str) -> None:
    assert owed(agreed({"kind": "contact", "rate": "0.125"}, rounding={"mode": mode}), 1) == Decimal(amount)


def test_a_charge_nobody_agreed_is_refused() -> None:
    with pytest.raises(ValueError, match="no charge 'chat' on 2026-06-01: expected one of 'work'"):
        expected(agreed(PER_CONTACT), JUNE, came(1, charge="chat"))
    with pytest.raises(ValueError, match="expected 0 or more of 'work' on 2026-06-01, got -1"):
        came(-1)
    with pytest.raises(ValueError, match="expected the first day of a month, got 2026-06-02"):
        expected(agreed(PER_CONTACT), date(2026, 6, 2), [])


def test_a_month_has_one_currency() -> None:
    dollars = terms(PER_CONTACT, on=date(2026, 6, 15), currency="USD")
    with pytest.raises(ValueError, match="from the first day of a month on, not from 2026-06-15"):
        contract(terms(PER_CONTACT), dollars)
    assert contract(terms(PER_CONTACT), terms(PER_CONTACT, on=JUNE, currency="USD")).terms[1].currency == "USD"


def test_a_month_at_its_pace_has_whole_counts_that_sum() -> None:
    """7 in two days are 105 in thirty, whatever a single day gets."""
    found = at_pace(agreed(PER_CONTACT), JUNE, came(3, 4, 50), date(2026, 6, 2))
    assert (len(found), sum(row.raw for row in found)) == (30, 105)
    assert {row.raw for row in found[2:]} == {3, 4}


def test_a_minimum_at_pace_counts_terms_that_changed() -> None:
    """The second half, under other terms, has its own pace and its own half of the minimum."""
    old = terms(PER_CONTACT)
    new = terms(PER_CONTACT, on=date(2026, 6, 16), minimum={"kind": "units", "units": "200"})
    delivered = [*came(500), *came(50, first=date(2026, 6, 16))]
    # 50 in ten of fifteen days are 75, half of 200 is 100.
    assert minimum_at_pace(contract(old, new), JUNE, delivered, date(2026, 6, 25)) == 90
