"""All bills, and months that have none: filters, what they come to, and the table that leads to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import address, money, parts
from dashboard.figures import take_away
from dashboard.invoices import bill as bills
from dashboard.invoices import words as said
from dashboard.invoices.filters import LOAD, PAGE, Filters

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from dashboard.invoices.bill import Bill


def draw(found: Sequence[Bill], asked: Filters, today: date, simulated: Collection[str], *, live: bool) -> None:
    """The overview. found: bills, and months without one."""
    parts.plain(
        said.answer(bills.unsettled(found), bills.next_deadline(found, today), today), "strong", key="inv-answer"
    )
    notes(found, today)
    if live and any(bill.bill_id for bill in found):
        st.button(
            said.LOAD_A_BILL, icon=":material/upload_file:", key="inv-load", on_click=go, args=(asked.opening(do=LOAD),)
        )
    chosen = bar(found, asked)
    rows = [
        bill for bill in found
        if (not chosen.providers or bill.provider in chosen.providers)
        and (not chosen.months or f"{bill.month:%Y-%m}" in chosen.months)
        and (not chosen.states or bill.state in chosen.states)
    ]  # fmt: skip
    if not rows:
        parts.plain(said.NONE_MATCH, "muted", key="inv-none")
        return
    table(rows, chosen, today, simulated, live=live)


def notes(found: Sequence[Bill], today: date) -> None:
    """Deadlines missed, and months that wait for a bill."""
    late = [bill for bill in found if bill.state == bills.TOO_MUCH and (bill.days_left(today) or 0) < 0]
    waiting = [bill for bill in found if bill.state == bills.NOT_LOADED]
    with st.container(key="inv-notes", gap="xxsmall"):
        if late:
            parts.plain(said.late(len(late)), key="inv-late")
        if waiting:
            parts.plain(said.not_loaded(len(waiting)), "muted", key="inv-waiting")


def bar(found: Sequence[Bill], asked: Filters) -> Filters:
    """The filters, in step with the address."""
    options = {
        "providers": sorted({bill.provider for bill in found}, key=str.casefold),
        "months": sorted({f"{bill.month:%Y-%m}" for bill in found}, reverse=True),
        "states": [state for state in bills.STATES if any(bill.state == state for bill in found)],
    }
    address.fill(PAGE, asked.to_query(), [], {name: list(getattr(asked, name)) for name in options})
    labels = {"providers": said.PROVIDERS, "months": said.MONTHS, "states": said.STATE}
    picked: dict[str, tuple[str, ...]] = {}
    with st.grid(3, min_column_width=230, gap="small", key="inv-filters") as grid:
        for name, values in options.items():
            key = f"{PAGE}-{name}"
            st.session_state[key] = [value for value in st.session_state[key] if value in values]
            with grid.cell():
                picked[name] = tuple(sorted(st.multiselect(
                    labels[name], values, key=key, placeholder="All",
                    format_func=lambda value: said.STATES.get(value, value),
                )))  # fmt: skip
    current = Filters(picked["providers"], picked["months"], picked["states"])
    address.write(PAGE, current.to_query(), asked.to_query(), [])
    return current


def table(rows: Sequence[Bill], chosen: Filters, today: date, simulated: Collection[str], *, live: bool) -> None:
    """The bills; a click on a row, or the choice below, opens one."""
    frame = frame_of(rows, today)
    number = st.column_config.NumberColumn
    times = st.session_state.get(f"{PAGE}-clicks", 0)
    event = st.dataframe(
        frame, hide_index=True, row_height=32, height="content" if len(frame) <= 15 else 520, placeholder="",
        alt=said.TABLE_ALT, on_select="rerun", selection_mode="single-cell", key=f"inv-table-{times}",
        column_config={
            **{name: st.column_config.TextColumn(label) for name, label in said.COLUMNS.items()},
            **{
                name: number(said.COLUMNS[name], format=money.column(frame[name]))
                for name in ("billed", "expected", "difference")
            },
            "days_left": number(said.COLUMNS["days_left"], format="%d", width="small", help=said.DAYS_LEFT_HELP),
        },
    )  # fmt: skip
    parts.plain(said.CLICK, "muted", key="inv-click")
    cells = event.selection.cells
    if cells and cells[0][0] < len(rows):
        # The browser remembers a choice by its key, and would open it again on the way back.
        st.session_state[f"{PAGE}-clicks"] = times + 1
        bill = rows[cells[0][0]]
        if bill.bill_id:
            go(chosen.opening(bill.bill_id))
            st.rerun()
        elif live:
            load(bill.provider, f"{bill.month:%Y-%m}", chosen)
            st.rerun()
    loaded = {bill.bill_id: bill for bill in rows if bill.bill_id}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="inv-open-row"):
        if loaded:
            picked = st.selectbox(
                said.OPEN, list(loaded), format_func=lambda bill_id: said.option(loaded[bill_id]), index=None,
                placeholder=said.OPEN_PLACEHOLDER, key="inv-open", width=460,
            )  # fmt: skip
            if picked:
                go(chosen.opening(picked))
                st.rerun()
        take_away.table_buttons(frame, "invoices", simulated, key="inv")


def frame_of(rows: Sequence[Bill], today: date) -> pd.DataFrame:
    """The bills as a table, with exact amounts."""
    return pd.DataFrame(
        {
            "month": [f"{bill.month:%Y-%m}" for bill in rows],
            "provider": [bill.provider for bill in rows],
            "number": [bill.number for bill in rows],
            "billed": pd.Series([bill.billed for bill in rows], dtype=object),
            "expected": pd.Series([bill.expected for bill in rows], dtype=object),
            "difference": pd.Series([bill.difference for bill in rows], dtype=object),
            "currency": [bill.unit for bill in rows],
            "state": [said.STATES[bill.state] for bill in rows],
            "days_left": pd.Series([bill.days_left(today) for bill in rows], dtype="Int64"),
        }
    )


def load(provider: str, month: str, chosen: Filters) -> None:
    """Open the form for a bill of this month."""
    st.session_state["inv-new"] = (provider, month)
    go(chosen.opening(do=LOAD))


def go(filters: Filters) -> None:
    """Set the address of the page."""
    st.query_params.from_dict(filters.to_query())
