"""Whether the numbers can be trusted now, and for those who hunt a fault: where it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import (
    address,
    contact_links,
    contact_words,
    health_charts,
    health_filters,
    health_queries,
    health_tables,
    parts,
    queries,
    words,
)
from dashboard import format as text
from dashboard import health_words as said
from dashboard.figures import take_away
from dashboard.health_filters import HealthFilters
from dashboard.names import by_name, display_names
from dashboard.store import State

if TYPE_CHECKING:
    from collections.abc import Collection

    from dashboard.health_tables import Table
    from dashboard.queries import Status

REFRESH_S = 5
MOST_HEIGHT = 420


@st.fragment(run_every=REFRESH_S)
def health() -> None:
    """The whole page."""
    store = parts.store()
    if store is None:
        return
    reply = health_queries.feed(store)
    parts.heading(words.HEALTH_TITLE, reply)
    details = health_queries.details(store, reply.state)
    broken = next((answer for answer in (reply, details) if answer.state is State.UNREACHABLE), None)
    if broken:
        parts.unreachable(broken)
        return
    parts.notices(reply)
    feed, now, found = reply.frames["feed"], queries.status(reply), details.frames
    if feed.empty:
        parts.empty(None)
        log(found["log"], now, set())
        return
    names, simulated = display_names(feed), set(feed["site"][feed["simulated"]])
    changes = queries.dated(found["changes"])
    chosen = filter_row(feed, names, changes, found["latest"])
    shown = health_tables.of_sites(feed, chosen.sites)
    verdict(shown, names, now, stale=reply.state is State.STOPPED)
    parts.table_heading(said.FEEDS, *csv("feeds", shown, simulated), key="feeds")
    table("feeds", health_tables.feeds(shown, names, now), said.FEEDS_ALT)
    refused(chosen, found, names, simulated, now)
    gaps(chosen, shown, found, names, simulated, now)
    with st.grid(2, min_column_width=520, key="pairs") as grid:
        with grid.cell():
            open_contacts(chosen, found["open"], names, simulated, now, shown["first_event_at"])
        with grid.cell():
            topics(chosen, found, names, simulated, now)
    week_changes(chosen, changes, names, simulated, now)
    log(found["log"], now, simulated)


def filter_row(feed: pd.DataFrame, names: dict[str, str], changes: pd.DataFrame, latest: pd.DataFrame) -> HealthFilters:
    """Widgets filled from the address, and the address kept in step. The message is chosen further down."""
    sites = by_name(feed["site"], names)
    weeks = sorted(set(changes["week_start"]), reverse=True)
    asked, notes = health_filters.read(address.asked(), sites=sites, weeks=weeks, messages=set(latest["location"]))
    widgets = {"sites": list(asked.sites), "week": asked.week, "message": asked.message}
    address.fill("health", asked.to_query(), notes, widgets)
    keep_choice("week", weeks)
    keep_choice("message", latest["location"])
    with st.container(width=440):
        chosen = st.multiselect(
            words.SITES,
            sites,
            format_func=lambda site: names.get(site, site),
            key="health-sites",
            placeholder=words.CHOOSE_SITES,
        )
    address.say(notes)
    state = st.session_state
    current = HealthFilters(tuple(sorted(chosen)), state.get("health-week"), state.get("health-message"))
    address.write("health", current.to_query(), asked.to_query(), notes)
    return current


def keep_choice(widget: str, options: Collection[object] | pd.Series[str]) -> None:
    """A choice stays from run to run, unless what was chosen is gone."""
    key = f"health-{widget}"
    value = st.session_state.get(key)
    st.session_state[key] = value if value in list(options) else None


def verdict(feed: pd.DataFrame, names: dict[str, str], now: Status, *, stale: bool) -> None:
    """The answer first: a sentence, then one for each site that is not well."""
    sentence = said.verdict(feed)
    trouble = feed["state"].isin(said.TROUBLE).any()
    if trouble:
        st.warning(sentence, icon=":material/warning:")
    elif not stale and (feed["state"] == "ok").any():
        st.success(sentence, icon=":material/check_circle:")
    elif not stale:
        st.info(sentence, icon=":material/info:")
    lines = []
    for _, site in feed.iterrows():
        name = names[site["site"]]
        lines += [
            said.site_line(name, site, now.asked_at, now.reporting_zone),
            said.clock_line(name, site["clock_skew_s"]),
        ]
    with st.container(key="verdict", gap="xxsmall"):
        for number, line in enumerate(line for line in lines if line):
            parts.plain(line, key=f"trouble-{number}")


def refused(
    chosen: HealthFilters, found: dict[str, pd.DataFrame], names: dict[str, str], simulated: set[str], now: Status
) -> None:
    """What could not be used: counted, one by one, and one in full."""
    zone = now.reporting_zone
    by_class = health_tables.of_sites(found["by_class"], chosen.sites)
    latest = health_tables.of_sites(found["latest"], chosen.sites)
    if by_class.empty:
        nothing(said.REFUSED, said.NONE_REFUSED, "refused")
        return
    parts.table_heading(said.REFUSED, *csv("refused-by-reason", by_class, simulated), key="by-class")
    table("by-class", health_tables.refused_by_class(by_class, names, zone), said.BY_CLASS_ALT)
    parts.table_heading(said.LATEST, *csv("refused", latest, simulated), key="latest")
    parts.plain(said.LATEST_NOTE, "muted", key="latest-note")
    table("latest", health_tables.refused_latest(latest, names, zone), said.LATEST_ALT)
    ids = latest["location"].tolist()
    if st.session_state.get("health-message") not in ids:
        st.session_state["health-message"] = None
    picked = st.selectbox(said.MESSAGE, ids, key="health-message", placeholder=said.MESSAGE_PLACEHOLDER, index=None)
    if picked is None:
        return
    row = latest[latest["location"] == picked].iloc[0]
    parts.plain(health_tables.reason_of(row["reason"], picked), "strong", key="message-reason")
    shown = row["message_shown"]
    # Code blocks show text as it is; the language None keeps it from being coloured.
    st.code(said.NO_TEXT if text.is_missing(shown) else str(shown), language=None, wrap_lines=True)
    parts.plain(said.REPLAY_NOTE, "muted", key="replay-note")
    st.code(said.commands(picked), language="bash")


def gaps(
    chosen: HealthFilters,
    feed: pd.DataFrame,
    found: dict[str, pd.DataFrame],
    names: dict[str, str],
    simulated: set[str],
    now: Status,
) -> None:
    """When a site was silent although it was open, and how its hours are known."""
    rows = health_tables.of_sites(found["gaps"], chosen.sites)
    stretches = health_tables.of_sites(found["stretches"], chosen.sites)
    if rows.empty:
        nothing(said.GAPS, said.NO_GAPS, "gaps")
    else:
        parts.table_heading(said.GAPS, *csv("gaps", rows, simulated), key="gaps")
        parts.plain(said.GAPS_NOTE, "muted", key="gaps-note")
    if not stretches.empty:
        st.altair_chart(health_charts.timeline(stretches, names, now.reporting_zone), key="timeline")
    if not rows.empty:
        table("gaps", health_tables.gaps(rows, names, now.reporting_zone), said.GAPS_ALT)
    hours = said.hours(feed, names)
    if (feed["hours"] != "configured").any():
        hours += f" {said.HOURS_TOML_NOTE}"
    parts.plain(hours, "muted", key="hours")


def open_contacts(
    chosen: HealthFilters,
    rows: pd.DataFrame,
    names: dict[str, str],
    simulated: set[str],
    now: Status,
    first_events: pd.Series[pd.Timestamp],
) -> None:
    """What is not final: contacts without an end, and weeks."""
    rows = health_tables.of_sites(rows, chosen.sites)
    shown = health_tables.open_contacts(rows, names, now.reporting_zone)
    section("open-contacts", said.PROVISIONAL, rows, shown, simulated, alt=said.OPEN_ALT, none=said.OPEN_NONE)
    since = queries.instant(first_events.min())
    if since and not rows.empty:
        # As far back as open_contacts looks.
        day = max(since.astimezone(ZoneInfo(now.reporting_zone)).date(), now.today - timedelta(days=28))
        days = dict.fromkeys(contact_words.BEHIND_OPEN, (day, now.today))
        contact_links.row_of_links(contact_words.BEHIND_OPEN, chosen.sites, days, "open")
    parts.plain(said.weeks_open(now.today), "muted", key="weeks-open")


def week_changes(
    chosen: HealthFilters, changes: pd.DataFrame, names: dict[str, str], simulated: set[str], now: Status
) -> None:
    """What was final and changed all the same."""
    of_sites = health_tables.of_sites(changes, chosen.sites)
    if of_sites.empty:
        nothing(said.CHANGES, said.NO_CHANGES, "changes")
        return
    rows = of_sites[of_sites["week_start"] == chosen.week] if chosen.week else of_sites
    parts.table_heading(said.CHANGES, *csv("week-changes", rows, simulated), key="changes")
    weeks = sorted(set(changes["week_start"]), reverse=True)
    with st.container(width=220):
        st.selectbox(said.WEEK, weeks, format_func=text.week, key="health-week", placeholder=said.ALL_WEEKS, index=None)
    if rows.empty:
        parts.plain(said.NO_CHANGES, "muted", key="no-changes")
        return
    table("changes", health_tables.changes(rows, names, now.reporting_zone), said.CHANGES_ALT)


def topics(
    chosen: HealthFilters, found: dict[str, pd.DataFrame], names: dict[str, str], simulated: set[str], now: Status
) -> None:
    """Codes that mean nothing yet."""
    if not found["topics"]["topics"].iloc[0]:
        nothing(said.TOPICS, said.NO_TOPICS, "topics")
        st.code(said.TOPICS_TOML, language="toml")
        return
    rows = health_tables.of_sites(found["unmapped"], chosen.sites)
    shown = health_tables.unmapped(rows, names, now.reporting_zone)
    section("unmapped-topics", said.TOPICS, rows, shown, simulated, alt=said.TOPICS_ALT, none=said.ALL_MAPPED)
    if not rows.empty:
        parts.plain(said.TOPICS_NOTE, "muted", key="topics-note")


def log(rows: pd.DataFrame, now: Status, simulated: set[str]) -> None:
    """What ingest said last."""
    shown = health_tables.log(rows, now.reporting_zone)
    section("ingest-log", said.LOG, rows, shown, simulated, alt=said.LOG_ALT, none=said.NO_LOG)


def section(
    what: str, title: str, rows: pd.DataFrame, shown: Table, simulated: set[str], *, alt: str, none: str
) -> None:
    """A title, its file and its table; a sentence instead where there are no rows."""
    if rows.empty:
        nothing(title, none, what)
        return
    parts.table_heading(title, *csv(what, rows, simulated), key=what)
    table(what, shown, alt)


def csv(what: str, rows: pd.DataFrame, simulated: set[str]) -> tuple[bytes, str]:
    """A section's file and its name."""
    return take_away.csv(rows, simulated), take_away.csv_name(what, rows, simulated)


def nothing(title: str, sentence: str, key: str) -> None:
    """A section without rows says so in a sentence."""
    st.subheader(title, anchor=False)
    parts.plain(sentence, "muted", key=f"none-{key}")


def table(key: str, shown: Table, alt: str) -> None:
    """A table as wide as what is in it, and no higher than half a screen."""
    st.dataframe(
        shown.rows,
        hide_index=True,
        width="content",
        height=min(MOST_HEIGHT, 38 + 30 * len(shown.rows)),
        row_height=30,
        placeholder="",
        column_config=shown.columns,
        key=f"health-{key}",
        alt=alt,
    )


health()
