"""The contacts behind a number, and what happened to one of them: as it happened and as it was received."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import (
    address,
    contact_controls,
    contact_filters,
    contact_one,
    contact_queries,
    contact_tables,
    parts,
    queries,
)
from dashboard import contact_words as said
from dashboard.contact_filters import ContactFilters
from dashboard.contact_links import own_link
from dashboard.figures import take_away
from dashboard.names import display_names
from dashboard.store import Reply, State

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from dashboard.queries import Status
    from dashboard.store import Store

REFRESH_S = 10
MOST_HEIGHT = 620


def contacts() -> None:
    """The whole page: a list, or one contact. It stands still while it is read; only its first line moves."""
    store = parts.store()
    if store is None:
        return
    reply = contact_queries.overview(store)
    first_line(store, condition(reply))
    if condition(reply) not in (State.LIVE, State.STOPPED):
        return
    now = queries.status(reply)
    asked, notes = contact_filters.read(address.asked(), sites=set(reply.frames["sites"]["site"]))
    if asked.contact:
        st.session_state["contacts-query"] = asked.to_query()
        address.say(notes)
        contact_one.show(store, reply, asked)
        return
    chosen = contact_controls.filter_rows(store, reply, asked, notes, now)
    contact_list(store, reply, chosen, now)


def condition(reply: Reply) -> str:
    """How the store answers; whether it holds anything."""
    if reply.state is not State.UNREACHABLE and not reply.frames["loaded"]["events"].iloc[0]:
        return f"{reply.state}, empty"
    return reply.state


@st.fragment(run_every=REFRESH_S)
def first_line(store: Store, drawn: str) -> None:
    """Title and freshness, or why there is nothing else; the page is drawn anew when that changes."""
    reply = contact_queries.overview(store)
    if condition(reply) != drawn:
        st.rerun()
    parts.heading(said.TITLE, reply)
    if reply.state is State.UNREACHABLE:
        parts.unreachable(reply)
        return
    parts.notices(reply)
    if drawn != reply.state:
        now = queries.status(reply)
        parts.empty(queries.health(store, reply.state, now.asked_at).frames.get("refused"))


def contact_list(store: Store, reply: Reply, chosen: ContactFilters, now: Status) -> None:
    """The newest contacts, and files of all of them."""
    zone = now.reporting_zone
    answer = contact_queries.listed(store, reply.state, chosen, zone)
    if answer.state is State.UNREACHABLE:
        st.warning(said.TOO_LONG, icon=":material/hourglass_disabled:")
        return
    rows, contacts = answer.frames["rows"], int(answer.frames["count"]["contacts"].iloc[0])
    if rows.empty:
        st.info(said.NO_ROWS, icon=":material/search_off:")
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="no-rows"):
            parts.plain(said.NO_ROWS_DO, "muted", key="no-rows-do")
            clear_link()
        return
    sites = reply.frames["sites"]
    names, simulated = display_names(sites), set(sites["site"][sites["simulated"]])
    list_heading(store, chosen, contacts, rows, simulated, now)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="list-line"):
        parts.plain(said.found(contacts, len(rows), now.asked_at, zone), "muted", key="found")
        pick_by_id(rows, names)
    shown = contact_tables.contacts(
        rows,
        names,
        simulated,
        zone,
        mixed=not now.only_simulated,
        by_completion=chosen.clock != contact_filters.ARRIVAL,
    )
    event = st.dataframe(
        shown.rows,
        hide_index=True,
        height=min(MOST_HEIGHT, 38 + 30 * len(rows)),
        row_height=30,
        placeholder="",
        column_config=shown.columns,
        on_select="rerun",
        selection_mode="single-row",
        key=f"contacts-list-{opened()}",
        alt=said.LIST_ALT,
    )
    picked = event.selection.rows
    if picked and picked[0] < len(rows):
        row = rows.iloc[picked[0]]
        open_contact(row["contact_id"], row["site"])


def list_heading(
    store: Store, chosen: ContactFilters, contacts: int, rows: pd.DataFrame, simulated: set[str], now: Status
) -> None:
    """The list's title, its files and the way back to all contacts."""
    zone, most = now.reporting_zone, contact_queries.MOST_EXPORTED
    name = take_away.csv_name("contacts", rows, simulated)
    files = (
        (said.CSV, name, "text/csv", take_away.csv),
        (said.PARQUET, name.replace(".csv", ".parquet"), "application/vnd.apache.parquet", contact_tables.parquet),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="list-heading"):
        st.subheader(said.LIST, anchor=False, width="content")
        for label, file_name, mime, write in files:
            st.download_button(
                said.download(label),
                partial(whole_file, store, chosen, zone, write, simulated),
                file_name=file_name,
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                type="tertiary",
                help=said.file_help(contacts, most),
                key=f"download-{label}",
            )
        if contacts > most:
            parts.plain(said.cut_off(contacts, most), "muted", key="cut-off")
        clear_link()


def whole_file(
    store: Store,
    chosen: ContactFilters,
    zone: str,
    write: Callable[[pd.DataFrame, set[str]], bytes],
    simulated: set[str],
) -> bytes:
    """A file of the whole selection, made when somebody takes it."""
    return write(contact_queries.exported(store, chosen, zone), simulated)


def clear_link() -> None:
    """All filters off."""
    if st.query_params:
        own_link(said.CLEAR, {}, icon=":material/filter_alt_off:", key="clear")


def pick_by_id(rows: pd.DataFrame, names: dict[str, str]) -> None:
    """The same with the keyboard alone, and for contacts that are not in the list."""
    known = list(zip(rows["contact_id"], rows["site"], strict=True))
    picked = st.selectbox(
        said.OPEN_ONE,
        known,
        format_func=lambda pair: pair if isinstance(pair, str) else f"{pair[0]} · {names.get(pair[1], pair[1])}",
        key=f"contacts-pick-{opened()}",
        index=None,
        placeholder=said.OPEN_PLACEHOLDER,
        accept_new_options=True,
        label_visibility="collapsed",
        width=320,
    )
    if isinstance(picked, str):
        open_contact(picked.strip(), None)
    elif picked:
        open_contact(*picked)


def open_contact(contact_id: str, site: str | None) -> None:
    """Go to one contact; the address keeps the filters, so that the browser's way back works too."""
    listed, _ = contact_filters.read(
        address.asked(), sites=[*st.query_params.get_all("site"), *([site] if site else [])]
    )
    st.query_params.from_dict(listed.opening(contact_id, site).to_query())
    st.session_state["contacts-opened"] = opened() + 1
    st.rerun()


def opened() -> int:
    """How many contacts have been opened. Part of the keys of what opens one: the browser remembers a choice by its
    key, and would open the same contact again on the way back."""
    count: int = st.session_state.get("contacts-opened", 0)
    return count


contacts()
