"""Over the weeks on the page: small multiples with usual ranges and signals, and the table of every week."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import charts as common_charts
from dashboard import contact_measures, contact_words, health_words, parts
from dashboard import format as text
from dashboard import words as common
from dashboard.charts import is_so_far
from dashboard.compare import card_section, charts, words
from dashboard.compare.questions import JUDGED
from dashboard.compare.watched import THIN
from dashboard.figures import explain, shown, take_away
from dashboard.scope import behind
from models.fairness.control import BASELINE
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from dashboard.colours import Style
    from dashboard.compare.answers import Answers
    from dashboard.compare.signals import Collapsed
    from dashboard.compare.units import Units
    from dashboard.compare.watched import Watched
    from models.metrics.metric import Metric

FULL_HEIGHT = 220


def signal_sentences(found: Answers) -> list[tuple[int, str]]:
    """What moved and which days collapsed, each with its place in the order of interest."""
    going_on = [one for one in found.moved if one.ongoing]
    over = [one for one in found.moved if not one.ongoing]
    days = [(10, words.collapsed(one, found.units)) for one in found.collapsed]
    return [
        *[(0 + 10 * place, words.moved(one, found.units)) for place, one in enumerate(going_on)],
        *days,
        *[(60, words.moved(one, found.units)) for one in over],
    ]


def draw(found: Answers, styles: dict[str, Style]) -> None:
    """Small multiples by metric, or one metric with a chart for each unit."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="weeks-heading"):
        st.subheader(words.OVER_WEEKS, anchor=False, width="content")
        look = look_choice(found)
        with st.popover(words.HOW, icon=":material/info:", type="tertiary", key="how-weeks"):
            parts.plain(words.SIGNALS_HELP.format(weeks=BASELINE), key="weeks-help")
            parts.plain(", ".join(BY_NAME[name].label for name in JUDGED), "muted", key="weeks-watched")
    changed_weeks(found)
    if look is None:
        legend = common_charts.legend(found.shown, styles, found.units.names)
        st.altair_chart(legend, key="compare-legend", width="content")
        grid_of_metrics(found, styles)
    else:
        one_metric(found, styles, look)
    marks = [words.LIMITS_MARK] if found.moved else []
    marks += [words.DAY_MARK] if found.collapsed else []
    if any(is_so_far(week, found.now.today) for week in found.weeks):
        marks.append(common.OPEN_MARK)
    parts.plain(" ".join(marks), "muted", key="marks")


def look_choice(found: Answers) -> Metric | None:
    """The one metric to show in full, if any."""
    names = [metric.name for metric in found.choice.shown]
    if st.session_state.get("compare-look") not in names:
        st.session_state["compare-look"] = None
    st.selectbox(
        words.LOOK,
        names,
        format_func=lambda name: BY_NAME[name].label,
        index=None,
        placeholder=words.ALL,
        key="compare-look",
        label_visibility="collapsed",
        width=270,
    )
    look = found.choice.look
    return BY_NAME[look] if look in names else None


def grid_of_metrics(found: Answers, styles: dict[str, Style]) -> None:
    """One chart per metric, all units in it."""
    with st.grid(4, min_column_width=290, gap="small", key="compare-charts") as grid:
        for metric in found.choice.shown:
            lines = of_metric(found, metric)
            with grid.cell():
                clickable(found, specification(found, styles, metric), metric, metric.name)
                for number, line in enumerate(sentences(found, metric, lines)):
                    parts.plain(line, "muted", key=f"says-{metric.name}-{number}")


def specification(found: Answers, styles: dict[str, Style], metric: Metric) -> dict[str, Any]:
    """The chart of one metric in Vega-Lite's own words; putting it together takes longer than all the arithmetic."""
    days = found.collapsed if metric.family in ("volume", "accessibility") else []
    lines = of_metric(found, metric)
    return _specification(lines, found.units, found.weeks[0], found.now.today, metric.name, styles, days)


@st.cache_data(
    ttl=600,
    max_entries=256,
    show_spinner=False,
    hash_funcs={
        "dashboard.compare.watched.Watched": repr, "dashboard.compare.units.Units": repr,
        "dashboard.compare.signals.Collapsed": repr, "dashboard.colours.Style": repr,
    },
)  # fmt: skip
def _specification(
    lines: list[Watched],
    units: Units,
    first: date,
    today: date,
    name: str,
    styles: dict[str, Style],
    days: list[Collapsed],
) -> dict[str, Any]:
    data = charts.week_frame(lines, units, first, today)
    made: dict[str, Any] = charts.week_lines(data, BY_NAME[name], styles, days).to_dict()
    return made


def one_metric(found: Answers, styles: dict[str, Style], metric: Metric) -> None:
    """One chart per unit, with its usual range as a band."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="look-line"):
        parts.plain(metric.label, "strong", key="look-label")
        explain.popover(metric, found.now, key="look")
    lines = of_metric(found, metric)
    legend = common_charts.legend(found.shown, styles, found.units.names)
    st.altair_chart(legend, key="compare-legend", width="content")
    data = charts.week_frame(lines, found.units, found.weeks[0], found.now.today)
    days = found.collapsed if metric.family in ("volume", "accessibility") else []
    chart = charts.week_lines(data, metric, styles, days, height=FULL_HEIGHT + 80, most_ticks=13, title=False)
    clickable(found, chart, metric, metric.name)
    take_away.chart_buttons(chart, metric.name, demo=bool(found.simulated), key=metric.name)
    with st.grid(3, min_column_width=330, gap="small", key="compare-full") as grid:
        for line in lines:
            data = charts.week_frame([line], found.units, found.weeks[0], found.now.today)
            with grid.cell():
                parts.plain(found.units.called(line.unit), "strong", key=f"unit-{line.unit}")
                days = [day for day in found.collapsed if day.unit == line.unit]
                chart = charts.week_lines(data, metric, styles, days, height=FULL_HEIGHT, band=True, title=False)
                clickable(found, chart, metric, f"{metric.name}-{line.unit}")
                said = sentences(found, metric, [line])
                if said:
                    parts.plain(said[0], "muted", key=f"says-{metric.name}-{line.unit}")
                take_away.chart_buttons(
                    chart, f"{metric.name}", demo=bool(found.simulated), key=f"{metric.name}-{line.unit}"
                )


def clickable(found: Answers, chart: Any, metric: Metric, key: str) -> None:
    """A chart whose points lead to the contacts behind them."""

    def lead(point: dict[str, Any]) -> behind.Query | None:
        if point["unit"] not in found.units.sites:
            return None
        return card_section.contact_query(found, point["unit"], metric.name, date.fromisoformat(point["week"]))

    behind.shown(chart, "compare", f"compare-chart-{key}", ("unit", "week"), lead)


def of_metric(found: Answers, metric: Metric) -> list[Watched]:
    """The lines of one metric, in the order of the units."""
    return [line for line in found.lines if line.metric.name == metric.name]


def sentences(found: Answers, metric: Metric, lines: list[Watched]) -> list[str]:
    """What a chart says: what left its usual range; else why nothing can, or that nothing did."""
    units = {line.unit for line in lines}
    said = [
        words.moved(one, found.units) for one in found.moved if one.metric.name == metric.name and one.unit in units
    ]
    if metric.name == says_days(found):
        said += [words.collapsed(one, found.units) for one in found.collapsed if one.unit in units]
    if said:
        return said
    if all(line.chart.baseline == 0 for line in lines) and any(
        0 < point.n < THIN for line in lines for point in line.points
    ):
        return [words.TOO_THIN]
    reasons = {line.chart.reason for line in lines if line.chart.reason is not None}
    if len(reasons) == 1 and all(line.chart.reason for line in lines):
        return [words.no_limits(reasons.pop())]
    return [] if metric.name not in JUDGED else ["Nothing outside its usual range."]


def says_days(found: Answers) -> str | None:
    """The metric shown beneath whose chart days far below their usual are named: one is enough."""
    names = [metric.name for metric in found.choice.shown]
    return next((name for name in ("answered", "offered", "service_level") if name in names), None)


def changed_weeks(found: Answers) -> None:
    """What of the weeks in view came out otherwise after they were closed."""
    if found.changed:
        with st.container(key="compare-changed", gap="xxsmall"):
            for number, note in enumerate(found.changed):
                parts.plain(note, "muted", key=f"changed-{number}")
            st.page_link("pages_/health.py", label=health_words.CHANGES_LINK, icon=":material/monitor_heart:")


def table(found: Answers) -> None:
    """One row per week and unit, newest first, with every n, to read and to take away."""
    rows = table_rows(found)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="table-heading"):
        st.subheader(words.TABLE, anchor=False, width="content")
        take_away.table_buttons(rows, "compare", card_section.simulated(found), key="weeks-table")
    shown_rows = pd.DataFrame(
        {
            "week": [
                f"{text.week(week)}  {week.day} {week:%b}" + (f" · {common.SO_FAR}" if open_ else "")
                for week, open_ in zip(rows["week_start"], ~rows["week_complete"], strict=True)
            ],
            "unit": [
                found.units.called(unit) + (f" · {common.DEMO_MARK}" if unit in found.simulated else "")
                for unit in rows[found.choice.by]
            ],
        }
    )
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {
        "week": st.column_config.TextColumn(words.WEEK, width=165, pinned=True),
        "unit": st.column_config.TextColumn(
            words.BY_SITE if found.choice.by == "site" else words.BY_PROVIDER, width=160, pinned=True
        ),
    }
    for metric in found.choice.shown:
        shown_rows[metric.name] = [shown.scaled(metric, value) for value in rows[metric.name]]
        columns[metric.name] = number(
            metric.label, format=shown.FORMATS[metric.unit], help="  \n".join(shown.definition(metric, found.now))
        )
        if metric.denominator is not None:
            shown_rows[f"{metric.name}_n"] = rows[f"{metric.name}_n"]
            columns[f"{metric.name}_n"] = number("n", format="%,d", width="small", help=f"n of {metric.label}")
    behind = st.container(horizontal=True, vertical_alignment="center", gap="small", key="behind-week")
    event = st.dataframe(
        shown_rows, hide_index=True, column_config=columns, placeholder=text.NO_DATA, row_height=30,
        height=min(420, 38 + 30 * max(1, len(rows))), on_select="rerun", selection_mode="single-cell",
        key="compare-table", alt=words.table_description(len(rows)),
    )  # fmt: skip
    with behind:
        behind_cell(found, event.selection.cells, rows)


def behind_cell(found: Answers, cells: list[tuple[int, str]], rows: pd.DataFrame) -> None:
    """The contacts behind the chosen cell of the table."""
    if not cells or cells[0][0] >= len(rows):
        parts.plain(contact_words.CHOOSE_CELL, "muted", key="choose-cell")
        return
    row, column = rows.iloc[cells[0][0]], cells[0][1]
    unit, week = row[found.choice.by], row["week_start"]
    card_section.link(found, unit, column, week)
    measure, _ = contact_measures.behind(column)
    label = contact_measures.MEASURES[measure].label
    said = contact_words.week_behind(label, found.units.called(unit), text.week(week))
    parts.plain(said, "muted", key="behind-cell")


def table_rows(found: Answers) -> pd.DataFrame:
    """The rows with ids and plain numbers."""
    frame = found.weekly[found.weekly["week_start"].isin(found.weeks) & found.weekly["unit"].isin(found.shown)]
    order = {unit: place for place, unit in enumerate(found.shown)}
    frame = frame.assign(place=[order[unit] for unit in frame["unit"]])
    frame = frame.sort_values(["week_start", "place"], ascending=[False, True]).reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "week": [text.week(week) for week in frame["week_start"]],
            "week_start": frame["week_start"],
            "week_complete": [not is_so_far(week, found.now.today) for week in frame["week_start"]],
            "time_zone": found.now.reporting_zone,
            "service_level_within_s": found.now.service_level_s,
            found.choice.by: frame["unit"],
            "name": [found.units.called(unit) for unit in frame["unit"]],
        }
    )
    for metric in found.choice.shown:
        rows[metric.name] = frame[metric.name]
        if metric.denominator is not None:
            rows[f"{metric.name}_n"] = frame[f"{metric.name}_n"]
    return rows
