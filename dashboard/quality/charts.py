"""Charts of figures with their intervals: by site, by week, side by side. A frame in, an Altair chart out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard.charts import CLICKED, INHERITED, MOST_TICKS, SVG
from dashboard.figures import shown
from dashboard.quality import words as said
from dashboard.quality.estimates import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.colours import Style
    from models.metrics.metric import Metric

ROW = 36
AROUND = 84
"""Pixels of title, unit and axis: a chart as wide as its column counts them in its height."""
LEGEND = 34
WEEKS_HEIGHT = 264
KIND_SHAPES = ("circle", "square", "triangle-up", "diamond")
STEPS = ("#BFD7F5", "#8DB8EC", "#5A97E0", "#2F74C5", "#184E8F")
"""Answers from 1 to 5: the same hue, darker for better."""
STEP_TEXT = ("#10233B", "#10233B", "#10233B", "#FFFFFF", "#FFFFFF")
PADDING = {"left": 0, "top": 0, "right": 12, "bottom": 0}


def axis_unit(metric: Metric) -> str:
    """The unit as a chart's subtitle says it."""
    return {"share": "%", "points": "points", "score": "of 5"}.get(metric.unit, shown.UNITS[metric.unit])


def title(label: str, unit: str) -> alt.TitleParams:
    """A chart's title, its unit beneath."""
    return alt.TitleParams(text=label, subtitle=unit, subtitleColor=INHERITED, anchor="start", offset=10)


def clickable(marks: alt.Chart, *fields: str) -> alt.Chart:
    """Marks that tell these fields of theirs when they are clicked."""
    return marks.add_params(alt.selection_point(name=CLICKED, fields=list(fields), clear=False))


def prepared(rows: pd.DataFrame, metric: Metric, names: Mapping[str, str]) -> pd.DataFrame:
    """Rows as a chart needs them: shares in percent, everything also as text. Rows without data are left out."""
    told = rows[rows["value"].notna()].drop(columns=["first", "last"], errors="ignore")
    values = {
        f"{name}_shown": pd.Series([shown.scaled(metric, v) for v in told[name]], index=told.index, dtype="float64")
        for name in ("value", "low", "high")
    }
    return told.assign(
        **values,
        name=[names.get(site, site) for site in told["site"]],
        value_text=[shown.value(metric, v) for v in told["value"]],
        interval_text=[said.interval(metric, low, high) for low, high in zip(told["low"], told["high"], strict=True)],
        state=[said.FINAL if final else said.NOT_FINAL for final in told["final"]],
    )


def by_site(
    rows: pd.DataFrame, metric: Metric, styles: Mapping[str, Style], names: Mapping[str, str], order: Sequence[str]
) -> alt.LayerChart:
    """One row per site: the figure and its interval; a dashed line for all sites together."""
    data = prepared(rows, metric, names)
    whole = data[data["site"] == ALL]
    data = data[data["site"] != ALL]
    data = data.assign(row=_labels(data))
    ranked = [label for site in order for label in data["row"][data["site"] == site]]
    y = alt.Y("row:N", title=None, sort=ranked, axis=alt.Axis(labelLimit=180, ticks=False, domain=False, grid=False))
    sites = sorted(set(data["site"]))
    x = alt.X(
        "value_shown:Q",
        title=None,
        scale=alt.Scale(zero=False, nice=True, padding=14),
        axis=alt.Axis(tickCount=5, grid=True),
    )
    base = alt.Chart(data).encode(y=y, color=_colour(sites, styles), tooltip=_tooltip(metric))
    layers: list[alt.Chart] = [
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=alt.X("low_shown:Q", title=None), x2="high_shown:Q"),
        clickable(base.mark_point(size=85, filled=True, opacity=1).encode(x=x, shape=_shape(sites, styles)), "site"),
        base.mark_text(dy=-11, fontSize=11, fill=INHERITED).encode(x=x, text="value_text:N"),
    ]
    if not whole.empty and len(data) > 1:
        layers.insert(
            0,
            alt.Chart(whole)
            .mark_rule(strokeDash=[4, 3], stroke=INHERITED, opacity=0.6)
            .encode(x=x, tooltip=_tooltip(metric, with_name=False)),
        )
    return _finished(
        alt.layer(*layers),
        metric,
        said.by_site_description(metric, len(sites)),
        f"{axis_unit(metric)} · 95 % interval" + (" · dashed: all together" if len(data) > 1 else ""),
        height=AROUND + ROW * len(data),
    )


def by_week(
    rows: pd.DataFrame,
    metric: Metric,
    styles: Mapping[str, Style],
    names: Mapping[str, str],
    *,
    height: int = WEEKS_HEIGHT,
    most_ticks: int = MOST_TICKS,
) -> alt.LayerChart:
    """One line per site; a week without data is a gap, a week that is not final is dashed and hollow."""
    sites = sorted(set(rows["site"]))
    weeks = sorted({start.isoformat() for start in rows["week_start"]})
    data = _complete(prepared(rows, metric, names))
    starts = [date.fromisoformat(week) for week in weeks]
    years = len({start.year for start in starts}) > 1
    x = alt.X(
        "week:O",
        title=None,
        scale=alt.Scale(domain=weeks),
        axis=alt.Axis(
            values=weeks[::-1][:: -(-len(weeks) // most_ticks)][::-1],
            labelAngle=0,
            labelExpr=f"utcFormat(toDate(datum.value), '{'%-d %b %y' if years else '%-d %b'}')",
            labelOverlap="greedy",
            grid=False,
        ),
    )
    y = alt.Y("value_shown:Q", title=None, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=4))
    base = alt.Chart(data).encode(x=x, y=y, color=_colour(sites, styles))
    settled = alt.datum.final == True  # noqa: E712 - an expression of Vega, not of Python
    shape = _shape(sites, styles)
    layers = [
        base.transform_filter(settled).mark_line(strokeWidth=2),
        base.transform_filter(alt.datum.at_end).mark_line(strokeWidth=2, strokeDash=[3, 3]),
        base.transform_filter(settled).mark_point(size=46, filled=True, opacity=1).encode(shape=shape),
        base.transform_filter(alt.datum.final == False)  # noqa: E712
        .mark_point(size=54, filled=False, strokeWidth=2, opacity=1)
        .encode(shape=shape),
        clickable(
            base.mark_point(size=300, filled=True, opacity=0).encode(
                tooltip=[*_tooltip(metric)[:1], alt.Tooltip("week_text:N", title="Week"), *_tooltip(metric)[1:]]
            ),
            "site",
            "week",
        ),
    ]
    return _finished(
        alt.layer(*layers),
        metric,
        said.by_week_description(metric, len(sites), starts),
        axis_unit(metric),
        height=height,
    )


def compared(
    rows: pd.DataFrame,
    kinds: Mapping[str, str],
    metric: Metric,
    heading: str,
    styles: Mapping[str, Style],
    names: Mapping[str, str],
    order: Sequence[str],
) -> alt.LayerChart:
    """Figures of several kinds side by side for each site: shape says which. kinds: label by metric."""
    data = prepared(rows[rows["metric"].isin(kinds) & (rows["site"] != ALL)], metric, names)
    data = data.assign(kind=[kinds[name] for name in data["metric"]])
    labels = list(kinds.values())
    sites = sorted(set(data["site"]))
    ranked = [names.get(site, site) for site in order if site in sites]
    y = alt.Y("name:N", title=None, sort=ranked, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    offset = alt.YOffset("kind:N", sort=labels, scale=alt.Scale(domain=labels))
    x = alt.X(
        "value_shown:Q", title=None, scale=alt.Scale(zero=False, nice=True, padding=14), axis=alt.Axis(tickCount=6)
    )
    shape = alt.Shape(
        "kind:N",
        scale=alt.Scale(domain=labels, range=list(KIND_SHAPES[: len(labels)])),
        sort=labels,
        legend=alt.Legend(
            orient="top",
            title=None,
            direction="horizontal",
            columns=2 if len(labels) > 2 else 0,
            labelLimit=240,
            symbolFillColor=INHERITED,
            symbolStrokeColor=INHERITED,
            symbolSize=80,
            labelColor=INHERITED,
        ),
    )
    tooltip = [alt.Tooltip("name:N", title="Site"), alt.Tooltip("kind:N", title="What"), *_tooltip(metric)[1:]]
    base = alt.Chart(data).encode(y=y, yOffset=offset, color=_colour(sites, styles), tooltip=tooltip)
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=alt.X("low_shown:Q", title=None), x2="high_shown:Q"),
        clickable(base.mark_point(size=75, filled=True, opacity=1).encode(x=x, shape=shape), "site", "metric"),
    ]
    layered = alt.layer(*layers)
    return cast(
        "alt.LayerChart",
        layered.properties(
            title=title(heading, f"{axis_unit(metric)} · 95 % interval"),
            height=AROUND + LEGEND * (2 if len(labels) > 2 else 1) + len(sites) * max(ROW, 16 * len(labels) + 8),
            usermeta=SVG,
            padding=PADDING,
            description=said.compared_description(heading, labels, len(sites)),
        ),
    )


def answers(counts: pd.DataFrame, names: Mapping[str, str], order: Sequence[str]) -> alt.LayerChart:
    """How many chose 1, 2, 3, 4 and 5: a bar per site, all equally long. counts: site, csat_1 to csat_5."""
    rows = []
    for site in order:
        row = counts[counts["site"] == site]
        values = [0.0 if text.is_missing(v) else float(v) for v in row[[f"csat_{n}" for n in range(1, 6)]].iloc[0]]
        whole, before = sum(values), 0.0
        for step, value in enumerate(values, 1):
            share = 100 * value / whole if whole else 0.0
            if whole:
                rows.append(
                    {
                        "site": site,
                        "name": names.get(site, site),
                        "answer": str(step),
                        "from": before,
                        "to": before + share,
                        "middle": before + share / 2,
                        "share_text": f"{share:.0f}" if share >= 4 else "",
                        "full_text": text.share(share / 100),
                        "n": value,
                        "ink": STEP_TEXT[step - 1],
                    }
                )
            before += share
    data = pd.DataFrame(rows)
    ranked = [names.get(site, site) for site in order]
    steps = [str(step) for step in range(1, 6)]
    y = alt.Y("name:N", title=None, sort=ranked, axis=alt.Axis(labelLimit=180, ticks=False, domain=False))
    colour = alt.Color(
        "answer:N",
        scale=alt.Scale(domain=steps, range=list(STEPS)),
        legend=alt.Legend(orient="top", title="Answer, 5 is best", direction="horizontal", symbolType="square"),
    )
    tooltip = [
        alt.Tooltip("name:N", title="Site"),
        alt.Tooltip("answer:N", title="Answer"),
        alt.Tooltip("full_text:N", title="Share"),
        alt.Tooltip("n:Q", title="Answers", format=",d"),
    ]
    base = alt.Chart(data).encode(y=y)
    x = alt.X("from:Q", title=None, scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=5, grid=False))
    layers = [
        clickable(base.mark_bar(height=22).encode(x=x, x2="to:Q", color=colour, tooltip=tooltip), "site"),
        base.mark_text(fontSize=11).encode(
            x=alt.X("middle:Q", title=None), text="share_text:N", color=alt.Color("ink:N", scale=None)
        ),
    ]
    return cast(
        "alt.LayerChart",
        alt.layer(*layers)
        .resolve_scale(color="independent")
        .properties(
            title=title(said.ANSWERS, "% of answers"),
            height=AROUND + LEGEND + ROW * len(ranked),
            usermeta=SVG,
            padding=PADDING,
            description=said.answers_description(len(ranked)),
        ),
    )


def _labels(data: pd.DataFrame) -> list[str]:
    return [f"{name} · n {text.count(n)}" for name, n in zip(data["name"], data["n"], strict=True)]


def _complete(data: pd.DataFrame) -> pd.DataFrame:
    """One row per site and week of the range, so that a missing week is a gap and not a straight line."""
    data = data.assign(week=[start.isoformat() for start in data["week_start"]])
    weeks = sorted(set(data["week"]))
    if weeks:
        span = pd.date_range(weeks[0], weeks[-1], freq="7D")
        index = pd.MultiIndex.from_product(
            [sorted(set(data["site"])), [stamp.date().isoformat() for stamp in span]], names=["site", "week"]
        )
        data = data.set_index(["site", "week"]).reindex(index).reset_index()
    finals = {week for week, final in zip(data["week"], data["final"], strict=True) if final is True}
    last_final = max(finals, default="")
    open_weeks = bool((data["final"] == False).any())  # noqa: E712 - missing is neither
    return data.assign(
        final=pd.Series(
            [None if text.is_missing(value) else bool(value) for value in data["final"]],
            index=data.index,
            dtype=object,
        ),
        at_end=[open_weeks and week >= last_final for week in data["week"]],
        week_text=[text.week_days(date.fromisoformat(week)) for week in data["week"]],
    ).drop(columns=["week_start"])


def _finished(layered: Any, metric: Metric, description: str, unit: str, *, height: int) -> alt.LayerChart:
    return cast(
        "alt.LayerChart",
        layered.properties(
            title=title(metric.label, unit),
            height=height,
            usermeta=SVG,
            padding=PADDING,
            description=description,
        ),
    )


def _colour(sites: Sequence[str], styles: Mapping[str, Style]) -> alt.Color:
    return alt.Color(
        "site:N",
        legend=None,
        scale=alt.Scale(domain=list(sites), range=[styles[site].colour for site in sites]),
    )


def _shape(sites: Sequence[str], styles: Mapping[str, Style]) -> alt.Shape:
    return alt.Shape(
        "site:N", legend=None, scale=alt.Scale(domain=list(sites), range=[styles[site].shape for site in sites])
    )


def _tooltip(metric: Metric, *, with_name: bool = True) -> list[alt.Tooltip]:
    named = [alt.Tooltip("name:N", title="Site")] if with_name else []
    return [
        *named,
        alt.Tooltip("value_text:N", title=metric.label),
        alt.Tooltip("interval_text:N", title="95 % interval"),
        alt.Tooltip("n:Q", title="n", format=",d"),
        alt.Tooltip("state:N", title="State"),
    ]
