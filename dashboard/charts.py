"""Charts: a frame in, an Altair chart out. Colours of text and background come from Streamlit's theme."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.colours import Style
    from dashboard.measures import Measure

HEIGHT = 190
MOST_TICKS = 6
LEGEND_WIDTH = 700
INHERITED = "currentColor"
"""The page's text colour, light or dark; needs the SVG renderer."""
SVG = {"embedOptions": {"renderer": "svg"}}
LEGEND_NAME_WIDTH = 220
CLICKED = "clicked"
"""Site and week of the point somebody clicked."""


def week_lines(
    frame: pd.DataFrame,
    measure: Measure,
    styles: Mapping[str, Style],
    names: Mapping[str, str],
    today: date,
    *,
    height: int = HEIGHT,
    most_ticks: int = MOST_TICKS,
) -> alt.LayerChart:
    """One line per site; a week without data is a gap, the week not over is dashed and hollow."""
    data = complete_weeks(frame, measure, names, today)
    sites = sorted(set(data["site"]))
    weeks = sorted(set(data["week"]))
    starts = [date.fromisoformat(week) for week in weeks]
    years = len({start.year for start in starts}) > 1
    encoding = {
        "x": alt.X(
            "week:O",
            title=None,
            axis=alt.Axis(
                values=_ticks(weeks, most_ticks),
                labelAngle=0,
                labelExpr=f"utcFormat(toDate(datum.value), '{'%-d %b %y' if years else '%-d %b'}')",
                labelOverlap="greedy",
                grid=False,
            ),
        ),
        "y": alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(zero=measure.from_zero, nice=True),
            axis=alt.Axis(format=_axis_format(measure, data["value"]), tickCount=4),
        ),
        "color": _site_scale(alt.Color, sites, [styles[site].colour for site in sites]),
    }
    shape = _site_scale(alt.Shape, sites, [styles[site].shape for site in sites])
    base = alt.Chart(data).encode(**encoding)
    over = alt.datum.so_far == False  # noqa: E712 - an expression of Vega, not of Python
    tooltip = [
        alt.Tooltip("name:N", title="Site"),
        alt.Tooltip("week_text:N", title="Week"),
        alt.Tooltip("value_text:N", title=measure.label),
    ]
    if measure.n:
        tooltip.append(alt.Tooltip("n:Q", title="n", format=",d"))
    layers = [
        base.transform_filter(over).mark_line(strokeWidth=2),
        base.transform_filter(alt.datum.at_end).mark_line(strokeWidth=2, strokeDash=[3, 3]),
        base.transform_filter(over).mark_point(size=46, filled=True, opacity=1).encode(shape=shape),
        base.transform_filter(alt.datum.so_far)
        .mark_point(size=54, filled=False, strokeWidth=2, opacity=1)
        .encode(shape=shape),
        base.mark_point(size=320, filled=True, opacity=0, cursor="pointer")
        .encode(tooltip=tooltip)
        .add_params(alt.selection_point(name=CLICKED, fields=["site", "week"], clear=False)),
    ]
    title = alt.TitleParams(
        text=measure.label, subtitle=measure.unit_text, subtitleColor=INHERITED, anchor="start", offset=10
    )
    layered = cast("alt.LayerChart", alt.layer(*layers))
    return layered.properties(
        title=title,
        height=height,
        usermeta=SVG,
        padding={"left": 0, "top": 0, "right": 4, "bottom": 0},
        description=words.chart_description(measure, len(sites), starts[0], starts[-1]),
    )


def complete_weeks(frame: pd.DataFrame, measure: Measure, names: Mapping[str, str], today: date) -> pd.DataFrame:
    """One row per site and week of the range, so that a missing week is a gap and not a straight line."""
    starts = pd.to_datetime(frame["week_start"])
    weeks = pd.date_range(starts.min(), starts.max(), freq="7D")
    sites = sorted(set(frame["site"]))
    index = pd.MultiIndex.from_product([sites, weeks], names=["site", "week_start"])
    columns = [measure.column] + ([measure.n] if measure.n and measure.n != measure.column else [])
    full = frame.assign(week_start=starts).set_index(["site", "week_start"])[columns].reindex(index).reset_index()
    days = [stamp.date() for stamp in full["week_start"]]
    so_far = [is_so_far(start, today) for start in days]
    values = [None if text.is_missing(value) else float(value) for value in full[measure.column]]
    last_over = max((start for start, open_ in zip(days, so_far, strict=True) if not open_), default=None)
    open_weeks = any(so_far)
    return pd.DataFrame(
        {
            "site": full["site"].astype(object),
            "name": [names.get(site, site) for site in full["site"]],
            "week": [start.isoformat() for start in days],
            "week_text": [
                text.week_days(start) + (f" ({words.SO_FAR})" if open_ else "")
                for start, open_ in zip(days, so_far, strict=True)
            ],
            "value": pd.Series(values, dtype="float64"),
            "value_text": [measure.show(value) for value in values],
            "n": pd.Series(full[measure.n], dtype="float64").fillna(0) if measure.n else 0.0,
            "so_far": so_far,
            "at_end": [open_ or (open_weeks and start == last_over) for start, open_ in zip(days, so_far, strict=True)],
        }
    )


def is_so_far(week_start: date, today: date) -> bool:
    """Whether the week is not over on this day."""
    return week_start + timedelta(days=7) > today


def legend(sites: list[str], styles: Mapping[str, Style], names: Mapping[str, str]) -> alt.LayerChart:
    """Colour, shape and name of each site, once for all charts of the page. Laid out in pixels."""
    rows, x, y = [], 8.0, 12.0
    for site in sites:
        name = names.get(site, site)
        width = min(LEGEND_NAME_WIDTH, 8.0 * len(name)) + 40
        if x > 8 and x + width > LEGEND_WIDTH:
            x, y = 8.0, y + 22
        rows.append({"site": site, "name": name, "x": x, "y": y})
        x += width
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X("x:Q", scale=None, axis=None), y=alt.Y("y:Q", scale=None, axis=None)
    )
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        color=_site_scale(alt.Color, sites, [styles[site].colour for site in sites]),
        shape=_site_scale(alt.Shape, sites, [styles[site].shape for site in sites]),
    )
    labels = base.mark_text(
        align="left", baseline="middle", dx=11, fontSize=13, limit=LEGEND_NAME_WIDTH, fill=INHERITED
    ).encode(text="name:N")
    layered = cast("alt.LayerChart", alt.layer(points, labels)).properties(
        width=LEGEND_WIDTH if y > 12 else int(x),
        height=y + 12,
        padding=0,
        usermeta=SVG,
        title="",
        description=f"Colour and shape of {len(sites)} sites.",
    )
    return cast("alt.LayerChart", layered.configure_view(stroke=None))


def _site_scale(channel: type[alt.Color] | type[alt.Shape], sites: list[str], values: list[str]) -> Any:
    return channel("site:N", legend=None, scale=alt.Scale(domain=sites, range=values))


def _ticks(weeks: list[str], most: int) -> list[str]:
    # Counted from the newest week back, so that the week people look at first is always labelled.
    step = -(-len(weeks) // most)
    return weeks[::-1][::step][::-1]


def _axis_format(measure: Measure, values: pd.Series[float]) -> str:
    if measure.unit == "share":
        spread = float(values.max() - values.min()) if values.notna().any() else 1.0
        return ".0%" if spread > 0.03 else ".1%"
    return ",d" if measure.unit == "contacts" else ",.0f"
