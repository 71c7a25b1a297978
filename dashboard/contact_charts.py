"""The timeline of one contact: its row and its events in, an Altair chart out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

import altair as alt
import pandas as pd

from dashboard import contact_words as words
from dashboard import format as text
from dashboard.charts import INHERITED, SVG
from dashboard.contact_tables import records
from dashboard.queries import instant

ROW_HEIGHT = 34
AROUND = 112
"""What title, axis and legend take of the height."""
NEAR = timedelta(minutes=10)
"""Marks this much after the contact, or as long after it as it lasted, still fit the scale."""
NEAR_PARTS = 120
"""Marks nearer than this part of the chart's width would cover each other."""
_PHASE_COLOUR = {"menu": "#8A94A3", "waiting": "#D0670C", "talking": "#2F7BD9", "hold": "#9B5DE5", "wrap_up": "#17936A"}
_KINDS = {
    "contact.started": "arrival",
    "contact.offered": "arrival",
    "contact.answered": "answer",
    "contact.held": "hold",
    "contact.transferred": "hold",
    "contact.abandoned": "end",
    "contact.left_queue": "end",
    "contact.left_menu": "end",
    "contact.completed": "end",
    "contact.wrapped_up": "end",
    "chat.message": "message",
}
_SHAPES = {
    "arrival": "triangle-right",
    "answer": "circle",
    "hold": "square",
    "end": "diamond",
    "message": "triangle-up",
    "note": "cross",
}


class Phase(NamedTuple):
    """A stretch of a contact. open: it has not ended yet."""

    name: str
    start: datetime
    end: datetime
    open: bool = False

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.end - self.start).total_seconds()


class Timeline(NamedTuple):
    """The chart, and notes on what is not in it."""

    chart: alt.LayerChart
    notes: list[str]


def phases(row: pd.Series, events: pd.DataFrame, now: datetime) -> list[Phase]:
    """What a contact went through, as far as both ends are known or the stretch goes on."""
    at = {name: instant(row[f"{name}_at"]) for name in ("started", "offered", "answered", "abandoned", "left")}
    completed, wrapped = instant(row["completed_at"]), instant(row["wrapped_up_at"])
    goes_on = now if not row["end_unknown"] else None
    waiting_ends = at["answered"] or at["abandoned"] or at["left"]
    talk_ends = completed or wrapped
    found = [
        _phase("menu", at["started"], at["offered"] or at["left"], goes_on if row["outcome"] == "in_menu" else None),
        _phase("waiting", at["offered"], waiting_ends, goes_on if row["outcome"] == "waiting" else None),
        _phase("talking", at["answered"], talk_ends, goes_on if row["outcome"] == "answered" else None),
        *_holds(events),
        _phase("wrap_up", completed, wrapped, None),
    ]
    return [phase for phase in found if phase]


def timeline(row: pd.Series, events: pd.DataFrame, zone: str, now: datetime) -> Timeline | None:
    """Phases as bars, events as marks: where they happened and where they were received. None without either."""
    stretches = phases(row, events, now)
    ends = [phase.end for phase in stretches] + [instant(row["last_event_at"]) or now]
    starts = [phase.start for phase in stretches] + [instant(row["first_event_at"]) or now]
    limit = max(ends) + max(NEAR, max(ends) - min(starts))
    near = events[events["occurred_at"] <= limit.replace(tzinfo=None)]
    notes = [words.not_in_chart(len(events) - len(near))] if len(near) < len(events) else []
    received = bool(len(near)) and near["received_at"].max() <= limit.replace(tzinfo=None)
    if len(near) and not received:
        notes.append(words.received_far_off(float(near["delay_s"].max())))
    marks = _marks(near, zone, received=received)
    if not stretches and marks.empty:
        return None
    lanes = [words.PHASES[name] for name in words.PHASES if any(phase.name == name for phase in stretches)]
    lanes += [lane for lane in (words.LANE_HAPPENED, words.LANE_RECEIVED) if lane in set(marks["lane"])]
    days = limit - min(starts) > timedelta(days=1)
    layers: list[alt.Chart] = []
    if stretches:
        layers += _bars(stretches, zone, lanes, days=days)
    if not marks.empty:
        layers += _points(marks, lanes, days=days)
    chart = cast("alt.LayerChart", alt.layer(*layers)).resolve_scale(color="independent")
    lasted = [(phase.name, phase.seconds) for phase in stretches]
    return Timeline(
        chart.properties(
            height=ROW_HEIGHT * len(lanes) + AROUND,
            usermeta=SVG,
            padding={"left": 0, "top": 0, "right": 8, "bottom": 0},
            title=alt.TitleParams(
                text=words.TIMELINE, subtitle=words.timeline_units(zone), subtitleColor=INHERITED, anchor="start"
            ),
            description=words.timeline_description(lasted, len(events), int(events["late"].sum())),
        )
        .configure_view(stroke=None)
        .configure_axisY(labelColor=INHERITED),
        notes,
    )


def _bars(stretches: list[Phase], zone: str, lanes: list[str], *, days: bool) -> list[alt.Chart]:
    data = pd.DataFrame(
        {
            "lane": [words.PHASES[phase.name] for phase in stretches],
            "from": [_wall(phase.start, zone) for phase in stretches],
            "to": [_wall(phase.end, zone) for phase in stretches],
            "lasted": [words.lasted(phase.seconds, goes_on=phase.open) for phase in stretches],
            "open": [phase.open for phase in stretches],
        }
    )
    domain = [words.PHASES[name] for name in _PHASE_COLOUR]
    colour = alt.Color("lane:N", legend=None, scale=alt.Scale(domain=domain, range=list(_PHASE_COLOUR.values())))
    base = alt.Chart(data).encode(
        x=alt.X("from:T", title=None, axis=_time_axis(days)),
        x2="to:T",
        y=_lane(lanes),
        color=colour,
        tooltip=[
            alt.Tooltip("lane:N", title=words.PHASE),
            alt.Tooltip("from:T", title=words.FROM, format="%H:%M:%S"),
            alt.Tooltip("to:T", title=words.TO, format="%H:%M:%S"),
            alt.Tooltip("lasted:N", title=words.LASTED),
        ],
    )
    # Each bar says how long it lasted, once: several holds share a lane and say it in their tooltips.
    alone = data[~data["lane"].duplicated(keep=False)]
    said = (
        alt.Chart(alone)
        .mark_text(align="left", baseline="middle", dx=6, fill=INHERITED, fontSize=12)
        .encode(x=alt.X("to:T"), y=_lane(lanes), text="lasted:N")
    )
    # A phase of no time at all still shows as a stroke.
    stroke = alt.Chart(data).mark_tick(height=14, thickness=2).encode(x=alt.X("from:T"), y=_lane(lanes), color=colour)
    return [base.mark_bar(height=14), stroke, said]


def _points(marks: pd.DataFrame, lanes: list[str], *, days: bool) -> list[alt.Chart]:
    kinds = [kind for kind in _SHAPES if words.KINDS[kind] in set(marks["kind"])]
    # The legend stands below, so that it never covers the axis of a narrow chart.
    shape = alt.Shape(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=[words.KINDS[kind] for kind in kinds], range=[_SHAPES[kind] for kind in kinds]),
        legend=alt.Legend(
            orient="bottom",
            symbolFillColor=INHERITED,
            symbolStrokeColor=INHERITED,
            symbolStrokeWidth=1,
            symbolSize=70,
            labelLimit=0,
            labelColor=INHERITED,
        ),
    )
    base = alt.Chart(marks).encode(
        x=alt.X("at:T", title=None, axis=_time_axis(days)),
        y=_lane(lanes),
        yOffset=alt.YOffset("nudge:Q", scale=alt.Scale(domain=[-1, 1], range=[2, ROW_HEIGHT - 2])),
        shape=shape,
        tooltip=[
            alt.Tooltip("type:N", title=words.EVENT),
            alt.Tooltip("happened_text:N", title=words.HAPPENED_AT),
            alt.Tooltip("received_text:N", title=words.RECEIVED_AT),
            alt.Tooltip("delay:N", title=words.DELAY),
            alt.Tooltip("note:N", title=words.NOTE),
        ],
    )
    happened = base.transform_filter(alt.datum.lane == words.LANE_HAPPENED)
    received = base.transform_filter(alt.datum.lane == words.LANE_RECEIVED)
    return [
        happened.mark_point(filled=True, size=60, opacity=0.9, fill=INHERITED, stroke=INHERITED),
        received.mark_point(filled=False, size=55, strokeWidth=1.5, opacity=0.9, stroke=INHERITED),
    ]


def _marks(events: pd.DataFrame, zone: str, *, received: bool) -> pd.DataFrame:
    lanes = [(words.LANE_HAPPENED, "occurred_at"), *([(words.LANE_RECEIVED, "received_at")] if received else [])]
    rows = [
        {
            "lane": lane,
            "kind": words.KINDS[_KINDS.get(event["type"], "note")],
            "type": words.EVENT_TYPES.get(event["type"], event["type"]),
            "at": _wall(event[column], zone),
            "happened_text": _clock(event["occurred_at"], zone),
            "received_text": _clock(event["received_at"], zone),
            "delay": text.delay(event["delay_s"]),
            "note": event["note"] or "–",
        }
        for lane, column in lanes
        for event in records(events)
    ]
    columns = ["lane", "kind", "type", "at", "happened_text", "received_text", "delay", "note"]
    return _apart(pd.DataFrame(rows, columns=columns))


def _apart(marks: pd.DataFrame) -> pd.DataFrame:
    """Marks of one moment stand above each other instead of on top; nudge is from -1 to 1."""
    if marks.empty:
        return marks.assign(nudge=[])
    near = max((marks["at"].max() - marks["at"].min()) / NEAR_PARTS, pd.Timedelta(milliseconds=1))
    moment = (marks["at"] - marks["at"].min()) // near
    together = marks.groupby(["lane", moment])
    size, place = together["at"].transform("size"), together.cumcount()
    return marks.assign(nudge=((2 * place - (size - 1)) / size.clip(lower=3)).astype("float64"))


def _holds(events: pd.DataFrame) -> list[Phase | None]:
    held = events[(events["type"] == "contact.held") & ~events["note"].str.contains(words.CORRECTED)]
    found: list[Phase | None] = []
    for event in records(held):
        end = instant(event["occurred_at"])
        seconds = event["held_s"]
        if end is not None and not text.is_missing(seconds):
            found.append(_phase("hold", end - timedelta(seconds=seconds), end, None))
    return found


def _phase(name: str, start: datetime | None, end: datetime | None, now: datetime | None) -> Phase | None:
    if start is None or (end is None and now is None):
        return None
    until = end or now
    return Phase(name, start, max(start, until), open=end is None) if until else None


def _lane(lanes: list[str]) -> alt.Y:
    axis = alt.Axis(labelLimit=170, labelOverlap=False, ticks=False, domain=False)
    return alt.Y("lane:N", title=None, sort=lanes, scale=alt.Scale(domain=lanes), axis=axis)


def _time_axis(days: bool) -> alt.Axis:
    return alt.Axis(format="%-d %b, %H:%M" if days else "%H:%M:%S", grid=True, labelOverlap="greedy", tickCount=6)


def _wall(at: Any, zone: str) -> pd.Timestamp:
    # Vega knows UTC and the reader's own zone only: it is given the zone's wall clock.
    stamp = pd.Timestamp(at)
    stamp = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
    return stamp.tz_convert(zone).tz_localize(None)


def _clock(at: Any, zone: str) -> str:
    return f"{_wall(at, zone):%H:%M:%S.%f}"[:-3]
