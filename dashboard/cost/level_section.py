"""Service levels of each contract: where they stand, what that costs, and what can still be saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import parts
from dashboard.cost import contract_words as said
from dashboard.cost import money
from dashboard.cost import words as page_words
from dashboard.figures import shown, take_away
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from datetime import date

    from dashboard.cost.view import View

RUNNING = ("needed", "at_stake", "save_by")
"""Columns of a month that is not over."""


def levels(view: View) -> None:
    """A table of each provider in view with a contract."""
    if not view.providers:
        parts.plain(said.NO_CONTRACTS, "muted", key="cost-no-contracts")
        return
    st.subheader(said.LEVELS, anchor=False)
    with st.popover(said.HOW_LEVELS, icon=":material/info:", type="tertiary", key="explain-cost-levels"):
        for number, line in enumerate(said.HOW_LEVELS_LINES):
            parts.plain(line, key=f"how-levels-{number}")
    for place, provider in enumerate(view.providers):
        one(view, provider, place)


def one(view: View, provider: str, place: int) -> None:
    """The levels of one provider. place: stands for it in keys."""
    rows, bill = view.of("levels", provider), view.bill(provider)
    with st.container(key=f"cost-levels-{place}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"cost-levels-head-{place}"):
            parts.plain(provider, "strong", key=f"cost-levels-name-{place}")
            if len(rows):
                take_away.table_buttons(
                    file(view, rows), "service-levels", view.simulated, key=f"cost-levels-{place}"
                )  # fmt: skip
        if bill is None:
            parts.plain(page_words.NOT_COMPUTED.capitalize() + ".", "muted", key=f"cost-no-bill-{place}")
            return
        if rows.empty:
            parts.plain(said.NO_LEVELS, "muted", key=f"cost-no-levels-{place}")
            return
        for number, line in enumerate(lines(rows, bill, view.now.today)):
            parts.plain(line, "muted" if number else "body", key=f"cost-levels-{place}-{number}")
        table(rows, place)


def lines(rows: pd.DataFrame, bill: pd.Series, today: date) -> list[str]:
    """What it amounts to, what can still be saved, and the notes."""
    found = [said.effect(bill, today)]
    at_risk = [
        (
            BY_NAME[row["metric"]].label,
            money.shown(money.parsed(row["at_stake"]), row["currency"]),
            pd.Timestamp(row["save_by"]).date(),
        )
        for _, row in rows.iterrows()
        if row["state"] == "at risk" and not pd.isna(row["save_by"])
    ]
    if at_risk:
        found.append(said.savable(at_risk))
    notes = str(bill["notes"] or "").split("\n")
    return found + [f"{note[0].upper()}{note[1:]}." for note in notes if note]


def cells(rows: pd.DataFrame) -> pd.DataFrame:
    """The levels as shown."""
    out = []
    for _, row in rows.iterrows():
        metric = BY_NAME[row["metric"]]
        value = None if pd.isna(row["value"]) else float(row["value"])
        out.append(
            {
                "level": metric.label,
                "target": shown.value(metric, float(row["target"])),
                "value": shown.value(metric, value),
                "n": int(row["n"]),
                "standing": said.standing(row["state"], row["met"], counts=bool(row["counts"]), value=value),
                "score": float(row["score"]) if row["counts"] else None,
                "weight": 100 * float(row["weight"]),
                "amount": money.cell(money.parsed(row["amount"])),
                "needed": needed(row, value),
                "at_stake": money.cell(money.parsed(row["at_stake"])),
                "save_by": None if pd.isna(row["save_by"]) else pd.Timestamp(row["save_by"]).date(),
            }
        )
    found = pd.DataFrame(out)
    return found if rows["state"].notna().any() else found.drop(columns=list(RUNNING))


def needed(row: pd.Series, value: float | None) -> str | None:
    """What the days left must bring, in the metric's unit."""
    metric, most = BY_NAME[row["metric"]], row["needed"]
    if pd.isna(most) or value is None:
        return None
    higher = metric.better == "higher"
    if metric.unit == "share":
        if (most > 1) if higher else (most < 0):
            return said.LOST
        if (most <= 0) if higher else (most >= 1):
            return said.WHATEVER
    return f"{'≥' if higher else '≤'} {shown.value(metric, float(most))}"


def table(rows: pd.DataFrame, place: int) -> None:
    """The levels as a table."""
    currency = str(rows["currency"].iloc[0])
    number, words = st.column_config.NumberColumn, st.column_config.TextColumn
    labels = said.LABELS
    st.dataframe(
        cells(rows),
        hide_index=True,
        placeholder="–",
        row_height=32,
        height=32 * (len(rows) + 1) + 4,
        column_config={
            **{name: words(labels[name]) for name in ("target", "value", "needed")},
            "level": words(labels["level"], pinned=True),
            "standing": words(labels["standing"]),
            "n": number(labels["n"], format="%,d"),
            "score": number(labels["score"], format="%+.2f"),
            "weight": number(labels["weight"], format="%.1f%%"),
            "amount": number(f"Malus or bonus, {currency}", format="%,.2f"),
            "at_stake": number(f"At stake, {currency}", format="%,.2f"),
            "save_by": st.column_config.DateColumn(labels["save_by"], format="D MMM YYYY"),
        },
        key=f"table-cost-levels-{place}",
        alt=said.LEVELS_ALT,
    )


def file(view: View, rows: pd.DataFrame) -> pd.DataFrame:
    """The levels to take away, with exact numbers."""
    decimals: dict[str, Any] = {
        name: [money.parsed(value) for value in rows[name]]
        for name in ("target", "weight", "score", "amount", "at_stake")
    }
    return rows.assign(month=view.period.month, **decimals)
