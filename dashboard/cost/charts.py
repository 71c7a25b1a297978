"""The chart of the Cost page that adds up a month: lines in, an Altair chart out. Grids are those of Topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard.charts import CLICKED, INHERITED, SVG
from dashboard.cost import money
from dashboard.cost import words as said

if TYPE_CHECKING:
    from dashboard.colours import Style
    from dashboard.cost.accrual_section import Line

HEIGHT = 170
PADDING = {"left": 0, "top": 0, "right": 6, "bottom": 0}
LIGHTER = 0.45


def accrual(
    name: str, now: Line, before: Line | None, style: Style, currency: str, zone: str, months: tuple[str, str],
    *, so_far: bool,
) -> alt.LayerChart:  # fmt: skip
    """Cost of the month added up, the month before in a lighter, dashed line. months: what both are called."""
    data = _points(now, months[0], currency)
    most = max(float(now.added[-1]), float(before.added[-1]) if before else 0.0)
    x = alt.X(
        "day:Q", title=None, scale=alt.Scale(domain=[1, 31], nice=False),
        axis=alt.Axis(values=[1, 5, 10, 15, 20, 25, 31], format="d", grid=False),
    )  # fmt: skip
    y = alt.Y("added:Q", title=None, scale=alt.Scale(domain=[0, most * 1.08 or 1]), axis=alt.Axis(tickCount=4))
    base = alt.Chart(data).encode(x=x, y=y)
    tooltip = [
        alt.Tooltip("label:N", title=said.DAY), alt.Tooltip("added_text:N", title=said.SO_FAR),
        alt.Tooltip("cost_text:N", title=said.OF_DAY),
    ]  # fmt: skip
    layers: list[alt.Chart] = []
    if before is not None:
        earlier = alt.Chart(_points(before, months[1], currency)).encode(x=x, y=y)
        layers.append(earlier.mark_line(color=style.colour, strokeWidth=1.5, strokeDash=[5, 4], opacity=LIGHTER + 0.2))
        layers.append(earlier.mark_point(opacity=0, size=120).encode(tooltip=tooltip))
    layers.append(base.mark_line(color=style.colour, strokeWidth=2.5))
    last = alt.Chart(data.tail(1)).encode(x=x, y=y)
    layers.append(
        last.mark_point(
            color=style.colour,
            filled=not so_far,
            fill=style.colour if not so_far else None,
            size=70,
            shape=style.shape,
            opacity=1,
            strokeWidth=2,
        )
    )
    click = alt.selection_point(name=CLICKED, fields=["key"], clear=False)
    target = base.mark_point(opacity=0, size=260, cursor="pointer").encode(tooltip=tooltip)
    layers.append(target.add_params(click))
    units = said.accrual_units(currency, zone) + (f"; dashed: {months[1]}" if before else "")
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=alt.TitleParams(text=name, subtitle=units, subtitleColor=INHERITED, anchor="start", offset=10),
        height=HEIGHT, usermeta=SVG, padding=PADDING,
        description=said.accrual_description(name, len(now.days), *months),
    )  # fmt: skip
    return cast("alt.LayerChart", layered.configure_view(stroke=None))


def _points(line: Line, month: str, currency: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "key": [day.isoformat() for day in line.days],
            "day": [day.day for day in line.days],
            "label": [f"{day:%a} {text.day(day)}" for day in line.days],
            "month": month,
            "added": [float(added) for added in line.added],
            "added_text": [money.shown(added, currency) for added in line.added],
            "cost_text": [money.shown(amount, currency) for amount in line.amounts],
        }
    )
