"""Can we take it now: agents needed and there by quarter-hour, what fits by pool, and people short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard import parts
from dashboard.fallback import absorb_rows, charts, day_choice, drawn, words
from dashboard.fallback import absorb_words as said
from models.fallback.answer_parts import Problem
from models.fallback.assumptions import BY_NAME

if TYPE_CHECKING:
    from dashboard.fallback.view import View
    from models.fallback.answer_parts import DayAnswer
    from models.fallback.facts import Day

SHARES = ("share", "level_own", "level_all", "worst", "lost_own", "lost_all")


def draw(view: View) -> None:
    """The whole part."""
    st.subheader(said.TITLE, anchor=False, help=said.TITLE_HELP)
    days = view.answer.days
    if isinstance(days, Problem):
        parts.plain(days.text, key="fallback-now-problem")
        return
    number = day_choice.chosen(view.facts)
    answer = days[number] if number is not None and number < len(days) else None
    if number is None or answer is None or not answer.quarters or answer.moved <= 0:
        day = view.facts.days[number] if number is not None else None
        line = said.none_on(day.day, begun=bool(day.passed)) if day else words.NO_DAYS
        parts.plain(line, key="fallback-now-none")
        return
    sentences(view, answer)
    drawings(view, answer)
    pools(view, answer, view.facts.days[number])
    quarters(view, answer)


def sentences(view: View, answer: DayAnswer) -> None:
    """What fits, and who is missing for the rest."""
    parts.plain(said.fits(view.facts.in_house_name, answer), "strong", key="fallback-now-fits")
    short = answer.gap[0]
    widest = words.quarter(answer.quarters[int(np.argmax(short))]) if short.size and short.max() > 0 else None
    parts.plain(said.people(answer, widest), key="fallback-now-people")


def drawings(view: View, answer: DayAnswer) -> None:
    """A chart each for calls and chats."""
    kinds = list(absorb_rows.kinds(answer))
    with st.grid(len(kinds), min_column_width=430, gap="small", key="fallback-now") as grid:
        for kind, bounds, slots in kinds:
            rows = absorb_rows.agents(bounds, slots)
            short = int((bounds.gap[0] > 0).sum())
            told = (
                said.kind_title(kind, len(bounds.separate)), said.unit(answer.day, view.facts.zone),
                said.description(kind, max(rows["there"]), max(rows["own"]), max(rows["all"]), short),
            )  # fmt: skip
            with grid.cell():
                drawing = charts.agents(charts.quarters(answer.quarters, **rows), said.NAMES, told)
                drawn.chart(view, drawing, f"agents-{kind}", key=f"now-{kind}")


def pools(view: View, answer: DayAnswer, day: Day) -> None:
    """One row per pool, the bounds, and what they mean."""
    shrinkage = view.assumed["shrinkage"].value
    if shrinkage is None or BY_NAME["shrinkage"].problem(shrinkage):
        return
    st.subheader(said.POOLS, anchor=False)
    rows = absorb_rows.pools(answer, day, shrinkage)
    shown = rows.assign(**{name: 100 * rows[name].astype(float) for name in SHARES})
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    formats = {
        "asked": "%,.1f", "fits": "%,.1f", "share": "%.1f%%", "level_own": "%.1f%%", "level_all": "%.1f%%",
        "worst": "%.1f%%", "lost_own": "%.1f%%", "lost_all": "%.1f%%", "gap": "%,d", "people": "%,d",
    }  # fmt: skip
    columns = {
        "pool": text(said.COLUMNS["pool"], pinned=True),
        **{name: number(said.COLUMNS[name], format=shape, help=said.HELP.get(name)) for name, shape in formats.items()},
    }
    drawn.table(view, shown, columns, "pools", said.POOLS_ALT, file=rows.assign(day=answer.day), key="pools")
    parts.plain(said.BOUNDS, "muted", key="fallback-now-bounds")


def quarters(view: View, answer: DayAnswer) -> None:
    """The numbers behind the charts."""
    rows = absorb_rows.quarters(answer)
    with st.expander(said.QUARTERS, key="fallback-now-quarters"):
        number, text = st.column_config.NumberColumn, st.column_config.TextColumn
        columns = {
            name: number(label, format="%,.1f") if name in ("moved", "there") else number(label, format="%,.0f")
            for name, label in said.BY_QUARTER.items()
        }
        columns["quarter"] = text(said.BY_QUARTER["quarter"], pinned=True)
        shown = rows.drop(columns="day").assign(kind=[words.KINDS[kind].capitalize() for kind in rows["kind"]])
        columns["kind"] = text(said.COLUMNS["pool"])
        drawn.table(view, shown, columns, "quarters", said.QUARTERS_ALT, file=rows, key="quarters")
