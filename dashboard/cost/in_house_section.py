"""What in-house work costs by the hour, minute and contact: in full and one more, and the inputs it follows from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.cost import in_house_words as said
from dashboard.cost import money, prices
from dashboard.cost.words import filters_apply
from dashboard.figures import explain, take_away
from dashboard.scope import sums

if TYPE_CHECKING:
    from dashboard.cost.prices import SiteMonth
    from dashboard.cost.view import View


def in_house(view: View) -> None:
    """Prices, the month they were met in, and their inputs."""
    own = [row for row in view.site_rows if row.in_house]
    found = [prices.site_month(view.frames, row.key, view.period.month, view.period.until) for row in own]
    months = [one for one in found if one is not None]
    if not months:
        return
    st.subheader(said.TITLE, anchor=False)
    frame = told(view, months)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="cost-in-house-tools"):
        with st.popover(said.HOW, icon=":material/info:", type="tertiary", key="explain-cost-in-house"):
            for number, line in enumerate(said.HOW_LINES):
                parts.plain(line, key=f"how-in-house-{number}")
        explain.popover(sums.metric("occupancy"), view.now, key="cost-occupancy")
        take_away.table_buttons(frame, "in-house-prices", view.simulated, key="cost-in-house")
    if view.behind.scope.channels or view.behind.scope.topics:
        parts.plain(filters_apply(said.HOURS), "muted", key="cost-in-house-filters")
    for number, one in enumerate(months):
        parts.plain(said.month(one, view.names[one.site]), key=f"cost-in-house-month-{number}")
    table(frame)
    with (
        st.expander(said.INPUTS, key="cost-inputs"),
        st.grid(2, min_column_width=560, gap="medium", key="cost-inputs-grid") as grid,
    ):
        for number, one in enumerate(months):
            with grid.cell():
                parts.plain(view.names[one.site], "strong", key=f"cost-inputs-name-{number}")
                inputs(view, one, number)


def told(view: View, months: list[SiteMonth]) -> pd.DataFrame:
    """One row per site and unit, exact."""
    return pd.DataFrame(
        [
            {
                "site": one.site, "name": view.names[one.site], "unit": price.unit, "currency": one.currency,
                "hours": _fine(price.hours), "full": _fine(price.full), "labour": _fine(price.labour),
                "idle": price.idle if price.hours else None, "overtime": _fine(price.overtime),
                "hire": _fine(price.hire),
            }
            for one in months
            for price in map(one.price, prices.UNITS)
        ]
    )  # fmt: skip


def _fine(amount: object) -> object:
    return None if amount is None else round(amount, 6)  # type: ignore[call-overload]


def table(frame: pd.DataFrame) -> None:
    """The prices as a table."""
    number, words = st.column_config.NumberColumn, st.column_config.TextColumn
    money_columns = ("full", "labour", "idle", "overtime", "hire")
    cells: dict[str, Any] = {name: [money.cell(value, 3) for value in frame[name]] for name in money_columns}
    cells |= {
        "unit": [said.UNITS[unit] for unit in frame["unit"]],
        "hours": [money.cell(value, 4) for value in frame["hours"]],
    }
    shown = frame.assign(**cells)
    st.dataframe(
        shown[["name", "unit", *money_columns, "hours", "currency"]],
        hide_index=True,
        placeholder=text.NO_DATA,
        row_height=32,
        height=32 * (len(shown) + 1) + 4,
        column_config={
            "name": words(said.SITE, pinned=True),
            "unit": words(said.UNIT, pinned=True),
            "currency": words(said.CURRENCY, width="small"),
            "hours": number(said.IN_HOURS, format="%.4f", help=said.HELP["hours"]),
            **{name: number(said.PRICES[name], format="%,.3f", help=said.HELP[name]) for name in money_columns},
        },
        key="table-cost-in-house",
        alt=said.ALT,
    )


def inputs(view: View, one: SiteMonth, place: int) -> None:
    """What a full-time agent costs in a year, part by part, and the hours that are paid and worked."""
    rows = pd.DataFrame(
        [
            *({"figure": said.FIGURES.get(name, name), "amount": money.cell(amount), "unit": one.currency,
               "share": 100 * float(amount / one.figures["annual"])} for name, amount in one.parts.items()),
            {"figure": said.FIGURES["annual"], "amount": money.cell(one.figures["annual"]), "unit": one.currency,
             "share": 100.0},
            *({"figure": said.FIGURES[name], "amount": money.cell(one.figures[name]), "unit": said.HOURS_UNIT}
              for name in ("paid_hours", "present_hours", "available_hours")),
            *({"figure": said.FIGURES[name], "amount": money.cell(one.figures[name], 4), "unit": one.currency}
              for name in said.PRICE_FIGURES),
        ]
    )  # fmt: skip
    for number, line in enumerate(said.follows(one)):
        parts.plain(line, "muted", key=f"cost-follows-{place}-{number}")
    exact = view.frames["figures"]
    exact = exact[exact["site"] == one.site]
    amounts: Any = [money.parsed(value) for value in exact["amount"]]
    take_away.table_buttons(
        exact.assign(amount=amounts),
        "in-house-inputs", view.simulated, key=f"cost-inputs-{place}",
    )  # fmt: skip
    st.dataframe(
        rows,
        hide_index=True,
        placeholder="",
        row_height=30,
        height=34 + 30 * len(rows),
        column_config={
            "figure": st.column_config.TextColumn(said.FIGURE),
            "amount": st.column_config.NumberColumn(said.AMOUNT, format="%,.4f"),
            "unit": st.column_config.TextColumn(said.UNIT),
            "share": st.column_config.NumberColumn(said.SHARE, format="%.1f%%"),
        },
        key=f"table-cost-inputs-{place}",
        alt=said.INPUTS_ALT,
    )
