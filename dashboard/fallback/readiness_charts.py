"""The chart of readiness: a frame in, an Altair chart out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import altair as alt

from dashboard.charts import INHERITED, SVG
from dashboard.fallback import readiness_words as said

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

BLUE, ORANGE = "#2F7BD9", "#D0670C"
"""Told apart by every kind of colour vision; a hole has a cross as well."""
ROW, HEAD = 30, 40
LABEL_WIDTH = 250
PADDING = {"left": 0, "top": 0, "right": 6, "bottom": 0}


def cover(data: pd.DataFrame, rows: Sequence[str], hours: Sequence[str], told: tuple[str, str, str]) -> alt.LayerChart:
    """Agents usually there on one day: rows of work, columns of hours.

    data: row, hour (text), shown (what is written), hole, strength (0 to 1), tip. told: title, unit, description.
    """
    base = alt.Chart(data).encode(
        x=alt.X(
            "hour:O", title=None, scale=alt.Scale(domain=list(hours)),
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelExpr="slice(datum.label, 0, 2)"),
        ),
        y=alt.Y(
            "row:N", title=None, scale=alt.Scale(domain=list(rows)),
            axis=alt.Axis(labelLimit=LABEL_WIDTH, ticks=False, domain=False, labelPadding=8),
        ),
        tooltip=[
            alt.Tooltip("row:N", title="Work"), alt.Tooltip("hour:N", title=said.HOUR),
            alt.Tooltip("tip:N", title=said.CHART),
        ],
    )  # fmt: skip
    colour = alt.condition("datum.hole", alt.value(ORANGE), alt.value(BLUE))
    layers = [
        base.mark_rect(cornerRadius=2, stroke=INHERITED, strokeOpacity=0.12).encode(
            color=colour, fillOpacity=alt.FillOpacity("strength:Q", scale=None)
        ),
        base.mark_text(fontSize=12, fill=INHERITED, fontWeight=600).encode(text="shown:N"),
    ]
    title = alt.TitleParams(text=told[0], subtitle=told[1], subtitleColor=INHERITED, anchor="start", offset=10)
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=title, description=told[2], height=ROW * len(rows) + HEAD, usermeta=SVG, padding=PADDING
    )
    return cast("alt.LayerChart", layered.configure_view(stroke=None))
