"""The funnel: teams by what was expected of them and what they did. A frame in, an Altair chart out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard.charts import INHERITED, SVG
from dashboard.quality import teams
from dashboard.quality import words as said
from dashboard.quality.charts import PADDING, clickable, title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboard.colours import Style
    from dashboard.quality.questions import TeamMeasure
    from dashboard.quality.teams import Teams

HEIGHT = 380
SHAPES = {"inside": "circle", "beyond 95 %": "triangle-up", "beyond 99.8 %": "diamond"}


def funnel(
    placed: Teams, shown: pd.DataFrame, measure: TeamMeasure, styles: Mapping[str, Style], names: Mapping[str, str]
) -> alt.LayerChart:
    """Observed / expected by expected, with both pairs of limits. shown: the teams in view, of which enough is known.

    Shape says inside or outside, names stand at those outside, colour is the site's.
    """
    limits = teams.limits(float(placed.told["expected"].max()), placed.tau2)
    lines = limits.melt("expected", var_name="limit", value_name="ratio")
    lines = lines.assign(
        confidence=["99.8 % limits" if "998" in name else "95 % limits" for name in lines["limit"]],
        detail=lines["limit"],
    )
    # Limits of tiny expectations reach far up: the picture is cut where teams and the wide limits of most of them lie.
    top = max(1.6, float(shown["ratio"].max()) * 1.12, min(3.0, float(limits["high_998"].quantile(0.55))))
    data = shown.assign(
        name=[names.get(site, site) for site in shown["site"]],
        where=[teams.PLACES[value] for value in shown["place"]],
        label=[team if value != "inside" else "" for team, value in zip(shown["team"], shown["place"], strict=True)],
        share_text=[text.share(value) for value in shown["share"]],
        expected_text=[text.share(value) for value in shown["expected_share"]],
    )
    sites = sorted(set(data["site"]))
    x = alt.X(
        "expected:Q",
        title=f"Expected {measure.events}, given the team's mix of work",
        scale=alt.Scale(zero=True, nice=False, domain=[0, float(limits["expected"].max())]),
        axis=alt.Axis(tickCount=8, grid=False, format=",d"),
    )
    y = alt.Y(
        "ratio:Q",
        title=None,
        scale=alt.Scale(domain=[0, top], clamp=True, nice=False),
        axis=alt.Axis(tickCount=5, format=".1f"),
    )
    dash = alt.StrokeDash(
        "confidence:N",
        scale=alt.Scale(domain=["95 % limits", "99.8 % limits"], range=[[5, 3], [1, 0]]),
        legend=alt.Legend(orient="top", title=None, symbolStrokeColor=INHERITED, symbolSize=300),
    )
    shape = alt.Shape(
        "place:N",
        scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())),
        legend=alt.Legend(
            orient="top", title=None, symbolFillColor=INHERITED, symbolStrokeColor=INHERITED, symbolSize=80
        ),
    )
    points = alt.Chart(data).encode(
        x=x,
        y=y,
        color=alt.Color(
            "site:N",
            legend=None,
            scale=alt.Scale(domain=sites, range=[styles[site].colour for site in sites]),
        ),
    )
    tooltip = [
        alt.Tooltip("team:N", title="Team"),
        alt.Tooltip("name:N", title="Site"),
        alt.Tooltip("observed:Q", title="Observed", format=",.0f"),
        alt.Tooltip("expected:Q", title="Expected", format=",.1f"),
        alt.Tooltip("ratio:Q", title="Observed / expected", format=".2f"),
        alt.Tooltip("share_text:N", title="Share"),
        alt.Tooltip("expected_text:N", title="Expected share"),
        alt.Tooltip("n:Q", title="n", format=",d"),
        alt.Tooltip("where:N", title="Place"),
    ]
    layers = [
        alt.Chart(pd.DataFrame({"ratio": [1.0]})).mark_rule(stroke=INHERITED, opacity=0.7).encode(y=y),
        alt.Chart(lines[lines["ratio"] <= top])
        .mark_line(strokeWidth=1.3, stroke=INHERITED, opacity=0.55)
        .encode(x=x, y=y, detail="detail:N", strokeDash=dash),
        clickable(
            points.mark_point(size=110, filled=True, opacity=1).encode(shape=shape, tooltip=tooltip), "site", "team"
        ),
        points.mark_text(dy=-13, fontSize=12, fill=INHERITED).encode(text="label:N"),
    ]
    return cast(
        "alt.LayerChart",
        alt.layer(*layers).properties(
            title=title(
                f"Teams: {measure.axis.lower()}", "observed ÷ expected · 1 is as expected of its mix · above is worse"
            ),
            height=HEIGHT,
            usermeta=SVG,
            padding=PADDING,
            description=said.funnel_description(measure, len(data)),
        ),
    )
