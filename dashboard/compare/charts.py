"""Charts of the Compare page: lines over the weeks with their usual range, and differences with their intervals."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard import words as common
from dashboard.charts import CLICKED, HEIGHT, INHERITED, MOST_TICKS, SVG, is_so_far
from dashboard.compare import fair_words, words
from dashboard.figures import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.colours import Style
    from dashboard.compare.differences import Difference
    from dashboard.compare.signals import Collapsed
    from dashboard.compare.units import Units
    from dashboard.compare.watched import Watched
    from models.metrics.metric import Metric

ROW = 30
FRAME = 100
"""Room for a chart's title and axis: the page fits the whole of it into the height."""
NAME_WIDTH = 110


def week_frame(lines: Sequence[Watched], units: Units, first: date, today: date) -> pd.DataFrame:
    """One row per unit and week in view; a week without data is a gap."""
    rows = []
    for line in lines:
        chart, signalled = line.chart, {alarm.index for alarm in line.alarms}
        weeks = [point.at for point in line.points]
        last_over = max((week for week in weeks if not is_so_far(week, today)), default=None)
        any_open = any(is_so_far(week, today) for week in weeks)
        for index, point in enumerate(line.points):
            if point.at < first:
                continue
            so_far = is_so_far(point.at, today)
            rows.append(
                {
                    "unit": line.unit,
                    "name": units.called(line.unit),
                    "week": point.at.isoformat(),
                    "week_text": text.week_days(point.at) + (f" ({common.SO_FAR})" if so_far else ""),
                    "value": shown.scaled(line.metric, point.value),
                    "value_text": shown.value(line.metric, point.value),
                    "n": point.n,
                    "low": shown.scaled(line.metric, chart.lower[index]),
                    "high": shown.scaled(line.metric, chart.upper[index]),
                    "centre": None if chart.lower[index] is None else shown.scaled(line.metric, chart.centre),
                    "so_far": so_far,
                    "at_end": so_far or (any_open and point.at == last_over),
                    "signal": index in signalled,
                    "has_signal": bool(signalled),
                    "said": "outside its usual range" if index in signalled else "–",
                }
            )
    columns = {"value": "float64", "low": "float64", "high": "float64", "centre": "float64"}
    return pd.DataFrame(rows).astype(columns) if rows else pd.DataFrame()


def week_lines(
    data: pd.DataFrame,
    metric: Metric,
    styles: Mapping[str, Style],
    days: Sequence[Collapsed],
    *,
    height: int = HEIGHT,
    most_ticks: int = MOST_TICKS,
    band: bool = False,
    title: bool = True,
) -> alt.LayerChart:
    """One line per unit; signals ringed; the usual range of those that left it, or a band for one unit alone."""
    units = sorted(set(data["unit"]))
    weeks = sorted(set(data["week"]))
    years = len({week[:4] for week in weeks}) > 1
    step = -(-len(weeks) // most_ticks)
    axis = alt.Axis(
        values=weeks[::-1][::step][::-1], labelAngle=0, grid=False, labelOverlap="greedy",
        labelExpr=f"utcFormat(toDate(datum.value), '{'%-d %b %y' if years else '%-d %b'}')",
    )  # fmt: skip
    scale = alt.Scale(domain=units, range=[styles[unit].colour for unit in units])
    y = alt.Y(
        "value:Q", title=None, scale=alt.Scale(zero=_from_zero(metric), nice=True),
        axis=alt.Axis(format=_axis_format(metric, data), tickCount=4),
    )  # fmt: skip
    base = alt.Chart(data).encode(
        x=alt.X("week:O", title=None, axis=axis, scale=alt.Scale(domain=weeks)),
        y=y,
        color=alt.Color("unit:N", legend=None, scale=scale),
    )
    shape = alt.Shape(
        "unit:N", legend=None, scale=alt.Scale(domain=units, range=[styles[unit].shape for unit in units])
    )
    over = alt.datum.so_far == False  # noqa: E712 - an expression of Vega, not of Python
    layers: list[Any] = []
    if band:
        limits = base.transform_filter("isValid(datum.low)")
        layers += [
            limits.mark_area(opacity=0.10, interpolate="step").encode(y=alt.Y("low:Q", title=None), y2="high:Q"),
            limits.mark_line(strokeWidth=1, opacity=0.7).encode(y="centre:Q"),
        ]
    else:
        limits = base.transform_filter("datum.has_signal && isValid(datum.low)")
        layers += [
            limits.mark_line(strokeWidth=1, strokeDash=[4, 4], opacity=0.8).encode(y=alt.Y(column))
            for column in ("low:Q", "high:Q")
        ]
    if marked := _marked_weeks(days, weeks):
        layers.append(
            alt.Chart(pd.DataFrame({"week": marked}))
            .mark_rule(strokeDash=[1, 3], strokeWidth=1.5, color=INHERITED, opacity=0.7)
            .encode(x="week:O")
        )
    layers += [
        base.transform_filter(over).mark_line(strokeWidth=2),
        base.transform_filter(alt.datum.at_end).mark_line(strokeWidth=2, strokeDash=[3, 3]),
        base.transform_filter(over).mark_point(size=40, filled=True, opacity=1).encode(shape=shape),
        base.transform_filter(alt.datum.so_far)
        .mark_point(size=50, filled=False, strokeWidth=2, opacity=1)
        .encode(shape=shape),
        base.transform_filter(alt.datum.signal).mark_point(
            size=210, filled=False, strokeWidth=1.6, opacity=0.9, stroke=INHERITED
        ),
        base.mark_point(size=320, filled=True, opacity=0, cursor="pointer")
        .encode(
            tooltip=[
                alt.Tooltip("name:N", title="Site or provider"),
                alt.Tooltip("week_text:N", title=words.WEEK),
                alt.Tooltip("value_text:N", title=metric.label),
                alt.Tooltip("n:Q", title="n", format=",d"),
                alt.Tooltip("said:N", title="Signal"),
            ]
        )
        .add_params(alt.selection_point(name=CLICKED, fields=["unit", "week"], clear=False)),
    ]
    heading = alt.TitleParams(
        text=metric.label if title else "", subtitle=shown.UNITS[metric.unit] if title else "",
        subtitleColor=INHERITED, anchor="start", offset=10,
    )  # fmt: skip
    return cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=heading,
        height=height,
        usermeta=SVG,
        padding={"left": 0, "top": 0, "right": 4, "bottom": 0},
        description=words.chart_description(
            metric, len(units), date.fromisoformat(weeks[0]), date.fromisoformat(weeks[-1])
        ),
    )


def forest(found: Sequence[Difference], units: Units, metric: Metric) -> alt.LayerChart:
    """Differences of one outcome: like for like with its interval, and the plain one, one row per pair."""
    rows = [
        {
            "pair": f"{units.called(one.one)} − {units.within(one.other)}",
            "difference": shown.scaled(metric, one.result.difference),
            "low": shown.scaled(metric, one.result.interval.low if one.result.interval else None),
            "high": shown.scaled(metric, one.result.interval.high if one.result.interval else None),
            "crude": shown.scaled(metric, one.result.crude_difference),
            "said": words.verdict(one),
            "change": shown.change(metric, one.result.difference),
            "plain": shown.change(metric, one.result.crude_difference),
        }
        for one in found
    ]
    numbers = {"difference": "float64", "low": "float64", "high": "float64", "crude": "float64"}
    data = pd.DataFrame(rows).astype(numbers)
    margin = shown.scaled(metric, found[0].margin) or 0.0
    unit = "percentage points" if metric.unit == "share" else shown.UNITS[metric.unit]
    y = alt.Y(
        "pair:N", title=None, sort=list(data["pair"]),
        axis=alt.Axis(labelLimit=NAME_WIDTH + 60, labelOverlap=False, ticks=False, domain=False),
    )  # fmt: skip
    tooltip = [
        alt.Tooltip("pair:N", title="Difference"),
        alt.Tooltip("said:N", title="Like for like"),
        alt.Tooltip("change:N", title="On the same mix"),
        alt.Tooltip("plain:N", title="Plain"),
    ]
    base = alt.Chart(data).encode(y=y)
    x = alt.X("difference:Q", title=fair_words.way(metric), axis=alt.Axis(tickCount=5, format="+,.0f", grid=True))
    told = base.transform_filter("isValid(datum.difference)")
    area = pd.DataFrame({"low": [-margin], "high": [margin], "zero": [0.0]})
    layers = [
        alt.Chart(area).mark_rect(opacity=0.10, color=INHERITED, fill=INHERITED).encode(x="low:Q", x2="high:Q"),
        alt.Chart(area).mark_rule(color=INHERITED, opacity=0.6).encode(x="zero:Q"),
        base.mark_point(size=60, filled=False, strokeWidth=1.5, color=INHERITED, opacity=0.7).encode(
            x=alt.X("crude:Q", title=None), tooltip=tooltip
        ),
        told.mark_rule(strokeWidth=2.5, color="#2F7BD9").encode(x=alt.X("low:Q", title=None), x2="high:Q"),
        told.mark_point(size=70, filled=True, color="#2F7BD9", opacity=1).encode(x=x, tooltip=tooltip),
    ]
    return cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=alt.TitleParams(text=metric.label, subtitle=unit, subtitleColor=INHERITED, anchor="start", offset=6),
        height=ROW * len(rows) + FRAME,
        usermeta=SVG,
        padding={"left": 0, "top": 0, "right": 4, "bottom": 0},
        description=f"Differences of {metric.label}, {len(rows)} pairs, with intervals.",
    )


def _marked_weeks(days: Sequence[Collapsed], weeks: Sequence[str]) -> list[str]:
    starts = {date.fromordinal(one.day.toordinal() - one.day.weekday()).isoformat() for one in days}
    return sorted(starts & set(weeks))


def _from_zero(metric: Metric) -> bool:
    return metric.unit == "contacts" or metric.name in (
        "abandonment_rate",
        "transfer_rate",
        "average_speed_of_answer_s",
    )


def _axis_format(metric: Metric, data: pd.DataFrame) -> str:
    values = data["value"]
    spread = float(values.max() - values.min()) if values.notna().any() else 1.0
    if metric.unit in ("share", "points"):
        return ",.0f" if spread > 3 else ",.1f"
    return ",.0f" if spread > 3 or metric.unit == "contacts" else ",.2f"
