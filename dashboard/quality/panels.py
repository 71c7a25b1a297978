"""A chart with what belongs beneath it: its explanation, its file, the contacts behind it, a sentence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import contact_links, parts, words
from dashboard.figures import explain, take_away
from dashboard.quality import charts, funnel_chart
from dashboard.quality.context import PAGE
from dashboard.scope import behind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import altair as alt
    import pandas as pd

    from dashboard.quality.context import View
    from models.metrics.metric import Metric

TABLE_HEIGHT = 420
KINDS: dict[str, Callable[..., Any]] = {
    "by_site": charts.by_site,
    "by_week": charts.by_week,
    "compared": charts.compared,
    "answers": charts.answers,
    "funnel": funnel_chart.funnel,
}


@st.cache_data(ttl=600, max_entries=200, show_spinner=False)
def drawn(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A chart of this kind as it is sent to browsers: drawing takes long, so the same is drawn once for all."""
    return take_away.spec(KINDS[kind](**arguments))


def chart(
    spec: dict[str, Any],
    metric: Metric,
    view: View,
    *,
    key: str,
    n: float | None = None,
    final: bool | None = None,
    more: Sequence[str] = (),
    says: Sequence[str] = (),
    legend: alt.LayerChart | None = None,
    rows: str | None = None,
) -> None:
    """A chart whose marks lead to contacts; under it what it is, its file, and what it says. says may hold names.

    more: of the explanation. legend: what colours mean, for the file: on the page it stands above all charts.
    rows: the contacts behind a mark, by their name in `contact_measures`, where they are not those of the metric.
    """

    def lead(mark: dict[str, Any]) -> behind.Query | None:
        week = date.fromisoformat(mark["week"]) if "week" in mark else None
        team = mark.get("team")
        if mark["site"] not in view.names:
            return None
        return view.behind.metric(
            str(mark.get("metric", metric.name)),
            week,
            week and week + timedelta(days=6),
            sites=[str(mark["site"])],
            team=team if isinstance(team, str) else None,
            rows=rows,
        )

    with st.container(key=f"panel-{key}", gap="xsmall"):
        behind.shown(dict(spec), PAGE, f"quality-{key}", ["site"], lead)
        lines(says, key)
        with st.container(horizontal=True, gap="small", key=f"tools-{key}"):
            with st.popover(words.WHAT_IS_THIS, icon=":material/info:", type="tertiary", key=f"explain-{key}"):
                explain.body(metric, view.now, key=key, n=n, final=final)
                for number, line in enumerate(more):
                    parts.plain(line, key=f"more-{number}-{key}")
            take_away.chart_buttons(spec, key, demo=view.demo, key=key, legend=legend)


def lines(said: Sequence[str], key: str) -> None:
    """Sentences under a figure, exactly as they are."""
    if said:
        with st.container(key=f"says-{key}", gap="xxsmall"):
            for number, line in enumerate(said):
                parts.plain(line, "muted", key=f"says-{key}-{number}")


def table(
    rows: pd.DataFrame,
    columns: dict[str, Any],
    export: pd.DataFrame,
    simulated: set[str],
    *,
    title: str,
    alt: str,
    key: str,
) -> None:
    """A table with its heading and its files."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"head-{key}"):
        st.markdown(f"**{title}**", width="content")
        take_away.table_buttons(export, f"quality-{key}", simulated, key=key)
    st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        placeholder="–",
        row_height=30,
        height=min(TABLE_HEIGHT, 38 + 30 * len(rows)),
        key=f"table-{key}",
        alt=alt,
    )


def links(view: View, labels: Mapping[str, str], key: str) -> None:
    """Ways to the contacts behind figures. labels: constant words, by metric of the catalogue."""
    with st.container(horizontal=True, gap="small", key=f"behind-{key}"):
        for metric, label in labels.items():
            query = view.behind.metric(metric)
            st.page_link(contact_links.PAGE, label=label, icon=":material/list_alt:", query_params=query)
