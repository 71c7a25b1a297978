"""Charts of the Cost page: a frame in, an Altair chart out. Grids are those of Topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard.charts import CLICKED, INHERITED, SVG
from dashboard.cost import money
from dashboard.cost import words as said
from dashboard.topics.charts import grid

if TYPE_CHECKING:
    from dashboard.cost.accrual_section import Line

HEIGHT = 170
PADDING = {"left": 0, "top": 0, "right": 6, "bottom": 0}
LIGHTER = 0.65
ROW, HEAD = 44, 70
"""Height of a row of a grid, and of what stands above all of them."""


def accrual(
    name: str,
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    style: tuple[str, str],
    units: str,
    description: str,
    *,
    so_far: bool,
) -> alt.LayerChart:
    """Cost of the month added up, the month before in a lighter, dashed line. style: colour and shape."""
    colour, shape = style
    most = max(float(now["added"].iloc[-1]), float(before["added"].iloc[-1]) if before is not None else 0.0)
    x = alt.X(
        "day:Q", title=None, scale=alt.Scale(domain=[1, 31], nice=False),
        axis=alt.Axis(values=[1, 5, 10, 15, 20, 25, 31], format="d", grid=False),
    )  # fmt: skip
    y = alt.Y("added:Q", title=None, scale=alt.Scale(domain=[0, most * 1.08 or 1]), axis=alt.Axis(tickCount=4))
    base = alt.Chart(now).encode(x=x, y=y)
    tooltip = [
        alt.Tooltip("label:N", title=said.DAY), alt.Tooltip("added_text:N", title=said.SO_FAR),
        alt.Tooltip("cost_text:N", title=said.OF_DAY),
    ]  # fmt: skip
    layers: list[alt.Chart] = []
    if before is not None:
        earlier = alt.Chart(before).encode(x=x, y=y)
        layers.append(earlier.mark_line(color=colour, strokeWidth=1.5, strokeDash=[5, 4], opacity=LIGHTER))
        layers.append(earlier.mark_point(opacity=0, size=120).encode(tooltip=tooltip))
    layers.append(base.mark_line(color=colour, strokeWidth=2.5))
    last = alt.Chart(now.tail(1)).encode(x=x, y=y)
    layers.append(
        last.mark_point(
            color=colour,
            filled=not so_far,
            fill=colour if not so_far else None,
            size=70,
            shape=shape,
            opacity=1,
            strokeWidth=2,
        )
    )
    click = alt.selection_point(name=CLICKED, fields=["key"], clear=False)
    target = base.mark_point(opacity=0, size=260, cursor="pointer").encode(tooltip=tooltip)
    layers.append(target.add_params(click))
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=alt.TitleParams(text=name, subtitle=units, subtitleColor=INHERITED, anchor="start", offset=10),
        height=HEIGHT, usermeta=SVG, padding=PADDING,
        description=description,
    )  # fmt: skip
    return cast("alt.LayerChart", layered.configure_view(stroke=None))


def points(line: Line, currency: str) -> pd.DataFrame:
    """A line as the chart takes it."""
    return pd.DataFrame(
        {
            "key": [day.isoformat() for day in line.days],
            "day": [day.day for day in line.days],
            "label": [f"{day:%a} {text.day(day)}" for day in line.days],
            "added": [float(added) for added in line.added],
            "added_text": [money.shown(added, currency) for added in line.added],
            "cost_text": [money.shown(amount, currency) for amount in line.amounts],
        }
    )


def topic_grid(
    data: pd.DataFrame,
    order: list[str],
    whos: list[str],
    names: dict[str, str],
    called: dict[str, str],
    told: tuple[str, str, str],
) -> alt.LayerChart:
    """Cost of a contact by topic, or channel, and party."""
    return grid(data, order, whos, names, called, told).properties(height=ROW * len(order) + HEAD)
