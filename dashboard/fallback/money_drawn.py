"""Charts of price, part and drill as they are sent to browsers: the same is drawn once for all viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard.fallback import drill_charts, price_charts
from dashboard.figures import take_away

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: dict[str, Callable[..., Any]] = {
    "cumulative": price_charts.cumulative,
    "compared": price_charts.compared,
    "bars": price_charts.bars,
    "duration": price_charts.duration,
    "by_quarter": drill_charts.by_quarter,
}


@st.cache_data(ttl=600, max_entries=200, show_spinner=False)
def drawn(kind: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A chart of one of KINDS as Vega-Lite, with its data in it."""
    return take_away.spec(KINDS[kind](**arguments))


def chart(kind: str, arguments: dict[str, Any], name: str, *, demo: bool) -> None:
    """Show a chart, with a menu to take it away. name: of the file, and of its place on the page."""
    spec = drawn(kind, arguments)
    st.vega_lite_chart(spec, key=f"fallback-{name}", width="stretch")
    take_away.chart_buttons(spec, f"fallback-{name}", demo=demo, key=f"fallback-{name}")
