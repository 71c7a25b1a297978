"""The chart of the Data health page: a frame in, an Altair chart out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import altair as alt
import pandas as pd

from dashboard import health_words as words
from dashboard.charts import INHERITED, SVG

if TYPE_CHECKING:
    from collections.abc import Mapping

ROW_HEIGHT = 26
AROUND = 60
"""What axis and legend take of the height."""
STATES = ("known", "unknown", "closed")
_COLOURS = ("#2F7BD9", "#D0670C", "#8A94A3")
_THICKNESS = {"known": 7, "unknown": 18, "closed": 1.5}
"""A thin line, a bar or a block: the state is told without its colour."""


def timeline(stretches: pd.DataFrame, names: Mapping[str, str], zone: str) -> alt.LayerChart:
    """One row per site: when it sent, when it was silent though open, when it was closed. Times of the zone."""
    data = pd.DataFrame(
        {
            "name": [names.get(site, site) for site in stretches["site"]],
            "state": [words.STRETCHES[state] for state in stretches["state"]],
            "from": _local(stretches["starts_at"], zone),
            "to": _local(stretches["ends_at"], zone),
        }
    )
    labels = [words.STRETCHES[state] for state in STATES]
    base = alt.Chart(data).encode(
        x=alt.X("from:T", title=None, axis=alt.Axis(format="%a %-d %b", tickCount="day", grid=False)),
        x2="to:T",
        y=alt.Y(
            "name:N",
            title=None,
            sort=sorted(set(data["name"]), key=str.casefold),
            axis=alt.Axis(labelLimit=160, labelOverlap=False, ticks=False, domain=False),
        ),
        color=alt.Color(
            "state:N",
            title=None,
            scale=alt.Scale(domain=labels, range=list(_COLOURS)),
            legend=alt.Legend(orient="top", symbolType="square", labelLimit=0, offset=4),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="Site"),
            alt.Tooltip("state:N", title="State"),
            alt.Tooltip("from:T", title="From", format="%a %-d %b, %H:%M"),
            alt.Tooltip("to:T", title="To", format="%a %-d %b, %H:%M"),
        ],
    )
    layers = [
        base.transform_filter(alt.datum.state == words.STRETCHES[state]).mark_bar(height=_THICKNESS[state])
        for state in ("closed", "known", "unknown")
    ]
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        height=ROW_HEIGHT * data["name"].nunique() + AROUND,
        usermeta=SVG,
        padding={"left": 0, "top": 0, "right": 4, "bottom": 0},
        description=words.timeline_description(data["name"].nunique(), len(data[data["state"] == labels[1]])),
    )
    return cast("alt.LayerChart", layered.configure_view(stroke=None).configure_axisY(labelColor=INHERITED))


def _local(instants: pd.Series[pd.Timestamp], zone: str) -> pd.Series[pd.Timestamp]:
    # Vega knows UTC and the reader's own zone only: it is given the zone's wall clock.
    return instants.dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
