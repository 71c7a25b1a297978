"""The drill: a provider goes dark at a chosen time, and what in-house queues do then, by quarter-hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import drill_words as said
from dashboard.fallback.drill_choice import Choice, Outages, kinds, near, outages, span, usual
from dashboard.fallback.drill_note import note
from dashboard.fallback.drill_simulation import Simulated, simulation
from dashboard.fallback.money_drawn import chart
from dashboard.fallback.price_section import is_demo, simulated
from dashboard.figures import take_away
from models.fallback.answer import Problem
from models.fallback.drill import Fluid, diversion_needed, fluid
from models.fallback.facts import QUARTERS
from models.fallback.overload import backlog, overload

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from dashboard.fallback.view import View
    from models.fallback.drill import Outage
    from models.fallback.facts import Facts
    from models.staffing.arrays import Floats

USUAL_LIMIT = 0.1
LEAST_QUEUE = 0.05
"""Contacts waiting below which there is no queue to draw."""
KEY = "fallback-drill"
STAYS: Literal["session"] = "session"
"""What is chosen holds while other parts of the page are looked at, and so does what was simulated."""


def draw(view: View) -> None:
    """What to choose, the fluid answer at once, days simulated on demand, and a note that it was held."""
    st.subheader(said.DRILL, anchor=False)
    parts.plain(said.ABOUT, "muted", key=f"{KEY}-about")
    when = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"{KEY}-when")
    how = st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key=f"{KEY}-how")
    choice = chosen(view.facts, when, how)
    if choice is None:
        parts.plain(said.NO_DAYS, key=f"{KEY}-no-days")
        return
    with how:
        limit = allowed(view.facts)
    if limit is None:
        st.error(said.LIMIT_WRONG, icon=":material/error:")
    found = outages(view.facts, choice)
    if isinstance(found, Problem):
        parts.plain(found.text, "strong", key=f"{KEY}-problem")
        return
    followed = {said.AS_PLANNED: fluid(found.planned), said.CALM: fluid(found.calm)}
    if choice.diverted:
        followed[said.OPEN] = fluid(found.open)
    shares = None if limit is None else needed(found.open, limit)
    sentences(choice, found, followed, shares, limit)
    pictures(view, choice, found, followed)
    done = simulation(view, choice, found.planned, limit)
    table(view, choice, found, followed[said.AS_PLANNED], shares, done)
    note(view, choice, found, followed[said.AS_PLANNED])


def chosen(facts: Facts, when: DeltaGenerator, how: DeltaGenerator) -> Choice | None:
    """Widgets for the day, the kind of contacts and the hours, and what is diverted; None without any work ahead."""
    there = kinds(facts)
    if not there:
        return None
    with when:
        busy = [n for n, day in enumerate(facts.days) if any(any(pool.moved[day.passed :]) for pool in day.pools)]
        day = int(
            _select(
                said.DAY,
                busy or list(range(len(facts.days))),
                "day",
                lambda n: said.day(facts.days[n].day, facts.today),
            )
        )
        kind = there[0]
        if len(there) > 1:
            kind = st.segmented_control(
                said.KIND, there, default=there[0], required=True, format_func=said.KINDS.__getitem__,
                key=f"{KEY}-kind", persist_state=STAYS,
            )  # fmt: skip
        first, until = usual(facts.days[day], kind)
        starts = list(range(facts.days[day].passed, QUARTERS)) or [QUARTERS - 1]
        dark_from = int(_select(said.FROM, starts, f"from-{day}", said.clock, starts.index(first)))
        rest = st.toggle(said.REST, key=f"{KEY}-rest", persist_state=STAYS)
        dark_until = QUARTERS
        if not rest:
            ends = list(range(dark_from + 1, QUARTERS + 1))
            usual_end = min(QUARTERS, dark_from + (until - first))
            dark_until = int(_select(said.UNTIL, ends, f"until-{day}", said.clock, ends.index(usual_end)))
    with how:
        warned = st.segmented_control(
            said.WARNING, [True, False], default=True, required=True, format_func=said.WARNINGS.__getitem__,
            help=said.WARNING_HELP, key=f"{KEY}-warned", persist_state=STAYS,
        )  # fmt: skip
        diverted = st.slider(said.DIVERTED, 0, 100, 0, 5, key=f"{KEY}-diverted", width=360, persist_state=STAYS)
    return Choice(day, kind, dark_from, dark_until, bool(warned), diverted / 100)


def _select(label: str, options: list[int], name: str, shown: Any, index: int = 0) -> int:
    key = f"{KEY}-{name}"
    # What can be chosen moves with the day and the hour; a choice that is no more gives way to the usual one.
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]
    return int(st.selectbox(label, options, index=index, format_func=shown, key=key, width=190, persist_state=STAYS))


def allowed(facts: Facts) -> float | None:
    """The share of contacts that may hang up; None when what is typed is none. Beside what is diverted."""
    usual_limit = facts.max_abandonment if facts.max_abandonment and 0 < facts.max_abandonment < 1 else USUAL_LIMIT
    typed = st.number_input(
        said.LIMIT,
        value=float(f"{usual_limit * 100:.12g}"),
        step=1.0,
        format="%g",
        key=f"{KEY}-limit",
        width=190,
        persist_state=STAYS,
    )
    return float(typed) / 100 if typed is not None and 0 < typed < 100 else None


def needed(outage: Outage, limit: float) -> Floats | None:
    """What to divert by quarter-hour; None where nobody hangs up."""
    return diversion_needed(outage, limit) if np.isfinite(outage.patience_s) else None


def sentences(
    choice: Choice, found: Outages, followed: dict[str, Fluid], shares: Floats | None, limit: float | None
) -> None:
    """The answer in words."""
    now = followed[said.AS_PLANNED]
    lines = [said.worst(choice, now), said.normal(now, found.planned)]
    if said.OPEN in followed:
        lines.append(said.spared(choice, now, followed[said.OPEN]))
    if not np.isfinite(found.open.patience_s):
        lines.append(said.endless(choice))
    elif shares is not None and limit is not None:
        lines.append(said.needed(choice, shares, found.open, limit))
    lines.append(tightest(found.planned))
    with st.container(gap="xxsmall", key=f"{KEY}-answer"):
        parts.plain(said.result(choice, found, now, followed[said.CALM]), "strong", key=f"{KEY}-result")
        for number, line in enumerate(line for line in lines if line):
            parts.plain(line, key=f"{KEY}-line-{number}")
        parts.plain(said.ONE_QUEUE, "muted", key=f"{KEY}-one-queue")


def tightest(outage: Outage) -> str | None:
    """Where the tightest quarter-hour of the outage would lead; None where nobody is at work in it."""
    load = outage.offered / outage.interval_s * outage.aht_s
    crew = np.asarray(outage.agents, dtype=np.float64)
    dark = np.arange(outage.dark_from, outage.dark_until)
    at = int(dark[np.argmax((load - crew)[dark])])
    if not crew[at]:
        return None
    if not np.isfinite(outage.patience_s):
        growth = backlog(crew[at], load[at], 0.0, outage.aht_s, outage.interval_s / 3600).growth_per_min
        return said.grows(at, growth) if growth else None
    settled = overload(crew[at], load[at], outage.patience_s)
    return said.steady(at, crew[at], float(load[at]), float(settled.abandonment), float(settled.offered_wait_s))


def pictures(view: View, choice: Choice, found: Outages, followed: dict[str, Fluid]) -> None:
    """Queue and wait by quarter-hour, where there is a queue at all."""
    slowest = [one.normal_s for one in followed.values()]
    if max(float(one.queue.max()) for one in followed.values()) < LEAST_QUEUE:
        return
    hours = near(found.open, None if None in slowest else max(one for one in slowest if one is not None))
    with st.grid(2, min_column_width=430, gap="medium", key=f"{KEY}-charts") as grid:
        for name, title, units in (
            ("queue", said.QUEUE, said.noun(choice)),
            ("wait", said.WAIT, said.WAIT_UNITS),
        ):
            with grid.cell():
                arguments: dict[str, Any] = {
                    "rows": lines(followed, name, hours), "span": hours, "dark": (choice.dark_from, choice.dark_until),
                    "told": (title, units),
                    "description": said.queue_description(choice, followed[said.AS_PLANNED], title),
                }  # fmt: skip
                chart("by_quarter", arguments, f"drill-{name}", demo=is_demo(view))


def lines(followed: dict[str, Fluid], name: str, hours: tuple[int, int]) -> pd.DataFrame:
    """What a chart of queue or wait takes: a row for each line and quarter-hour's end; waits in minutes."""
    rows = []
    for line, one in followed.items():
        for quarter in range(*hours):
            queue, wait = float(one.queue[quarter]), float(one.wait_s[quarter])
            endless = np.isinf(wait)
            shown = f"{queue:,.1f}" if name == "queue" else "nobody answers" if endless else text.duration(wait)
            rows.append(
                {
                    "at": quarter + 1, "line": line, "clock": said.clock(quarter + 1), "shown": shown,
                    "value": queue if name == "queue" else None if endless else wait / 60,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def table(
    view: View, choice: Choice, found: Outages, now: Fluid, shares: Floats | None, done: Simulated | None
) -> None:
    """The same by quarter-hour as a table, to take away for the whole day."""
    frame = by_quarter(found, now, shares, done)
    with st.expander(said.BY_QUARTER, key=f"{KEY}-by-quarter"):
        take_away.table_buttons(
            frame.assign(day=found.day, kind=choice.kind), "fallback-drill", simulated(view), key=KEY
        )  # fmt: skip
        first, last = span(found.open)
        shown = frame.iloc[first:last].assign(
            lost_share=lambda rows: 100 * rows["lost_share"],
            wait=[_waits(value) for value in frame["wait_s"].iloc[first:last]],
            **{
                name: 100 * frame[name].iloc[first:last].astype(float)
                for name in ("needed", "low", "high")
                if name in frame
            },
        )
        number, words = st.column_config.NumberColumn, st.column_config.TextColumn
        formats = {"agents": "%d", "lost_share": "%.1f%%", "needed": "%.1f%%", "low": "%.1f%%", "high": "%.1f%%"}
        columns = [name for name in said.COLUMNS if name in shown]
        st.dataframe(
            shown[columns],
            hide_index=True,
            placeholder=text.NO_DATA,
            height=430,
            row_height=30,
            column_config={
                name: words(said.COLUMNS[name], pinned=name == "time")
                if name in ("time", "wait")
                else number(said.COLUMNS[name], format=formats.get(name, "%,.1f"), help=said.HELP.get(name))
                for name in columns
            },
            key=f"table-{KEY}",
            alt=said.ALT,
        )


def _waits(seconds: float) -> str:
    return "nobody answers" if np.isinf(seconds) else text.duration(seconds)


def by_quarter(found: Outages, now: Fluid, shares: Floats | None, done: Simulated | None) -> pd.DataFrame:
    """One row per quarter-hour of the day; shares from 0 to 1, waits in seconds, inf with nobody there."""
    own = np.asarray(found.open.own, dtype=np.float64)
    arrives = found.open.offered - own
    frame = pd.DataFrame(
        {
            "time": [said.clock(quarter) for quarter in range(own.size)],
            "agents": np.asarray(found.open.agents, dtype=np.int64),
            "own": own,
            "home": now.offered - own,
            "diverted": found.open.offered - now.offered,
            "lost": now.lost,
            "lost_share": now.lost_share,
            "queue": now.queue,
            "wait_s": now.wait_s,
        }
    )
    if shares is not None:
        frame = frame.assign(needed=np.where(arrives > 0, shares, np.nan))
    if done is not None:
        frame = frame.assign(low=done.low, high=done.high)
    return frame
