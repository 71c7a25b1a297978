"""The row of controls of the live desk, kept in step with the address."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import address
from dashboard import words as shared
from dashboard.live import words as said
from dashboard.live.board import BY, Selection
from dashboard.live.filters import LISTS, PAGE, Options, View, read

_LABELS = {"sites": shared.SITES, "queues": shared.QUEUES, "languages": shared.LANGUAGES, "channels": shared.CHANNELS}
_STEP = timedelta(minutes=1)
_JUMP = timedelta(minutes=15)


def controls(options: Options, names: dict[str, str], now: datetime, first: datetime, zone: str) -> View:
    """Draw what can be chosen and return it. now, first: UTC; the present and the first instant there is data of."""
    query = address.asked()
    asked, notes = read(query, options, now, zone)
    address.fill(
        PAGE,
        asked.to_query(zone),
        notes,
        {**{name: list(getattr(asked.selection, name)) for name in LISTS}, "by": asked.by, "moment": _moment(asked)}
        | _day_and_time(asked.at, zone),
    )
    if asked.wall:
        if st.button(said.LEAVE_WALL, icon=":material/close_fullscreen:", key="leave-wall", type="tertiary"):
            _go(View(asked.selection, asked.by), zone)
        return asked
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="live-controls"):
        moment = st.segmented_control(
            said.WHEN, (said.NOW, said.PAST), key=f"{PAGE}-moment", width="content", required=True
        )
        by = st.segmented_control(
            said.ROWS, BY, format_func=said.BY.__getitem__, key=f"{PAGE}-by", width="content", required=True
        )
        set_now = sum(bool(st.session_state.get(f"{PAGE}-{name}")) for name in LISTS)
        label = said.FILTERS + (f" ({set_now})" if set_now else "")
        with st.popover(label, icon=":material/tune:", key=f"{PAGE}-filters"):
            chosen = {name: _list(name, options, names) for name in LISTS}
        st.space("stretch")
        wall = st.button(said.WALL, icon=":material/open_in_full:", key="enter-wall", type="tertiary")
    address.say(notes)
    at = None
    if moment == said.PAST:
        at = _past(asked.at, now, first, zone)
    view = View(Selection(**chosen), by or BY[0], at, wall)
    address.write(PAGE, view.to_query(zone), asked.to_query(zone), notes)
    if wall:
        st.rerun()
    return view


def _go(view: View, zone: str) -> None:
    st.query_params.from_dict(view.to_query(zone))
    st.rerun()


def _moment(view: View) -> str:
    return said.PAST if view.at else said.NOW


def _list(name: str, options: Options, names: dict[str, str]) -> tuple[str, ...]:
    picked = st.multiselect(
        _LABELS[name],
        options[name],
        format_func=lambda value: names.get(value, value) if name == "sites" else value,
        key=f"{PAGE}-{name}",
        placeholder=shared.ANY,
    )
    return tuple(sorted(picked))


def _past(asked: datetime | None, now: datetime, first: datetime, zone: str) -> datetime:
    """The day and the minute of it."""
    key_day, key_time = f"{PAGE}-day", f"{PAGE}-time"
    local_now = now.astimezone(ZoneInfo(zone))
    if key_time not in st.session_state:
        _set(asked or now - _JUMP, zone)
    earliest = min(first.astimezone(ZoneInfo(zone)).date(), st.session_state[key_day])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="live-past"):
        picked = st.date_input(
            said.DAY, min_value=earliest, max_value=max(local_now.date(), st.session_state[key_day]),
            format="YYYY-MM-DD", width=150, key=key_day,
        )  # fmt: skip
        day = picked if isinstance(picked, date) else local_now.date()
        minutes = _minutes(day, zone)
        if st.session_state[key_time] not in minutes:
            # A time there is on another day only, when the clocks change.
            st.session_state[key_time] = min(
                minutes, key=lambda label: abs(_number(label) - _number(st.session_state[key_time]))
            )
        label = st.select_slider(said.TIME, list(minutes), key=key_time, width="stretch")
        chosen = min(minutes[label], _minute(now))
        st.button(
            said.EARLIER, icon=":material/fast_rewind:", key="earlier", type="tertiary",
            disabled=chosen - _JUMP < first, on_click=_set, args=(chosen - _JUMP, zone),
        )  # fmt: skip
        st.button(
            said.LATER, icon=":material/fast_forward:", key="later", type="tertiary",
            disabled=chosen + _JUMP > now, on_click=_set, args=(chosen + _JUMP, zone),
        )  # fmt: skip
    return chosen


def _set(at: datetime, zone: str) -> None:
    for name, value in _day_and_time(at, zone).items():
        st.session_state[f"{PAGE}-{name}"] = value


def _day_and_time(at: datetime | None, zone: str) -> dict[str, Any]:
    """What the two widgets hold at an instant."""
    return {"day": at.astimezone(ZoneInfo(zone)).date(), "time": _clock(at, zone)} if at else {}


def _minutes(day: date, zone: str) -> dict[str, datetime]:
    """Every minute of a local day by its label, UTC; a day of the clocks' change has 23 or 25 hours."""
    begins = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    ends = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    return {_clock(begins + n * _STEP, zone): begins + n * _STEP for n in range((ends - begins) // _STEP)}


def _clock(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    twice = local.fold or local.replace(fold=1).utcoffset() != local.utcoffset()
    return f"{local:%H:%M %Z}" if twice else f"{local:%H:%M}"


def _number(label: str) -> int:
    return int(label[:2]) * 60 + int(label[3:5])


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
