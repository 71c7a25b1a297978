"""The questions of the Contacts page. Conditions are constants of this package, values go in as literals.

`arrived_at` and `handled_at` come out of structs, which a scan cannot skip by. Both lie between `first_event_at` and
`last_event_at`, plain columns, so these bound every question first.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.contact_measures import CLOCKS, MEASURES
from dashboard.literals import Value, render
from dashboard.queries import SITE_NAMES, STATUS, instant, store_identity
from dashboard.store import Reply, State, Store

if TYPE_CHECKING:
    from dashboard.contact_filters import ContactFilters

OVERVIEW_TTL_S = 10
LIST_TTL_S = 15
MOST_SHOWN = 500
MOST_EXPORTED = 100_000
MOST_OPTIONS = 2_000
MOST_RELATED = 200
MOST_EVENTS = 2_000
AROUND = timedelta(days=30)

LOADED = "select coalesce(sum(events), 0) as events from sites"

_LISTED = """
        site, contact_id, queue, channel, language, topic, t.name as topic_name, outcome, left_reason, excluded_reason,
        end_unknown, arrived_at, handled_at, wait_s, talk_s, hold_s, wrap_up_s, handle_s, agent_id, transfers, resolved
    from contacts
    left join topics t using (topic)
"""
_EXPORTED = """
        site, contact_id, direction, queue, channel, language, topic, t.name as topic_name, topic_code, campaign,
        outcome, left_reason, excluded_reason, end_unknown, arrived_at, offered_at, answered_at, abandoned_at, left_at,
        completed_at, wrapped_up_at, handled_at, wait_s, talk_s, hold_s, wrap_up_s, handle_s, agent_id, ended_by,
        disposition, resolved, transfers, transferred_to_queue, transferred_to_site, customer, initial_contact_id,
        previous_contact_id, first_event_at, last_event_at
    from contacts
    left join topics t using (topic)
"""
_OPTIONS = f"""
    select what, value, count(*) as contacts
    from (
        select unnest([
            {{'what': 'queue', 'value': queue}},
            {{'what': 'language', 'value': language}},
            {{'what': 'topic', 'value': topic}},
            {{'what': 'agent', 'value': agent_id}}
        ], recursive := true)
        from contacts
        where {{}}
    )
    where value is not null
    group by what, value
    union all
    select 'team' as what, team as value, count(distinct agent_id) as contacts
    from agent_changes
    where team is not null and occurred_at >= $start - interval 1 day and occurred_at < $end
        and (len($sites) = 0 or list_contains($sites, site))
    group by team
    order by what, contacts desc, value
    limit {MOST_OPTIONS}
"""
TOPICS = "select topic, name from topics order by name, topic"

_CONTACT = """
    select contacts.*, t.name as topic_name
    from contacts
    left join topics t using (topic)
    where contact_id = $contact {}
    order by site
    limit 20
"""
EVENTS = f"""
    select
        event_id, type, occurred_at, received_at, data::varchar as data, revision,
        kafka_topic, kafka_partition, kafka_offset, batch
    from events
    where site = $of and subject = $contact and occurred_at >= $since
        and not starts_with(type, 'agent.') and not starts_with(type, 'site.')
    order by occurred_at, event_id, revision
    limit {MOST_EVENTS}
"""
# Contact ids are a site's own, so one of another site is taken for a part of the journey only when something ties
# the two together: the customer, or a transfer between these sites.
RELATED = f"""
    select
        site, contact_id, queue, channel, outcome, left_reason, excluded_reason, end_unknown, arrived_at, wait_s,
        agent_id, initial_contact_id, previous_contact_id, customer
    from contacts
    where last_event_at >= $start and first_event_at < $end
        and (site <> $of or contact_id <> $contact)
        and (
            customer = $customer
            or (
                (
                    list_contains($ids, contact_id) or list_contains($ids, initial_contact_id)
                    or previous_contact_id = $contact
                )
                and (site = $of or site = $to_site or transferred_to_site = $of)
            )
        )
    order by abs(epoch(arrived_at) - epoch($arrived)), site, contact_id
    limit {MOST_RELATED}
"""


def condition(filters: ContactFilters, zone: str) -> str:
    """What rows must meet, with all values as literals."""
    start, end = filters.bounds(zone)
    clock = CLOCKS[filters.clock]
    parts = ["last_event_at >= $start", "first_event_at < $end", f"{clock} >= $start", f"{clock} < $end"]
    values: dict[str, Value] = {"start": start, "end": end}
    if filters.team is not None:
        parts.append(
            "(site, contact_id) in (select site, contact_id from teams_within($start, $end) where team = $team)"
        )
        values["team"] = filters.team
    if filters.sites:
        parts.append("list_contains($sites, site)")
        values["sites"] = filters.sites
    if filters.measure:
        parts.append(f"({MEASURES[filters.measure].condition})")
    equal = (
        ("queue", filters.queue),
        ("channel", filters.channel),
        ("language", filters.language),
        ("topic", filters.topic),
        ("outcome", filters.outcome),
        ("agent_id", filters.agent),
    )
    for column, value in equal:
        if value is not None:
            parts.append(f"{column} = ${column}")
            values[column] = value
    return render(" and ".join(parts), **values)


def selection(filters: ContactFilters, zone: str, columns: str = _LISTED, most: int = MOST_SHOWN) -> str:
    """The newest contacts of the filters."""
    clock = CLOCKS[filters.clock]
    where = condition(filters, zone)
    return f"select {columns} where {where} order by {clock} desc, site, contact_id limit {most:d}"


@st.cache_data(ttl=OVERVIEW_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def overview(store: Store) -> Reply:
    """Whether anything is there, of which sites and topics."""
    return store.ask({"status": STATUS, "sites": SITE_NAMES, "topics": TOPICS, "loaded": LOADED})


@st.cache_data(ttl=LIST_TTL_S, max_entries=32, show_spinner=False, hash_funcs={Store: store_identity})
def options(store: Store, state: State, days: ContactFilters, zone: str) -> Reply:
    """What can be chosen among the contacts of these days and sites. A new state asks anew."""
    del state
    return store.ask({"options": options_question(days, zone)})


def options_question(days: ContactFilters, zone: str) -> str:
    """Values of the free filters among the contacts of these days and sites, and how many contacts have them."""
    start, end = days.bounds(zone)
    statement, contacts = _OPTIONS.split("{}")
    return statement + condition(days, zone) + render(contacts, start=start, end=end, sites=days.sites)


@st.cache_data(ttl=LIST_TTL_S, max_entries=32, show_spinner=False, hash_funcs={Store: store_identity})
def listed(store: Store, state: State, filters: ContactFilters, zone: str) -> Reply:
    """The newest contacts of the filters and how many there are."""
    del state
    count = f"select count(*) as contacts from contacts where {condition(filters, zone)}"
    return store.ask({"rows": selection(filters, zone), "count": count})


def exported(store: Store, filters: ContactFilters, zone: str) -> pd.DataFrame:
    """All contacts of the filters, up to a limit. Asked only when somebody takes the file; kept nowhere."""
    reply = store.ask({"rows": selection(filters, zone, _EXPORTED, MOST_EXPORTED)})
    if reply.state is State.UNREACHABLE:
        raise TimeoutError("; ".join(reply.tried))
    return reply.frames["rows"]


@st.cache_data(ttl=LIST_TTL_S, max_entries=32, show_spinner=False, hash_funcs={Store: store_identity})
def contact(
    store: Store, state: State, contact_id: str, of: str | None, near: tuple[datetime, datetime] | None
) -> Reply:
    """The contacts of this id, at one site or at any. near: where the one of a site is looked for first."""
    del state
    if of and near:
        reply = store.ask({"contact": contact_question(contact_id, of, near)})
        if reply.state is State.UNREACHABLE or not reply.frames["contact"].empty:
            return reply
    return store.ask({"contact": contact_question(contact_id, of)})


def contact_question(contact_id: str, of: str | None, near: tuple[datetime, datetime] | None = None) -> str:
    """What to ask for an id. Without `near` all contacts there are have to be read."""
    values: dict[str, Value] = {"contact": contact_id}
    where = ""
    if of:
        where += " and site = $of"
        values["of"] = of
    if near:
        where += " and last_event_at >= $start and first_event_at < $end"
        values |= {"start": near[0], "end": near[1]}
    return render(_CONTACT.format(where), **values)


@st.cache_data(ttl=LIST_TTL_S, max_entries=32, show_spinner=False, hash_funcs={Store: store_identity})
def events(store: Store, state: State, of: str, contact_id: str, since: datetime) -> Reply:
    """What a contact's events say."""
    del state
    return store.ask({"events": render(EVENTS, of=of, contact=contact_id, since=since)})


@st.cache_data(ttl=LIST_TTL_S, max_entries=32, show_spinner=False, hash_funcs={Store: store_identity})
def related(store: Store, state: State, statement: str) -> Reply:
    """The contacts that belong to one."""
    del state
    return store.ask({"related": statement})


def related_question(row: pd.Series, sent_on: list[str]) -> str:
    """What to ask for a contact's journey and its customer's other contacts."""
    first, last = instant(row["first_event_at"]), instant(row["last_event_at"])
    arrived = instant(row["arrived_at"])
    if first is None or last is None or arrived is None:
        raise ValueError("a contact without instants")
    linked = [_text(row[name]) for name in ("contact_id", "initial_contact_id", "previous_contact_id")]
    return render(
        RELATED,
        start=first - AROUND,
        end=last + AROUND,
        of=_text(row["site"]),
        contact=_text(row["contact_id"]),
        customer=_text(row["customer"]),
        ids=sorted({value for value in [*linked, *sent_on] if value}),
        to_site=_text(row["transferred_to_site"]),
        arrived=arrived,
    )


def sent_on(events: pd.DataFrame) -> list[str]:
    """The contacts this one became by transfer, as its events say."""
    found = [json.loads(data).get("to_contact_id") for data in events["data"][events["type"] == "contact.transferred"]]
    return [value for value in found if isinstance(value, str)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
