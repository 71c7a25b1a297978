"""What each provider's bill of the month ought to be: charge by charge, day by day, and what changed after closing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.cost import contract_words as said
from dashboard.cost import money
from dashboard.figures import take_away

if TYPE_CHECKING:
    from dashboard.cost.view import View


def bills(view: View) -> None:
    """The bill of each provider in view with a contract."""
    there = [(place, name) for place, name in enumerate(view.providers) if view.bill(name) is not None]
    if not there:
        return
    st.subheader(said.BILLS, anchor=False)
    with st.popover(said.HOW_BILLS, icon=":material/info:", type="tertiary", key="explain-cost-bills"):
        for number, line in enumerate(said.HOW_BILLS_LINES):
            parts.plain(line, key=f"how-bills-{number}")
    for place, provider in there:
        with st.container(key=f"cost-bill-{place}", gap="xsmall"):
            one(view, provider, place)


def one(view: View, provider: str, place: int) -> None:
    """The bill of one provider."""
    bill, rows = view.bill(provider), view.of("lines", provider)
    if bill is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"cost-bill-head-{place}"):
        parts.plain(provider, "strong", key=f"cost-bill-name-{place}")
        if len(rows):
            take_away.table_buttons(file(view, rows), "expected-bill", view.simulated, key=f"cost-bill-{place}")
    parts.plain(said.expected(bill, view.currency), key=f"cost-bill-says-{place}")
    if rows.empty:
        return
    sums = by_charge(rows, bill)
    table(sums, str(bill["currency"]), f"cost-bill-{place}", said.LINES_ALT)
    with st.expander(said.BY_DAY, key=f"cost-bill-days-{place}"):
        table(by_day(rows), str(bill["currency"]), f"cost-bill-days-{place}", said.DAYS_ALT)
    changed = view.of("corrections", provider)
    if len(changed):
        corrections(changed, str(bill["currency"]), place)


def by_charge(rows: pd.DataFrame, bill: pd.Series) -> pd.DataFrame:
    """One row per charge, the minimum, what of malus or bonus is on the bill, and the total."""
    found: list[dict[str, Any]] = []
    for charge, of in rows.groupby("charge", sort=False):
        quantity = sum((money.parsed(value) or Decimal(0) for value in of["quantity"]), Decimal(0))
        amount = sum((money.parsed(value) or Decimal(0) for value in of["amount"]), Decimal(0))
        is_minimum = of["kind"].iloc[0] == "minimum"
        found.append(
            {
                "charge": said.MINIMUM if is_minimum else charge,
                "quantity": None if is_minimum else units(quantity),
                "unit": None if is_minimum else said.UNITS.get(str(of["unit"].iloc[0]), str(of["unit"].iloc[0])),
                "price": None if is_minimum else price(money.per(amount, quantity)),
                "amount": money.cell(amount),
                "note": "; ".join(dict.fromkeys(note for note in of["note"] if note)),
            }
        )
    on_bill = money.parsed(bill["effect_on_bill"])
    if on_bill:
        found.append({"charge": said.MALUS if on_bill < 0 else said.BONUS, "amount": money.cell(on_bill), "note": ""})
    found.append({"charge": said.TOTAL, "amount": money.cell(money.parsed(bill["total"])), "note": ""})
    return _without_empty_notes(pd.DataFrame(found))


def price(amount: Decimal | None) -> str | None:
    """An effective price, as fine as it is up to four places."""
    return None if amount is None else money.places(round(amount, money.FINE))


def units(quantity: Decimal | None) -> str | None:
    """A quantity: whole where it is."""
    if quantity is None:
        return None
    return money.number(quantity, 0) if quantity == quantity.to_integral_value() else money.places(quantity)


def by_day(rows: pd.DataFrame) -> pd.DataFrame:
    """The lines as they are, newest day first."""
    shown = pd.DataFrame(
        {
            "day": [None if pd.isna(day) else pd.Timestamp(day).date() for day in rows["bill_date"]],
            "charge": rows["charge"],
            "quantity": [units(money.parsed(value)) for value in rows["quantity"]],
            "unit": [said.UNITS.get(str(unit), str(unit)) for unit in rows["unit"]],
            "price": [price(money.parsed(value)) for value in rows["rate"]],
            "amount": [money.cell(money.parsed(value)) for value in rows["amount"]],
            "note": rows["note"],
        }
    )
    ordered = shown.sort_values(["day", "charge"], ascending=[False, True], ignore_index=True, na_position="first")
    return _without_empty_notes(ordered)


def _without_empty_notes(rows: pd.DataFrame) -> pd.DataFrame:
    return rows if rows["note"].astype(bool).any() else rows.drop(columns="note")


def table(rows: pd.DataFrame, currency: str, key: str, alt: str) -> None:
    """Lines of a bill."""
    number, words, labels = st.column_config.NumberColumn, st.column_config.TextColumn, said.LABELS
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="",
        row_height=30,
        height=min(430, 34 + 30 * len(rows)),
        column_config={
            "day": st.column_config.DateColumn(labels["day"], format="ddd D MMM YYYY"),
            "charge": words(labels["charge"], pinned=True),
            "quantity": words(labels["quantity"], alignment="right"),
            "unit": words(labels["unit"]),
            "price": words(f"Price, {currency}", alignment="right"),
            "amount": number(f"Amount, {currency}", format="%,.2f"),
            "note": words(labels["note"], width="medium"),
        },
        key=f"table-{key}",
        alt=alt,
    )


def corrections(rows: pd.DataFrame, currency: str, place: int) -> None:
    """What changed after the month was closed."""
    shown = pd.DataFrame(
        {
            "charge": rows["charge"],
            **{name: [money.cell(money.parsed(value)) for value in rows[name]] for name in ("was", "now")},
            "correction": [money.cell(money.parsed(value)) for value in rows["correction"]],
        }
    )
    number = st.column_config.NumberColumn
    parts.plain(said.CORRECTIONS, "strong", key=f"cost-corrections-{place}")
    st.dataframe(
        shown,
        hide_index=True,
        placeholder=text.NO_DATA,
        height="content",
        column_config={
            "charge": st.column_config.TextColumn(said.LABELS["charge"], pinned=True),
            "was": number(f"When closed, {currency}", format="%,.2f"),
            "now": number(f"Now, {currency}", format="%,.2f"),
            "correction": number(f"Correction, {currency}", format="%+,.2f"),
        },
        key=f"table-cost-corrections-{place}",
        alt=said.CORRECTIONS_ALT,
    )


def file(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """The lines to take away, with exact numbers."""
    names = ("quantity", "rate", "amount")
    decimals: dict[str, Any] = {name: [money.parsed(value) for value in rows[name]] for name in names}
    return rows.assign(month=view.period.month, **decimals)
