"""A chart with what belongs beneath it: its explanation, its file, the contacts behind it, a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import contact_links, parts, words
from dashboard.figures import explain, take_away
from dashboard.quality import charts, funnel_chart
from dashboard.scope.scope import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    import altair as alt
    import pandas as pd

    from dashboard.queries import Status
    from dashboard.scope.scope import Known, Scope
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
    now: Status,
    *,
    key: str,
    n: float | None = None,
    final: bool | None = None,
    more: Sequence[str] = (),
    says: Sequence[str] = (),
    legend: alt.LayerChart | None = None,
) -> None:
    """A chart; under it what it is, its file, and what it says. says may hold names; more is of the explanation.

    legend: what colours mean, for the file: on the page it stands above all charts.
    """
    with st.container(key=f"panel-{key}", gap="xsmall"):
        st.vega_lite_chart(dict(spec), key=f"quality-{key}")
        lines(says, key)
        with st.container(horizontal=True, gap="small", key=f"tools-{key}"):
            with st.popover(words.WHAT_IS_THIS, icon=":material/info:", type="tertiary", key=f"explain-{key}"):
                explain.body(metric, now, key=key, n=n, final=final)
                for number, line in enumerate(more):
                    parts.plain(line, key=f"more-{number}-{key}")
            take_away.chart_buttons(spec, key, demo=bool(now.simulated_sites), key=key, legend=legend)


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


def behind(
    scope: Scope, known: Known, label: str, *, measure: str, clock: str, span: tuple[date, date] | None = None, key: str
) -> None:
    """The way to the contacts behind a figure. label: constant words. A filter of several values is not narrowed by."""
    first, end = scope.span(known)
    last = end.fromordinal(end.toordinal() - 1)
    days = span or (first, last)
    sites = scope.sites_of(known) if scope.sites or scope.providers else ()
    query = contact_links.contacts_link(
        sites,
        *days,
        measure=measure,
        clock=clock,
        queue=_only(scope.queues),
        channel=_only(scope.channels),
        language=_only(scope.languages),
        topic=_only(scope.topics),
    )
    with st.container(key=f"behind-{key}"):
        st.page_link(contact_links.PAGE, label=label, icon=":material/list_alt:", query_params=query)


def _only(chosen: Sequence[str]) -> str | None:
    return chosen[0] if len(chosen) == 1 and chosen[0] != NONE else None
