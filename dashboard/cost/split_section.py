"""Cost of a contact by topic and by channel, each beside that of all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.cost import money
from dashboard.cost import words as said
from dashboard.cost.drawn import drawn as once
from dashboard.cost.filters import PAGE
from dashboard.cost.parties import Sums, keyed, summed
from dashboard.figures import take_away
from dashboard.scope import behind
from dashboard.scope.scope import NONE
from dashboard.topics.words import topic_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.cost.view import View
    from dashboard.scope.behind import Query

LEAST = 30
"""Contacts a cost needs on either side to be coloured."""
MOST = 24
FULL = 0.5
"""Relative difference at which the colour is strongest."""
NO_CHANNEL = "(no channel)"
DEARER, CHEAPER, SAME = "#D0670C", "#2F7BD9", "#8A94A3"


def split(view: View) -> None:
    """Two grids and a table of each."""
    frame = keyed(view.frames["cells"])
    if frame.empty:
        return
    st.subheader(said.SPLIT, anchor=False)
    whos = [row.key for row in view.rows if row.now.amount is not None]
    called = {row.key: row.name for row in view.rows}
    channels = {NO_CHANNEL: said.NO_CHANNEL}
    frame = frame.assign(channel=frame["channel"].replace(NONE, NO_CHANNEL))
    for by, title, names in (("topic", said.TOPIC_GRID, view.topics), ("channel", said.CHANNEL_GRID, channels)):
        rows = compared(frame, by)
        order = [value for value in rows.drop_duplicates(by)[by] if value in set(rows[by][rows["who"].isin(whos)])]
        if not order or not whos:
            continue
        chart = drawn(view, rows, by, order[:MOST], whos, names, called, title)

        def lead(mark: dict[str, Any], by: str = by) -> Query | None:
            # A list cannot be of contacts without a topic or channel.
            if mark["topic"] in (NONE, NO_CHANNEL) or mark["who"] not in called:
                return None
            sites = next(row.sites for row in view.rows if row.key == mark["who"])
            return view.contacts(sites, **{by: mark["topic"]})

        behind.shown(chart, PAGE, f"cost-{by}", ("topic", "who"), lead)
        with st.container(horizontal=True, gap="small", key=f"tools-cost-{by}"):
            take_away.chart_buttons(chart, f"cost-by-{by}", demo=bool(view.simulated), key=f"cost-{by}")
            take_away.table_buttons(file(view, rows, by, called), f"cost-by-{by}", view.simulated, key=f"cost-{by}")
        with st.expander(said.SPLIT_TABLE, key=f"cost-table-{by}"):
            table(view, rows, by, names, called)
    parts.plain(said.SPLIT_CLICK, "muted", key="cost-split-click")


def compared(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """One row per topic or channel and party: its sums, cost of a contact, and that of all others; most first."""
    found = []
    for value, of in frame.groupby(by, sort=True):
        for who, mine in of.groupby("who", sort=True):
            own, others = summed(mine), summed(of[of["who"] != who])
            found.append((str(value), str(who), own, others, int(of["contacts"].sum())))
    rows = pd.DataFrame(
        {
            by: [row[0] for row in found],
            "who": [row[1] for row in found],
            "sums": [row[2] for row in found],
            "others": [row[3] for row in found],
            "all": [row[4] for row in found],
        }
    )
    kept = rows[[bool(own.contacts) for own in rows["sums"]]]
    return kept.sort_values(["all", by, "who"], ascending=[False, True, True], ignore_index=True)


def drawn(
    view: View, rows: pd.DataFrame, by: str, order: Sequence[str], whos: Sequence[str], names: Mapping[str, str],
    called: Mapping[str, str], title: str,
) -> dict[str, Any]:  # fmt: skip
    """The grid of cost."""
    shown = rows[rows[by].isin(list(order)) & rows["who"].isin(list(whos))]
    told = [_cell(own, others, view.currency) for own, others in zip(shown["sums"], shown["others"], strict=True)]
    data = pd.DataFrame(told).assign(topic=shown[by].to_numpy(), who=shown["who"].to_numpy())
    what = "topics" if by == "topic" else "channels"
    named = (title, said.grid_units(view.currency), said.grid_description(what, len(order), len(whos)))
    return once(
        "grid",
        {
            "data": data,
            "order": list(order),
            "whos": list(whos),
            "names": dict(names),
            "called": dict(called),
            "told": named,
        },
    )


def _cell(own: Sums, others: Sums, currency: str) -> dict[str, Any]:
    cost, peers = own.per_contact, others.per_contact
    thin = own.contacts < LEAST or others.contacts < LEAST
    away = None if cost is None or not peers else float(cost / peers - 1)
    fill, second = SAME, f"n {own.contacts:,}"
    if away is not None and not thin:
        fill = DEARER if away > 0 else CHEAPER if away < 0 else SAME
        second = f"{'▲' if away > 0 else '▼'} {100 * abs(away):,.0f}% · {second}" if away else second
    return {
        "fill": fill, "strength": 0.05 + 0.5 * min(1.0, abs(away or 0.0) / FULL) * (not thin),
        "first": ("~ " if thin else "") + money.number(cost), "second": second, "thin": thin,
        "tip": said.cell_tip(
            money.shown(cost, currency), own.contacts, money.shown(peers, currency), others.contacts
        ),
    }  # fmt: skip


def table(view: View, rows: pd.DataFrame, by: str, names: Mapping[str, str], called: Mapping[str, str]) -> None:
    """The same as a table."""
    labels = said.per_cell(view.currency)
    number = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(
            {
                by: [topic_name(value, dict(names)) for value in rows[by]],
                "who": [called.get(who, who) for who in rows["who"]],
                "contacts": [own.contacts for own in rows["sums"]],
                "cost": [money.cell(own.amount) for own in rows["sums"]],
                "per_contact": [money.cell(own.per_contact) for own in rows["sums"]],
                "per_minute": [money.cell(own.per_minute, 3) for own in rows["sums"]],
            }
        ),
        hide_index=True,
        placeholder=text.NO_DATA,
        height=min(430, 38 + 30 * len(rows)),
        row_height=30,
        column_config={
            by: st.column_config.TextColumn(by.capitalize(), pinned=True),
            "who": st.column_config.TextColumn(labels["who"]),
            "contacts": number(labels["contacts"], format="%,d"),
            "cost": number(labels["cost"], format="%,.2f"),
            "per_contact": number(labels["per_contact"], format="%,.2f"),
            "per_minute": number(labels["per_minute"], format="%,.3f"),
        },
        key=f"table-cost-{by}",
        alt=said.SPLIT_ALT,
    )


def file(view: View, rows: pd.DataFrame, by: str, called: Mapping[str, str]) -> pd.DataFrame:
    """The rows to take away."""
    sums = list(rows["sums"])
    return pd.DataFrame(
        {
            "month": view.period.month,
            by: [None if value in (NONE, NO_CHANNEL) else value for value in rows[by]],
            "who": [called.get(who, who) for who in rows["who"]],
            "currency": view.currency,
            "contacts": [own.contacts for own in sums],
            "handle_minutes": [own.handle_ms / 60_000 for own in sums],
            "cost": [own.amount for own in sums],
            "cost_per_contact": [None if own.per_contact is None else round(own.per_contact, 6) for own in sums],
        }
    )
