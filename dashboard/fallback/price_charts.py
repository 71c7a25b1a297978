"""Charts of price and of the part to keep: rows in, an Altair chart out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard.charts import INHERITED, SVG
from dashboard.fallback import money_words as said

if TYPE_CHECKING:
    from collections.abc import Sequence

BLUE, ORANGE = "#2F7BD9", "#D0670C"
HEIGHT = 290
"""With title, axis and legend, which the page takes out of it."""
ROW, AROUND = 30, 90
"""Height of a bar's row, and of what stands around all of them."""
NAME_WIDTH = 210
ROOM = 0.32
"""Beyond the longest bar on either side, for its label, as a share of what the bars span."""
PADDING = {"left": 0, "top": 0, "right": 8, "bottom": 0}


def cumulative(rows: pd.DataFrame, payback: int | None, currency: str, description: str) -> alt.LayerChart:
    """What was saved so far, by month; a point where it is back at nothing. rows: month, value, shown, cash."""
    x = _months(rows)
    base = alt.Chart(rows).encode(x=x, y=_money("value"))
    layers: list[alt.Chart] = [
        alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(color=INHERITED, opacity=0.6).encode(y="y:Q"),
        base.mark_line(color=BLUE, strokeWidth=2.5, interpolate="linear"),
    ]
    back = rows[rows["month"] == payback]
    if len(back):
        told = alt.Chart(back.assign(told=f"month {payback}")).encode(x=x, y="value:Q")
        layers += [
            told.mark_point(color=BLUE, filled=True, size=90, opacity=1, shape="diamond"),
            told.mark_text(align="right", dx=-9, dy=-10, fontSize=12, fill=INHERITED).encode(text="told:N"),
        ]
    tooltip = [
        alt.Tooltip("month:Q", title=said.COLUMNS["month"]), alt.Tooltip("cash:N", title=said.COLUMNS["cash"]),
        alt.Tooltip("shown:N", title=said.COLUMNS["cumulative"]),
    ]  # fmt: skip
    layers.append(base.mark_point(opacity=0, size=160).encode(tooltip=tooltip))
    return finished(layers, said.CUMULATIVE, currency, HEIGHT, description)


def compared(rows: pd.DataFrame, currency: str, description: str) -> alt.LayerChart:
    """What staying and coming home have cost so far. rows: month, line, value, shown."""
    lines = [said.STAY, said.HOME]
    legend = alt.Legend(
        orient="bottom", labelColor=INHERITED, labelLimit=0, symbolType="stroke", symbolSize=300, symbolStrokeWidth=2
    )
    base = alt.Chart(rows).encode(
        x=_months(rows),
        y=_money("value"),
        color=alt.Color("line:N", title=None, scale=alt.Scale(domain=lines, range=[ORANGE, BLUE]), legend=legend),
        strokeDash=alt.StrokeDash(
            "line:N", title=None, scale=alt.Scale(domain=lines, range=[[5, 4], [1, 0]]), legend=legend
        ),
    )
    tooltip = [
        alt.Tooltip("line:N", title="If"), alt.Tooltip("month:Q", title=said.COLUMNS["month"]),
        alt.Tooltip("shown:N", title="Spent"),
    ]  # fmt: skip
    layers = [
        base.mark_line(strokeWidth=2.2),
        alt.Chart(rows).mark_point(opacity=0, size=140).encode(x="month:Q", y="value:Q", tooltip=tooltip),
    ]
    return finished(layers, said.COMPARED, currency, HEIGHT, description)


def bars(rows: pd.DataFrame, centre: float, title: str, units: str, description: str) -> alt.LayerChart:
    """A tornado: for each driver a bar to its lower and to its higher input from the centre, values at their ends.

    rows: driver, end, way (lower or higher), label, tip; drivers in the order to be shown.
    """
    order = list(dict.fromkeys(rows["driver"]))
    low, high = min(float(rows["end"].min()), centre), max(float(rows["end"].max()), centre)
    room = (high - low) * ROOM or max(abs(centre) * ROOM, 1.0)
    scale = alt.Scale(domain=[low - room, high + room], nice=False, zero=False)
    data = rows.assign(centre=centre, left=rows["end"] < centre, first=[way == "lower" for way in rows["way"]])
    # Two ends on the same side would write over each other: the nearer one is told by the tooltip alone.
    far = data.groupby(["driver", "left"])["end"].transform(lambda ends: (ends - centre).abs().max())
    data = data.assign(named=(data["end"] - centre).abs() >= far)
    y = alt.Y(
        "driver:N", title=None, sort=order, scale=alt.Scale(domain=order, paddingInner=0.3),
        axis=alt.Axis(ticks=False, domain=False, labelLimit=NAME_WIDTH, labelColor=INHERITED, labelOverlap=False),
    )  # fmt: skip
    x = alt.X("end:Q", title=None, scale=scale, axis=alt.Axis(format="~s", tickCount=5))
    ways = alt.Scale(domain=["lower", "higher"], range=[ORANGE, BLUE])
    base = alt.Chart(data).encode(y=y)
    tooltip = [alt.Tooltip("driver:N", title="Input"), alt.Tooltip("tip:N", title="Then")]
    ends = alt.datum.named == True  # noqa: E712 - an expression of Vega, not of Python
    label = base.transform_filter(ends).encode(x=x, text="label:N")
    layers = [
        base.mark_bar(height=15, fillOpacity=0.8).encode(
            x=x, x2="centre:Q", color=alt.Color("way:N", legend=None, scale=ways), tooltip=tooltip
        ),
        label.transform_filter(alt.datum.left).mark_text(align="right", dx=-5, fontSize=11, fill=INHERITED),
        label.transform_filter("!datum.left").mark_text(align="left", dx=5, fontSize=11, fill=INHERITED),
        alt.Chart(pd.DataFrame({"at": [centre]})).mark_rule(color=INHERITED, strokeDash=[2, 2]).encode(x="at:Q"),
    ]
    return finished(layers, title, units, ROW * len(order) + AROUND, description)


def duration(
    loads: Sequence[float], reached: Sequence[float], base: int, critical: float, description: str
) -> alt.LayerChart:
    """Load by the share of time in which it is that high or higher, the base, and from where a seat pays."""
    rows = pd.DataFrame({"share": [0.0, *reached], "load": [loads[0], *loads]}).drop_duplicates()
    rows = rows.assign(
        tip=[f"{load:,.1f} agents or more, {text.share(share)} of the time"
             for load, share in zip(rows["load"], rows["share"], strict=True)]
    )  # fmt: skip
    scale = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("share:Q", title="share of time", scale=scale, axis=alt.Axis(format="%", tickCount=6))
    top = max(float(rows["load"].max()), base) * 1.12
    y = alt.Y("load:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=5))
    curve = alt.Chart(rows).encode(x=x, y=y)
    # A step holds up to its end: the share told is that of loads as high or higher.
    layers: list[alt.Chart] = [
        curve.mark_area(color=BLUE, opacity=0.16, interpolate="step-before"),
        curve.mark_line(color=BLUE, strokeWidth=2, interpolate="step-before"),
    ]
    level = alt.Chart(pd.DataFrame({"load": [base], "share": [0.995], "told": [f"{said.BASE}: {base:,}"]}))
    layers += [
        level.mark_rule(color=ORANGE, strokeWidth=2).encode(y="load:Q"),
        level.mark_text(align="right", dy=-8, fontSize=12, fill=INHERITED).encode(x=x, y=y, text="told:N"),
    ]
    if 0 < critical <= 1:
        limit = alt.Chart(
            pd.DataFrame(
                {"share": [critical], "load": [top * 0.97], "told": [f"{said.CRITICAL}: {text.share(critical)}"]}
            )
        )
        layers += [
            limit.mark_rule(color=INHERITED, strokeDash=[4, 3], opacity=0.75).encode(x=x),
            limit.mark_text(
                align="right" if critical > 0.5 else "left", dx=-6 if critical > 0.5 else 6, fontSize=12, fill=INHERITED
            ).encode(x=x, y=y, text="told:N"),
        ]  # fmt: skip
    layers.append(curve.mark_point(opacity=0, size=120).encode(tooltip=[alt.Tooltip("tip:N", title="Load")]))
    return finished(layers, said.CURVE, said.CURVE_UNITS, HEIGHT + 30, description)


def finished(layers: list[alt.Chart], title: str, units: str, height: float, description: str) -> alt.LayerChart:
    """Layers as one chart with its title, its units and what it shows in words."""
    params = alt.TitleParams(text=title, subtitle=units, subtitleColor=INHERITED, anchor="start", offset=10)
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=params, height=height, usermeta=SVG, padding=PADDING, description=description
    )
    return cast("alt.LayerChart", layered.configure_view(stroke=None))


def _months(rows: pd.DataFrame) -> alt.X:
    last = int(rows["month"].max())
    step = 1 if last <= 12 else 3 if last <= 24 else 6 if last <= 60 else 12
    return alt.X(
        "month:Q", title="months from the decision", scale=alt.Scale(domain=[0, max(last, 1)], nice=False),
        axis=alt.Axis(values=list(range(0, last + 1, step)), format="d", grid=False),
    )  # fmt: skip


def _money(field: str) -> alt.Y:
    axis: dict[str, Any] = {"format": "~s", "tickCount": 5}
    return alt.Y(f"{field}:Q", title=None, axis=alt.Axis(**axis))
