"""The figures of the Volume page, one function each: chart, sentence, explanation, files, contacts behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import charts as page_charts
from dashboard import contact_links, parts, queries
from dashboard import format as text
from dashboard.colours import site_styles
from dashboard.contact_filters import ARRIVAL
from dashboard.figures import explain, take_away
from dashboard.scope import behind, sums
from dashboard.volume import charts, filters, tables
from dashboard.volume import words as said

if TYPE_CHECKING:
    from dashboard.queries import Status
    from dashboard.scope.behind import Behind, Query

METRICS = {"offered": "offered", "answered": "answered", "abandoned": "abandoned", "transferred": "transfer_rate"}
CLOCK = dict.fromkeys(METRICS, ARRIVAL) | {"transferred": "completion"}


@dataclass(frozen=True)
class View:
    """What the page looks at. shown: first day of the interval charts, and the first one after them."""

    behind: Behind
    now: Status
    names: dict[str, str]
    simulated: frozenset[str]
    grain: str
    line: str
    shown: tuple[date, date]
    since: datetime | None
    until: datetime

    @property
    def zone(self) -> str:
        """The reporting zone."""
        return self.now.reporting_zone

    @property
    def span(self) -> tuple[date, date]:
        """First day, and the day after the last, of the chosen weeks."""
        return self.behind.scope.span(self.behind.known)

    def interval_link(self, column: str, key: str, line: str | None) -> Query:
        """The contacts behind a figure of one interval."""
        sites = None
        if line and self.line == "site":
            sites = [line]
        elif line and self.line == "provider":
            in_view = set(self.behind.scope.sites_of(self.behind.known))
            sites = [site for site in self.behind.known.providers.get(line, ()) if site in in_view]
        at = first = last = None
        if self.grain == "quarter":
            at = datetime.fromisoformat(key)
        else:
            first = date.fromisoformat(key)
            last = first + timedelta(days=6 if self.grain == "week" else 0)
        return self.behind.query(first, last, at=at, measure=column, clock=CLOCK[column], sites=sites)


def interval_charts(view: View, data: pd.DataFrame) -> None:
    """Four figures by interval."""
    lines = sorted(set(data["line"]))
    styles = site_styles(lines) if view.line != "all" else {}
    if styles:
        st.altair_chart(page_charts.legend(lines, styles, view.names), key="volume-legend", width="content")
    totals = data.groupby("line")[list(said.FIGURES)].sum()
    all_of = totals.sum()
    with st.grid(2, min_column_width=430, gap="small", key="volume-charts") as grid:
        for column in said.FIGURES:
            with grid.cell():
                chart = charts.interval_lines(data, column, view.grain, view.zone, styles, view.names)

                def lead(mark: dict[str, Any], column: str = column) -> Query:
                    return view.interval_link(column, mark["key"], mark["line"])

                behind.shown(chart, filters.PAGE, f"volume-{column}", ("key", "line"), lead)
                rate = all_of[column] / all_of["offered"] if column in ("answered", "abandoned") else None
                rate = rate if all_of["offered"] else None
                named = [(view.names.get(line, line), float(totals.loc[line, column])) for line in lines]
                parts.plain(
                    said.figure_line(column, float(all_of[column]), rate, named), "muted", key=f"volume-says-{column}"
                )
                first, end = view.shown
                query = view.behind.query(first, end - timedelta(days=1), measure=column, clock=CLOCK[column])
                under(view, chart, column, query, metric=METRICS[column])


def under(view: View, chart: Any, name: str, query: Query | None, metric: str | None = None) -> None:
    """What stands under a chart: the contacts behind all of it, its definition, its files."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"volume-under-{name}"):
        if query is not None:
            st.page_link(contact_links.PAGE, label=said.SEE, icon=":material/list_alt:", query_params=query)
        if metric:
            explain.popover(sums.metric(metric), view.now, key=f"volume-{name}")
        take_away.chart_buttons(chart, f"volume-{name}", demo=bool(view.simulated), key=f"volume-{name}")


def table(view: View, data: pd.DataFrame) -> None:
    """The intervals as a table and as files; a cell leads to its contacts."""
    rows = data.sort_values(["at", "line"], ascending=[False, True], ignore_index=True)
    st.subheader(said.INTERVALS, anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="volume-table-tools"):
        take_away.table_buttons(tables.file(rows, view.line, view.zone), "volume", view.simulated, key="volume")
        link = st.container(horizontal=True, vertical_alignment="center", gap="small", width="content")
    event = st.dataframe(
        tables.intervals(rows, view.grain, view.line, view.names),
        hide_index=True,
        column_config=tables.columns(view.grain, view.line),
        height=min(430, 38 + 30 * len(rows)),
        row_height=30,
        on_select="rerun",
        selection_mode="single-cell",
        key=f"volume-table-{view.grain}-{view.line}",
        alt=said.TABLE_ALT,
    )
    with link:
        cells = event.selection.cells
        if not cells or cells[0][0] >= len(rows):
            parts.plain(said.CHOOSE_CELL, "muted", key="volume-choose-cell")
            return
        row, column = rows.iloc[cells[0][0]], cells[0][1]
        column = column if column in tables.LISTED else "offered"
        clock = CLOCK.get(column, ARRIVAL)
        query = view.interval_link("offered", row["key"], row["line"])
        query = {**query, "measure": [column], **({"clock": [clock]} if clock != ARRIVAL else {})}
        st.page_link(contact_links.PAGE, label=said.SEE, icon=":material/list_alt:", query_params=query)
        parts.plain(f"{tables.LISTED[column]} · {row['label']}", "muted", key="volume-behind-cell")


def heat(view: View, data: pd.DataFrame, without: list[date]) -> None:
    """Mean contacts an hour by weekday and hour."""
    chart = charts.heat(data, view.zone)
    _, end = view.span
    last = min(end - timedelta(days=1), view.now.today)

    def lead(mark: dict[str, Any]) -> Query:
        day = last - timedelta(days=(last.isoweekday() - int(mark["weekday"])) % 7)
        return view.behind.query(day, day, measure="offered")

    behind.shown(chart, filters.PAGE, "volume-heat", ("weekday", "hour"), lead)
    parts.plain(f"{said.left_out(without, view.zone)} {said.HEAT_CLICK}", "muted", key="volume-heat-note")
    with st.container(horizontal=True, gap="small", key="volume-under-heat"):
        take_away.chart_buttons(chart, "volume-heat", demo=bool(view.simulated), key="volume-heat")
        frame = data[["weekday", "local_hour", "hours", "offered", "mean"]]
        take_away.table_buttons(frame, "volume-by-hour", view.simulated, key="volume-heat")


def campaigns(view: View, weeks: pd.DataFrame) -> None:
    """Steady and campaign contacts by week."""
    chart = charts.campaigns(weeks)

    def lead(mark: dict[str, Any]) -> Query:
        start = date.fromisoformat(mark["key"])
        return view.behind.query(start, start + timedelta(days=6), measure="offered")

    behind.shown(chart, filters.PAGE, "volume-campaigns", ("key",), lead)
    offered, campaign = weeks["offered"].sum(), weeks["campaign_offered"].sum()
    share = campaign / offered if offered else None
    most = weeks.iloc[int(weeks["campaign_share"].argmax())] if weeks["campaign_share"].notna().any() else None
    line = f"{said.campaign_line(share, most)} {said.ALL_OF_WEEK}"
    parts.plain(line, "muted", key="volume-campaign-line")
    under(view, chart, "campaigns", None, metric="campaign_share")


def backlog(view: View, data: pd.DataFrame, *, by_day: bool) -> None:
    """What was open over time."""
    chart = charts.backlog_by_day(data) if by_day else charts.backlog_by_quarter(data, view.zone)

    def lead(mark: dict[str, Any]) -> Query:
        if by_day:
            day = date.fromisoformat(mark["key"])
            return view.behind.query(day, day, measure="offered")
        return view.behind.query(at=datetime.fromisoformat(mark["key"]), measure="offered")

    behind.shown(chart, filters.PAGE, "volume-backlog", ("key",), lead)
    column = "most" if by_day else "open"
    top = data.iloc[int(data[column].argmax())]
    label = f"on {top['date']:%a} {text.day(top['date'])}" if by_day else f"at {top['label']}"
    left = float(data["at_end"].max()) if by_day else None
    line = said.backlog_line(float(top[column]), label, left)
    below = int(data["below"].sum())
    parts.plain(line + (f" {said.below_zero(below)}" if below else ""), "muted", key="volume-backlog-line")
    with st.container(horizontal=True, gap="small", key="volume-under-backlog"):
        with st.popover(said.HOW_BACKLOG, icon=":material/info:", type="tertiary", key="explain-volume-backlog"):
            for number, words in enumerate(said.HOW_BACKLOG_LINES):
                parts.plain(words, key=f"volume-how-{number}")
        take_away.chart_buttons(chart, "backlog", demo=bool(view.simulated), key="volume-backlog")


def open_now(view: View, rows: pd.DataFrame) -> None:
    """What is open at this moment, by age."""
    st.subheader(said.NOW, anchor=False, help=said.AGE_HELP)
    with st.container(horizontal=True, gap="medium", key="volume-ages"):
        for age, label in enumerate(said.AGES):
            of_age = rows[rows["age"] == age]
            waiting = int(of_age.loc[of_age["waiting"].astype(bool), "contacts"].sum())
            talking = int(of_age["contacts"].sum()) - waiting
            with st.container(key=f"volume-age-{age}", gap=None, width="content"):
                st.metric(label, f"{waiting + talking:,}")
                parts.plain(said.split(waiting, talking), "muted", key=f"volume-age-{age}")
    oldest = queries.instant(rows["oldest_at"].min()) if len(rows) else None
    if oldest is not None:
        first = oldest.astimezone(ZoneInfo(view.zone)).date()
        with st.container(horizontal=True, gap="small", key="volume-open-links"):
            for measure, label in (("waiting", said.SEE_WAITING), ("talking", said.SEE_TALKING)):
                query = view.behind.query(first, view.now.today, measure=measure)
                st.page_link(contact_links.PAGE, label=label, icon=":material/list_alt:", query_params=query)
    parts.plain(said.HOW_NOW, "muted", key="volume-how-now")
