"""A week's pack as one HTML file: no script, nothing fetched, everything made up by users escaped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from dashboard import format as text
from dashboard.charts import legend
from dashboard.figures import take_away
from dashboard.figures.shown import is_final
from dashboard.names import by_name
from dashboard.pack import questions
from dashboard.pack import words as said
from dashboard.pack.contents import ALL, Pack
from dashboard.paper import templates
from dashboard.quality import charts
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from dashboard.colours import Style
    from models.metrics.metric import Metric

TEMPLATE = "pack.html.jinja"
CHART_WIDTH, CHART_HEIGHT, TICKS = 330, 120, 4
_ENVIRONMENT = templates(Path(__file__).parent)


def html(pack: Pack, weeks: pd.DataFrame, styles: Mapping[str, Style], names: Mapping[str, str], today: date) -> str:
    """The whole file. weeks: of `contents.by_week`."""
    template = _ENVIRONMENT.get_template(TEMPLATE)
    drawn = drawings(weeks, styles, names, today)
    return template.render(
        pack=pack,
        said=said,
        title=said.title(pack.week),
        days=text.week_days(pack.week),
        head=said.running_head(pack.week, pack.zone, pack.as_of, demo=bool(pack.demo)),
        legend=drawn.pop("", None),
        charts=drawn,
        no_data=text.NO_DATA,
        weeks=questions.WEEKS,
    )


def drawings(
    weeks: pd.DataFrame, styles: Mapping[str, Style], names: Mapping[str, str], today: date
) -> dict[str, Markup]:
    """The charts as inline SVG by metric, and under "" what colours and shapes mean."""
    found: dict[str, Markup] = {}
    sites = by_name(set(weeks["site"]) - {ALL}, dict(names))
    if not sites:
        return found
    found[""] = inline(take_away.svg(legend(sites, dict(styles), dict(names))), "legend")
    for name in questions.CHARTS:
        rows = of_metric(weeks, BY_NAME[name], today)
        if rows["value"].notna().any():
            chart = charts.by_week(
                rows, BY_NAME[name], styles, names, height=CHART_HEIGHT, most_ticks=TICKS
            ).properties(width=CHART_WIDTH)
            found[name] = inline(take_away.svg(chart), name.replace("_", "-"))
    return found


def of_metric(weeks: pd.DataFrame, metric: Metric, today: date) -> pd.DataFrame:
    """A metric by site and week, as charts want it."""
    rows = weeks[weeks["site"] != ALL]
    ends = [start + pd.Timedelta(days=6) for start in rows["week_start"]]
    return pd.DataFrame(
        {
            "site": rows["site"].astype(object),
            "week_start": rows["week_start"],
            "metric": metric.name,
            "value": rows[metric.name].astype("float64"),
            "low": float("nan"),
            "high": float("nan"),
            "n": rows[f"{metric.name}_n"].astype("float64").fillna(0),
            "final": [is_final(metric, end, today) for end in ends],
        }
    )


def inline(svg: str, name: str) -> Markup:
    """An SVG as it can stand among others in one page: ids of its own, as wide as there is room.

    vl-convert escapes every text of the data.
    """
    body = svg[svg.index("<svg") :]
    own = re.sub(r'(\bid="|url\(#)(?=[A-Za-z])', rf"\g<1>{name}-", body)
    return Markup(own.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1))  # noqa: S704 - see above
