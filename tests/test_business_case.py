"""Whether bringing work home pays: the worked examples of the reference, and laws every case must obey."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fallback.business_case import Case, break_even_price, outcome, tornado

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "cost_vectors.json"
NAMES = {
    "in-house AHT": "in-house handle time",
    "partner price/contact": "price",
    "in-house FCR": "in-house first-contact resolution",
    "partner FCR": "provider's first-contact resolution",
}
CASE = Case(
    volume=10_000, price=5, handle_min=6, fcr_own=0.8, fcr_provider=0.7, returning=0.6, occupancy=0.8,
    available_hours=1400, annual_cost=48_000, attrition=0.2, hire_cost=5000, exit_fee=10_000, set_up=20_000,
    dual_months=1, ramp=(0.5, 0.8), discount=0.06, months=36,
)  # fmt: skip


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    found: dict[str, Any] = json.loads(VECTORS.read_text())
    return found


def given_case(vectors: dict[str, Any], price: float | None = None) -> Case:
    inputs, own = vectors["business_case"]["inputs"], vectors["inhouse_unit_cost"]
    return Case(
        volume=inputs["volume_month"],
        price=price or inputs["partner_price_per_contact"],
        handle_min=inputs["aht_ih_min"],
        fcr_own=inputs["fcr_ih"],
        fcr_provider=inputs["fcr_partner"],
        returning=inputs["q_return"],
        occupancy=inputs["occ"],
        available_hours=own["available_hours"],
        annual_cost=inputs["annual_cost_per_fte"] - inputs["attrition"] * inputs["hire_cost"],
        attrition=inputs["attrition"],
        hire_cost=inputs["hire_cost"],
        exit_fee=inputs["exit_fee"],
        set_up=inputs["setup"],
        dual_months=inputs["dual_running_months"],
        ramp=inputs["ramp"],
        discount=inputs["discount"],
        months=inputs["months"],
    )


@pytest.mark.parametrize(("name", "price"), [("business_case", 4.6), ("business_case_price_5.40", 5.4)])
def test_the_worked_examples_come_out_to_the_figure(vectors: dict[str, Any], name: str, price: float) -> None:
    found, told = outcome(given_case(vectors, price)), vectors[name]
    assert found.agents == told["fte"]
    assert found.contacts == pytest.approx(told["contacts_inhouse"], rel=1e-12)
    assert found.one_off == pytest.approx(told["one_off"], rel=1e-12)
    assert found.steady == pytest.approx(told["steady_month_saving"], rel=1e-9)
    assert found.cash == pytest.approx(told["cashflow"], rel=1e-9)
    assert found.npv == pytest.approx(told["npv"], rel=1e-9)
    assert (found.payback, found.discounted_payback) == (told["payback_month"], told["discounted_payback_month"])
    assert found.irr == pytest.approx(told["irr_month"], rel=1e-6)


def test_the_price_at_which_it_begins_to_pay_is_the_one_of_the_example(vectors: dict[str, Any]) -> None:
    price = break_even_price(given_case(vectors))
    assert price == pytest.approx(vectors["break_even_price"], rel=1e-9)
    assert price is not None
    assert outcome(given_case(vectors, price)).npv == pytest.approx(0, abs=1e-3)


def test_what_decides_comes_first_and_is_what_the_example_says(vectors: dict[str, Any]) -> None:
    found = {each.driver: each for each in tornado(given_case(vectors))}
    for told in vectors["tornado_pm10"]:
        ours = found[NAMES.get(told["driver"], told["driver"])]
        assert (ours.low, ours.high) == pytest.approx((told["low"], told["high"]), rel=1e-9)
    swings = [each.swing for each in tornado(given_case(vectors))]
    assert swings == sorted(swings, reverse=True)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"occupancy": 0.0}, "occupancy: expected a share above 0"),
        ({"fcr_own": 1.2}, "fcr_own: expected a share above 0 and at most 1, got 1.2"),
        ({"returning": -0.1}, "returning: expected a share from 0 to 1"),
        ({"handle_min": 0}, "handle_min: expected more than 0"),
        ({"price": -1}, "price: expected 0 or more, got -1"),
        ({"ramp": (0.5, 1.5)}, "ramp: expected shares from 0 to 1, got 1.5"),
        ({"months": 0}, "months: expected 1 or more"),
        ({"discount": -1}, "discount: expected more than -1"),
        ({"volume": float("nan")}, "volume: expected 0 or more, got nan"),
    ],
)
def test_inputs_outside_reason_are_refused_with_what_was_expected(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(CASE, **change)


@given(st.floats(0, 20), st.floats(0, 20))
def test_a_dearer_provider_never_makes_coming_home_worse(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert outcome(replace(CASE, price=low)).npv <= outcome(replace(CASE, price=high)).npv + 1e-6


@given(st.floats(0, 100_000), st.floats(0, 100_000))
def test_more_work_never_needs_fewer_people(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert outcome(replace(CASE, volume=low)).agents <= outcome(replace(CASE, volume=high)).agents


@given(st.floats(0.5, 12))
def test_at_the_break_even_price_nothing_is_won_or_lost(handle_min: float) -> None:
    case = replace(CASE, handle_min=handle_min)
    price = break_even_price(case)
    assert price is not None
    assert outcome(replace(case, price=price)).npv == pytest.approx(0, abs=1e-2)


def test_without_any_gain_there_is_no_payback_and_no_rate_of_return() -> None:
    found = outcome(replace(CASE, price=0.0))
    assert (found.payback, found.discounted_payback, found.irr) == (None, None, None)
