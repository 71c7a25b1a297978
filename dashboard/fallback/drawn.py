"""How this page's evidence is shown: charts with their files, tables with theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboard import format as text
from dashboard.figures import take_away

if TYPE_CHECKING:
    import pandas as pd

    from dashboard.fallback.view import View
    from dashboard.figures.take_away import Chart

ROW_HEIGHT = 32
MOST_ROWS = 14


def chart(view: View, drawing: Chart, name: str, *, key: str) -> None:
    """A chart and its files. name: of the files, after `backstop-fallback-`."""
    spec = take_away.spec(drawing)
    st.vega_lite_chart(spec, key=f"fallback-{key}", width="stretch")
    take_away.chart_buttons(spec, f"fallback-{name}", demo=bool(simulated(view)), key=f"fallback-{key}")


def table(
    view: View, shown: pd.DataFrame, columns: dict[str, Any], name: str, alt: str, *,
    file: pd.DataFrame | None = None, key: str,
) -> None:  # fmt: skip
    """A table and its files. file: what is taken away, when it is more exact than what is shown."""
    taken = shown if file is None else file
    take_away.table_buttons(taken, f"fallback-{name}", simulated(view), key=f"fallback-{key}")
    st.dataframe(
        shown,
        hide_index=True,
        column_config=columns,
        placeholder=text.NO_DATA,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(shown), MOST_ROWS) + 1) + 4,
        key=f"table-fallback-{key}",
        alt=alt,
    )


def simulated(view: View) -> tuple[str, ...]:
    """Sites of the slice, or in-house, that a simulator plays."""
    frame = view.page.choices.frames["sites"]
    chosen = view.facts.slice
    within = (frame["provider"] == chosen.provider) | frame["in_house"].astype(bool)
    return tuple(frame["site"][within & frame["simulated"].astype(bool)])
