"""What happens now: who waits, where the longest wait is, how the day is going, and how old all that is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from dashboard import contact_links, contact_words, parts, queries, words
from dashboard import format as text
from dashboard.store import Reply, State

if TYPE_CHECKING:
    from dashboard.queries import Status

REFRESH_S = 2


@st.fragment(run_every=REFRESH_S)
def live() -> None:
    """The whole page, asked anew every two seconds."""
    store = parts.store()
    if store is None:
        return
    reply = queries.live(store)
    parts.heading(words.LIVE_TITLE, reply)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    now = queries.status(reply)
    sites = reply.frames["sites"]
    health = queries.health(store, reply.state, now.asked_at).frames
    if sites["events"].sum() == 0 and not sites["offered"].any():
        parts.notices(reply)
        parts.empty(health.get("refused"))
        return
    sites, queues = as_of_last_data(reply, sites, reply.frames["queues"], now)
    parts.notices(reply)
    today_or_history(sites, queues, health.get("span"), now)
    totals(sites, now, stale=reply.state is State.STOPPED)
    for place, (_, site) in enumerate(sites.iterrows()):
        site_card(place, site, queues[queues["site"] == site["site"]], now, stale=reply.state is State.STOPPED)
    refused = health.get("refused")
    if refused is not None and not refused.empty:
        parts.plain(words.REFUSED_TITLE, "strong", key="refused-title")
        parts.refused_table(refused)


def as_of_last_data(
    reply: Reply, sites: pd.DataFrame, queues: pd.DataFrame, now: Status
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Waits out of a file end where its data ends: nobody knows whether they still go on."""
    if reply.state is not State.STOPPED or now.last_commit_at is None:
        return sites, queues
    behind_s = (now.asked_at - now.last_commit_at).total_seconds()
    return tuple(  # type: ignore[return-value]
        frame.assign(longest_wait_s=(frame["longest_wait_s"] - behind_s).clip(lower=0)) for frame in (sites, queues)
    )


def today_or_history(sites: pd.DataFrame, queues: pd.DataFrame, span: pd.DataFrame | None, now: Status) -> None:
    """When nothing came today, say what there is instead and where to see it."""
    if sites["offered"].any() or not queues.empty or span is None or not span["contacts"].iloc[0]:
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


def totals(sites: pd.DataFrame, now: Status, *, stale: bool) -> None:
    """All sites together."""
    answered, abandoned = sites["answered"].sum(), sites["abandoned"].sum()
    n = answered + abandoned
    level = sites["answered_in_target"].sum() / n if n else None
    with st.container(key="stale-totals" if stale else "totals"):
        figures(
            "totals",
            600,
            waiting=sites["waiting"].sum(),
            longest_wait_s=sites["longest_wait_s"].max(),
            in_conversation=sites["in_conversation"].sum(),
            offered=sites["offered"].sum(),
            answered=answered,
            abandoned=abandoned,
            level=level,
            now=now,
        )


def site_card(place: int, site: pd.Series, queues: pd.DataFrame, now: Status, *, stale: bool) -> None:
    """One site: its numbers on the left, its queues on the right."""
    with st.container(border=True, key=f"card-{'stale-' if stale else ''}{place}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-{place}"):
            parts.plain(str(site["name"]), "strong", key=f"site-{place}")
            if site["provider"] not in (site["name"], site["site"]):
                parts.plain(str(site["provider"]), "muted", key=f"provider-{place}")
            if site["in_house"]:
                st.badge(words.IN_HOUSE, color="gray")
            if site["simulated"] and not now.only_simulated:
                parts.demo_badge()
            target = now.service_level_s
            if target is not None and not stale and site["waiting"] and site["longest_wait_s"] > target:
                st.badge(words.over_target(target), icon=":material/hourglass_top:", color="orange")
            st.space("stretch")
            event_at, received_at = (
                queries.instant(site["last_event_at"]),
                queries.instant(site["last_received_at"]),
            )
            parts.plain(words.site_age(event_at, received_at, now.asked_at), "muted", key=f"age-{place}")
        with st.grid(2, min_column_width=520, vertical_alignment="top", key=f"body-{place}") as grid:
            with grid.cell():
                figures(
                    str(place),
                    2000,
                    waiting=site["waiting"],
                    longest_wait_s=site["longest_wait_s"],
                    in_conversation=site["in_conversation"],
                    offered=site["offered"],
                    answered=site["answered"],
                    abandoned=site["abandoned"],
                    level=site["service_level"],
                    now=now,
                )
                behind(str(site["site"]), place, now)
            with grid.cell():
                queue_table(place, queues)


def behind(site: str, place: int, now: Status) -> None:
    """Links to the contacts behind a site's numbers. Who waits may have come yesterday."""
    days = {name: (now.today - timedelta(days=name == "waiting"), now.today) for name in contact_words.BEHIND_TODAY}
    contact_links.row_of_links(contact_words.BEHIND_TODAY, [site], days, f"site-{place}")


def figures(
    key: str,
    half_width: int,
    *,
    waiting: float,
    longest_wait_s: float | None,
    in_conversation: float,
    offered: float,
    answered: float,
    abandoned: float,
    level: float | None,
    now: Status,
) -> None:
    """The eight numbers of a site or of all sites, in one order everywhere: four and four."""
    longest = text.duration(longest_wait_s) if waiting else words.NOBODY_SHORT
    numbers = (
        (words.WAITING, text.count(waiting), None),
        (words.LONGEST_WAIT, longest, None),
        (words.IN_CONVERSATION, text.count(in_conversation), words.IN_CONVERSATION_HELP),
        (
            words.service_level(now.service_level_s),
            text.share(level),
            words.service_level_help(now.service_level_s),
        ),
        (words.OFFERED_TODAY, text.count(offered), None),
        (words.ANSWERED, text.count(answered), None),
        (words.ABANDONED, text.count(abandoned), None),
        (words.N_LABEL, text.count(answered + abandoned), words.N_HELP),
    )
    with st.grid(2, min_column_width=half_width, gap="small", key=f"figures-{key}") as halves:
        for half, part in enumerate((numbers[:4], numbers[4:])):
            with halves.cell(), st.grid(4, min_column_width=90, gap="small", key=f"half-{key}-{half}"):
                for label, value, help_text in part:
                    st.metric(label, value, help=help_text)


def queue_table(place: int, queues: pd.DataFrame) -> None:
    """The queues of one site in which somebody waits or talks."""
    if queues.empty:
        parts.plain(words.NOBODY_NOW, "muted", key=f"nobody-{place}")
        return
    shown = pd.DataFrame(
        {
            "queue": queues["queue"].fillna(words.NO_QUEUE),
            "channel": queues["channel"],
            "waiting": queues["waiting"],
            "longest": [
                text.duration(value) if not text.is_missing(value) else "" for value in queues["longest_wait_s"]
            ],
            "talking": queues["in_conversation"],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        height="content" if len(shown) <= 6 else 245,
        row_height=28,
        placeholder=text.NO_DATA,
        column_config={
            "queue": st.column_config.TextColumn(words.QUEUE, width=240),
            "channel": st.column_config.TextColumn(words.CHANNEL, width=90),
            "waiting": number(words.WAITING, format="%,d", width=75, alignment="left"),
            "longest": st.column_config.TextColumn(words.LONGEST_WAIT, width=105),
            "talking": number(words.IN_CONVERSATION, format="%,d", width=75, alignment="left"),
        },
        key=f"queues-{place}",
        alt=words.QUEUES_ALT,
    )


live()
