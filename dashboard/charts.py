"""What charts of several pages share. Colours of text and background come from Streamlit's theme."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.colours import Style

HEIGHT = 190
MOST_TICKS = 6
LEGEND_WIDTH = 700
INHERITED = "currentColor"
"""The page's text colour, light or dark; needs the SVG renderer."""
SVG = {"embedOptions": {"renderer": "svg"}}
LEGEND_NAME_WIDTH = 220
CLICKED = "clicked"
"""What of a mark somebody clicked."""


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
