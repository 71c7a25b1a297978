"""At what price: what coming home saves month by month, when it pays back, and which inputs decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import money_words as said
from dashboard.fallback import price_swings
from dashboard.fallback.money_drawn import chart
from dashboard.figures import take_away
from models.fallback.answer import Problem

if TYPE_CHECKING:
    from dashboard.fallback.view import View
    from models.fallback.answer import AtWhatPrice
    from models.fallback.business_case import Swing


def draw(view: View) -> None:
    """The sentence, both charts, the months, and what decides."""
    st.subheader(said.PRICE, anchor=False)
    price = view.answer.price
    if isinstance(price, Problem):
        problem(price, said.NO_PRICE, "price")
        return
    currency, demo = view.facts.currency, is_demo(view)
    with st.container(gap="xxsmall", key="fallback-price-answer"):
        parts.plain(said.pays(price, view.assumed, currency), "strong", key="fallback-pays")
        parts.plain(said.break_even(price, currency), key="fallback-break-even")
        if (contrary := said.contrary(price)) is not None:
            parts.plain(contrary, key="fallback-contrary")
    with st.grid(2, min_column_width=430, gap="medium", key="fallback-price-charts") as grid:
        with grid.cell():
            rows = cumulated(price, currency)
            told = said.cumulative_description(price.months, price.payback, currency)
            arguments: dict[str, Any] = {
                "rows": rows, "payback": price.payback, "currency": currency, "description": told,
            }  # fmt: skip
            chart("cumulative", arguments, "saved", demo=demo)
        with grid.cell():
            told = said.compared_description(price, currency)
            arguments = {"rows": spent(price, currency), "currency": currency, "description": told}
            chart("compared", arguments, "spent", demo=demo)
    each(price, currency)
    months(view, price, demo=demo)
    deciding(price, currency, demo=demo)
    with st.expander(said.NEVER_MIXED, icon=":material/info:", key="fallback-never-mixed"):
        for number, line in enumerate(said.NOTES):
            parts.plain(line, key=f"fallback-price-note-{number}")


def problem(found: Problem, title: str, key: str) -> None:
    """Why there is no answer, in plain words."""
    st.info(title, icon=":material/help:")
    parts.plain(found.text, key=f"fallback-problem-{key}")


def is_demo(view: View) -> bool:
    """Whether any of the provider's sites is simulated: then nothing taken away passes for real."""
    sites = view.page.choices.frames["sites"]
    mine = sites["provider"] == view.facts.slice.provider
    return bool(sites["simulated"][mine].astype(bool).any())


def simulated(view: View) -> frozenset[str]:
    """The provider's simulated sites; what tables that are taken away are marked by."""
    sites = view.page.choices.frames["sites"]
    mine = (sites["provider"] == view.facts.slice.provider) & sites["simulated"].astype(bool)
    return frozenset(str(site) for site in sites["site"][mine])


def each(price: AtWhatPrice, currency: str) -> None:
    """What a contact costs on either side, once everything runs."""
    with st.container(horizontal=True, gap="large", key="fallback-each"):
        st.metric("In-house, in full", said.each(price.own_per_contact, currency), width="content")
        st.metric("At the provider", said.each(price.provider_per_contact, currency), width="content")
        st.metric(
            "Break-even price",
            said.each(price.break_even, currency) if price.break_even is not None else "none",
            width="content",
        )
    parts.plain(said.steady(price, currency), key="fallback-steady")


def months(view: View, price: AtWhatPrice, *, demo: bool) -> None:
    """The table month by month."""
    frame = by_month(price)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="fallback-months-heading"):
        parts.plain(said.MONTHS, "strong", key="fallback-months-title")
        take_away.table_buttons(
            frame.assign(currency=view.facts.currency, demo=demo), "fallback-months", simulated(view),
            key="fallback-months",
        )  # fmt: skip
    number, words = st.column_config.NumberColumn, st.column_config.TextColumn
    money = ("bill", "stranded", "overtime", "hired", "one_off", "stay", "cash", "cumulative")
    shown = frame.assign(
        begins=[text.month(day) for day in frame["begins"]], share_home=100 * frame["share_home"],
        **{name: frame[name].round(0) for name in (*money, "idle_hours")},
    )  # fmt: skip
    st.dataframe(
        shown[list(said.COLUMNS)],
        hide_index=True,
        placeholder=text.NO_DATA,
        height=min(38 + 30 * len(shown), 430),
        row_height=30,
        column_config={
            "month": number(said.COLUMNS["month"], format="%d", pinned=True, help=said.HELP["month"]),
            "begins": words(said.COLUMNS["begins"]),
            "share_home": number(said.COLUMNS["share_home"], format="%.0f%%", help=said.HELP["share_home"]),
            "idle_hours": number(said.COLUMNS["idle_hours"], format="%,.0f", help=said.HELP["idle_hours"]),
            **{
                name: number(f"{said.COLUMNS[name]}, {view.facts.currency}", format="%,.0f", help=said.HELP.get(name))
                for name in money
            },
        },
        key="table-fallback-months",
        alt=said.MONTHS_ALT,
    )


def deciding(price: AtWhatPrice, currency: str, *, demo: bool) -> None:
    """What decides: the tornado in bars and in words, and how the break-even price moves."""
    if not price.tornado:
        return
    base = price.outcome.npv
    parts.plain(said.formula(price, currency), "muted", key="fallback-formula")
    with st.grid(2, min_column_width=430, gap="medium", key="fallback-deciding") as grid:
        with grid.cell():
            arguments: dict[str, Any] = {
                "rows": swung(price.tornado, currency), "centre": base, "title": said.TORNADO,
                "units": f"net present value, {currency}, with one input a tenth lower or higher",
                "description": said.tornado_description(price.tornado, currency),
            }  # fmt: skip
            chart("bars", arguments, "tornado", demo=demo)
            for number, line in enumerate(said.decides(price.tornado, base, currency)):
                parts.plain(line, key=f"fallback-decides-{number}")
        with grid.cell():
            sensitivity(price, currency, demo=demo)


def sensitivity(price: AtWhatPrice, currency: str, *, demo: bool) -> None:
    """How the break-even price moves with each input."""
    if price.break_even is None:
        parts.plain(said.break_even(price, currency), key="fallback-no-break-even")
        return
    found = price_swings.moved(price.case)
    told = [
        (one.driver, way, end)
        for one in found
        for way, end in (("lower", one.low), ("higher", one.high))
        if end is not None
    ]
    if not told:
        parts.plain(said.UNMOVED, key="fallback-unmoved")
        return
    rows = pd.DataFrame(
        {
            "driver": [driver for driver, _, _ in told],
            "way": [way for _, way, _ in told],
            "end": [end for _, _, end in told],
            "label": [said.end(way, f"{end:,.2f}") for _, way, end in told],
            "tip": [f"a tenth {way}: {said.each(end, currency)} a contact" for _, way, end in told],
        }
    )
    lowest = min((end for _, _, end in told), default=price.break_even)
    highest = max((end for _, _, end in told), default=price.break_even)
    arguments: dict[str, Any] = {
        "rows": rows, "centre": price.break_even, "title": said.BREAK_EVENS,
        "units": f"{currency} a contact, with one input a tenth lower or higher",
        "description": said.moved_description(price.break_even, lowest, highest, currency),
    }  # fmt: skip
    chart("bars", arguments, "break-even", demo=demo)
    parts.plain(said.moved(price, lowest, highest, currency), key="fallback-moved")


def by_month(price: AtWhatPrice) -> pd.DataFrame:
    """A row for each month, exact, with what was saved so far."""
    frame = pd.DataFrame(
        [
            {
                "month": one.month, "begins": one.begins, "share_home": one.share_home, "bill": one.bill,
                "stranded": one.stranded, "idle_hours": one.idle, "overtime_hours": one.overtime_hours,
                "overtime": one.overtime, "hired": one.hired, "one_off": one.one_off, "stay": one.stay,
                "cash": one.cash,
            }
            for one in price.months
        ]
    )  # fmt: skip
    return frame.assign(cumulative=frame["cash"].cumsum())


def cumulated(price: AtWhatPrice, currency: str) -> pd.DataFrame:
    """What the chart of savings takes."""
    frame = by_month(price)
    return pd.DataFrame(
        {
            "month": frame["month"],
            "value": frame["cumulative"],
            "shown": [said.amount(value, currency) for value in frame["cumulative"]],
            "cash": [said.amount(value, currency) for value in frame["cash"]],
        }
    )


def spent(price: AtWhatPrice, currency: str) -> pd.DataFrame:
    """What the chart of spending takes: a row for each month and line."""
    frame = by_month(price)
    lines = ((said.STAY, frame["stay"]), (said.HOME, frame["stay"] - frame["cash"]))
    rows = pd.concat(
        [pd.DataFrame({"month": frame["month"], "line": line, "value": paid.cumsum()}) for line, paid in lines],
        ignore_index=True,
    )
    return rows.assign(shown=[said.amount(value, currency) for value in rows["value"]])


def swung(swings: tuple[Swing, ...], currency: str) -> pd.DataFrame:
    """What the tornado takes: two rows for each input, what decides most first."""
    ends = [(one.driver, way, end) for one in swings for way, end in (("lower", one.low), ("higher", one.high))]
    return pd.DataFrame(
        {
            "driver": [driver for driver, _, _ in ends],
            "way": [way for _, way, _ in ends],
            "end": [end for _, _, end in ends],
            "label": [said.end(way, said.short(end)) for _, way, end in ends],
            "tip": [f"a tenth {way}: {said.amount(end, currency)}" for _, way, end in ends],
        }
    )
