"""From when: hiring, training and those who leave against the notice, and a calendar of what to do until when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import parts
from dashboard.fallback import charts, drawn, when_calendar
from dashboard.fallback import when_words as said
from models.fallback.answer_parts import Problem

if TYPE_CHECKING:
    from datetime import date

    from altair import LayerChart

    from dashboard.fallback.view import View
    from models.fallback.answer_parts import FromWhen

CLOSE_DAYS = 21
LEAST_WEEKS, AFTER = 26, 13
"""Weeks shown at least, and after the last date that matters."""


def draw(view: View) -> None:
    """The whole part."""
    when = view.answer.when
    if isinstance(when, Problem):
        parts.plain(when.text, key="fallback-when-problem")
    else:
        sentences(view, when)
        if when.hires:
            capacity(view, when)
            classes(view, when)
    calendar(view)
    parts.plain(said.LAW, "muted", key="fallback-when-law")


def sentences(view: View, when: FromWhen) -> None:
    """Who, when, and what the contract does to it."""
    with st.container(key="fallback-when-told", gap="xxsmall"):
        for number, line in enumerate(said.told(when, view.facts.in_house_name)):
            parts.plain(line, "strong" if not number else "body", key=f"fallback-when-{number}")


def capacity(view: View, when: FromWhen) -> None:
    """Work of those hired by week against the need."""
    st.subheader(said.CAPACITY, anchor=False)
    rows = weeks(view, when)
    drawn.chart(view, drawing(view, when), "capacity", key="when")
    parts.plain(said.LEGEND, "muted", key="fallback-when-legend")
    with st.expander(said.AS_TABLE, key="fallback-when-weeks"):
        number = st.column_config.NumberColumn
        columns = {
            "week": number(said.COLUMNS["week"], format="%d"),
            "date": st.column_config.DateColumn(said.COLUMNS["begins"], format="D MMM YYYY"),
            "capacity": number(said.COLUMNS["capacity"], format="%,.1f"),
            "headcount": number(said.COLUMNS["headcount"], format="%,.1f"),
            "need": number(said.COLUMNS["need"], format="%,d"),
        }
        drawn.table(view, rows, columns, "capacity", said.WEEKS_ALT, key="when-weeks")


def drawing(view: View, when: FromWhen, title: str = "") -> LayerChart:
    """Work of those hired, heads, the need, and the days that matter."""
    rows = weeks(view, when)
    days = pd.DataFrame(marked(when), columns=["date", "name"])
    days["date"] = pd.to_datetime(days["date"])
    data = rows.assign(date=pd.to_datetime(rows["date"]), label=[text.day(day) for day in rows["date"]])
    told = said.description(when.hires, when.need, when.people_ready, len(rows))
    return charts.capacity(data, when.need, days, (title, said.UNIT, told))


def marked(when: FromWhen) -> list[tuple[date, str]]:
    """Days named in the chart; those too close to be read apart have one mark."""
    found = [(when.people_ready, said.READY)]
    if when.home is not None:
        found += [(when.home.notice_by, said.NOTICE), (when.home.home_on, said.HOME)]
    apart: list[tuple[date, str]] = []
    for day, name in sorted(found):
        if apart and (day - apart[-1][0]).days <= CLOSE_DAYS:
            apart[-1] = (apart[-1][0], f"{apart[-1][1]} · {name}")
        else:
            apart.append((day, name))
    return apart


def weeks(view: View, when: FromWhen) -> pd.DataFrame:
    """One row per week from the decision, until some time after the last date that matters."""
    home = (when.home.home_on - view.facts.today).days // 7 if when.home else 0
    last = max(LEAST_WEEKS, home + AFTER, when.ready_week + AFTER, (when.short_again_week or 0) + 1)
    count = min(last, len(when.capacity))
    return pd.DataFrame(
        {
            "week": range(count),
            "date": [view.facts.today + timedelta(weeks=number) for number in range(count)],
            "capacity": when.capacity[:count],
            "headcount": when.headcount[:count],
            "need": when.need,
        }
    )


def classes(view: View, when: FromWhen) -> None:
    """One row per class."""
    st.subheader(said.CLASSES, anchor=False)
    trained = sum(int(view.assumed[name].value or 0) for name in ("training_weeks", "nesting_weeks"))
    rows = pd.DataFrame(
        [
            {
                "number": number, "begins": view.facts.today + timedelta(weeks=week), "size": size,
                "done": view.facts.today + timedelta(weeks=week + trained),
            }
            for number, (week, size) in enumerate(when.classes, 1)
        ]
    )  # fmt: skip
    day, number = st.column_config.DateColumn, st.column_config.NumberColumn
    columns = {
        "number": number(said.COLUMNS["number"], format="%d"),
        "begins": day(said.COLUMNS["begins"], format="D MMM YYYY"),
        "size": number(said.COLUMNS["size"], format="%,d"),
        "done": day(said.COLUMNS["done"], format="D MMM YYYY"),
    }
    drawn.table(view, rows, columns, "classes", said.CLASSES_ALT, key="classes")


def calendar(view: View) -> None:
    """Every date that matters, soonest first."""
    st.subheader(said.CALENDAR, anchor=False)
    found = when_calendar.entries(view.facts, view.answer.when)
    if not found:
        parts.plain(said.NOTHING_TO_COME, key="fallback-calendar-none")
        return
    facts = view.facts
    st.download_button(
        said.CALENDAR_FILE, lambda: when_calendar.ics(found, facts.provider_name, facts.asked_at),
        "backstop-fallback.ics", "text/calendar", icon=":material/event:", type="tertiary", on_click="ignore",
        key="fallback-ics",
    )  # fmt: skip
    word = st.column_config.TextColumn
    columns = {
        "date": st.column_config.DateColumn(said.COLUMNS["date"], format="ddd D MMM YYYY", pinned=True),
        "in_days": st.column_config.NumberColumn(said.COLUMNS["in_days"], format="%,d"),
        "kind": word(said.COLUMNS["kind"]),
        "about": word(said.COLUMNS["about"], width="large"),
    }
    drawn.table(view, when_calendar.frame(found, facts.today), columns, "calendar", said.CALENDAR_ALT, key="calendar")
