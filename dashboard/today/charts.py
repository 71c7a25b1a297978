"""Charts of the Today page: a frame in, an Altair chart out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.charts import INHERITED
from dashboard.today import words as said

if TYPE_CHECKING:
    from datetime import datetime

BLUE, ORANGE, GREY = "#2F7BD9", "#D0670C", "#7A8594"
HEIGHT = 240


def contacts(forecast: pd.DataFrame, now: datetime, zone: str) -> alt.LayerChart:
    """Expected with its band, the plan dashed, what came as points."""
    data = _local(forecast, zone)
    base = alt.Chart(data).encode(x=_x())
    tooltip = [
        alt.Tooltip("label:N", title="Quarter-hour"),
        alt.Tooltip("actual:Q", title=said.COME, format=",.0f"),
        alt.Tooltip("mean:Q", title=said.EXPECTED, format=",.1f"),
        alt.Tooltip("low:Q", title="Band from", format=",.0f"),
        alt.Tooltip("high:Q", title="to", format=",.0f"),
        alt.Tooltip("plan_mean:Q", title=said.PLANNED, format=",.1f"),
    ]
    layers = [
        base.mark_area(color=BLUE, opacity=0.16, interpolate="step-after").encode(y=_y("low"), y2="high:Q"),
        base.mark_line(color=GREY, strokeDash=[5, 4], interpolate="step-after").encode(y=_y("plan_mean")),
        base.mark_line(color=BLUE, strokeWidth=2, interpolate="step-after").encode(y=_y("mean")),
        base.mark_point(color=ORANGE, filled=True, size=30, opacity=1).encode(
            x=_x("middle"), y=_y("actual"), tooltip=tooltip
        ),
        base.mark_rect(opacity=0).encode(x2="ends:T", tooltip=tooltip),
        _now(now, zone),
    ]
    return _titled(layers, said.CONTACTS_TITLE, said.CONTACTS_UNIT.format(zone=zone), said.CONTACTS_ALT)


def agents(staffing: pd.DataFrame, now: datetime, zone: str) -> alt.LayerChart:
    """Required as a line, who was there as an area, who usually is dashed."""
    data = _local(staffing, zone)
    base = alt.Chart(data).encode(x=_x())
    tooltip = [
        alt.Tooltip("label:N", title="Quarter-hour"),
        alt.Tooltip("required:Q", title=said.REQUIRED, format=",.0f"),
        alt.Tooltip("staffed:Q", title=said.STAFFED, format=",.1f"),
        alt.Tooltip("usual:Q", title=said.USUAL, format=",.1f"),
    ]
    layers = [
        base.mark_area(color=GREY, opacity=0.3, interpolate="step-after").encode(y=_y("staffed")),
        base.mark_line(color=GREY, strokeDash=[5, 4], interpolate="step-after").encode(y=_y("usual")),
        base.mark_line(color=BLUE, strokeWidth=2, interpolate="step-after").encode(y=_y("required")),
        base.mark_rect(opacity=0).encode(x2="ends:T", tooltip=tooltip),
        _now(now, zone),
    ]
    return _titled(layers, said.AGENTS_TITLE, said.AGENTS_UNIT.format(zone=zone), said.AGENTS_ALT)


def _local(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Times as the wall shows them: Vega knows no zone but the browser's."""
    local = frame["starts_at"].dt.tz_localize("UTC").dt.tz_convert(ZoneInfo(zone))
    wall = local.dt.tz_localize(None)
    numbers = {name: frame[name].astype("float64") for name in frame.columns if name not in ("site", "starts_at")}
    return pd.DataFrame(
        {
            "starts": wall,
            "middle": wall + pd.Timedelta(minutes=7.5),
            "ends": wall + pd.Timedelta(minutes=15),
            "label": local.dt.strftime("%H:%M %Z"),
            **numbers,
        }
    )


def _x(column: str = "starts") -> alt.X:
    return alt.X(f"{column}:T", title=None, axis=alt.Axis(format="%H:%M", tickCount=8, grid=False))


def _y(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=5, format=",d"))


def _now(now: datetime, zone: str) -> alt.Chart:
    wall = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    rule = alt.Chart(pd.DataFrame({"now": [wall]})).mark_rule(color=INHERITED, strokeWidth=1, opacity=0.6)
    return cast("alt.Chart", rule.encode(x="now:T"))


def _titled(layers: list[alt.Chart], title: str, unit: str, description: str) -> alt.LayerChart:
    params = alt.TitleParams(text=title, subtitle=unit, subtitleColor=INHERITED, anchor="start")
    return cast("alt.LayerChart", alt.layer(*layers)).properties(title=params, height=HEIGHT, description=description)


def legend(name: str) -> None:
    """What the lines mean, in words beside their look: it does not hang on colour."""
    lines = said.CONTACTS_LEGEND if name == "contacts" else said.AGENTS_LEGEND
    st.caption(lines)
