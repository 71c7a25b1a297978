"""How the sites did, week by week: the same numbers as charts, as a table and as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import (
    address,
    charts,
    contact_links,
    contact_words,
    export,
    filters,
    health_words,
    parts,
    queries,
    words,
)
from dashboard import format as text
from dashboard.colours import Style, site_styles
from dashboard.contact_measures import MEASURES as MEASURES_OF_ROWS
from dashboard.filters import WeekFilters
from dashboard.measures import BY_COLUMN, MEASURES
from dashboard.names import by_name, display_names
from dashboard.scope.bar import week_option
from dashboard.store import State

if TYPE_CHECKING:
    from dashboard.queries import Status

REFRESH_S = 15


@st.fragment(run_every=REFRESH_S)
def weeks_page() -> None:
    """The whole page."""
    store = parts.store()
    if store is None:
        return
    reply = queries.weeks(store)
    parts.heading(words.WEEKS_TITLE, reply)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    parts.notices(reply)
    frame = reply.frames["weeks"]
    now = queries.status(reply)
    if frame.empty:
        parts.empty(queries.health(store, reply.state, now.asked_at).frames.get("refused"))
        return
    frame = queries.dated(frame)
    sites = reply.frames["sites"]
    names, simulated = display_names(sites), set(sites["site"][sites["simulated"]])
    styles = site_styles(set(names) | set(frame["site"]))
    chosen = filter_row(by_name(styles, names), frame, names)
    shown = in_view(frame, chosen)
    if shown.empty:
        parts.plain(words.NO_ROWS, key="no-rows")
        return
    changed_weeks(queries.dated(reply.frames["changes"]), shown, names, now)
    chart_grid(shown, chosen, styles, names, now)
    week_table(shown.assign(simulated=shown["site"].isin(simulated)), names, now)


def filter_row(sites: list[str], frame: pd.DataFrame, names: dict[str, str]) -> WeekFilters:
    """Widgets filled from the URL, and the URL kept in step with the widgets."""
    weeks = [min(frame["week_start"]) + timedelta(days=7 * n) for n in range(_week_count(frame))]
    asked, notes = filters.read(
        address.asked(),
        sites=sites,
        weeks=weeks,
        measures=list(BY_COLUMN),
    )
    first, last = filters.default_weeks(frame["week_start"]) or (weeks[0], weeks[-1])
    address.fill(
        "weeks",
        asked.to_query(),
        notes,
        {
            "sites": list(asked.sites),
            "first": asked.first or min(first, asked.last or first),
            "last": asked.last or max(last, asked.first or last),
            "measure": asked.measure,
        },
    )
    with st.grid(2, min_column_width=440, gap="small", key="filters") as halves:
        with halves.cell():
            left, right = st.columns(2, gap="small")
        with left:
            chosen = st.multiselect(
                words.SITES,
                sites,
                format_func=lambda site: names.get(site, site),
                key="weeks-sites",
                placeholder=words.CHOOSE_SITES,
            )
        with right:
            measure = st.selectbox(
                words.METRIC,
                list(BY_COLUMN),
                format_func=lambda column: BY_COLUMN[column].label,
                key="weeks-measure",
                placeholder=words.ALL_MEASURES,
                index=None,
            )
        with halves.cell():
            left, right = st.columns(2, gap="small")
        with left:
            start = st.selectbox(words.FROM_WEEK, weeks[::-1], format_func=week_option, key="weeks-first")
        with right:
            end = st.selectbox(words.TO_WEEK, weeks[::-1], format_func=week_option, key="weeks-last")
    address.say(notes)
    if start > end:
        parts.plain(words.reversed_widgets(text.week(start), text.week(end)), "muted", key="note-order")
        start, end = end, start
    current = WeekFilters(
        tuple(sorted(chosen)), start if start != first else None, end if end != last else None, measure
    )
    address.write("weeks", current.to_query(), asked.to_query(), notes)
    return WeekFilters(current.sites, start, end, measure)


def in_view(frame: pd.DataFrame, chosen: WeekFilters) -> pd.DataFrame:
    """The rows the filters let through."""
    keep = pd.Series(True, index=frame.index)
    if chosen.sites:
        keep &= frame["site"].isin(chosen.sites)
    if chosen.first and chosen.last:
        keep &= (frame["week_start"] >= chosen.first) & (frame["week_start"] <= chosen.last)
    return frame[keep]


def changed_weeks(changes: pd.DataFrame, shown: pd.DataFrame, names: dict[str, str], now: Status) -> None:
    """What of the weeks in view came out otherwise after they were closed."""
    notes = health_words.changed_weeks(changes, shown, names, now.reporting_zone)
    if not notes:
        return
    with st.container(key="changed-weeks", gap="xxsmall"):
        for number, note in enumerate(notes):
            parts.plain(note, "muted", key=f"changed-{number}")
        st.page_link("pages_/health.py", label=health_words.CHANGES_LINK, icon=":material/monitor_heart:")


def chart_grid(
    frame: pd.DataFrame, chosen: WeekFilters, styles: dict[str, Style], names: dict[str, str], now: Status
) -> None:
    """Small multiples by metric, or one metric large. Under each chart what its last week says."""
    sites = by_name(set(frame["site"]), names)
    st.altair_chart(charts.legend(sites, styles, names), key="legend", width="content")
    one = BY_COLUMN[chosen.measure] if chosen.measure else None
    with st.grid(1 if one else 4, min_column_width=290, gap="small", key="charts") as grid:
        for measure in [one] if one else MEASURES:
            with grid.cell():
                chart = charts.week_lines(
                    frame,
                    measure,
                    styles,
                    names,
                    now.today,
                    height=300 if one else charts.HEIGHT,
                    most_ticks=13 if one else charts.MOST_TICKS,
                )
                event = st.altair_chart(
                    chart, key=f"chart-{measure.column}-{clicks()}", on_select="rerun", selection_mode=charts.CLICKED
                )
                open_clicked(event, measure.column)
                parts.plain(
                    last_week_sentence(frame, measure.column, names, now),
                    "muted",
                    key=f"says-{measure.column}",
                )
    if any(charts.is_so_far(start, now.today) for start in frame["week_start"]):
        parts.plain(words.OPEN_MARK, "muted", key="open-mark")


def open_clicked(event: Any, column: str) -> None:
    """A point of a chart leads to the contacts behind it."""
    for point in event.selection.get(charts.CLICKED) or []:
        if isinstance(point, dict) and {"site", "week"} <= set(point):
            st.session_state["weeks-clicks"] = clicks() + 1
            st.switch_page(
                contact_links.PAGE,
                query_params=contact_links.week_link(point["site"], date.fromisoformat(point["week"]), column),
            )


def clicks() -> int:
    """Part of the charts' keys: the browser remembers a choice by its key, and would jump again on the way back."""
    count: int = st.session_state.get("weeks-clicks", 0)
    return count


def last_week_sentence(frame: pd.DataFrame, column: str, names: dict[str, str], now: Status) -> str:
    """What the last finished week says, site by site; a week not over only when there is no other."""
    measure = BY_COLUMN[column]
    over = [start for start in frame["week_start"] if not charts.is_so_far(start, now.today)]
    week = max(over) if over else max(frame["week_start"])
    rows = frame[frame["week_start"] == week].sort_values("site")
    values = [
        (names.get(row["site"], row["site"]), row[column], row[measure.n] if measure.n else None)
        for _, row in rows.iterrows()
    ]
    return words.chart_summary(measure, week, not over, values)


def week_table(frame: pd.DataFrame, names: dict[str, str], now: Status) -> None:
    """One row per site and week, newest first, with every denominator."""
    table = export.table(frame, names, now.today)
    zone, target = now.reporting_zone, now.service_level_s
    parts.table_heading(
        words.TABLE_TITLE,
        export.csv(frame, names, now),
        export.file_name(frame),
        key="weeks",
        help_text=words.QUERY_TIP,
    )
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "week": st.column_config.TextColumn("Week", width=175, pinned=True, help=words.weeks_scope(zone, target)),
        "site": st.column_config.TextColumn("Site", width=140, pinned=True),
    }
    for measure in MEASURES:
        columns[measure.column] = number(
            export.HEADINGS[measure.column],
            format=export.FORMATS[measure.unit],
            help=measure.help(zone, target),
            width="small",
        )
    columns["service_level_n"] = number("n (service level)", format="%,d", help=words.SERVICE_LEVEL_N, width="small")
    columns["handled"] = number("n (handle time)", format="%,d", help=words.HANDLED_N, width="small")
    behind = st.container(horizontal=True, vertical_alignment="center", gap="small", key="behind-week")
    event = st.dataframe(
        table,
        hide_index=True,
        column_config=columns,
        placeholder=text.NO_DATA,
        row_height=30,
        height=min(560, 38 + 30 * len(table)),
        on_select="rerun",
        selection_mode="single-cell",
        key="weeks-table",
        alt=words.table_description(len(table)),
    )
    with behind:
        behind_cell(event.selection.cells, export.ordered(frame, names), names)


def behind_cell(cells: list[tuple[int, str]], rows: pd.DataFrame, names: dict[str, str]) -> None:
    """The contacts behind the chosen cell. A link and not a jump: arrow keys choose cells too."""
    if not cells or cells[0][0] >= len(rows):
        parts.plain(contact_words.CHOOSE_CELL, "muted", key="choose-cell")
        return
    row, column = rows.iloc[cells[0][0]], cells[0][1]
    query = contact_links.week_link(row["site"], row["week_start"], column)
    st.page_link(contact_links.PAGE, label=contact_words.SEE_CONTACTS, icon=":material/list_alt:", query_params=query)
    measure = contact_links.BEHIND.get(column, (None, ""))[0]
    label = MEASURES_OF_ROWS[measure].label if measure else contact_words.ALL_CONTACTS
    name = names.get(row["site"], row["site"])
    parts.plain(contact_words.week_behind(label, name, text.week(row["week_start"])), "muted", key="behind-cell")


def _week_count(frame: pd.DataFrame) -> int:
    return int((max(frame["week_start"]) - min(frame["week_start"])).days) // 7 + 1


weeks_page()
