"""Questions that several pages ask. Each is answered by the views of `models/sql` and cached for all viewers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard.literals import render
from dashboard.store import Reply, State, Store

if TYPE_CHECKING:
    from collections.abc import Hashable

HEALTH_TTL_S = 20

STATUS = """
    select
        state, detail, since, last_commit_at, last_event_at,
        coalesce(reporting_zone, 'UTC') as reporting_zone,
        service_level_s,
        coalesce(clock_speed, 1) as clock_speed,
        coalesce(clock_is_own, false) as clock_is_own,
        present() as asked_at,
        (present() at time zone 'UTC' at time zone coalesce(reporting_zone, 'UTC'))::date as today,
        simulated_sites,
        only_simulated
    from (select 1 as one)
    left join ingest_status on true
    cross join (
        select
            coalesce(list(called order by called) filter (simulated), []) as simulated_sites,
            coalesce(bool_and(simulated) filter (events > 0), false) as only_simulated
        from (
            select
                simulated,
                events,
                name || case when count(*) over (partition by name) > 1 then ' (' || site || ')' else '' end as called
            from sites
        )
    )
"""

FIRST_DAY = "select min(date) as first_day from day_arrivals"

SPAN = "select count(*) as contacts, min(arrived_at) as first_at, max(arrived_at) as last_at from contacts"

REFUSED = """
    select site, code, reason, count(*) as messages, max(received_at) as last_at
    from quarantine
    where received_at >= $since
    group by site, code, reason
    order by messages desc, site, code, reason
    limit 20
"""

SITE_NAMES = "select site, name, provider, in_house, simulated from sites order by name, site"

WEEK_CHANGES = """
    select site, week_start, measure, was, "is", since, closed_at
    from week_changes
    order by since desc, week_start desc, site, measure
    limit 2000
"""


@dataclass(frozen=True)
class Status:
    """What ingest last said of itself, when the store was asked and who made its data. Instants are UTC."""

    state: str | None
    detail: str
    since: datetime | None
    last_commit_at: datetime | None
    last_event_at: datetime | None
    reporting_zone: str
    service_level_s: float | None
    asked_at: datetime
    today: date
    clock_speed: float = 1.0
    clock_is_own: bool = False
    simulated_sites: tuple[str, ...] = ()
    only_simulated: bool = False


def status(reply: Reply) -> Status:
    """The one row of the question `status`."""
    row = reply.frames["status"].iloc[0]
    level = row["service_level_s"]
    return Status(
        state=None if pd.isna(row["state"]) else str(row["state"]),
        detail="" if pd.isna(row["detail"]) else str(row["detail"]),
        since=instant(row["since"]),
        last_commit_at=instant(row["last_commit_at"]),
        last_event_at=instant(row["last_event_at"]),
        reporting_zone=str(row["reporting_zone"]),
        service_level_s=None if pd.isna(level) else float(level),
        asked_at=pd.Timestamp(row["asked_at"]).to_pydatetime().replace(tzinfo=UTC),
        today=pd.Timestamp(row["today"]).date(),
        clock_speed=float(row["clock_speed"]),
        clock_is_own=bool(row["clock_is_own"]),
        simulated_sites=tuple(row["simulated_sites"]),
        only_simulated=bool(row["only_simulated"]),
    )


def instant(value: object) -> datetime | None:
    """A UTC instant out of a frame, knowing its zone."""
    if value is None or value is pd.NaT or not isinstance(value, datetime):
        return None
    return pd.Timestamp(value).to_pydatetime().replace(tzinfo=UTC)


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose weeks start on days, not instants."""
    return frame.assign(week_start=[pd.Timestamp(start).date() for start in frame["week_start"]])


def store_identity(store: Store) -> Hashable:
    """What makes answers of two stores the same answer, for caches."""
    return store.identity


@st.cache_data(ttl=HEALTH_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def health(store: Store, state: State, _asked_at: datetime) -> Reply:
    """The first day there is data of, and what was refused in the day before.

    A new state asks anew, a new time does not.
    """
    del state
    since = _asked_at - timedelta(days=1)
    return store.ask({"first": FIRST_DAY, "refused": render(REFUSED, since=since)})


@st.cache_data(ttl=HEALTH_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: store_identity})
def span(store: Store, state: State) -> Reply:
    """How many contacts there are, and from when to when: every contact is looked at for it."""
    del state
    return store.ask({"span": SPAN})
