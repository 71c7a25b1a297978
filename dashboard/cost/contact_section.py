"""What a contact costs at each provider, in-house and at each site, as tables that lead to the contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import contact_links, parts
from dashboard import format as text
from dashboard.cost import money
from dashboard.cost import words as said
from dashboard.figures import take_away

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.cost.parties import Row
    from dashboard.cost.view import View

ROW_HEIGHT = 34
MINUTE_PLACES = 3


def costs(view: View) -> None:
    """Both tables, how cost is counted, and whose issues are repeated elsewhere."""
    st.subheader(said.TABLE, anchor=False)
    table(view, view.rows, "cost", said.TABLE_ALT)
    if line := said.elsewhere([row for row in view.rows if row.issues.issues]):
        parts.plain(line, "muted", key="cost-elsewhere")
    with st.expander(said.BY_SITE, key="cost-by-site"):
        table(view, view.site_rows, "cost-by-site", said.SITES_ALT)


def table(view: View, rows: Sequence[Row], name: str, alt: str) -> None:
    """Rows of cost, their files, and the contacts behind the one chosen."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"tools-{name}"):
        with st.popover(said.HOW, icon=":material/info:", type="tertiary", key=f"explain-{name}"):
            for number, line in enumerate(said.HOW_LINES):
                parts.plain(line, key=f"how-{name}-{number}")
        take_away.table_buttons(file(view, rows), name, view.simulated, key=name)
        link = st.container(horizontal=True, vertical_alignment="center", gap="small", width="content")
    event = st.dataframe(
        cells(view, rows),
        hide_index=True,
        column_config=columns(view, rows),
        placeholder=text.NO_DATA,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (len(rows) + 1) + 4,
        on_select="rerun",
        selection_mode="single-cell",
        key=f"table-{name}",
        alt=alt,
    )
    with link:
        chosen = event.selection.cells
        if not chosen or chosen[0][0] >= len(rows):
            parts.plain(said.CHOOSE_CELL, "muted", key=f"choose-{name}")
            return
        row = rows[chosen[0][0]]
        query = view.contacts(row.sites)
        st.page_link(contact_links.PAGE, label=said.SEE, icon=":material/list_alt:", query_params=query)
        parts.plain(row.name, "muted", key=f"behind-{name}")


def cells(view: View, rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as shown; amounts rounded as decimals."""
    shown = pd.DataFrame(
        {
            "who": [row.name for row in rows],
            "cost": [money.cell(row.now.amount) for row in rows],
            "contacts": [row.now.contacts for row in rows],
            "per_contact": [money.cell(row.now.per_contact) for row in rows],
            "interval": [said.interval(row.interval.low, row.interval.high) if row.interval else None for row in rows],
            "per_minute": [money.cell(row.now.per_minute, MINUTE_PLACES) for row in rows],
            "per_issue": [money.cell(row.issues.per_issue) for row in rows],
            "per_resolution": [money.cell(row.per_resolution) for row in rows],
            "resolved": [None if row.resolved is None else 100 * row.resolved for row in rows],
            "change": [said.change(row.change) if row.change is not None else None for row in rows],
            "constant": [said.change(row.change_constant) if row.change_constant is not None else None for row in rows],
            "issues": [row.issues.issues for row in rows],
            "note": [row.reason for row in rows],
        }
    )
    shown = shown[[name for name in said.per_cell(view.currency) if name in shown]]
    shown = shown if view.foreign else shown.drop(columns="constant")
    return shown if any(shown["note"]) else shown.drop(columns="note")


def columns(view: View, rows: Sequence[Row]) -> dict[str, Any]:
    """How the columns are shown."""
    del rows
    labels = said.per_cell(view.currency)
    formats = {
        "cost": "%,.2f", "contacts": "%,d", "per_contact": "%,.2f", "per_minute": "%,.3f", "per_issue": "%,.2f",
        "issues": "%,d", "per_resolution": "%,.2f", "resolved": "%.1f%%",
    }  # fmt: skip
    numbers = {
        name: st.column_config.NumberColumn(labels[name], format=shape, help=said.HELP[name])
        for name, shape in formats.items()
    }
    return {
        "who": st.column_config.TextColumn(labels["who"], pinned=True),
        **numbers,
        "interval": st.column_config.TextColumn(labels["interval"], help=said.HELP["interval"], alignment="right"),
        "change": st.column_config.TextColumn(labels["change"], help=said.HELP["change"]),
        "constant": st.column_config.TextColumn(labels["constant"], help=said.HELP["constant"]),
        "note": st.column_config.TextColumn(labels["note"], width="large"),
    }


def file(view: View, rows: Sequence[Row]) -> pd.DataFrame:
    """The rows to take away: exact decimals, with what they were divided by."""
    return pd.DataFrame(
        [
            {
                "month": view.period.month, "so_far": view.period.is_running, "who": row.name,
                "in_house": row.in_house, "sites": ", ".join(row.sites), "currency": view.currency,
                "cost": row.now.amount, "contacts": row.now.contacts, "handle_minutes": row.now.handle_ms / 60_000,
                "cost_per_contact": _fine(row.now.per_contact),
                "low": row.interval.low if row.interval else None, "high": row.interval.high if row.interval else None,
                "cost_per_minute": _fine(row.now.per_minute), "issues": row.issues.issues,
                "cost_of_issues": row.issues.amount, "cost_per_issue": _fine(row.issues.per_issue),
                "first_contact_resolution": row.resolved, "resolvable": row.resolved_n,
                "cost_per_resolution": _fine(row.per_resolution), "change": _fine(row.change),
                "change_at_constant_rates": _fine(row.change_constant), "reason": row.reason,
            }
            for row in rows
        ]
    )  # fmt: skip


def _fine(amount: Any) -> Any:
    return None if amount is None else round(amount, 6)
