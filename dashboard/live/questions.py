"""What the live desk asks. Every question names its instant, so that now and any past moment are asked alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import queries
from dashboard.literals import render
from dashboard.store import Reply, State, Store

LIVE_TTL_S = 0.5
SLOW_TTL_S = 20
PAST_TTL_S = 300

SITES = """
    select site, name, provider, in_house, events, refused, simulated, last_received_at, last_event_at
    from sites
    order by name, site
"""
FEED = "select site, state, open_now, last_event_at from feed"
# Of the quarter-hour that runs, the part that is left.
LEFT = """
    select site, sum(mean * least(epoch(starts_at + interval 15 minutes - $instant) / 900, 1)) as left_today
    from forecasts
    where date = $day and starts_at + interval 15 minutes > $instant
    group by site
"""
TARGETS = "select metric, target from targets"
QUEUES = "from queues_at($from, $to, $instant)"
STILL_OPEN = "from queues_open($from, $to, $instant)"
AGENTS = "from agents_at($instant)"

_DAY = timedelta(hours=26)
"""A day of 25 hours, and what was told of it late in the evening before."""
_OPEN = timedelta(hours=168)
"""How long a contact may stay open after its last event."""
_FAR = timedelta(days=36_500)


@dataclass(frozen=True)
class Desk:
    """An instant of the live desk. queues: sums of `queues_at`; agents: rows of `agents_at`.

    feed, left: state of the feeds, and contacts still expected today; None in the past.
    """

    state: State
    status: Reply
    instant: datetime
    sites: pd.DataFrame
    queues: pd.DataFrame
    agents: pd.DataFrame
    feed: pd.DataFrame | None
    left: pd.DataFrame | None = None
    tried: tuple[str, ...] = ()


def now(store: Store) -> Desk | Reply:
    """The desk as it is; the reply that says why when the store is away. Of a store nobody writes: as it was last."""
    reply = status(store)
    if reply.state is State.UNREACHABLE:
        return reply
    said = queries.status(reply)
    instant = said.asked_at
    if reply.state is State.STOPPED and said.last_commit_at is not None:
        # Nobody knows what went on after the data ends.
        instant = min(instant, said.last_commit_at)
    fast = _fast(store, reply.state, instant)
    slow = _slow(store, reply.state, said.today, _minute(instant))
    return _desk(reply, instant, fast, slow)


def then(store: Store, instant: datetime) -> Desk | Reply:
    """The desk as it was."""
    reply = status(store)
    if reply.state is State.UNREACHABLE:
        return reply
    fast = _past(store, reply.state, instant)
    return _desk(reply, instant, fast, fast)


def _desk(said: Reply, instant: datetime, fast: Reply, slow: Reply) -> Desk | Reply:
    for reply in (fast, slow):
        if reply.state is State.UNREACHABLE:
            return reply
    parts = [part for part in (fast.frames["queues"], slow.frames["older"]) if not part.empty]
    queues_ = pd.concat(parts, ignore_index=True) if parts else fast.frames["queues"]
    return Desk(
        state=said.state,
        status=said,
        instant=instant,
        sites=slow.frames["sites"],
        queues=queues_,
        agents=fast.frames["agents"],
        feed=slow.frames.get("feed"),
        left=slow.frames.get("left"),
        tried=said.tried,
    )


def fast_questions(instant: datetime) -> dict[str, str]:
    """What moves from second to second: the day's queues and the agents."""
    return {
        "queues": render(QUEUES, **{"from": instant - _DAY, "to": instant + _FAR, "instant": instant}),
        "agents": render(AGENTS, instant=instant),
    }


def older(instant: datetime, *, is_now: bool = True) -> str:
    """Who has been open for over a day at an instant: now, or in the past."""
    bounds = {"from": instant - _OPEN, "to": instant - _DAY, "instant": instant}
    return render(STILL_OPEN if is_now else QUEUES, **bounds)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


@st.cache_data(ttl=LIVE_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: queries.store_identity})
def status(store: Store) -> Reply:
    """What ingest says of itself, and the time there."""
    return store.ask({"status": queries.STATUS})


@st.cache_data(ttl=SLOW_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: queries.store_identity})
def targets(store: Store, state: State) -> dict[str, float]:
    """What figures are meant to reach, by metric."""
    del state
    frame = store.ask({"targets": TARGETS}).frames.get("targets")
    return {} if frame is None else dict(zip(frame["metric"], frame["target"], strict=True))


@st.cache_data(ttl=LIVE_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: queries.store_identity})
def _fast(store: Store, state: State, instant: datetime) -> Reply:
    del state
    return store.ask(fast_questions(instant))


@st.cache_data(ttl=SLOW_TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: queries.store_identity})
def _slow(store: Store, state: State, day: date, _instant: datetime) -> Reply:
    """What moves slowly. A new state asks anew, a new time does not."""
    # Read from a file that nobody writes any more, the instant is not the present.
    still = older(_instant, is_now=state is State.LIVE)
    left = render(LEFT, day=day, instant=_instant)
    return store.ask({"older": still, "sites": SITES, "feed": FEED, "left": left})


@st.cache_data(ttl=PAST_TTL_S, max_entries=64, show_spinner=False, hash_funcs={Store: queries.store_identity})
def _past(store: Store, state: State, instant: datetime) -> Reply:
    del state
    return store.ask(fast_questions(instant) | {"older": older(instant, is_now=False), "sites": SITES})
