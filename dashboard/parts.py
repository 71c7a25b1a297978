"""Pieces that every page shows: the age of the data, what ingest does, the empty and the unreachable store.

What users or sites made up is shown by `plain` (or a table cell) alone: it reads neither Markdown nor HTML.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from dashboard import words
from dashboard.queries import Status, status
from dashboard.store import Reply, State, Store, open_store
from models.settings import Settings, SettingsError, load_settings, with_secrets

if TYPE_CHECKING:
    import pandas as pd

BadgeColour = Literal["green", "orange", "red", "gray"]

_CSS = (Path(__file__).with_name("style.css")).read_text("utf-8")
_WALL_CSS = (Path(__file__).with_name("wall.css")).read_text("utf-8")


def style() -> None:
    """The few rules Streamlit's theme options cannot say."""
    st.html(f"<style>{_CSS}</style>")


def wall_style() -> None:
    """Large type and no menus, for a screen nobody sits at."""
    st.html(f"<style>{_WALL_CSS}</style>")


def plain(body: str, kind: Literal["body", "muted", "strong"] = "body", *, key: str) -> None:
    """Text exactly as it is. The key names the place, never the text."""
    with st.container(key=f"{kind}-{key}", width="content"):
        st.text(body)


def store() -> Store | None:
    """The store of the settings, shared by all viewers; None after saying what is wrong with the settings."""
    try:
        settings = with_secrets(load_settings(), ("dashboard_token",))
    except SettingsError as error:
        st.error(words.BAD_SETTINGS_TITLE, icon=":material/error:")
        plain(str(error), key="settings-error")
        return None
    return _store(settings)


def _settings_identity(settings: Settings) -> tuple[str, str, str]:
    token = settings.dashboard_token
    return (
        settings.store_address,
        str(settings.store_path.absolute()),
        token.get_secret_value() if token else "",
    )


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={Settings: _settings_identity})
def _store(settings: Settings) -> Store:
    return open_store(settings)


def heading(title: str, reply: Reply) -> None:
    """The page's title with, on the same line, whether the data is real, what ingest does and how old the data is."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="heading"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content", key="title-line"):
            st.title(title, anchor=False, width="content")
            if reply.state is State.UNREACHABLE:
                return
            now = status(reply)
            if now.simulated_sites:
                demo_badge()
                line = words.demo(now.simulated_sites, now.only_simulated, now.clock_speed, now.clock_is_own)
                plain(line, "muted", key="demo")
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", width="content", key="freshness-line"
        ):
            label, icon, colour = _ingest_badge(reply, now)
            st.badge(label, icon=icon, color=colour)
            line = words.freshness(now.last_event_at, now.last_commit_at, now.asked_at, now.reporting_zone)
            plain(line, "muted", key="freshness")


def demo_badge() -> None:
    """Says that a simulator made what stands beside it."""
    st.badge(words.DEMO, icon=":material/science:", color="violet")


def _ingest_badge(reply: Reply, now: Status) -> tuple[str, str, BadgeColour]:
    if reply.state is State.STOPPED:
        return words.READ_FROM_FILE, ":material/pause_circle:", "orange"
    label = words.INGEST_STATES.get(now.state or "", words.UNKNOWN_INGEST_STATE)
    if now.state == "consuming":
        return label, ":material/check_circle:", "green"
    return label, ":material/warning:", "orange"


def notices(reply: Reply) -> None:
    """Why the numbers stand still, if they do."""
    now = status(reply)
    if reply.state is State.STOPPED:
        text = words.stale(now.last_commit_at or now.last_event_at, now.asked_at, now.reporting_zone)
    elif now.state == "waiting_for_broker":
        text = words.waiting_for_broker(now.since, now.asked_at)
    elif now.state == "waiting_for_room":
        text = words.waiting_for_room(now.since, now.asked_at)
    elif now.state == "stopped":
        text = words.ingest_stopping()
    else:
        return
    with st.container(key="notice"):
        # Constant words, numbers, dates and the zone's validated name; ingest's own detail stays plain.
        st.warning(text, icon=":material/pause_circle:")
        if reply.state is State.LIVE and now.detail:
            plain(now.detail, "muted", key="ingest-detail")


def unreachable(reply: Reply) -> None:
    """Designed state: neither server nor file can be read."""
    st.error(words.UNREACHABLE_TITLE, icon=":material/cloud_off:")
    plain(words.UNREACHABLE_TRIED, "strong", key="tried")
    for number, line in enumerate(reply.tried):
        plain(line, key=f"tried-{number}")
    plain(words.UNREACHABLE_DO, "strong", key="do")
    st.code(words.UP_COMMAND, language="bash")
    plain(words.UNREACHABLE_HINT, "muted", key="unreachable-hint")


def empty(refused: pd.DataFrame | None) -> None:
    """Designed state: the store answers and holds nothing."""
    st.info(words.EMPTY_TITLE, icon=":material/inbox:")
    st.markdown(words.EMPTY_BODY)
    st.code(words.IMPORT_COMMAND, language="bash")
    if refused is not None and not refused.empty:
        st.markdown(words.ALL_REFUSED)
        refused_table(refused)
    plain(words.EMPTY_HINT, "muted", key="empty-hint")


def table_heading(title: str, csv: bytes, file_name: str, *, key: str) -> None:
    """A table's title and its file, side by side: a table's own tools appear above its right end."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"table-heading-{key}"):
        st.subheader(title, anchor=False, width="content")
        st.download_button(
            words.DOWNLOAD,
            csv,
            file_name=file_name,
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
            key=f"download-{key}",
        )


def refused_table(refused: pd.DataFrame) -> None:
    """Messages refused lately, by site and reason."""
    st.dataframe(
        refused[["site", "code", "reason", "messages"]],
        hide_index=True,
        height="content" if len(refused) < 8 else "auto",
        column_config={
            "site": st.column_config.TextColumn("Site", width="small"),
            "code": st.column_config.TextColumn("Code", width="small"),
            "reason": st.column_config.TextColumn("Reason", width="large"),
            "messages": st.column_config.NumberColumn("Messages", format="%,d", width="small"),
        },
        alt=words.REFUSED_TITLE,
        key="refused",
    )
