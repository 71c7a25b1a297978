"""How the cost of the month adds up, day by day, beside the month before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.cost import charts, money
from dashboard.cost import words as said
from dashboard.cost.drawn import drawn as once
from dashboard.cost.filters import PAGE
from dashboard.cost.parties import keyed
from dashboard.figures import take_away
from dashboard.scope import behind

if TYPE_CHECKING:
    from dashboard.cost.view import View
    from dashboard.scope.behind import Query

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """Cost of each day of a month, and added up."""

    days: tuple[date, ...]
    amounts: tuple[Decimal, ...]
    added: tuple[Decimal, ...]


def line(frame: pd.DataFrame, first: date, month: date, until: date) -> Line | None:
    """The line of a month from a day to another; None where any of its cost is unknown, or there is none."""
    rows = frame[pd.to_datetime(frame["month"]).dt.date == month]
    if rows.empty or rows["unknown"].any():
        return None
    of_day: dict[date, Decimal] = {}
    for day, amount in zip(pd.to_datetime(rows["date"]).dt.date, rows["amount"], strict=True):
        of_day[day] = of_day.get(day, Decimal(0)) + (money.parsed(amount) or Decimal(0))
    first, until = min(first, *of_day), max(until, *of_day)
    days = tuple(first + DAY * n for n in range((until - first).days + 1))
    amounts = tuple(of_day.get(day, Decimal(0)) for day in days)
    added, total = [], Decimal(0)
    for amount in amounts:
        total += amount
        added.append(total)
    return Line(days, amounts, tuple(added))


def began(frame: pd.DataFrame, month: date) -> date:
    """The first day of a month, or the first there is any cost of: days before that are not empty, but not known."""
    days = pd.to_datetime(frame["date"]).dt.date
    of_month = days[pd.to_datetime(frame["month"]).dt.date == month]
    return month if of_month.empty or (days < month).any() else max(month, min(of_month))


def accrual(view: View) -> None:
    """A chart of each party and one table."""
    frame = keyed(view.frames["days"])
    starts = began(frame, view.period.month), began(frame, view.period.before)
    found = {
        row.key: line(frame[frame["who"] == row.key], starts[0], view.period.month, view.period.until)
        for row in view.rows
    }
    lines = {key: one for key, one in found.items() if one is not None}
    if not lines:
        return
    st.subheader(said.ACCRUAL, anchor=False)
    before_last = view.period.month - DAY
    with st.grid(2, min_column_width=430, gap="small", key="cost-accrual") as grid:
        for key, one in lines.items():
            with grid.cell():
                before = line(frame[frame["who"] == key], starts[1], view.period.before, before_last)
                chart = drawn(view, key, one, before)
                sites = next(row.sites for row in view.rows if row.key == key)

                def lead(mark: dict[str, Any], sites: tuple[str, ...] = sites) -> Query:
                    return view.contacts(sites, day=date.fromisoformat(mark["key"]))

                place = [row.key for row in view.rows].index(key)
                behind.shown(chart, PAGE, f"cost-accrual-{place}", ("key",), lead)
                parts.plain(told(view, one, before), "muted", key=f"cost-accrual-{place}")
                take_away.chart_buttons(chart, "cost-month", demo=bool(view.simulated), key=f"cost-accrual-{place}")
    table(view, lines)


def drawn(view: View, key: str, one: Line, before: Line | None) -> dict[str, Any]:
    """The chart of a party."""
    name, months = view.called(key), (view.period.name, text.month(view.period.before))
    units = said.accrual_units(view.currency, view.now.reporting_zone)
    return once(
        "accrual",
        {
            "name": name,
            "now": charts.points(one, view.currency),
            "before": charts.points(before, view.currency) if before else None,
            "style": (view.styles[key].colour, view.styles[key].shape),
            "units": units + (f"; dashed: {months[1]}" if before else ""),
            "description": said.accrual_description(name, len(one.days), *months),
            "so_far": view.period.is_running,
        },
    )


def told(view: View, one: Line, before: Line | None) -> str:
    """What a chart says."""
    same_day = whole = since = None
    if before is not None:
        whole = money.shown(before.added[-1], view.currency)
        since = before.days[0] if before.days[0] > view.period.before else None
        up_to = [added for day, added in zip(before.days, before.added, strict=True) if day.day <= one.days[-1].day]
        if view.period.is_running and up_to:
            same_day = money.shown(up_to[-1], view.currency)
    now = money.shown(one.added[-1], view.currency)
    if not view.period.is_running:
        return said.accrual_whole(now, whole, since)
    return said.accrual_line(now, one.days[-1], whole, same_day, since)


def table(view: View, lines: dict[str, Line]) -> None:
    """One row per day, newest first."""
    rows = pd.DataFrame(
        [
            {"day": day, "who": view.called(key), "cost": amount, "so_far": added}
            for key, one in lines.items()
            for day, amount, added in zip(one.days, one.amounts, one.added, strict=True)
        ]
    )
    exact = rows.assign(currency=view.currency).rename(columns={"so_far": "cost_so_far"})
    with st.expander(said.SPLIT_TABLE, key="cost-table-accrual"):
        take_away.table_buttons(exact, "cost-month", view.simulated, key="cost-accrual")
        wide = pd.DataFrame({"day": sorted({day for one in lines.values() for day in one.days}, reverse=True)})
        for number, one in enumerate(lines.values()):
            added = dict(zip(one.days, one.added, strict=True))
            wide[f"c{number}"] = [money.cell(added.get(day)) for day in wide["day"]]
        number_column = st.column_config.NumberColumn
        st.dataframe(
            wide,
            hide_index=True,
            placeholder=text.NO_DATA,
            row_height=30,
            height=min(430, 38 + 30 * len(wide)),
            column_config={
                "day": st.column_config.DateColumn(said.DAY, format="ddd D MMM YYYY", pinned=True),
                **{
                    f"c{number}": number_column(f"{view.called(key)}, {view.currency}", format="%,.2f")
                    for number, key in enumerate(lines)
                },
            },
            key="table-cost-accrual",
            alt=said.ACCRUAL_ALT,
        )
