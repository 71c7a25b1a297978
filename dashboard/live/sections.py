"""The parts of the live desk: totals, the board, and what stands behind one row of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import contact_links, contact_words, parts
from dashboard import format as text
from dashboard import words as shared
from dashboard.live import words as said
from dashboard.live.board import BY, STATES, Selection, Silence, by_attention, rows, total, with_day_end
from dashboard.live.filters import PAGE, View
from dashboard.live.questions import Desk
from dashboard.scope.scope import NONE
from dashboard.store import Store

_CHOSEN = f"{PAGE}-row"
_MOST_PARTS = 100
BOARD_TTL_S = 10


@dataclass(frozen=True)
class Shown:
    """What all parts share. names: of sites, by id; wanted: the service level aimed at, where one is set."""

    desk: Desk
    view: View
    names: Mapping[str, str]
    zone: str
    target_s: float | None
    wanted: float | None
    silent: Silence
    stale: bool
    simulated: frozenset[str] = frozenset()

    def name(self, key: str) -> str:
        """What a row is called; a site a simulator plays says so where others are real."""
        if self.view.by == "site" and key in self.simulated:
            return f"{self.names.get(key, key)} · {shared.DEMO_MARK}"
        if key == NONE:
            return shared.NO_QUEUE if self.view.by == "queue" else text.NO_DATA
        return self.names.get(key, key) if self.view.by == "site" else key

    def clock(self, at: datetime | None) -> str:
        """Time of day in the reporting zone."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%H:%M}" if at else ""


def board_of(store: Store, shown: Shown) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of the board in their order, and all of them together. Viewers of one instant share them."""
    desk, view = shown.desk, shown.view
    of_rows = (view.by, *(tuple(sorted(getattr(view.selection, f"{name}s"))) for name in BY))
    seen = (store.identity, str(desk.state), desk.instant.timestamp(), view.at is None)
    quiet = tuple(sorted((site, str(at)) for site, at in shown.silent.since.items()))
    return _board((*seen, of_rows, shown.target_s, shown.wanted, quiet), shown)


@st.cache_data(ttl=BOARD_TTL_S, max_entries=64, show_spinner=False)
def _board(key: tuple[object, ...], _shown: Shown) -> tuple[pd.DataFrame, pd.Series]:
    """key: all that the rows depend on."""
    del key
    ordered = _ordered(_shown)
    return ordered, total(ordered) if len(ordered) else pd.Series(dtype=object)


def _ordered(shown: Shown) -> pd.DataFrame:
    found = rows(shown.desk.queues, shown.desk.agents, shown.view.by, shown.view.selection)
    if shown.view.by == "site":
        # A site that says nothing is on the board all the same.
        wanted = shown.view.selection.sites or list(shown.desk.sites["site"])
        missing = [site for site in wanted if site not in set(found["key"]) and site in shown.silent]
        found = pd.concat([found, pd.DataFrame({"key": missing})], ignore_index=True) if missing else found
        # With filters on it the forecast, which is of whole sites, would not fit.
        chosen = shown.view.selection
        if not (chosen.queues or chosen.languages or chosen.channels):
            found = with_day_end(found, shown.desk.left)
    silent = shown.silent if shown.view.by == "site" else Silence()
    return by_attention(found, shown.target_s, shown.wanted, silent)


def totals(shown: Shown, whole: pd.Series) -> None:
    """All rows together."""
    agents = [
        (said.STATES[name], text.count(whole[name])) for name in ("available", "busy", "wrap_up") if name in whole
    ]
    longest = text.duration(whole["longest_wait_s"]) if whole["waiting"] else shared.NOBODY_SHORT
    numbers = [
        (said.WAITING, text.count(whole["waiting"]), None),
        (said.LONGEST, longest, None),
        (said.TALKING, text.count(whole["in_conversation"]), shared.IN_CONVERSATION_HELP),
        (said.LEVEL, text.share(whole["service_level"]), shared.service_level_help(shown.target_s)),
        (said.RECENT, text.share(whole["recent_level"]), said.LEVEL_HELP),
        (said.OFFERED, text.count(whole["offered"]), None),
        (said.ANSWERED, text.count(whole["answered"]), None),
        (said.ABANDONED, text.count(whole["abandoned"]), None),
        *((label, value, None) for label, value in agents),
    ]
    key = "stale-totals" if shown.stale else "totals"
    with st.container(key=key), st.grid(len(numbers), min_column_width=105, gap="small", key="live-totals"):
        for label, value, help_text in numbers:
            st.metric(label, value, help=help_text)


def board(shown: Shown, ordered: pd.DataFrame) -> str | None:
    """The table; returns the row that is chosen."""
    by_site = shown.view.by == "site"
    keys = list(ordered["key"])
    quiet = [by_site and key in shown.silent for key in keys]
    now = [None if silent else 1 for silent in quiet]

    def counted(column: str, *, of_now: bool = False) -> list[float | None]:
        values = ordered[column].astype("float64")
        return [
            None if text.is_missing(value) or (of_now and known is None) else value
            for value, known in zip(values, now, strict=True)
        ]

    def waits(value: float, waiting: float, silent: bool) -> str:
        return said.UNKNOWN if silent else text.duration(value) if waiting else ""

    columns: dict[str, list[Any]] = {
        "row": [shown.name(key) for key in keys],
        "why": [
            said.why(why, shown.target_s, shown.clock(shown.silent.since.get(key)) if why == "silent" else "")
            for key, why in zip(keys, ordered["why"], strict=True)
        ],
        "waiting": list(counted("waiting", of_now=True)),
        "longest": [
            waits(value, waiting, silent)
            for value, waiting, silent in zip(ordered["longest_wait_s"], ordered["waiting"], quiet, strict=True)
        ],
        "talking": list(counted("in_conversation", of_now=True)),
        "level": [_percent(value) for value in ordered["service_level"]],
        "recent": [
            None if silent else _percent(value) for value, silent in zip(ordered["recent_level"], quiet, strict=True)
        ],
        **({"day_end": [_percent(value) for value in ordered["day_end"]]} if "day_end" in ordered else {}),
        "offered": list(counted("offered")),
        "answered": list(counted("answered")),
        "abandoned": list(counted("abandoned")),
    }
    if by_site:
        columns |= {name: list(counted(name, of_now=True)) for name in STATES}
        columns["occupancy"] = [
            None if silent else _percent(value) for value, silent in zip(ordered["occupancy"], quiet, strict=True)
        ]
    columns["chats"] = list(counted("chats", of_now=True))
    columns["chats_each"] = list(counted("chats_each", of_now=True))
    chosen = st.session_state.get(_CHOSEN)
    default: Any = {"selection": {"rows": [keys.index(chosen)] if chosen in keys else [], "columns": [], "cells": []}}
    frame = pd.DataFrame(columns)
    event = st.dataframe(
        frame,
        hide_index=True,
        height="content" if len(keys) <= 14 else 530,
        placeholder="",
        column_config=_columns(shown),
        on_select="rerun",
        selection_mode="single-row",
        selection_default=default,
        # Where rows change places the choice stays with its row, not with its place.
        key=f"board-{shown.view.by}-{hash(tuple(keys)):x}",
        alt=said.BOARD_ALT,
    )
    picked = event["selection"]["rows"]
    row = str(keys[picked[0]]) if picked else None
    st.session_state[_CHOSEN] = row
    return row


def _percent(value: float | None) -> float | None:
    return None if value is None or text.is_missing(value) else 100 * value


def _columns(shown: Shown) -> dict[str, Any]:
    config = st.column_config
    counts = {
        "waiting": said.WAITING, "talking": said.TALKING, "offered": said.OFFERED, "answered": said.ANSWERED,
        "abandoned": said.ABANDONED, **said.STATES, "chats": said.CHATS,
    }  # fmt: skip
    helps = {"offline": said.OFFLINE_HELP}
    shares = {
        "level": (said.LEVEL, said.LEVEL_HELP, 85), "recent": (said.RECENT, said.LEVEL_HELP, 85),
        "day_end": (said.DAY_END, said.DAY_END_HELP, 105), "occupancy": (said.OCCUPANCY, said.OCCUPANCY_HELP, 85),
    }  # fmt: skip
    return {
        "row": config.TextColumn(said.BY[shown.view.by], width=120, pinned=True),
        "why": config.TextColumn(said.ATTENTION, width=165),
        "longest": config.TextColumn(said.LONGEST, width=95),
        "chats_each": config.NumberColumn(said.CHATS_EACH, format="%.1f", help=said.CHATS_HELP, width=80),
        **{
            name: config.NumberColumn(label, format="%,d", help=helps.get(name), width=72)
            for name, label in counts.items()
        },
        **{
            name: config.NumberColumn(label, format="%.1f%%", help=help_text, width=width)
            for name, (label, help_text, width) in shares.items()
        },
    }


def details(shown: Shown, key: str) -> None:
    """What stands behind one row: its parts, its agents, and the ways to its contacts."""
    with st.container(border=True, key="live-details"):
        parts.plain(f"{said.DETAILS} {shown.name(key)}", "strong", key="details-title")
        only = Selection(**{f"{shown.view.by}s": (key,)})
        queues = only.of(shown.view.selection.of(shown.desk.queues))
        with st.grid(2, min_column_width=480, vertical_alignment="top", key="details-body") as grid:
            with grid.cell():
                _parts_table(shown, queues)
            with grid.cell():
                if shown.view.by == "site":
                    _agents_table(shown.desk.agents[shown.desk.agents["site"] == key])
        _links(shown, key)


def _links(shown: Shown, key: str) -> None:
    """The contacts behind the numbers; who waits may have come yesterday."""
    today = shown.desk.instant.astimezone(ZoneInfo(shown.zone)).date()
    own = {} if shown.view.by == "site" else {shown.view.by: None if key == NONE else key}
    sites = [key] if shown.view.by == "site" else list(shown.view.selection.sites)
    with st.container(horizontal=True, gap="small", key="behind-details"):
        for measure, label in contact_words.BEHIND_TODAY.items():
            if measure == "waiting" and shown.view.at:
                continue  # Who waited then waits no more.
            first = today - timedelta(days=measure == "waiting")
            query = contact_links.contacts_link(sites, first, today, measure=measure, **own)  # type: ignore[arg-type]
            st.page_link(contact_links.PAGE, label=label, icon=":material/list_alt:", query_params=query)


def _parts_table(shown: Shown, queues: pd.DataFrame) -> None:
    if queues.empty:
        parts.plain(said.NONE_HERE, "muted", key="details-none")
        return
    ordered = queues.sort_values(["longest_wait_s", "in_conversation", "offered"], ascending=False).head(_MOST_PARTS)
    others = [column for column in ("site", "queue", "language", "channel") if column != shown.view.by]
    frame = pd.DataFrame(
        {column: ordered[column].map(lambda value: shown.names.get(value, value)) for column in others}
        | {
            "waiting": ordered["waiting"],
            "longest": [
                text.duration(value) if waiting else ""
                for value, waiting in zip(ordered["longest_wait_s"], ordered["waiting"], strict=True)
            ],
            "talking": ordered["in_conversation"],
            "offered": ordered["offered"],
            "abandoned": ordered["abandoned"],
        }
    )
    config = st.column_config
    numbers = {"waiting": said.WAITING, "talking": said.TALKING, "offered": said.OFFERED, "abandoned": said.ABANDONED}
    st.dataframe(
        frame, hide_index=True, height="content" if len(frame) <= 8 else 320, row_height=28, key="details-parts",
        placeholder=text.NO_DATA, alt=said.PARTS_ALT,
        column_config={
            **{column: config.TextColumn(said.BY[column]) for column in others},
            "longest": config.TextColumn(said.LONGEST, width=95),
            **{name: config.NumberColumn(label, format="%,d", width=75) for name, label in numbers.items()},
        },
    )  # fmt: skip


def _agents_table(agents: pd.DataFrame) -> None:
    there = agents[agents["state"].notna()]
    if there.empty:
        parts.plain(said.NO_AGENTS, "muted", key="details-no-agents")
        return
    named = there.assign(team=there["team"].fillna(said.NO_TEAM))
    frame = pd.DataFrame(
        {name: named["state"].isin(list(of)).groupby(named["team"]).sum() for name, of in STATES.items()}
    ).reset_index()
    config = st.column_config
    st.dataframe(
        frame, hide_index=True, height="content" if len(frame) <= 8 else 320, row_height=28, key="details-agents",
        placeholder=text.NO_DATA, alt=said.AGENTS_ALT,
        column_config={
            "team": config.TextColumn(said.TEAM),
            **{name: config.NumberColumn(label, format="%,d", width=75) for name, label in said.STATES.items()},
        },
    )  # fmt: skip
