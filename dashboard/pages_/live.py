"""What happens now, or happened at any moment before: who waits and works where, and how that day is going."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import parts, queries, words
from dashboard.live import alerts, questions, sections, wall
from dashboard.live import words as said
from dashboard.live.board import silent_sites
from dashboard.live.controls import controls
from dashboard.live.questions import Desk
from dashboard.names import display_names
from dashboard.scope.scope import NONE
from dashboard.store import State

if TYPE_CHECKING:
    from datetime import datetime

    from dashboard.live.filters import Options, View
    from dashboard.queries import Status
    from dashboard.store import Store

REFRESH_S = 2


def live() -> None:
    """The whole page. The controls stand still; what is below them is asked anew every two seconds."""
    store = parts.store()
    if store is None:
        return
    with st.container(key="live-top", gap="small"):
        st.fragment(_heading, run_every=REFRESH_S, key="live-heading")(store)
    desk = questions.now(store)
    if not isinstance(desk, Desk):
        _away(store)
        return
    now = queries.status(desk.status)
    if desk.sites["events"].sum() == 0 and desk.queues.empty:
        _empty(store)
        return
    first = _first(queries.health(store, desk.state, now.asked_at).frames.get("first"), now.reporting_zone)
    offered = _options(desk)
    with st.container(key="live-bar", gap="small"):
        view = controls(offered, display_names(desk.sites), desk.instant, first or desk.instant, now.reporting_zone)
    if view.wall:
        parts.wall_style()
    st.fragment(_desk, run_every=None if view.at else REFRESH_S, key="live-desk")(store, view, offered)


def _first(days: pd.DataFrame | None, zone: str) -> datetime | None:
    """The beginning of the first day there is data of."""
    day = None if days is None or days.empty else days["first_day"].iloc[0]
    return None if pd.isna(day) else pd.Timestamp(day).tz_localize(ZoneInfo(zone)).to_pydatetime()


def _heading(store: Store) -> None:
    reply = questions.status(store)
    parts.heading(words.LIVE_TITLE, reply)


@st.fragment(run_every=REFRESH_S)
def _away(store: Store) -> None:
    """Tried again until it answers; then the page begins anew."""
    reply = questions.status(store)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    st.rerun()


@st.fragment(run_every=REFRESH_S)
def _empty(store: Store) -> None:
    """Asked anew until something has come in; then the page begins anew."""
    desk = questions.now(store)
    if not isinstance(desk, Desk) or desk.sites["events"].sum() or not desk.queues.empty:
        st.rerun()
    parts.notices(desk.status)
    now = queries.status(desk.status)
    parts.empty(queries.health(store, desk.state, now.asked_at).frames.get("refused"))


def _desk(store: Store, view: View, offered: Options) -> None:
    desk = questions.then(store, view.at) if view.at else questions.now(store)
    if not isinstance(desk, Desk):
        parts.unreachable(desk)
        return
    if not view.at and any(set(known) - set(offered[name]) for name, known in _options(desk).items()):
        st.rerun()  # The filters stand outside this fragment and have to offer what has come meanwhile.
    now = queries.status(desk.status)
    if view.at:
        parts.plain(said.as_was(view.at, now.reporting_zone), "strong", key="as-was")
        parts.plain(said.PAST_NOTE, "muted", key="past-note")
    else:
        parts.notices(desk.status)
    shown = _shown(store, desk, view, now)
    for place, (site, since) in enumerate(shown.silent.since.items()):
        line = said.silent(shown.names.get(site, site), since, desk.instant, shown.zone)
        parts.plain(line, key=f"silent-{place}")
    if not view.at:
        alerts.alerts(store, shown)
    board, whole = sections.board_of(store, shown)
    if board.empty:
        parts.plain(said.NONE_HERE, key="live-none")
        today_or_history(queries.span(store, desk.state).frames.get("span"), now)
        return
    sections.totals(shown, whole)
    if view.wall:
        wall.wall(shown, board)
        return
    chosen = sections.board(shown, board)
    if chosen is not None:
        sections.details(shown, chosen)
    if not view.at:
        alerts.history(store, shown)
    _refused(queries.health(store, desk.state, now.asked_at).frames.get("refused"))


def _refused(refused: pd.DataFrame | None) -> None:
    if refused is None or refused.empty:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="live-refused"):
        parts.plain(said.refused(int(refused["messages"].sum())), "muted", key="refused")
        st.page_link("pages_/health.py", label=said.SEE_HEALTH, icon=":material/monitor_heart:")


def _shown(store: Store, desk: Desk, view: View, now: Status) -> sections.Shown:
    heard = {
        str(site): queries.instant(at) for site, at in zip(desk.sites["site"], desk.sites["last_event_at"], strict=True)
    }
    targets = questions.targets(store, desk.state)
    return sections.Shown(
        desk=desk,
        view=view,
        names=display_names(desk.sites),
        zone=now.reporting_zone,
        target_s=now.service_level_s,
        wanted=targets.get("service_level"),
        silent=silent_sites(desk.feed if desk.state is State.LIVE else None, heard),
        stale=desk.state is State.STOPPED and view.at is None,
        simulated=frozenset() if now.only_simulated else frozenset(desk.sites["site"][desk.sites["simulated"]]),
    )


def _options(desk: Desk) -> Options:
    def of(column: str) -> list[str]:
        return sorted(set(desk.queues[column].fillna(NONE)))

    return {
        "sites": list(desk.sites["site"]),
        "queues": of("queue"),
        "languages": of("language"),
        "channels": of("channel"),
    }


def today_or_history(span: pd.DataFrame | None, now: Status) -> None:
    """When nothing came today, say what there is instead and where to see it."""
    if span is None or not span["contacts"].iloc[0]:
        return
    row = span.iloc[0]
    first, last = queries.instant(row["first_at"]), queries.instant(row["last_at"])
    if first is None or last is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="history"):
        st.info(
            words.nothing_today(first, last, int(row["contacts"]), now.reporting_zone),
            icon=":material/history:",
        )
        st.page_link("pages_/compare.py", label=words.COMPARE_LINK, icon=":material/balance:")


live()
