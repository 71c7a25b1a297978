"""Every reason a bill may differ for is found, named, counted and worth what it is worth."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.simulator.scenario.plants import Overbilling
from ingest.simulator.scenario.whole import Billing
from ingest.simulator.truth.bills import Bills
from models.billing import Bill, BilledLine, Bridge, Delivered, Item, Known, Level, bridge, invoice
from models.terms.contract import Contract
from tests.agreed import JUNE, PER_CONTACT, agreed, beside, came, tiered

RECEIVED = date(2026, 7, 3)
MINUTES = {"kind": "minute", "rate": "2"}
DAY_MS = 86_400_000


def line(quantity: str, amount: str, rate: str | None = "3.60", day: date | None = JUNE, **more: Any) -> BilledLine:
    return BilledLine(
        day, more.pop("charge", "work"), Decimal(quantity), Decimal(rate) if rate else None, Decimal(amount), **more
    )


def item(contact: str, raw: int = 1, day: date = JUNE) -> Item:
    return Item(day, "work", contact, raw)


def ours(contact: str, raw: int = 1, unpaid: Any = None, day: date | None = JUNE) -> Known:
    return Known(contact, "work", day, raw, unpaid)


def steps(agreement: Contract, lines: list[BilledLine], items: list[Item], known: list[Known], **more: Any) -> Bridge:
    """The bridge to what the paid contacts of our store amount to."""
    minutes = agreement.terms[0].charges[0].kind == "minute"
    delivered = [
        Delivered(contact.day, "work", contact.raw if minutes else 1)
        for contact in known
        if contact.day and contact.day.month == 6 and not contact.unpaid
    ]
    right = invoice(agreement, JUNE, delivered, more.pop("levels", {}))
    return bridge(agreement, right, Bill(JUNE, RECEIVED, tuple(lines), tuple(items), **more), known)


def said(found: Bridge) -> list[tuple[Any, ...]]:
    assert found.billed - sum(step.amount for step in found.steps) == found.expected
    return [beside(step.reason, step.quantity, step.amount, step.contacts) for step in found.steps]


def test_a_right_bill_has_no_steps() -> None:
    found = steps(agreed(PER_CONTACT), [line("2", "7.20")], [item("a"), item("b")], [ours("a"), ours("b")])
    assert beside(said(found), found.difference, found.within_tolerance) == ([], 0, True)


def test_every_reason_of_a_listed_contact() -> None:
    items = [item(name) for name in ("good", "again", "again", "nobody", "short", "gave_up", "repeat", "may", "open")]
    known = [
        ours("good"), ours("again"), ours("short", unpaid="short"), ours("gave_up", unpaid="abandoned"),
        ours("repeat", unpaid="repeat"), ours("may", day=date(2026, 5, 31)), ours("open", day=None), ours("left"),
    ]  # fmt: skip
    price = Decimal("3.60")
    assert said(steps(agreed(PER_CONTACT), [line("10", "36.00")], items, known)) == [
        ("not_itemised", 1, price, ()),
        ("twice", 1, price, ("again",)),
        ("unknown", 1, price, ("nobody",)),
        ("short", 1, price, ("short",)),
        ("abandoned", 1, price, ("gave_up",)),
        ("repeat", 1, price, ("repeat",)),
        ("other_month", 1, price, ("may",)),
        ("unproven", 1, price, ("open",)),
        ("left_out", -1, -price, ("left",)),
    ]


def test_arithmetic_and_rate() -> None:
    items, known = [item("a"), item("b")], [ours("a"), ours("b")]
    assert said(steps(agreed(PER_CONTACT), [line("2", "9.20")], items, known)) == [("arithmetic", 0, 2, ())]
    assert said(steps(agreed(PER_CONTACT), [line("2", "8.00", "4")], items, known)) == [
        ("rate", 0, Decimal("0.80"), ())
    ]
    assert said(steps(agreed(PER_CONTACT), [line("2", "8.50", "4")], items, known)) == [
        ("arithmetic", 0, Decimal("0.50"), ()),
        ("rate", 0, Decimal("0.80"), ()),
    ]
    assert said(steps(agreed(PER_CONTACT), [line("2", "8.00", None)], items, known)) == [
        ("rate", 0, Decimal("0.80"), ())
    ]


def test_two_lines_of_a_day_are_one_charge() -> None:
    lines = [line("1", "3.60"), line("1", "4.00", "4")]
    assert said(steps(agreed(PER_CONTACT), lines, [item("a"), item("b")], [ours("a"), ours("b")])) == [
        ("rate", 0, Decimal("0.40"), ())
    ]


def test_another_length_is_told_from_rounding() -> None:
    """A bill in whole seconds: less than a second off is rounding, more is another length."""
    known = [ours("a", 60_400), ours("b", 59_600), ours("c", 60_000)]
    items = [item("a", 61_000), item("b", 60_000), item("c", 121_000)]
    found = said(steps(agreed(MINUTES), [line("4.03", "8.06", "2")], items, known))
    assert [(reason, contacts) for reason, _, _, contacts in found] == [("duration", ("c",)), ("rounding", ("a", "b"))]
    assert [(units, amount) for _, units, amount, _ in found] == [
        (Decimal("1.01"), Decimal("2.02")),
        (Decimal("0.02"), Decimal("0.04")),
    ]


def test_started_minutes_where_milliseconds_were_agreed_are_rounding() -> None:
    found = steps(
        agreed(MINUTES),
        [line("3", "6", "2")],
        [item("a", 60_000), item("b", 120_000)],
        [ours("a", 30_000), ours("b", 60_600)],
    )
    assert said(found) == [("rounding", Decimal("1.49"), Decimal("2.98"), ("a", "b"))]


def test_bills_that_are_not_itemised_are_compared_by_day_and_charge() -> None:
    agreement = agreed({"kind": "hour", "rate": "20"}, {"kind": "fixed", "name": "desk", "fee": "300"})
    right = invoice(agreement, JUNE, came(36_000_000, 36_000_000), {})
    lines = (
        line("11", "220", "20"), line("10", "200", "20", JUNE + timedelta(days=1)),
        line("1", "310", None, None, charge="desk"), line("1", "50", None, None, charge="parking"),
    )  # fmt: skip
    found = bridge(agreement, right, Bill(JUNE, RECEIVED, lines))
    assert [(step.reason, step.charge, beside(step.amount)) for step in found.steps] == [
        ("not_agreed", "parking", (50,)),
        ("rate", "desk", (10,)),
        ("quantity", "work", (20,)),
    ]


def test_a_charge_that_was_not_billed_is_too_little() -> None:
    right = invoice(agreed(PER_CONTACT), JUNE, came(10), {})
    (step,) = bridge(agreed(PER_CONTACT), right, Bill(JUNE, RECEIVED, ())).steps
    assert beside(step.reason, step.quantity, step.amount) == ("quantity", -10, -36)


def test_tiers_that_were_not_applied() -> None:
    """All at the first rate, though a hundred and up are cheaper; one contact too many is worth the cheaper rate."""
    agreement = agreed(tiered("marginal", [{"upto": "2", "rate": "2"}, {"rate": "1.5"}]))
    items, known = [item(name) for name in "abcd"], [ours(name) for name in "abc"]
    assert said(steps(agreement, [line("4", "8", "2")], items, known)) == [
        ("unknown", 1, Decimal("1.5"), ("d",)),
        ("tier", 0, 1, ()),
    ]
    assert said(steps(agreement, [line("4", "16", "4")], items, known)) == [
        ("rate", 0, 9, ()),
        ("unknown", 1, Decimal("1.5"), ("d",)),
    ]


def test_what_is_settled_once_a_month() -> None:
    level = {"metric": "service_level", "target": "0.8", "worst": "0.7", "best": "0.9", "weight": "1"}
    agreement = agreed(
        PER_CONTACT, minimum={"kind": "amount", "amount": "100"}, service_levels=[level],
        bonus={"shape": "score", "malus": "0.1", "bonus": "0.1"},
    )  # fmt: skip
    lines = [
        line("1", "3.60"), line("1", "106.40", None, None, charge="", kind="minimum"),
        line("1", "5", None, None, charge="", kind="bonus"),
    ]  # fmt: skip
    bad = {"service_level": Level(Decimal("0.7"), 9)}
    assert said(steps(agreement, lines, [], [ours("a")], levels=bad)) == [
        ("minimum", 0, 10, ()), ("malus", 0, 10, ()), ("bonus", 0, 5, ()),
    ]  # fmt: skip


def test_a_total_that_is_not_the_sum_of_its_lines_is_unexplained() -> None:
    found = steps(agreed(PER_CONTACT), [line("1", "3.60")], [item("a")], [ours("a")], total=Decimal(5))
    assert said(found) == [("unexplained", 0, Decimal("1.40"), ())]


def test_another_rate_of_exchange() -> None:
    agreement = agreed(PER_CONTACT, currency="USD", exchange={"rule": "contract_rate", "rate": "0.9"})
    found = steps(
        agreement, [line("11", "39.60")], [], [ours(f"c{n}") for n in range(10)], exchange_rate=Decimal("0.95")
    )
    assert beside(found.billed, found.expected, found.in_own) == (Decimal("37.62"), Decimal("32.40"), True)
    assert said(found) == [("quantity", 1, Decimal("3.42"), ()), ("exchange", 0, Decimal("1.80"), ())]


def test_small_differences_are_let_pass_and_others_have_a_deadline() -> None:
    agreement = agreed(PER_CONTACT).model_copy(update={"tolerance": Decimal("3.60"), "dispute_days": 5})
    right = invoice(agreement, JUNE, came(10), {})

    def found(amount: str) -> Bridge:
        return bridge(agreement, right, Bill(JUNE, RECEIVED, (line("11", amount),)))

    assert (found("39.60").within_tolerance, found("39.60").dispute_by) == (True, date(2026, 7, 8))
    assert not found("39.61").within_tolerance
    with pytest.raises(ValueError, match="expected a bill of 2026-06, got one of 2026-05"):
        bridge(agreement, right, Bill(date(2026, 5, 1), RECEIVED, ()))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["contact", "minute"]),
    st.sampled_from(["0.56", "1.9", "17.3333"]),
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 900_000), st.booleans()), min_size=1, max_size=25),
    st.integers(0, 99),
)
def test_what_the_simulator_plants_is_found_to_the_cent(
    unit: str, rate: str, drawn: list[tuple[int, int, bool]], seed: int
) -> None:
    """Its truth says what each reason added to each bill; the bridge takes away the same."""
    rules = Billing.model_validate({"unit": unit, "rate": rate})
    plant = Overbilling.model_validate(
        {"kind": "overbilling", "site": "x", "short": 0.5, "twice": 0.5, "abandoned": 0.5}
    )
    made = Bills("x", rules, plant, 0, Random(seed), Path("unused"))
    items: list[Item] = []
    made._itemised = lambda *_: SimpleNamespace(writerow=keep)  # type: ignore[method-assign]

    def keep(cells: list[Any]) -> None:
        items.append(Item(date.fromisoformat(cells[1][:10]), "work", cells[0], round(cells[3] * 1000)))

    known = []
    begin = (JUNE - date(1970, 1, 1)).days * DAY_MS
    for number, (day, length, gives_up) in enumerate(sorted(drawn)):
        ended = begin + day * DAY_MS + DAY_MS // 2 + number * 1000
        contact: Any = SimpleNamespace(
            id=f"c{number}", talk_ms=length // 9 if length % 3 else length, hold_ms=0, wrap_ms=length % 7000,
            offered_ms=ended - length, queue=SimpleNamespace(name="orders"),
        )  # fmt: skip
        handled = contact.talk_ms + contact.wrap_ms
        unpaid: Any = "abandoned" if gives_up else "short" if contact.talk_ms < rules.short_s * 1000 else None
        known.append(Known(contact.id, "work", JUNE + timedelta(days=day), 0 if gives_up else handled, unpaid))
        if gives_up:
            made.abandoned(ended, contact)
        else:
            made.handled(ended, contact)
    truth = made.lines()
    lines = [
        line(told["billed_quantity"], told["billed_amount"], rate, date.fromisoformat(told["date"])) for told in truth
    ]
    found = steps(agreed({"kind": unit, "rate": rate}), lines, items, known)
    planted: dict[str, Decimal] = {}
    for told in truth:
        for reason, extra in told["reasons"].items():
            planted[reason] = planted.get(reason, Decimal(0)) + Decimal(extra["amount"])
    assert {step.reason: step.amount for step in found.steps} == planted
    assert found.expected == sum(Decimal(told["amount"]) for told in truth)
