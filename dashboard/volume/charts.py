"""Charts of the Volume page: a frame in, an Altair chart out."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard.charts import CLICKED, INHERITED, SVG
from dashboard.volume import words as said
from dashboard.volume.series import clock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.colours import Style

BLUE, ORANGE = "#2F7BD9", "#D0670C"
HEIGHT = 170
MOST_MARKED = 120
"""Up to so many points a line shows each of them; of several longer ones each shows so many marks."""
MARKS = 20
PADDING = {"left": 0, "top": 0, "right": 6, "bottom": 0}
MOST_TICKS = 8


def interval_lines(
    data: pd.DataFrame,
    column: str,
    grain: str,
    zone: str,
    styles: Mapping[str, Style],
    names: Mapping[str, str],
    *,
    height: int = HEIGHT,
) -> alt.LayerChart:
    """One figure by interval: one line, or one for each site or provider. A click leads by `key` and `line`."""
    lines = sorted(set(data["line"]))
    shown = data.assign(
        value=data[column], value_text=[text.count(value) for value in data[column]],
        name=[names.get(line, line) for line in data["line"]], number=data.groupby("line").cumcount(),
    )  # fmt: skip
    shown = shown[
        ["number", "key", "at", "mid", "until", "label", "line", "name", "value", "value_text", "so_far", "at_end"]
    ]
    colours = [styles[line].colour if line in styles else BLUE for line in lines]
    shapes = [styles[line].shape if line in styles else "circle" for line in lines]
    base = alt.Chart(shown).encode(
        x=_time(data, grain, zone),
        y=_amount("value", shown["value"].max()),
        color=alt.Color("line:N", legend=None, scale=alt.Scale(domain=lines, range=colours)),
    )
    tooltip = [
        *([alt.Tooltip("name:N", title=said.OF)] if len(lines) > 1 else []),
        alt.Tooltip("label:N", title=said.GRAINS[grain]),
        alt.Tooltip("value_text:N", title=said.FIGURES[column]),
    ]
    over = alt.datum.so_far == False  # noqa: E712 - an expression of Vega, not of Python
    layers = [
        base.transform_filter(over).mark_line(strokeWidth=2 if grain != "quarter" else 1.5),
        base.transform_filter(alt.datum.at_end).mark_line(strokeWidth=2, strokeDash=[3, 3]),
    ]
    every = 1 if shown["key"].nunique() <= MOST_MARKED else -(-shown["key"].nunique() // MARKS)
    if every == 1 or len(lines) > 1:
        shape = alt.Shape("line:N", legend=None, scale=alt.Scale(domain=lines, range=shapes))
        marked = base.transform_filter(over & (alt.datum.number % every == 0))
        layers += [
            marked.mark_point(size=34, filled=True, opacity=1).encode(shape=shape),
            base.transform_filter(alt.datum.so_far)
            .mark_point(size=44, filled=False, strokeWidth=2)
            .encode(shape=shape),
        ]
    click = alt.selection_point(name=CLICKED, fields=["key", "line"], clear=False)
    if len(lines) == 1:
        # The whole height answers to the pointer: a thin line is hard to hit.
        target = alt.Chart(shown).mark_rect(opacity=0, cursor="pointer").encode(
            x=_time(data, grain, zone, "at"), x2="until:Q", tooltip=tooltip
        )  # fmt: skip
    else:
        target = base.mark_point(size=220, filled=True, opacity=0, cursor="pointer").encode(tooltip=tooltip)
    layers.append(target.add_params(click))
    title = alt.TitleParams(
        text=said.FIGURES[column], subtitle=said.unit(column, grain, zone), subtitleColor=INHERITED, anchor="start"
    )
    return cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=title, height=height, usermeta=SVG, padding=PADDING,
        description=said.lines_description(column, grain, len(lines), data, zone),
    )  # fmt: skip


def heat(data: pd.DataFrame, zone: str) -> alt.LayerChart:
    """Mean contacts an hour by weekday and hour: darker is more, and the number stands in the cell."""
    shown = data.assign(
        day=[said.WEEKDAYS[int(n) - 1] for n in data["weekday"]],
        hour=[f"{int(hour):02d}" for hour in data["local_hour"]],
        shown=[short(mean) for mean in data["mean"]],
        tip=[said.heat_tip(row) for _, row in data.iterrows()],
    )[["weekday", "day", "hour", "mean", "shown", "tip"]]
    base = alt.Chart(shown).encode(
        x=alt.X("hour:O", title=None, axis=alt.Axis(labelAngle=0, ticks=False, domain=False, labelOverlap="greedy")),
        y=alt.Y(
            "day:O",
            title=None,
            sort=list(said.WEEKDAYS),
            axis=alt.Axis(ticks=False, domain=False, labelFlush=False, labelOverlap=False),
        ),
    )
    most = max(float(shown["mean"].max()), 1e-9)
    cells = base.mark_rect(fill=BLUE, cornerRadius=2).encode(
        fillOpacity=alt.FillOpacity("mean:Q", legend=None, scale=alt.Scale(domain=[0, most], range=[0.03, 0.62])),
    )
    # On top, or the numbers would take the clicks.
    target = base.mark_rect(opacity=0, cursor="pointer").encode(
        tooltip=[alt.Tooltip("day:N", title=said.WEEKDAY), alt.Tooltip("tip:N", title=said.MEAN)]
    )
    numbers = base.mark_text(fontSize=11, fill=INHERITED).encode(text="shown:N")
    click = alt.selection_point(name=CLICKED, fields=["weekday", "hour"], clear=False)
    return _finished(
        [cells, numbers, target.add_params(click)], said.HEAT, said.heat_units(zone), 34 * shown["day"].nunique(),
        said.heat_description(data, zone),
    )  # fmt: skip


def campaigns(data: pd.DataFrame) -> alt.LayerChart:
    """Offered contacts of each week: steady ones, and on top those of campaigns with their share."""
    kinds = [said.STEADY, said.CAMPAIGN]
    weeks = data.assign(
        key=[start.isoformat() for start in data["week_start"]],
        shown=[text.share(share) if share and share >= 0.0005 else "" for share in data["campaign_share"]],
        share_text=[text.share(share) for share in data["campaign_share"]],
        steady_text=[text.count(value) for value in data["steady"]],
        campaign_text=[text.count(value) for value in data["campaign_offered"]],
    )[["key", "label", "offered", "steady", "campaign_offered", "shown", "share_text", "steady_text", "campaign_text"]]
    stacked = pd.concat(
        [
            weeks[["key"]].assign(kind=kind, order=order, value=weeks[column])
            for order, (kind, column) in enumerate(zip(kinds, ("steady", "campaign_offered"), strict=True))
        ]
    )
    x = _days(list(weeks["key"]))
    wide: dict[str, Any] = {"size": 56} if len(weeks) < 7 else {}
    colour = alt.Color(
        "kind:N", title=None, scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE]), legend=_legend(symbolType="square")
    )
    bars = alt.Chart(stacked).mark_bar(**wide).encode(
        x=x, y=_amount("value", weeks["offered"].max()), color=colour, order="order:Q",
        fillOpacity=alt.FillOpacity("kind:N", legend=None, scale=alt.Scale(domain=kinds, range=[0.45, 1])),
    )  # fmt: skip
    top = alt.Chart(weeks).mark_text(dy=-7, fontSize=11, fill=INHERITED).encode(x=x, y="offered:Q", text="shown:N")
    target = alt.Chart(weeks).mark_rect(opacity=0, cursor="pointer").encode(
        x=x,
        tooltip=[
            alt.Tooltip("label:N", title=said.GRAINS["week"]), alt.Tooltip("steady_text:N", title=said.STEADY),
            alt.Tooltip("campaign_text:N", title=said.CAMPAIGN),
            alt.Tooltip("share_text:N", title=said.CAMPAIGN_SHARE),
        ],
    )  # fmt: skip
    click = alt.selection_point(name=CLICKED, fields=["key"], clear=False)
    layers = [bars, top, target.add_params(click)]
    return _finished(layers, said.CAMPAIGNS, said.CAMPAIGN_UNITS, 230, said.campaigns_description(data))


def backlog_by_day(data: pd.DataFrame) -> alt.LayerChart:
    """The most that was open at once on each day, and what was left at its end."""
    kinds = [said.MOST, said.AT_END]
    days = data.assign(
        key=[day.isoformat() for day in data["date"]],
        label=[f"{day:%a} {text.day(day)}" for day in data["date"]],
        most_text=[text.count(value) for value in data["most"]],
        end_text=[text.count(value) for value in data["at_end"]],
    )[["key", "label", "most", "at_end", "most_text", "end_text"]]
    long = pd.concat(
        [
            days[["key"]].assign(kind=kind, value=days[column])
            for kind, column in zip(kinds, ("most", "at_end"), strict=True)
        ]
    )
    x = _days(list(days["key"]), gap=0)
    legend = _legend(symbolType="stroke", symbolSize=300, symbolStrokeWidth=2)
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE]), legend=legend)
    dash = alt.StrokeDash("kind:N", title=None, scale=alt.Scale(domain=kinds, range=[[1, 0], [5, 3]]), legend=legend)
    line = alt.Chart(long).mark_line(strokeWidth=2).encode(
        x=x, y=_amount("value", long["value"].max()), color=colour, strokeDash=dash
    )  # fmt: skip
    target = alt.Chart(days).mark_rect(opacity=0, cursor="pointer").encode(
        x=x,
        tooltip=[
            alt.Tooltip("label:N", title=said.GRAINS["day"]), alt.Tooltip("most_text:N", title=said.MOST),
            alt.Tooltip("end_text:N", title=said.AT_END),
        ],
    )  # fmt: skip
    click = alt.selection_point(name=CLICKED, fields=["key"], clear=False)
    return _finished(
        [line, target.add_params(click)], said.BACKLOG, said.BACKLOG_DAYS, 210, said.backlog_description(data)
    )


def backlog_by_quarter(data: pd.DataFrame, zone: str) -> alt.LayerChart:
    """What was open at the end of each quarter-hour."""
    shown = data.assign(value_text=[text.count(value) for value in data["open"]])
    shown = shown[["key", "at", "mid", "until", "label", "open", "value_text"]]
    y = _amount("open", shown["open"].max())
    # A backlog stays what it is until it changes: steps, drawn where the quarter-hour ends.
    line = alt.Chart(shown).mark_line(interpolate="step-before", strokeWidth=1.5, color=BLUE).encode(
        x=_time(shown, "quarter", zone, "until"), y=y
    )  # fmt: skip
    target = alt.Chart(shown).mark_rect(opacity=0, cursor="pointer").encode(
        x=_time(shown, "quarter", zone, "at"), x2="until:Q",
        tooltip=[alt.Tooltip("label:N", title=said.GRAINS["quarter"]), alt.Tooltip("value_text:N", title=said.OPEN)],
    )  # fmt: skip
    click = alt.selection_point(name=CLICKED, fields=["key"], clear=False)
    units = said.backlog_quarters(zone)
    return _finished([line, target.add_params(click)], said.BACKLOG, units, 210, said.backlog_description(data))


def ticks(data: pd.DataFrame, grain: str, zone: str) -> dict[int, str]:
    """Labels of a time axis by minute of UTC: days, weeks, or the hours of one day in the reporting zone."""
    grid = data.drop_duplicates("key")
    if grain != "quarter":
        rows = [(round(mid), date.fromisoformat(key)) for mid, key in zip(grid["mid"], grid["key"], strict=True)]
        mondays = [row for row in rows if row[1].weekday() == 0]
        rows = mondays if len(rows) > MOST_TICKS and len(mondays) > 1 else rows
        step = -(-len(rows) // MOST_TICKS)
        return {mid: f"{day.day} {day:%b}" for mid, day in rows[::-1][:: max(1, step)][::-1]}
    found: dict[int, str] = {}
    starts = [datetime.fromtimestamp(60 * at, UTC) for at in grid["at"]]
    local = [at.astimezone(ZoneInfo(zone)) for at in starts]
    one_day = len({at.date() for at in local}) <= 2
    for at, here in zip(starts, local, strict=True):
        if here.minute == 0 and here.hour % 3 == 0 and one_day:
            found[round(at.timestamp() / 60)] = clock(at, zone)
        elif here.hour == here.minute == 0:
            found[round(at.timestamp() / 60)] = f"{here:%a} {here.day} {here:%b}"
    return found


def short(value: float | None) -> str:
    """A number that fits a small cell: `0.4`, `62`, `1.2k`."""
    if value is None or text.is_missing(value):
        return ""
    if value == 0:
        return "0"
    if value < 10:
        return f"{value:.1f}" if value >= 0.05 else "< 0.1"
    return f"{value:.0f}" if value < 999.5 else f"{value / 1000:.1f}k"


def _time(data: pd.DataFrame, grain: str, zone: str, field: str = "mid") -> alt.X:
    labels = ticks(data, grain, zone)
    by_minute = json.dumps({str(minute): label for minute, label in labels.items()})
    return alt.X(
        f"{field}:Q",
        title=None,
        scale=alt.Scale(domain=[float(data["at"].min()), float(data["until"].max())], nice=False, zero=False),
        axis=alt.Axis(
            values=list(labels), labelExpr=f"{by_minute}[format(datum.value, 'd')]", labelAngle=0,
            labelOverlap="greedy", grid=grain == "quarter", labelFlush=False,
        ),
    )  # fmt: skip


def _days(days: Sequence[str], gap: float = 0.2) -> alt.X:
    mondays = [day for day in days if date.fromisoformat(day).weekday() == 0] or list(days)
    step = -(-len(mondays) // MOST_TICKS)
    axis = alt.Axis(
        values=mondays[::-1][::step][::-1], labelAngle=0, labelExpr="utcFormat(toDate(datum.value), '%-d %b')",
        labelOverlap="greedy", grid=False,
    )  # fmt: skip
    # Bands for lines too, as their targets are rectangles.
    return alt.X("key:O", title=None, axis=axis, scale=alt.Scale(type="band", paddingInner=gap))


def _amount(field: str, most: float) -> alt.Y:
    # Nothing at all must not make an axis without numbers.
    scale = alt.Scale(zero=True, nice=True) if most > 0 else alt.Scale(domain=[0, 1])
    return alt.Y(
        f"{field}:Q", title=None, scale=scale, axis=alt.Axis(format=",d", tickCount=4 if most > 0 else 1, tickMinStep=1)
    )


def _legend(**more: Any) -> alt.Legend:
    given: dict[str, Any] = {"orient": "bottom", "labelColor": INHERITED, "labelLimit": 0, "symbolStrokeWidth": 0}
    return alt.Legend(**(given | more))


def _finished(layers: list[alt.Chart], title: str, units: str, height: float, description: str) -> alt.LayerChart:
    params = alt.TitleParams(text=title, subtitle=units, subtitleColor=INHERITED, anchor="start")
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=params, height=height, usermeta=SVG, padding=PADDING, description=description
    )
    return cast("alt.LayerChart", layered.configure_view(stroke=None))
