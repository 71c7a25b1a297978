"""The filters of the Contacts page as widgets: filled from the address, and the address kept in step."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import address, contact_filters, contact_queries, parts, words
from dashboard import contact_words as said
from dashboard.contact_filters import CHOICES, FREE, ContactFilters
from dashboard.contact_links import own_link
from dashboard.contact_measures import MEASURES
from dashboard.names import by_name, display_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from dashboard.queries import Status
    from dashboard.store import Reply, Store


def filter_rows(store: Store, reply: Reply, asked: ContactFilters, notes: Sequence[str], now: Status) -> ContactFilters:
    """Widgets filled from the address, and the address kept in step. Days are always set in what comes back."""
    zone = now.reporting_zone
    usual = contact_filters.usual_days(now.last_event_at, now.asked_at, zone)
    if asked.at:
        local = asked.at.astimezone(ZoneInfo(zone)).date()
        first = last = local
    else:
        first = asked.first or min(usual[0], asked.last or usual[0])
        last = asked.last or max(usual[1], asked.first or usual[1])
    address.fill(
        "contacts",
        asked.to_query(),
        notes,
        {
            "sites": list(asked.sites),
            "at": asked.at,
            "first": first,
            "last": last,
            **{name: getattr(asked, name) for name in (*CHOICES, *FREE)},
        },
    )
    names = display_names(reply.frames["sites"])
    grid = st.grid(6, min_column_width=150, gap="small", key="filters")
    current = days_and_sites(grid, by_name(names, names), names)
    start, end = current.first, current.last
    if start and end and start > end:
        current = replace(current, first=end, last=start)
    found = contact_queries.options(store, reply.state, replace(current, measure=None), zone).frames.get("options")
    current = what_else(grid, current, found, reply.frames["topics"])
    if start and end and start > end:
        parts.plain(said.reversed_widgets(start, end), "muted", key="note-order")
    if current.at:
        quarter_hour(current, zone)
    address.say(notes)
    # Days the address names stay there: an address written anew when a page opens would catch the browser's way back.
    shared = replace(
        current,
        first=None if current.at or (asked.first is None and current.first == usual[0]) else current.first,
        last=None if current.at or (asked.last is None and current.last == usual[1]) else current.last,
    )
    address.write("contacts", shared.to_query(), asked.to_query(), notes)
    return current


def days_and_sites(grid: Any, sites: list[str], names: dict[str, str]) -> ContactFilters:
    """Where and when, and which contacts."""
    state = st.session_state
    at = state.get("contacts-at")
    with grid.cell():
        st.multiselect(
            words.SITES,
            sites,
            format_func=lambda site: names.get(site, site),
            key="contacts-sites",
            placeholder=words.CHOOSE_SITES,
        )
    for name, label in (("first", said.FROM), ("last", said.TO)):
        with grid.cell():
            st.date_input(
                label,
                key=f"contacts-{name}",
                disabled=at is not None,
                min_value=contact_filters.FIRST_DAY,
                max_value=contact_filters.LAST_DAY,
            )
    with grid.cell():
        st.selectbox(
            said.CLOCK,
            list(said.CLOCKS),
            format_func=said.CLOCKS.__getitem__,
            key="contacts-clock",
            help=said.CLOCK_HELP,
        )
    with grid.cell():
        st.selectbox(
            said.WHICH,
            list(MEASURES),
            format_func=lambda name: MEASURES[name].label,
            key="contacts-measure",
            placeholder=said.ALL,
            index=None,
        )
    return ContactFilters(
        sites=tuple(sorted(state["contacts-sites"])),
        first=state["contacts-first"],
        last=state["contacts-last"],
        at=at,
        clock=state["contacts-clock"],
        measure=state["contacts-measure"],
    )


def what_else(grid: Any, current: ContactFilters, found: pd.DataFrame | None, topics: pd.DataFrame) -> ContactFilters:
    """What else must hold. Values that sites make up are offered as they occur, most frequent first."""
    called = {"topic": dict(zip(topics["topic"], topics["name"], strict=True)), "outcome": said.OUTCOMES}
    chosen: dict[str, Any] = {}
    for name, label in said.FILTERS.items():
        values = list(CHOICES.get(name, ()))
        if name in FREE and found is not None:
            values = found["value"][found["what"] == name].tolist()
        asked = st.session_state.get(f"contacts-{name}")
        if asked is not None and asked not in values:
            values = [asked, *values]
        with grid.cell():
            chosen[name] = st.selectbox(
                label,
                values,
                format_func=partial(_called, called.get(name, {})),
                key=f"contacts-{name}",
                placeholder=said.ALL,
                index=None,
            )
    return replace(current, **chosen)


def _called(names: Mapping[str, str], value: str) -> str:
    return names.get(value, value)


def quarter_hour(current: ContactFilters, zone: str) -> None:
    """Says that one quarter-hour alone is looked at, and how to see its day."""
    if current.at is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="quarter-hour"):
        parts.plain(said.quarter_hour(current.at, zone), "strong", key="quarter-hour-text")
        day = current.at.astimezone(ZoneInfo(zone)).date()
        query = replace(current, at=None, first=day, last=day).to_query()
        own_link(said.WHOLE_DAY, query, icon=":material/calendar_today:", key="whole-day")
