"""Charts of the Topics page: a frame in, an Altair chart out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import altair as alt
import pandas as pd

from dashboard import format as text
from dashboard.charts import CLICKED, INHERITED, SVG
from dashboard.figures import shown
from dashboard.scope.sums import metric
from dashboard.topics import words as said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.topics.drivers import Change

BLUE, ORANGE = "#2F7BD9", "#D0670C"
"""Told apart by every kind of colour vision; a triangle says the same."""
ROW, FLAT_ROW = 44, 28
MOST_WIDE = 6
"""Columns a grid may have for a cell to hold a second line."""
PADDING = {"left": 0, "top": 0, "right": 8, "bottom": 0}
NAME_WIDTH = 170
_DIVERGING = {"better": BLUE, "worse": ORANGE, "same": "#8A94A3"}


def topic_bars(mix: pd.DataFrame, order: Sequence[str], names: Mapping[str, str]) -> alt.LayerChart:
    """Contacts of each topic: a bar for these weeks, a stroke for those before."""
    totals = mix.groupby("topic", as_index=False)[["offered", "contacts_before"]].sum(min_count=1)
    totals = totals[totals["topic"].isin(order)]
    compared = bool(totals["contacts_before"].notna().any())
    change = totals["offered"] - totals["contacts_before"]
    data = totals.assign(
        name=[said.topic_name(topic, names) for topic in totals["topic"]],
        now=[text.count(n) for n in totals["offered"]],
        then=[text.count(n) for n in totals["contacts_before"]],
        shown=[
            text.count(n) + (f"  ({_signed(by)})" if compared else "")
            for n, by in zip(totals["offered"], change, strict=True)
        ],
    )
    y = _topics(order, names)
    base = alt.Chart(data).encode(y=y)
    tooltip = [
        alt.Tooltip("name:N", title=said.TOPIC), alt.Tooltip("now:N", title=said.AFTER),
        *([alt.Tooltip("then:N", title=said.BEFORE)] if compared else []),
    ]  # fmt: skip
    most = float(max(totals["offered"].max(), totals["contacts_before"].fillna(0).max()))
    x = alt.X("offered:Q", title=None, scale=alt.Scale(domain=[0, most * 1.32 or 1]), axis=None)
    bars = base.mark_bar(color=BLUE, fillOpacity=0.75, height=14).encode(x=x)
    # The whole row answers to the pointer.
    target = base.mark_rect(opacity=0, cursor="pointer").encode(tooltip=tooltip)
    click = alt.selection_point(name=CLICKED, fields=["topic"], clear=False)
    ends = data.assign(end=data[["offered", "contacts_before"]].max(axis=1))
    numbers = alt.Chart(ends).mark_text(align="left", dx=6, fontSize=12, fill=INHERITED).encode(
        x="end:Q", y=y, text="shown:N"
    )  # fmt: skip
    layers: list[alt.Chart] = [bars, numbers]
    if compared:
        layers.append(base.mark_tick(color=INHERITED, thickness=2.5, height=22).encode(x="contacts_before:Q"))
    layers.append(target.add_params(click))
    units = "contacts offered; the stroke is the weeks before" if compared else "contacts offered"
    return _finished(layers, said.MIX_CHART, units, FLAT_ROW * len(order), said.MIX_CHART)


def mix_grid(
    mix: pd.DataFrame, order: Sequence[str], whos: Sequence[str], names: Mapping[str, str], called: Mapping[str, str]
) -> alt.LayerChart:
    """The share of each topic in the contacts of each provider or site, and how it changed."""
    rows = mix[mix["topic"].isin(order) & mix["who"].isin(whos)]
    most = max(float(rows["share"].max()), 1e-9)
    data = pd.DataFrame(
        {
            "topic": rows["topic"], "who": rows["who"], "fill": BLUE,
            "strength": 0.03 + 0.5 * rows["share"].fillna(0) / most,
            "first": [text.share(share) for share in rows["share"]],
            "second": [_points(by) for by in rows["change"]],
            "tip": [
                f"{text.share(row['share'])}, {text.count(row['offered'])} contacts"
                + ("" if text.is_missing(row["before"]) else f"; before {text.share(row['before'])}")
                for _, row in rows.iterrows()
            ],
        }
    )  # fmt: skip
    units = said.MIX_SHARE_UNITS
    description = f"Table of colours: share of {len(order):,} topics in the contacts of {len(whos):,}."
    return grid(data, order, whos, names, called, (said.MIX_SHARE, units, description))


def figure_grid(
    cells: pd.DataFrame,
    figure: str,
    order: Sequence[str],
    whos: Sequence[str],
    names: Mapping[str, str],
    called: Mapping[str, str],
) -> alt.LayerChart:
    """A figure of each topic at each provider or site, coloured by its difference from the others."""
    one = metric(figure)
    rows = cells[cells["topic"].isin(order) & cells["who"].isin(whos)]
    signs = [_direction(figure, row["difference"], thin=row["thin"]) for _, row in rows.iterrows()]
    wide = len(whos) > MOST_WIDE
    seconds = []
    for (_, row), sign in zip(rows.iterrows(), signs, strict=True):
        by = "" if row["thin"] or sign == "same" else f"{_arrow(row['difference'])} {_difference(figure, row)}"
        seconds.append(by if wide else f"{by} · n {text.count(row['n'])}".removeprefix(" · "))
    data = pd.DataFrame(
        {
            "topic": rows["topic"], "who": rows["who"], "fill": [_DIVERGING[sign] for sign in signs],
            "strength": 0.05 + 0.5 * rows["strength"],
            "first": [
                ("~ " if row["thin"] else "") + shown.value(one, row["value"]) for _, row in rows.iterrows()
            ],
            "second": seconds,
            "thin": rows["thin"],
            "tip": [said.cell(figure, row) for _, row in rows.iterrows()],
        }
    )  # fmt: skip
    told = (said.FIGURES[figure], said.grid_units(figure), said.grid_description(figure, len(order), len(whos)))
    return grid(data, order, whos, names, called, told)


def waterfall(change: Change, figure: str, names: Mapping[str, str]) -> alt.LayerChart:
    """The parts of a change one after the other, from nothing to all of it."""
    rows, at = [], 0.0
    for number, step in enumerate(change.steps):
        rows.append(
            {"order": number, "topic": step.topic or "", "label": said.step_label(step, names, figure),
             "start": at, "end": at + step.amount, "amount": step.amount, "kind": "more" if step.amount > 0 else "less"}
        )  # fmt: skip
        at += step.amount
    rows.append(
        {"order": len(rows), "topic": "", "label": said.ALL_TOGETHER, "start": 0.0, "end": change.change,
         "amount": change.change, "kind": "all"}
    )  # fmt: skip
    data = pd.DataFrame(rows)
    data = data.assign(
        shown=[said.amount(figure, value) for value in data["amount"]],
        high=data[["start", "end"]].max(axis=1), order=data["order"].astype(str).str.zfill(3),
    )  # fmt: skip
    low, high = min(0.0, *data["start"], *data["end"]), max(0.0, *data["start"], *data["end"])
    room = 0.22 * (high - low or 1.0)
    labels = dict(zip(data["order"], data["label"], strict=True))
    # Labels are looked up by their place: two topics may be called the same.
    y = alt.Y(
        "order:O", title=None,
        axis=alt.Axis(
            ticks=False, domain=False, labelFlush=False, labelLimit=260, labelColor=INHERITED,
            labelExpr=f"{_object(labels)}[datum.value]",
        ),
    )  # fmt: skip
    x = alt.X("start:Q", title=None, scale=alt.Scale(domain=[low, high + room], nice=False), axis=alt.Axis(tickCount=5))
    base = alt.Chart(data).encode(y=y)
    colour = alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=["more", "less", "all"], range=[ORANGE, BLUE, "#8A94A3"])
    )
    tooltip = [alt.Tooltip("label:N", title="Part"), alt.Tooltip("shown:N", title=said.CHANGES[figure])]
    bars = base.mark_bar(height=16).encode(x=x, x2="end:Q", color=colour)
    target = base.mark_rect(opacity=0, cursor="pointer").encode(tooltip=tooltip)
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(stroke=INHERITED, strokeOpacity=0.5).encode(x="x:Q")
    numbers = base.mark_text(align="left", dx=6, fontSize=12, fill=INHERITED).encode(x="high:Q", text="shown:N")
    click = alt.selection_point(name=CLICKED, fields=["topic"], clear=False)
    total = said.amount(figure, change.change)
    return _finished(
        [zero, bars, numbers, target.add_params(click)],
        f"Change in {said.CHANGES[figure].lower()}", f"{said.CHANGE_UNITS[figure]}; the parts add up to the last bar",
        FLAT_ROW * len(data), f"Waterfall of {len(data) - 1:,} parts that add up to {total}.",
    )  # fmt: skip


def grid(
    data: pd.DataFrame,
    order: Sequence[str],
    whos: Sequence[str],
    names: Mapping[str, str],
    called: Mapping[str, str],
    told: tuple[str, str, str],
) -> alt.LayerChart:
    """Coloured cells with a number and, below it, what it is to be held against."""
    if "thin" not in data:
        data = data.assign(thin=False)
    two_lines = bool(data["second"].astype(bool).any())
    x = alt.X(
        "who:N", title=None, scale=alt.Scale(domain=list(whos), paddingInner=0.02),
        axis=alt.Axis(
            orient="top", labelAngle=0 if len(whos) <= MOST_WIDE else -35, ticks=False, domain=False, labelLimit=150,
            labelExpr=f"{_object({who: called.get(who, who) for who in whos})}[datum.value]", labelOverlap=False,
            labelColor=INHERITED,
        ),
    )  # fmt: skip
    y = _topics(order, names)
    tip = data.assign(
        name=[said.topic_name(topic, names) for topic in data["topic"]],
        called=[called.get(who, who) for who in data["who"]],
    )
    base = alt.Chart(tip).encode(x=x, y=y)
    cells = base.mark_rect(cornerRadius=2).encode(
        fill=alt.Fill("fill:N", scale=None), fillOpacity=alt.FillOpacity("strength:Q", scale=None)
    )
    # On top, or the numbers would take the clicks.
    target = base.mark_rect(opacity=0, cursor="pointer").encode(
        tooltip=[
            alt.Tooltip("name:N", title=said.TOPIC), alt.Tooltip("called:N", title="Who"),
            alt.Tooltip("tip:N", title=told[0]),
        ],
    )  # fmt: skip
    click = alt.selection_point(name=CLICKED, fields=["topic", "who"], clear=False)
    plain = alt.datum.thin == False  # noqa: E712 - an expression of Vega, not of Python
    number: dict[str, Any] = {"fontSize": 13, "fill": INHERITED, "dy": -7 if two_lines else 0}
    layers = [
        cells,
        base.transform_filter(plain).mark_text(**number, fontWeight=600).encode(text="first:N"),
        base.transform_filter(alt.datum.thin)
        .mark_text(**number, fontStyle="italic", opacity=0.8)
        .encode(text="first:N"),
    ]
    if two_lines:
        layers.append(base.mark_text(fontSize=11, dy=9, fill=INHERITED, opacity=0.85).encode(text="second:N"))
    title, units, description = told
    return _finished(
        [*layers, target.add_params(click)], title, units, (ROW if two_lines else FLAT_ROW) * len(order), description
    )


def _topics(order: Sequence[str], names: Mapping[str, str]) -> alt.Y:
    return alt.Y(
        "topic:N", title=None, sort=list(order), scale=alt.Scale(domain=list(order), paddingInner=0.04),
        axis=alt.Axis(
            ticks=False, domain=False, labelFlush=False, labelOverlap=False, labelLimit=NAME_WIDTH,
            labelColor=INHERITED,
            labelExpr=f"{_object({topic: said.topic_name(topic, names) for topic in order})}[datum.value]",
        ),
    )  # fmt: skip


def _object(names: Mapping[str, str]) -> str:
    """A mapping as a Vega expression. Strings are data there: JSON quotes them, and nothing in them is read."""
    import json

    return json.dumps(dict(names))


def _finished(layers: list[alt.Chart], title: str, units: str, height: float, description: str) -> alt.LayerChart:
    params = alt.TitleParams(text=title, subtitle=units, subtitleColor=INHERITED, anchor="start", offset=12)
    layered = cast("alt.LayerChart", alt.layer(*layers)).properties(
        title=params, height=max(height, 40), usermeta=SVG, padding=PADDING, description=description
    )
    return cast("alt.LayerChart", layered.configure_view(stroke=None))


def _direction(figure: str, difference: float | None, *, thin: bool) -> str:
    if thin or difference is None or text.is_missing(difference) or difference == 0:
        return "same"
    if metric(figure).better == "higher":
        return "better" if difference > 0 else "worse"
    return "better" if difference < 0 else "worse"


def _arrow(difference: float) -> str:
    return "▲" if difference > 0 else "▼"


def _difference(figure: str, row: pd.Series) -> str:
    if metric(figure).unit == "share":
        return f"{100 * abs(row['difference']):.1f}"
    return text.duration(abs(row["difference"]))


def _points(change: float | None) -> str:
    if change is None or text.is_missing(change):
        return ""
    if abs(change) < 0.0005:
        return "±0.0"
    return f"{'+' if change > 0 else '−'}{100 * abs(change):.1f}"


def _signed(change: float | None) -> str:
    if change is None or text.is_missing(change):
        return text.NO_DATA
    return f"{'+' if change > 0 else '−' if change < 0 else '±'}{abs(change):,.0f}"
