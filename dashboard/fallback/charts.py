"""Charts of the Fallback page's evidence: a frame in, an Altair chart out. Not those of money and the drill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from dashboard.charts import INHERITED, SVG

if TYPE_CHECKING:
    from collections.abc import Sequence

BLUE, ORANGE, GREEN, RED, GREY = "#2F7BD9", "#D0670C", "#17936A", "#DB4361", "#7A8594"
HEIGHT = 300
ROW, HEAD = 26, 90
"""Height of a row of marks, and of the title and the weeks around them."""
PADDING = {"left": 0, "top": 0, "right": 6, "bottom": 0}
LABEL_WIDTH = 310
OPEN, DASHED, DOTTED = [1, 0], [6, 4], [2, 3]


def marks(data: pd.DataFrame, rows: Sequence[str], looks: dict[str, str], told: tuple[str, str]) -> alt.LayerChart:
    """Marks by week, one row each for the standing and every criterion.

    data: week (text), row, mark (what is written), state (a key of `looks`, which says its colour), tip. told: title,
    description.
    """
    weeks = list(dict.fromkeys(data["week"]))
    base = alt.Chart(data).encode(
        x=alt.X("week:O", sort=weeks, title=None, axis=alt.Axis(labelAngle=-40, ticks=False, domain=False)),
        y=alt.Y(
            "row:N", sort=list(rows), title=None,
            axis=alt.Axis(labelLimit=LABEL_WIDTH, ticks=False, domain=False, labelPadding=8),
        ),
        tooltip=[
            alt.Tooltip("week:N", title="Week"), alt.Tooltip("row:N", title="What"), alt.Tooltip("tip:N", title="Seen"),
        ],
    )  # fmt: skip
    colour = alt.Color("state:N", legend=None, scale=alt.Scale(domain=list(looks), range=list(looks.values())))
    layers = [
        base.mark_rect(opacity=0.22, stroke=INHERITED, strokeOpacity=0.12).encode(color=colour),
        base.mark_text(fontSize=13, fontWeight="bold", fill=INHERITED).encode(text="mark:N"),
    ]
    return _titled(layers, told[0], "", told[1], height=ROW * len(rows) + HEAD)


def expected(data: pd.DataFrame, told: tuple[str, str, str]) -> alt.LayerChart:
    """Contacts by quarter-hour with their band. data: `quarter`s columns, value, low, high. told: title, unit, alt."""
    base = alt.Chart(data).encode(x=_x(data))
    steps = alt.Chart(_closed(data)).encode(x=_x(data))
    tooltip = [
        alt.Tooltip("label:N", title="Quarter-hour"),
        alt.Tooltip("value:Q", title="Expected", format=",.1f"),
        alt.Tooltip("low:Q", title="Band from", format=",.1f"),
        alt.Tooltip("high:Q", title="to", format=",.1f"),
    ]
    layers = [
        steps.mark_area(color=BLUE, opacity=0.18, interpolate="step-after").encode(y=_y("low"), y2="high:Q"),
        steps.mark_line(color=BLUE, strokeWidth=2, interpolate="step-after").encode(y=_y("value")),
        base.mark_rect(opacity=0).encode(x2="until:Q", tooltip=tooltip),
    ]
    return _titled(layers, *told, height=HEIGHT - 90)


def agents(data: pd.DataFrame, names: dict[str, str], told: tuple[str, str, str]) -> alt.LayerChart:
    """Agents there as an area, those needed for own work and with all of it as lines, told apart by their dashes.

    data: `quarter`s columns, there, own, all. names: what these are called.
    """
    base = alt.Chart(data).encode(x=_x(data))
    tooltip = [
        alt.Tooltip("label:N", title="Quarter-hour"),
        *(alt.Tooltip(f"{name}:Q", title=names[name], format=",.0f") for name in ("there", "own", "all")),
    ]
    steps = _closed(data)
    lines = pd.concat(
        [steps.assign(line=names[name], value=steps[name]) for name in ("own", "all")], ignore_index=True
    )[["quarter", "until", "line", "value"]]  # fmt: skip
    there = steps.assign(line=names["there"])[["quarter", "until", "line", "there"]]
    called = [names["own"], names["all"]]
    drawn = alt.Chart(lines).encode(x=_x(data), y=_y("value"))
    layers = [
        alt.Chart(there)
        .mark_area(opacity=0.3, interpolate="step-after")
        .encode(x=_x(data), y=_y("there"), fill=_legend(alt.Fill, "line", [names["there"]], [GREY])),
        drawn.mark_line(strokeWidth=2, interpolate="step-after").encode(
            color=_legend(alt.Color, "line", called, [BLUE, ORANGE]),
            strokeDash=_legend(alt.StrokeDash, "line", called, [OPEN, DASHED]),
        ),
        base.mark_rect(opacity=0).encode(x2="until:Q", tooltip=tooltip),
    ]
    layered = _titled(layers, *told, height=HEIGHT)
    return cast("alt.LayerChart", layered.resolve_scale(fill="independent"))


def capacity(data: pd.DataFrame, need: float, days: pd.DataFrame, told: tuple[str, str, str]) -> alt.LayerChart:
    """What those hired can do by week, their number, the need as a line, and days that matter as rules.

    data: date, capacity, headcount, label. days: date, name; may be empty. told: title, unit, alt.
    """
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%b %Y", tickCount=6, grid=False))
    base = alt.Chart(data).encode(x=x)
    tooltip = [
        alt.Tooltip("label:N", title="Week of"),
        alt.Tooltip("capacity:Q", title="Experienced people", format=",.1f"),
        alt.Tooltip("headcount:Q", title="People", format=",.1f"),
    ]
    most = max(need, float(data["headcount"].max()), 1.0) * 1.15
    y = alt.Y("headcount:Q", title=None, scale=alt.Scale(domain=[0, most]), axis=alt.Axis(tickCount=5))
    target = alt.Chart(pd.DataFrame({"need": [need], "text": [f"needed: {need:,.0f}"]}))
    layers: list[Any] = [
        base.mark_line(color=GREY, strokeDash=DOTTED, interpolate="step-after").encode(y=y),
        base.mark_line(color=BLUE, strokeWidth=2.5, interpolate="step-after").encode(y="capacity:Q"),
        target.mark_rule(color=ORANGE, strokeDash=DASHED).encode(y="need:Q"),
        target.mark_text(align="left", dx=4, dy=-7, fill=INHERITED, fontSize=11).encode(
            x=alt.value(0), y="need:Q", text="text:N"
        ),
    ]
    if not days.empty:
        marked = alt.Chart(days).encode(x="date:T")
        layers += [
            marked.mark_rule(color=INHERITED, opacity=0.55).encode(tooltip=[alt.Tooltip("name:N", title="Day")]),
            marked.mark_text(angle=270, align="right", dx=-6, dy=-7, fill=INHERITED, fontSize=11, limit=180).encode(
                y=alt.value(0), text="name:N"
            ),
        ]
    layers.append(base.mark_point(opacity=0, size=160).encode(y="capacity:Q", tooltip=tooltip))
    return _titled(layers, *told, height=HEIGHT + 40)


def quarters(numbers: Sequence[int], **columns: Sequence[float]) -> pd.DataFrame:
    """Rows by quarter-hour as charts take them: hours of the day, and the label of each."""
    return pd.DataFrame(
        {
            "quarter": [number / 4 for number in numbers],
            "until": [(number + 1) / 4 for number in numbers],
            "label": [f"{number // 4:02d}:{15 * (number % 4):02d}" for number in numbers],
            **{name: list(values) for name, values in columns.items()},
        }
    )


def _closed(data: pd.DataFrame) -> pd.DataFrame:
    """Rows for steps, which begin at a row and end at the next: each run of quarter-hours with its end, then a gap."""
    pieces = []
    for _, run in data.groupby((data["quarter"] != data["until"].shift()).cumsum()):
        end = run.tail(1).assign(quarter=run["until"].iloc[-1])
        gap = end.assign(**{str(name): float("nan") for name in data if name not in ("quarter", "until", "label")})
        pieces += [run, end, gap]
    return pd.concat(pieces, ignore_index=True)


def _x(data: pd.DataFrame) -> alt.X:
    first, end = float(data["quarter"].min()), float(data["until"].max())
    step = 1 if end - first <= 8 else 2
    ticks = list(range(int(first), int(end) + 1, step))
    axis = alt.Axis(values=ticks, labelExpr="format(datum.value, '02d') + ':00'", grid=False)
    return alt.X("quarter:Q", title=None, scale=alt.Scale(domain=[first, end], nice=False), axis=axis)


def _y(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title=None, axis=alt.Axis(tickCount=5))


def _legend(channel: Any, field: str, domain: list[str], values: list[Any]) -> Any:
    return channel(
        f"{field}:N", scale=alt.Scale(domain=domain, range=values), legend=alt.Legend(orient="bottom", title=None)
    )


def _titled(layers: Sequence[Any], title: str, unit: str, description: str, *, height: float) -> alt.LayerChart:
    params = alt.TitleParams(text=title, subtitle=unit, subtitleColor=INHERITED, anchor="start", offset=10)
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=params, height=height, usermeta=SVG, padding=PADDING, description=description
    )
    return cast("alt.LayerChart", layered.configure_view(stroke=None))
