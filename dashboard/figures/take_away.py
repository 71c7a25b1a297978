"""Tables as CSV and Parquet, charts as PNG and SVG: what is shown, with plain numbers, made when it is asked for."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Collection

    import altair as alt

    Chart: TypeAlias = "alt.TopLevelMixin | dict[str, Any]"

PNG_SCALE = 2.0
WIDTH = 640
HEIGHT = 240
INK, FAINT, PAPER = "#1B1F27", "#5B6472", "#FFFFFF"
FONT = "sans-serif"
"""The one family the converter always has; a name it does not know, even first in a list, leaves all text out."""
THEME: dict[str, Any] = {
    "font": FONT,
    "title": {"color": INK, "fontSize": 15, "fontWeight": 600, "subtitleFontSize": 12, "subtitleColor": INK},
    "axis": {
        "labelColor": FAINT,
        "titleColor": FAINT,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "gridColor": "#E3E6EC",
        "domainColor": "#C9CED8",
        "tickColor": "#C9CED8",
        "tickCount": 5,
    },
    "legend": {"labelColor": INK, "titleColor": FAINT, "labelFontSize": 12, "titleFontWeight": 400},
    "view": {"stroke": None},
    "text": {"color": INK},
}
"""How a chart looks on paper, where no page lends it fonts and colours."""
_ATTEMPTS = 20
_WHOLE = ("$schema", "config", "usermeta", "padding", "autosize", "background", "datasets", "params", "description")
_APART = {"scale": dict.fromkeys(("x", "y", "color", "shape", "strokeDash"), "independent")}


def csv(frame: pd.DataFrame, simulated: Collection[str]) -> bytes:
    """Rows as they are: UTC instants in ISO 8601, lists left out, and whether a simulator made each."""
    out = pd.DataFrame(index=frame.index)
    for column in frame.columns:
        values = frame[column]
        if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
            out[column] = values.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        elif any(isinstance(value, Sequence | np.ndarray) and not isinstance(value, str) for value in values):
            continue
        else:
            out[column] = [_cell(value) if isinstance(value, str) else value for value in values]
    if "site" in frame:
        out["simulated"] = frame["site"].isin(list(simulated))
    return out.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _cell(value: str) -> str:
    # A spreadsheet runs a cell that begins like a formula; the apostrophe makes it text again.
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def csv_name(what: str, frame: pd.DataFrame, simulated: Collection[str]) -> str:
    """The name of such a file; it says so when it holds simulated sites."""
    demo = bool(simulated) and ("site" not in frame or frame["site"].isin(list(simulated)).any())
    return f"backstop-{what}{'-demo' if demo else ''}.csv"


def parquet(frame: pd.DataFrame) -> bytes:
    """The rows as a Parquet file."""
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


def spec(chart: Chart) -> dict[str, Any]:
    """The chart as Vega-Lite with its data in it; a chart that is one already, as it is.

    While another viewer's chart is sent, Streamlit has Altair name data instead of holding it, for all threads: then
    again. Not validated, which takes longer than all else: tests do.
    """
    import altair as alt

    if isinstance(chart, dict):
        return chart
    for _ in range(_ATTEMPTS):
        with alt.data_transformers.enable("default", max_rows=None):
            found: dict[str, Any] = chart.to_dict(validate=False)
        if _named(found) <= set(found.get("datasets", {})):
            return found
        time.sleep(0.02)
    raise RuntimeError("the chart's data was not put into it")


def svg(chart: Chart, theme: dict[str, Any] | None = None, legend: Chart | None = None) -> str:
    """The chart as SVG on white, with its data in it and nothing fetched."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(on_white(chart, theme, legend), allowed_base_urls=[]))


def png(chart: Chart, legend: Chart | None = None) -> bytes:
    """The chart as PNG on white, twice as fine as a screen."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(on_white(chart, legend=legend), scale=PNG_SCALE, allowed_base_urls=[]))


def on_white(chart: Chart, theme: dict[str, Any] | None = None, legend: Chart | None = None) -> dict[str, Any]:
    """The chart's Vega-Lite for paper: dark text, a size of its own, room around it; above it the page's legend."""
    # The page lends its text colour; on paper there is none to lend.
    paper: dict[str, Any] = _replaced(spec(chart), "currentColor", INK)
    if "width" not in paper and not {"hconcat", "vconcat", "concat", "facet", "repeat"} & set(paper):
        paper["width"] = WIDTH
    if legend is not None:
        paper = _stacked(_replaced(spec(legend), "currentColor", INK), paper)
    paper["datasets"] = {
        name: [{key: _plain(value) for key, value in row.items()} for row in rows]
        for name, rows in paper.get("datasets", {}).items()
    }
    paper["background"] = PAPER
    paper["padding"] = 14
    if not paper.get("title"):
        paper.pop("title", None)
    paper["autosize"] = {"type": "pad"}
    paper["config"] = _merged(THEME, theme or {}, paper.get("config", {}))
    return paper


def _stacked(above: dict[str, Any], below: dict[str, Any]) -> dict[str, Any]:
    """Two charts as one; what only a whole chart has is the lower one's."""
    parts = [{name: value for name, value in each.items() if name not in _WHOLE} for each in (above, below)]
    if not parts[0].get("title"):
        parts[0].pop("title", None)
    whole = {name: below[name] for name in _WHOLE if name in below}
    datasets = {**above.get("datasets", {}), **below.get("datasets", {})}
    return {**whole, "datasets": datasets, "vconcat": parts, "spacing": 12, "resolve": _APART}


def _plain(value: Any) -> Any:
    """A value of the data as JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, date) else value


def _named(node: Any) -> set[str]:
    """Names of data used anywhere in a chart."""
    if isinstance(node, dict):
        data = node.get("data")
        own = {data["name"]} if isinstance(data, dict) and set(data) == {"name"} else set()
        return own.union(*(_named(value) for name, value in node.items() if name != "datasets"))
    return set().union(*(_named(value) for value in node)) if isinstance(node, list) else set()


def _merged(*themes: dict[str, Any]) -> dict[str, Any]:
    """Themes on top of each other, the last one wins."""
    out: dict[str, Any] = {}
    for theme in themes:
        for name, value in theme.items():
            below = out.get(name)
            out[name] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return out


def _replaced(node: Any, old: str, new: str, *, at_top: bool = True) -> Any:
    if isinstance(node, dict):
        # What users made up stands in the data, and stays as it is.
        return {
            key: value if at_top and key == "datasets" else _replaced(value, old, new, at_top=False)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_replaced(value, old, new, at_top=False) for value in node]
    return new if node == old else node


def table_buttons(frame: pd.DataFrame, name: str, simulated: Collection[str], *, key: str) -> None:
    """Two buttons that hand out a table as CSV and as Parquet."""
    file = csv_name(name, frame, simulated).removesuffix(".csv")
    with st.container(horizontal=True, gap="small", key=f"take-{key}"):
        st.download_button(
            words.DOWNLOAD,
            lambda: csv(frame, simulated),
            f"{file}.csv",
            "text/csv",
            icon=":material/download:",
            type="tertiary",
            key=f"csv-{key}",
            on_click="ignore",
        )
        st.download_button(
            words.DOWNLOAD_PARQUET,
            lambda: parquet(frame),
            f"{file}.parquet",
            "application/vnd.apache.parquet",
            icon=":material/download:",
            type="tertiary",
            key=f"parquet-{key}",
            on_click="ignore",
        )


def chart_buttons(chart: Chart, name: str, *, demo: bool, key: str, legend: Chart | None = None) -> None:
    """A small menu that hands out a chart as PNG and as SVG, with the page's legend where it has none of its own."""
    file = f"backstop-{name}{'-demo' if demo else ''}"
    with st.popover(words.CHART_AS, icon=":material/download:", type="tertiary", key=f"chart-as-{key}"):
        st.download_button(
            "PNG", lambda: png(chart, legend), f"{file}.png", "image/png", key=f"png-{key}", on_click="ignore"
        )
        st.download_button(
            "SVG",
            lambda: svg(chart, legend=legend).encode(),
            f"{file}.svg",
            "image/svg+xml",
            key=f"svg-{key}",
            on_click="ignore",
        )
