"""The questions of the Data health page. What moves is asked every few seconds, the rest less often."""

from __future__ import annotations

import streamlit as st

from dashboard.queries import STATUS, WEEK_CHANGES, store_identity
from dashboard.store import Reply, State, Store

FEED_TTL_S = 5
DETAILS_TTL_S = 30
MOST_MESSAGES = 200
LOG_ROWS = 50

FEED = """
    select
        site, name, system, state, hours, open_now, first_event_at, last_event_at, last_received_at,
        events_per_minute, events_by_minute, events_1h, history_events_1h,
        lateness_p50_s, lateness_p95_s, lateness_now_s, clock_skew_s, messages_left,
        messages_24h, repeats_24h, out_of_order_24h, silent_24h, refused_24h, simulated
    from feed
    join (select site, simulated from sites) using (site)
    order by name, site
"""

REFUSED_BY_CLASS = """
    select
        site, code, reason_class(reason) as reason, count(*) as messages,
        count(*) filter (settled_at is null) as open, max(received_at) as last_at
    from quarantine
    group by site, code, reason_class(reason)
    order by open desc, messages desc, site, code, reason
    limit 200
"""

# The latest are found first, so that no other message is decoded.
REFUSED_LATEST = f"""
    with latest as (
        select kafka_topic_id, kafka_partition, kafka_offset
        from quarantine
        order by settled_at is not null, received_at desc, kafka_offset desc
        limit {MOST_MESSAGES}
    )
    select location, site, code, reason, received_at, bytes, settled_at, settled_how, message_shown
    from quarantine
    semi join latest using (kafka_topic_id, kafka_partition, kafka_offset)
    order by settled_at is not null, received_at desc, kafka_offset desc
"""

UNMAPPED = "select site, code, contacts, first_at, last_at from unmapped_topics order by contacts desc, site, code"
TOPICS = "select count(*) as topics from topics"
GAPS = "select site, starts_at, ends_at, minutes, running from feed_gaps order by running desc, starts_at desc, site"
STRETCHES = """
    select site, state, min(starts_at) as starts_at, max(starts_at) + interval 15 minutes as ends_at
    from (
        select
            site, state, starts_at,
            row_number() over (partition by site order by starts_at)
            - row_number() over (partition by site, state order by starts_at) as stretch
        from feed_quarter_hours
        where state is not null
    )
    group by site, state, stretch
    order by site, starts_at
"""
OPEN = "select site, waiting, in_conversation, end_unknown, oldest_at from open_contacts order by site"
LOG = f'select "at", state, detail from ingest_log order by "at" desc limit {LOG_ROWS}'


@st.cache_data(ttl=FEED_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def feed(store: Store) -> Reply:
    """How every site's feed is doing now."""
    return store.ask({"status": STATUS, "feed": FEED})


@st.cache_data(ttl=DETAILS_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def details(store: Store, state: State) -> Reply:
    """What was refused, missing, open and changed, and what ingest said. A new state asks anew."""
    del state
    return store.ask(
        {
            "by_class": REFUSED_BY_CLASS,
            "latest": REFUSED_LATEST,
            "unmapped": UNMAPPED,
            "topics": TOPICS,
            "gaps": GAPS,
            "stretches": STRETCHES,
            "open": OPEN,
            "changes": WEEK_CHANGES,
            "log": LOG,
        }
    )
