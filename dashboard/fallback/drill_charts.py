"""Charts of the drill: rows by quarter-hour in, an Altair chart out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from dashboard.charts import INHERITED
from dashboard.fallback import drill_words as said
from dashboard.fallback.price_charts import finished

if TYPE_CHECKING:
    from collections.abc import Sequence

BLUE, ORANGE, GREY = "#2F7BD9", "#D0670C", "#8A94A3"
HEIGHT = 290
"""With title, axis and legend, which the page takes out of it."""
LINES = {
    said.AS_PLANNED: (BLUE, [1, 0]), said.OPEN: (ORANGE, [6, 3]), said.CALM: (GREY, [2, 3]),
    said.FLUID: (BLUE, [1, 0]), said.SIMULATED: (ORANGE, [6, 3]),
}  # fmt: skip


def by_quarter(
    rows: pd.DataFrame,
    span: tuple[int, int],
    dark: tuple[int, int],
    told: tuple[str, str],
    description: str,
    band: pd.DataFrame | None = None,
    limit: float | None = None,
    percent: bool = False,
) -> alt.LayerChart:
    """Lines of LINES over the day, shaded while it is dark. told: title and units; span, dark: quarter-hours.

    rows: at (quarter-hours since midnight), line, value, clock, shown. band: at, low, high. limit: a level to hold.
    """
    lines = [line for line in LINES if line in set(rows["line"])]
    legend = alt.Legend(
        orient="bottom", labelColor=INHERITED, labelLimit=0, symbolType="stroke", symbolSize=300, symbolStrokeWidth=2
    )
    colour = alt.Color(
        "line:N", title=None, legend=legend, scale=alt.Scale(domain=lines, range=[LINES[line][0] for line in lines])
    )
    dash = alt.StrokeDash(
        "line:N", title=None, legend=legend, scale=alt.Scale(domain=lines, range=[LINES[line][1] for line in lines])
    )
    x, y = _time("at", span), _value(rows, band, percent=percent)
    shade = alt.Chart(pd.DataFrame({"at": [max(dark[0], span[0])], "until": [min(dark[1], span[1])], "told": ["dark"]}))
    layers: list[alt.Chart] = [
        shade.mark_rect(color=GREY, opacity=0.18).encode(x=x, x2="until:Q"),
        shade.mark_text(align="left", baseline="top", dx=4, dy=3, fontSize=11, fill=INHERITED).encode(
            x=x, y=alt.value(0), text="told:N"
        ),
    ]
    if band is not None:
        layers.append(
            alt.Chart(band).mark_area(color=ORANGE, opacity=0.25).encode(x=x, y=alt.Y("low:Q", title=None), y2="high:Q")
        )
    if limit is not None:
        layers.append(
            alt.Chart(pd.DataFrame({"limit": [limit]}))
            .mark_rule(color=INHERITED, strokeDash=[2, 3])
            .encode(y=alt.Y("limit:Q", title=None))
        )
        told_limit = alt.Chart(pd.DataFrame({"at": [span[1]], "limit": [limit], "told": [said.limit_line(limit)]}))
        layers.append(
            told_limit.mark_text(align="right", dx=-4, dy=-7, fontSize=11, fill=INHERITED).encode(
                x=x, y=alt.Y("limit:Q", title=None), text="told:N"
            )
        )
    base = alt.Chart(rows)
    layers.append(base.mark_line(strokeWidth=2.2).encode(x=x, y=y, color=colour, strokeDash=dash))
    tooltip = [
        alt.Tooltip("line:N", title="Line"), alt.Tooltip("clock:N", title="At"), alt.Tooltip("shown:N", title="Value"),
    ]  # fmt: skip
    layers.append(base.mark_point(opacity=0, size=140).encode(x=x, y=y, tooltip=tooltip))
    return finished(layers, told[0], told[1], HEIGHT, description)


def _time(field: str, span: tuple[int, int]) -> alt.X:
    step = 4 if span[1] - span[0] <= 32 else 8 if span[1] - span[0] <= 64 else 12
    values: Sequence[int] = range(-(-span[0] // step) * step, span[1] + 1, step)
    labels = json.dumps({str(value): said.clock(value) for value in values})
    return alt.X(
        f"{field}:Q", title=None, scale=alt.Scale(domain=list(span), nice=False, zero=False),
        axis=alt.Axis(
            values=list(values), labelExpr=f"{labels}[format(datum.value, 'd')]", labelAngle=0, labelOverlap="greedy",
            grid=False,
        ),
    )  # fmt: skip


def _value(rows: pd.DataFrame, band: pd.DataFrame | None, *, percent: bool) -> alt.Y:
    most = max(float(rows["value"].max()), float(band["high"].max()) if band is not None and len(band) else 0.0)
    least = 0.02 if percent else 1.0
    axis = alt.Axis(format="%" if percent else ",~f", tickCount=4)
    return alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, max(most * 1.1, least)], nice=False), axis=axis)
