"""The scorecard of one week on the page: a table of cells, and the chosen cell in full."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from dashboard import contact_links, contact_words, parts
from dashboard import format as text
from dashboard import words as common
from dashboard.charts import is_so_far
from dashboard.compare import bridge, scorecard, signals, words
from dashboard.compare.watched import is_counted
from dashboard.figures import explain, shown, take_away
from dashboard.scope.bar import week_option
from models.fairness.sums import Counts
from models.metrics.catalogue import CATALOGUE

if TYPE_CHECKING:
    from datetime import date

    from dashboard.compare.answers import Answers
    from dashboard.compare.scorecard import Cell
    from models.metrics.metric import Metric

LINE, PADDING = 19, 14
FEW = 100
"""Below this many, what a share stands for is told as well."""


def draw(found: Answers, *, filtered: bool) -> None:
    """Heading, week, table, and the chosen cell."""
    week = found.week()
    metrics = list(found.choice.shown)
    cells = found.cells
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="card-heading"):
        st.subheader(words.SCORECARD, anchor=False, width="content")
        week_choice(found, week)
        take_away.table_buttons(card_rows(cells, found, week), "scorecard", simulated(found), key="card")
        with st.popover(words.HOW, icon=":material/info:", type="tertiary", key="how-card"):
            parts.plain(words.SCORECARD_HELP, key="card-help")
    if len(found.shown) == 1:
        parts.plain(words.ONE_ONLY, "muted", key="one-only")
    if filtered and any(metric.clock == "overlap" for metric in metrics):
        parts.plain(words.OVERLAP_FILTERED, "muted", key="overlap")
    table = card_table(cells, found, week)
    lines = max((str(value).count(" ") + 1 for value in table.iloc[:, 1:].to_numpy().ravel()), default=1)
    text_column = st.column_config.TextColumn
    columns: dict[str, Any] = {"metric": text_column("", width=190, pinned=True)}
    columns |= {unit: text_column(found.units.called(unit), width=205) for unit in found.shown}
    detail = st.container(key="card-detail", gap="xsmall")
    event = st.dataframe(
        table,
        hide_index=True,
        column_config=columns,
        width="content",
        row_height=LINE * lines + PADDING,
        height="content",
        on_select="rerun",
        selection_mode="single-cell",
        key="compare-card",
        alt=f"{words.SCORECARD}, {len(metrics)} metrics.",
    )
    with detail:
        chosen_cell(event.selection.cells, cells, found, week)


def week_choice(found: Answers, week: date) -> None:
    """Which week the scorecard shows."""
    options = found.weeks[::-1]
    if st.session_state.get("compare-week") not in options:
        st.session_state["compare-week"] = week
    st.selectbox(
        words.WEEK,
        options,
        format_func=week_option,
        key="compare-week",
        label_visibility="collapsed",
        width=270,
    )


def card_table(cells: list[Cell], found: Answers, week: date) -> pd.DataFrame:
    """Metrics down, units across; each cell says it all."""
    so_far = is_so_far(week, found.now.today)
    signalled = {
        (line.unit, line.metric.name)
        for line in found.lines
        for alarm in line.alarms
        if line.points[alarm.index].at == week
    }
    rows: dict[str, dict[str, str]] = {}
    for cell in cells:
        row = rows.setdefault(cell.metric.name, {"metric": cell.metric.label})
        row[cell.unit] = words.cell(
            cell, margin(cell), signalled=(cell.unit, cell.metric.name) in signalled, so_far=so_far
        )
    return pd.DataFrame(list(rows.values()))


def card_rows(cells: list[Cell], found: Answers, week: date) -> pd.DataFrame:
    """The same with plain numbers, to take away."""
    return pd.DataFrame(
        [
            {
                "week": text.week(week),
                found.choice.by: cell.unit,
                "name": found.units.called(cell.unit),
                "metric": cell.metric.name,
                "value": cell.value,
                "n": cell.n,
                "week_before": cell.before,
                "others_together": cell.peers,
                "final": cell.final,
                "feed_silent": cell.silent,
            }
            for cell in cells
        ]
    )


def simulated(found: Answers) -> list[str]:
    """Sites a simulator plays, as the files name them."""
    return sorted(site for unit in found.simulated for site in found.units.sites[unit])


def margin(cell: Cell) -> float | None:
    """What difference of this figure matters."""
    return signals.margin_of(cell.metric, cell.peers if cell.peers is not None else cell.before or cell.value)


def chosen_cell(chosen: list[tuple[int, str]], cells: list[Cell], found: Answers, week: date) -> None:
    """The chosen cell in full: what it rests on, its definition, its other variants, and the contacts behind it."""
    metrics = list(found.choice.shown)
    picked = [
        cell
        for cell in cells
        if chosen and chosen[0][0] < len(metrics) and cell.metric is metrics[chosen[0][0]] and cell.unit == chosen[0][1]
    ]
    if not picked:
        parts.plain(words.CHOOSE, "muted", key="choose-card-cell")
        return
    cell = picked[0]
    with st.container(border=True, gap="xsmall", key="chosen-card-cell"):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            parts.plain(cell.metric.label, "strong", key="chosen-metric")
            link(found, cell.unit, cell.metric.name, week)
            with st.popover(common.WHAT_IS_THIS, icon=":material/info:", type="tertiary", key="explain-card"):
                explain.body(
                    cell.metric, found.now, key="card", n=cell.n, final=cell.final,
                    variants=variants(found, cell.unit, cell.metric, week),
                )  # fmt: skip
        for number, line in enumerate(words.cell_lines(cell, week, found.units, margin(cell))):
            parts.plain(line, key=f"cell-line-{number}")
        if few := drawn(found, cell, week):
            parts.plain(few, "muted", key="cell-few")
        if cell.metric.name == "service_level":
            service_level_bridge(found, cell.unit, week)


def variants(found: Answers, unit: str, metric: Metric, week: date) -> dict[str, str]:
    """The same counted otherwise, by name, where the sums for it are at hand."""
    row = week_row(found, unit, week)
    if row.empty:
        return {}
    others = [one for one in CATALOGUE if one.variant_of == metric.name and set(one.sums) <= set(row)]
    if not others:
        return {}
    figures = scorecard.with_figures(row, others)
    return {one.name: shown.value(one, float(figures[one.name].iloc[0])) for one in others}


def service_level_bridge(found: Answers, unit: str, week: date) -> None:
    """From the service level the site reports itself to ours, in steps that add up."""
    row = week_row(found, unit, week)
    steps = bridge.bridge({str(name): value for name, value in row.iloc[0].items()}) if len(row) else None
    if steps is not None:
        for number, line in enumerate(words.bridge(steps, found.units.called(unit))):
            parts.plain(line, "muted", key=f"bridge-{number}")


def week_row(found: Answers, unit: str, week: date) -> pd.DataFrame:
    """The sums of one unit in one week, without the figures made of them."""
    frame = found.weekly_sums()
    return frame[(frame["unit"] == unit) & (frame["week_start"] == week)]


def drawn(found: Answers, cell: Cell, week: date) -> str | None:
    """What a share of few contacts stands for, drawn towards the others; None where there are many."""
    from models.fairness.shrinkage import fit_prior, shrink

    if not is_counted(cell.metric) or cell.value is None or not 0 < cell.n < FEW:
        return None
    frame = found.weekly[found.weekly["week_start"] == week]
    name = cell.metric.name
    usable = frame[frame[f"{name}_n"] > 0]
    counts = [Counts(min(n, value * n), n) for value, n in zip(usable[name], usable[f"{name}_n"], strict=True)]
    prior = fit_prior(counts)
    if prior is None:
        return None
    told = shrink(Counts(min(cell.n, cell.value * cell.n), cell.n), prior)
    return words.drawn(cell.metric, cell.value, told.estimate, told.interval.low, told.interval.high, cell.n)


def link(found: Answers, unit: str, column: str, week: date) -> None:
    """To the contacts behind a cell. A link and not a jump: arrow keys choose cells too."""
    query = contact_query(found, unit, column, week)
    st.page_link(contact_links.PAGE, label=contact_words.SEE_CONTACTS, icon=":material/list_alt:", query_params=query)


def contact_query(found: Answers, unit: str, column: str, week: date) -> dict[str, list[str]]:
    """The contacts behind a metric of a unit's week, or behind its n (`NAME_n`)."""
    return found.behind.metric(column, week, week + timedelta(days=6), sites=found.units.sites[unit])
