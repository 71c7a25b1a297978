"""One contact on the Contacts page: facts, timeline, events, journey, and its customer's other contacts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import contact_charts, contact_queries, contact_tables, parts, queries
from dashboard import contact_words as said
from dashboard import format as text
from dashboard.contact_links import own_link
from dashboard.figures import take_away
from dashboard.names import display_names
from dashboard.store import State

if TYPE_CHECKING:
    from dashboard.contact_filters import ContactFilters
    from dashboard.queries import Status
    from dashboard.store import Reply, Store

MOST_HEIGHT = 520
RECENT = timedelta(days=35)
MOST_CUSTOMER = 20
"""Links drawn; each is an element of the page."""


def show(store: Store, reply: Reply, asked: ContactFilters) -> None:
    """The contact the address names, or why it cannot be shown."""
    now, names = queries.status(reply), display_names(reply.frames["sites"])
    simulated = set(reply.frames["sites"]["site"][reply.frames["sites"]["simulated"]])
    own_link(said.BACK, asked.opening(None).to_query(), icon=":material/arrow_back:", key="back")
    # Opened from a list it is of the list's days; otherwise most people look for one of the last weeks.
    today = (
        asked if asked.at or (asked.first and asked.last) else replace(asked, first=now.today - RECENT, last=now.today)
    )
    near = today.bounds(now.reporting_zone)
    answer = contact_queries.contact(store, reply.state, asked.contact or "", asked.of, near)
    if answer.state is State.UNREACHABLE:
        st.warning(said.TOO_LONG_ONE, icon=":material/hourglass_disabled:")
        return
    found = answer.frames["contact"]
    if found.empty:
        not_found(asked, names)
        return
    if len(found) > 1:
        st.info(said.SEVERAL, icon=":material/call_split:")
        links(found, asked, names, now, [None] * len(found), "several")
        return
    row = found.iloc[0]
    head(row, names, simulated, now)
    answer = contact_queries.events(store, reply.state, row["site"], row["contact_id"], first_instant(row))
    if answer.state is State.UNREACHABLE:
        st.warning(said.TOO_LONG_ONE, icon=":material/hourglass_disabled:")
        return
    events = contact_tables.ordered(answer.frames["events"])
    timeline(row, events, now)
    event_table(row, events, simulated, now)
    others(store, reply, asked, row, events, names, now)


def not_found(asked: ContactFilters, names: dict[str, str]) -> None:
    """Designed state: no contact has this id."""
    st.info(said.NOT_FOUND, icon=":material/search_off:")
    where = names.get(asked.of, asked.of) if asked.of else said.ANY_SITE
    parts.plain(f"{asked.contact} · {where}", "strong", key="not-found-id")
    parts.plain(said.NOT_FOUND_DO, "muted", key="not-found-do")
    st.page_link("pages_/health.py", label=said.HEALTH_LINK, icon=":material/monitor_heart:")


def first_instant(row: pd.Series) -> pd.Timestamp:
    """Before it, no event of the contact happened."""
    return pd.Timestamp(row["first_event_at"]).tz_localize("UTC")


def head(row: pd.Series, names: dict[str, str], simulated: set[str], now: Status) -> None:
    """What it was: its id, its course in words, its facts."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="contact-head"):
        st.subheader(said.CONTACT, anchor=False, width="content")
        st.code(row["contact_id"], language=None, width="content")
        if row["site"] in simulated and not now.only_simulated:
            parts.demo_badge()
    with st.container(key="course", gap="xxsmall"):
        for number, line in enumerate(said.course(row, names)):
            parts.plain(line, key=f"course-{number}")
    with st.grid("auto", min_column_width=170, gap="small", key="facts") as grid:
        for number, (label, value) in enumerate(contact_tables.facts(row, names, now.reporting_zone)):
            with grid.cell(), st.container(gap="xxsmall", key=f"fact-{number}"):
                parts.plain(label, "muted", key=f"label-{number}")
                parts.plain(value, key=f"value-{number}")


def timeline(row: pd.Series, events: pd.DataFrame, now: Status) -> None:
    """Phases and events on one scale of time."""
    drawn = contact_charts.timeline(row, events, now.reporting_zone, now.asked_at)
    if drawn is None:
        return
    st.altair_chart(drawn.chart, key="timeline")
    for number, note in enumerate(drawn.notes):
        parts.plain(note, "muted", key=f"timeline-note-{number}")


def event_table(row: pd.Series, events: pd.DataFrame, simulated: set[str], now: Status) -> None:
    """Each event, in the order in which it happened or was received."""
    if events.empty:
        st.subheader(said.EVENTS, anchor=False)
        st.info(said.NO_EVENTS, icon=":material/auto_delete:")
        return
    taken = events.drop(columns=["held_s"]).assign(site=row["site"])
    name = take_away.csv_name("contact-events", taken, simulated)
    parts.table_heading(said.EVENTS, take_away.csv(taken, simulated), name, key="events")
    by = st.segmented_control(
        said.ORDER,
        list(said.ORDERS),
        format_func=said.ORDERS.__getitem__,
        default="happened",
        required=True,
        key="contacts-order",
        label_visibility="collapsed",
    )
    shown = contact_tables.events(events, now.reporting_zone, by or "happened")
    st.dataframe(
        shown.rows,
        hide_index=True,
        height=min(MOST_HEIGHT, 38 + 30 * len(shown.rows)),
        row_height=30,
        placeholder="",
        column_config=shown.columns,
        key="contacts-events",
        alt=said.EVENTS_ALT,
    )
    parts.plain(said.EVENTS_NOTE, "muted", key="events-note")


def others(
    store: Store,
    reply: Reply,
    asked: ContactFilters,
    row: pd.Series,
    events: pd.DataFrame,
    names: dict[str, str],
    now: Status,
) -> None:
    """The contacts that belong to this one: by transfer, or of the same customer."""
    sent_on = contact_queries.sent_on(events)
    answer = contact_queries.related(store, reply.state, contact_queries.related_question(row, sent_on))
    if answer.state is State.UNREACHABLE:
        st.warning(said.TOO_LONG_ONE, icon=":material/hourglass_disabled:")
        return
    found = answer.frames["related"]
    relations = [contact_tables.relation(other, row, sent_on) for other in contact_tables.records(found)]
    linked = found.assign(relation=pd.Series(relations, index=found.index, dtype="object"))
    journey = linked[linked["relation"].notna()].sort_values("arrived_at")
    with st.grid(2, min_column_width=480, key="others") as grid:
        with grid.cell():
            st.subheader(said.JOURNEY, anchor=False)
            if journey.empty:
                parts.plain(said.NO_JOURNEY, "muted", key="no-journey")
            links(journey, asked, names, now, journey["relation"].tolist(), "journey")
        with grid.cell():
            st.subheader(said.CUSTOMER, anchor=False)
            customer(linked[linked["customer"] == row["customer"]], row, asked, names, now)


def customer(found: pd.DataFrame, row: pd.Series, asked: ContactFilters, names: dict[str, str], now: Status) -> None:
    """The customer's other contacts, in order of time."""
    if text.is_missing(row["customer"]):
        parts.plain(said.NO_CUSTOMER, "muted", key="no-customer")
        return
    if found.empty:
        parts.plain(said.NO_OTHERS, "muted", key="no-others")
        return
    near = found.head(MOST_CUSTOMER).sort_values("arrived_at")
    parts.plain(said.customer_total(len(found), len(near)), "muted", key="customer-total")
    links(near, asked, names, now, [None] * len(near), "customer")


def links(
    rows: pd.DataFrame,
    asked: ContactFilters,
    names: dict[str, str],
    now: Status,
    relations: list[str | None],
    key: str,
) -> None:
    """One link per contact. Its label holds constant words and a date; what sites made up stands beside it."""
    with st.container(key=f"links-{key}", gap="xxsmall"):
        for number, (row, relation) in enumerate(zip(contact_tables.records(rows), relations, strict=True)):
            at = queries.instant(row["arrived_at"])
            when = text.moment(at, now.reporting_zone)
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"link-{key}-{number}"):
                own_link(
                    f"{said.RELATIONS[relation]}, {when}" if relation else when,
                    asked.opening(row["contact_id"], row["site"]).to_query(),
                    icon=":material/open_in_full:",
                    key=f"open-{key}-{number}",
                )
                line = said.related_line(row, names.get(row["site"], row["site"]))
                parts.plain(line, "muted", key=f"line-{key}-{number}")
