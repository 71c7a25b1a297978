"""Laws every bill keeps: days sum to months, more never costs less, and a bridge leaves nothing over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.billing import Bill, BilledLine, Delivered, Item, Known, Line, bridge, expected, invoice
from models.billing.amounts import total
from models.terms.contract import Contract
from tests.agreed import JUNE, agreed, contract, terms, tiered

RATES = st.decimals("0.01", "90", places=4).map(str)
MARGINAL: list[dict[str, Any]] = [{"upto": "300", "rate": "2"}, {"upto": "900", "rate": "1.7"}, {"rate": "1.337"}]


@st.composite
def charges(draw: st.DrawFn, *, flat_or_marginal: bool = False) -> list[dict[str, Any]]:
    some: list[dict[str, Any]] = [
        {"kind": "contact", "name": "contacts", "rate": draw(RATES)},
        {"kind": "minute", "name": "minutes", "rate": draw(RATES)},
        {"kind": "fixed", "name": "desk", "fee": "1234.56", "included": "100", "overage": draw(RATES)},
        {**tiered("marginal", MARGINAL), "name": "tiers"},
    ]
    if not flat_or_marginal:
        some += [
            {**tiered("all_units", MARGINAL), "name": "whole"},
            {"kind": "fte", "name": "agents", "agents": "3", "fee": "3333.33", "hours": "160"},
            {
                "kind": "baseline", "name": "anchor", "fee": "7000", "baseline": "500", "dead_band": "0.1",
                "additional": [{"rate": draw(RATES)}], "reduced": [{"rate": "3"}],
            },
        ]  # fmt: skip
    return draw(st.lists(st.sampled_from(some), min_size=1, unique_by=lambda charge: charge["name"]))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Contract, list[Delivered]]:
    """A contract, perhaps changed and indexed within June, and what came in June."""
    rounding = draw(
        st.fixed_dictionaries(
            {"per": st.sampled_from(["day", "month"]), "mode": st.sampled_from(["half_up", "half_even", "up", "down"])}
        )
    )
    agreed_charges = draw(charges())
    minimum = draw(st.sampled_from([None, {"kind": "amount", "amount": "5000"}]))
    more: dict[str, Any] = {"rounding": rounding, "minimum": minimum}
    if draw(st.booleans()):
        more["indexation"] = [
            {"from": JUNE + timedelta(days=draw(st.integers(0, 40))), "change": "0.0371", "index": "CPI"}
        ]
    parts = [terms(*agreed_charges, **more)]
    if draw(st.booleans()):
        parts.append(terms(*agreed_charges, on=JUNE + timedelta(days=draw(st.integers(1, 29))), **more))
    delivered = [
        Delivered(
            JUNE + timedelta(days=day),
            charge["name"],
            draw(st.integers(0, 60)) * (61_003 if charge["kind"] in ("minute", "fte") else 1),
        )
        for charge in agreed_charges
        for day in draw(st.sets(st.integers(0, 29), max_size=8))
    ]
    return contract(*parts), delivered


def by_day(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.day]


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(-1, 30))
def test_days_known_so_far_are_the_days_of_the_whole_month(world: tuple[Contract, list[Delivered]], upto: int) -> None:
    """Whatever comes later changes no line of a day: a month computed day by day is the month computed at once."""
    agreement, delivered = world
    until = JUNE + timedelta(days=upto)
    whole = by_day(expected(agreement, JUNE, delivered))
    part = by_day(expected(agreement, JUNE, delivered, until))
    assert part == [line for line in whole if line.day and line.day <= until]
    assert part == by_day(expected(agreement, JUNE, [row for row in delivered if row.day <= until], until))


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_rows_in_any_order_and_in_parts_cost_the_same(world: tuple[Contract, list[Delivered]]) -> None:
    agreement, delivered = world
    halves = [
        Delivered(r.day, r.charge, part) for r in reversed(delivered) for part in (r.raw // 2, r.raw - r.raw // 2)
    ]
    assert expected(agreement, JUNE, halves) == expected(agreement, JUNE, delivered)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.sampled_from(["marginal", "all_units"]))
def test_days_of_a_month_sum_to_the_month_rounded_once(counts: list[int], kind: str) -> None:
    agreement = agreed(tiered(kind, MARGINAL), rounding={"per": "month"})
    days = [Delivered(JUNE + timedelta(days=number), "work", count) for number, count in enumerate(counts)]
    at_once = expected(agreement, JUNE, [Delivered(JUNE, "work", sum(counts))])
    assert total(line.amount for line in expected(agreement, JUNE, days)) == total(line.amount for line in at_once)


@settings(max_examples=60, deadline=None)
@given(charges(flat_or_marginal=True), st.data())
def test_more_never_costs_less(some: list[dict[str, Any]], data: st.DataObject) -> None:
    """Of charges that are flat or marginal, in a month that is rounded once."""
    agreement = agreed(*some, rounding={"per": "month"})
    counts = {charge["name"]: data.draw(st.lists(st.integers(0, 500), max_size=10)) for charge in some}
    day, more = data.draw(st.integers(0, 29)), data.draw(st.integers(0, 100_000))
    rows = [
        Delivered(JUNE + timedelta(days=n), name, count) for name, of in counts.items() for n, count in enumerate(of)
    ]
    before = total(line.amount for line in expected(agreement, JUNE, rows))
    rows.append(Delivered(JUNE + timedelta(days=day), some[0]["name"], more))
    assert total(line.amount for line in expected(agreement, JUNE, rows)) >= before


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(0, 9_000_000))
def test_a_month_is_never_below_its_minimum(world: tuple[Contract, list[Delivered]], cents: int) -> None:
    agreement, delivered = world
    least = Decimal(cents) / 100
    first = agreement.terms[0]
    bound = first.model_copy(
        update={"minimum": terms({"kind": "fixed", "fee": "1"}, minimum={"kind": "amount", "amount": least}).minimum}
    )
    lines = expected(agreement.model_copy(update={"terms": (bound,)}), JUNE, delivered)
    assert total(line.amount for line in lines) >= least
    assert all(line.amount >= 0 for line in lines if line.kind == "minimum")


WHY = st.sampled_from(["", "", "", "short", "abandoned", "repeat", "unproven"])
CONTACTS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(-3, 33), st.integers(1, 900_000), WHY),
    max_size=9, unique_by=lambda contact: contact[0],
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["contact", "minute", "tiers", "whole"]),
    CONTACTS,
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 29), st.integers(1, 900_000)), max_size=14),
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(0, 29)),
            st.decimals(0, 50, places=2),
            st.sampled_from([None, "1.7", "2", "2.5"]),
            st.decimals(-20, 200, places=2),
        ),
        max_size=6,
    ),
    st.sampled_from(["day", "month"]),
    st.one_of(st.none(), st.decimals(0, 500, places=2)),
    st.sampled_from([None, "0.913377"]),
)
def test_a_bridge_leaves_nothing_over(
    kind: str,
    ours: list[tuple[int, int, int, Any]],
    listed: list[tuple[int, int, int]],
    lines: list[tuple[int | None, Decimal, str | None, Decimal]],
    per: str,
    stated: Decimal | None,
    rate: str | None,
) -> None:
    """However wrong a bill is: its steps sum to the difference, and what they do not explain is only a wrong total."""
    some = {"contact": {"kind": "contact", "rate": "2"}, "minute": {"kind": "minute", "rate": "2"}}
    charge = some.get(kind) or tiered(
        {"tiers": "marginal", "whole": "all_units"}[kind], [{"upto": "3", "rate": "2"}, {"rate": "1.7"}]
    )
    agreement = agreed(
        charge,
        rounding={"per": per},
        minimum={"kind": "amount", "amount": "9"},
        exchange={"rule": "contract_rate", "rate": "0.9"},
    )
    known = [
        Known(f"c{number}", "work", None if why == "unproven" else JUNE + timedelta(days=day), raw, why or None)
        for number, day, raw, why in ours
    ]
    paid = [contact for contact in known if contact.unpaid is None and contact.day and contact.day.month == 6]
    delivered = [Delivered(c.day, "work", c.raw if kind == "minute" else 1) for c in paid if c.day]
    right = invoice(agreement, JUNE, delivered, {})
    bill = Bill(
        JUNE,
        date(2026, 7, 2),
        tuple(
            BilledLine(
                None if day is None else JUNE + timedelta(days=day),
                "work",
                quantity,
                Decimal(of) if of else None,
                amount,
            )
            for day, quantity, of, amount in lines
        ),
        tuple(Item(JUNE + timedelta(days=day), "work", f"c{number}", raw) for number, day, raw in listed),
        stated,
        Decimal(rate) if rate else None,
    )
    found = bridge(agreement, right, bill, known)
    assert found.billed - total(step.amount for step in found.steps) == found.expected
    assert found.expected == (right.own.amount if rate else right.total)
    unexplained = total(step.amount for step in found.steps if step.reason == "unexplained")
    assert rate or unexplained == (stated - total(line.amount for line in bill.lines) if stated is not None else 0)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_bill_that_is_ours_has_no_steps(world: tuple[Contract, list[Delivered]]) -> None:
    """Whatever the charges, changes of terms and indexation: a right bill is never said to be wrong."""
    agreement, delivered = world
    right = invoice(agreement, JUNE, delivered, {})
    lines = [
        BilledLine(
            line.day,
            line.charge,
            line.quantity,
            line.rate,
            line.amount,
            "minimum" if line.kind == "minimum" else "charge",
        )
        for line in right.lines
    ]
    found = bridge(agreement, right, Bill(JUNE, date(2026, 7, 2), tuple(lines)))
    assert (found.steps, found.difference) == ((), Decimal(0))
