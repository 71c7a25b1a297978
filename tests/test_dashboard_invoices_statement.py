"""A bill's statement, its chart and the comparison of its lines, without a store."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.invoices import bill as bills
from dashboard.invoices import charts, lines, rules, statement
from dashboard.invoices.bill import Bill, Step, Turn
from dashboard.queries import Status
from models.documents.reading import load
from models.terms.contract import Contract
from tests.bill_store import CONTRACT, HOSTILE, NOW, OCTOBER, PROVIDER

if TYPE_CHECKING:
    from pathlib import Path

STATUS = Status("consuming", "", None, None, None, "Europe/Berlin", None, NOW, NOW.date())
BILL = Bill(
    "b1", PROVIDER, OCTOBER, bills.TOO_MUCH, "EUR", number=HOSTILE, received=date(2026, 11, 2), billed=Decimal(36),
    expected=Decimal(30), difference=Decimal(6), dispute_by=date(2026, 12, 2),
)  # fmt: skip
STEPS = (
    Step("twice", HOSTILE, Decimal(2), Decimal(4), 2, ("c0", "c1")),
    Step("abandoned", "Calls", Decimal(1), Decimal(2), 1, ("=c15",)),
)
CONTACTS = {1: ["c0", HOSTILE], 2: ["=c15"]}
AMOUNTS = st.decimals(-10_000, 10_000, places=4, allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    path = tmp_path_factory.mktemp("terms") / "south.toml"
    path.write_text(CONTRACT)
    return load(path, Contract, 1_000_000, exact=True).value


@pytest.fixture
def whole(contract: Contract) -> statement.Whole:
    compared = lines.Compared(date(2026, 10, 5), HOSTILE, "charge", Decimal(12), Decimal(10), Decimal(24), Decimal(20))
    turn = Turn("d1", datetime(2026, 11, 3, tzinfo=UTC), HOSTILE, "open", ("twice",), Decimal(6), HOSTILE)
    return statement.Whole(BILL, contract, STEPS, (compared,), (turn,), STATUS, demo=True)


def test_the_statement_is_well_formed_escaped_and_fetches_nothing(whole: statement.Whole) -> None:
    html = statement.html(whole, CONTACTS)
    root = ElementTree.fromstring(html.replace("<!DOCTYPE html>", ""))  # noqa: S314
    assert "<script" not in html
    assert HOSTILE in [element.text for element in root.iter() if element.text]
    assert not [element for element in root.iter() if element.get("src") or element.get("href", "#")[0] != "#"]


def test_the_statement_says_totals_rules_deadline_and_contacts(whole: statement.Whole) -> None:
    html = statement.html(whole, CONTACTS)
    for told in (
        "36.00 EUR", "30.00 EUR", "+6.00 EUR", "2 Dec 2026 (12 days left)", "October 2026",
        "Calls: 2.00 EUR for each contact handled; not for those with less than 10 s of talk.",
        "The same contact again", "<li>c0</li>", "<li>=c15</li>", "Annex", "Demo data",
        "36.00 EUR billed − 6.00 of all reasons = 30.00 EUR expected, exactly.",
    ):  # fmt: skip
        assert told in html, told


def test_the_csv_has_the_same_and_runs_no_formula(whole: statement.Whole) -> None:
    rows = list(csv.DictReader(io.StringIO(statement.csv(whole, CONTACTS).decode("utf-8-sig"))))
    totals = {row["what"]: row["amount"] for row in rows if row["part"] == "total"}
    assert totals == {"Billed": "36.00", "Expected": "30.00", "Difference": "6.00"}
    assert [row["number"] for row in rows if row["part"] == "reason"] == ["1", "2"]
    assert sum(Decimal(row["amount"]) for row in rows if row["part"] == "reason") == 6
    assert [row["contact"] for row in rows if row["part"] == "contact"] == ["c0", HOSTILE, "'=c15"]
    assert {row["bill"] for row in rows} == {HOSTILE}


def test_a_statement_without_a_contract_leaves_its_rules_out(whole: statement.Whole) -> None:
    from dataclasses import replace

    assert "Rules of the contract" not in statement.html(replace(whole, contract=None), {})


@given(st.lists(AMOUNTS, max_size=6), AMOUNTS)
def test_the_bars_of_the_waterfall_meet_and_end_at_what_was_expected(amounts: list[Decimal], billed: Decimal) -> None:
    steps = [Step("rate", "Calls", Decimal(0), amount, 0, ()) for amount in amounts]
    expected = billed - sum(amounts, Decimal(0))
    bill = Bill("b", PROVIDER, OCTOBER, "differs", "EUR", billed=billed, expected=expected)
    rows = charts.levels(bill, steps)
    assert all(after[1] == before[2] for before, after in pairwise(rows[:-1]))
    assert rows[-1][2] == expected
    assert bills.exact(bill, steps)
    low, high = charts.axis(rows)
    assert all(low <= end <= high for _, _, end, _ in rows)


def test_a_waterfall_says_which_way_in_words_signs_and_amounts() -> None:
    rows = charts.levels(BILL, [*STEPS, Step("left_out", "Calls", Decimal(-1), Decimal(-2), 1, ())])
    assert [label for _, _, _, label in rows] == ["36.00", "▼ −4.00", "▼ −2.00", "▲ +2.00", "32.00"]
    assert "Left out · Calls" in [name for name, _, _, _ in rows]


def test_the_example_contract_is_told_in_words(tmp_path: Path) -> None:
    from importlib.resources import files

    path = tmp_path / "contract.toml"
    path.write_text((files("models.terms") / "examples" / "contract.toml").read_text())
    told = rules.in_words(load(path, Contract, 1_000_000, exact=True).value, date(2027, 1, 1))
    assert told[0] == (
        "Calls: 3.80 EUR up to 50,000, 3.40 EUR up to 100,000, 3.10 EUR beyond a month (each band at its own price), "
        "for each contact handled; not for those with less than 10 s of talk or of a customer who comes again about "
        "the same topic within 24 h; only channels voice."
    )
    assert any("rounded up to full 60 s" in line for line in told)
    assert any("Prices change by +2.30% from 1 Jan 2027" in line for line in told)
    assert any(line == "Paid as if at least 20,000 units had come in a month." for line in told)


# --- line by line ------------------------------------------------------------------------------------------


def frame(*rows: tuple[str | None, str, str, str, str]) -> pd.DataFrame:
    names = ("bill_date", "charge", "kind", "quantity", "amount")
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows], columns=list(names))


def test_lines_are_compared_by_day_and_charge_and_keep_what_only_one_side_has() -> None:
    billed = frame(("2026-10-05", "Calls", "charge", "3", "6.00"), ("2026-10-05", "Calls", "charge", "1", "2.00"))
    owed = frame(("2026-10-05", "Calls", "contact", "3", "6.00"), ("2026-10-06", "Calls", "contact", "1", "2.00"))
    found = lines.compared(billed, owed)
    assert [(one.day, one.billed, one.expected, one.difference) for one in found] == [
        (date(2026, 10, 5), Decimal(8), Decimal(6), Decimal(2)),
        (date(2026, 10, 6), Decimal(0), Decimal(2), Decimal(-2)),
    ]  # fmt: skip


def test_a_charge_billed_for_the_month_is_compared_for_the_month() -> None:
    owed = frame(("2026-10-05", "Calls", "contact", "3", "6.00"), ("2026-10-06", "Calls", "contact", "1", "2.00"))
    (one,) = lines.compared(frame((None, "Calls", "charge", "5", "10.00")), owed)
    assert (one.day, one.billed, one.expected, one.expected_quantity) == (None, Decimal(10), Decimal(8), Decimal(4))


def test_what_is_settled_once_a_month_is_compared_once() -> None:
    billed = frame(("2026-10-31", "", "malus", "0", "-5.00"))
    (malus, minimum) = lines.compared(billed, frame((None, "minimum", "minimum", "1", "3.00")), Decimal("-4.00"))
    assert (malus.kind, malus.difference) == ("malus", Decimal(-1))
    assert (minimum.kind, minimum.billed, minimum.expected) == ("minimum", Decimal(0), Decimal(3))


# --- what is in question -----------------------------------------------------------------------------------


def test_what_is_not_settled_is_summed_by_currency() -> None:
    def one(state: str, currency: str, difference: str) -> Bill:
        return Bill("b", PROVIDER, OCTOBER, state, currency, difference=Decimal(difference))

    found = bills.unsettled(
        [
            one(bills.TOO_MUCH, "EUR", "0.10"), one("disputed", "EUR", "0.20"), one(bills.TOO_LITTLE, "EUR", "-1"),
            one("dispute settled", "EUR", "50"), one("withdrawn", "EUR", "50"), one(bills.TOO_MUCH, "USD", "3"),
        ]
    )  # fmt: skip
    assert [(sums.currency, sums.too_much, sums.bills, sums.too_little) for sums in found] == [
        ("EUR", Decimal("0.30"), 2, Decimal(1)), ("USD", Decimal(3), 1, Decimal(0)),
    ]  # fmt: skip
