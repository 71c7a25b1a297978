"""Alerts on the live desk: those that go on, why, what in-house could take over, and who looks after them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import contact_links, parts, queries
from dashboard import format as text
from dashboard.figures import take_away
from dashboard.live import alert_words as said
from dashboard.live.acknowledge import LONGEST_NAME, LONGEST_NOTE, NotAcknowledgedError, acknowledge
from dashboard.store import Reply, State, Store
from models.alerts.live import LIVE_BY_NAME
from models.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from dashboard.live.sections import Shown

TTL_S = 2
HISTORY_DAYS = 7
MOST_SHOWN = 20
MOST_LISTED = 1_000
_OLD = timedelta(minutes=1)
"""A figure seen longer ago says when it was."""
ALERTS = f"""
    select *
    from alerts
    where cleared_at is null or opened_at >= present() - interval {HISTORY_DAYS} days
    order by cleared_at is null desc, acknowledged_at is null desc, opened_at desc, episode
    limit {MOST_LISTED}
"""
_BEHIND = {
    "waiting": "waiting", "longest_wait_s": "waiting", "waiting_over_target": "waiting",
    "service_level": "not_in_target", "recent_service_level": "not_in_target", "abandonment_rate": "abandoned",
    "recent_abandonment_rate": "abandoned", "in_conversation": "talking",
}  # fmt: skip
"""The contacts behind a watched figure, by their name in `contact_measures`."""


@st.cache_data(ttl=TTL_S, max_entries=8, show_spinner=False, hash_funcs={Store: queries.store_identity})
def asked(store: Store, state: State) -> Reply:
    """Episodes that go on and those of the last days."""
    del state
    return store.ask({"alerts": ALERTS})


def alerts(store: Store, shown: Shown) -> None:
    """What goes on now; on a wall without the ways to act."""
    reply = asked(store, shown.desk.state)
    found = reply.frames.get("alerts")
    if found is None:
        return
    wanted = shown.view.selection.sites
    if wanted:
        found = found[found["site"].isna() | found["site"].isin(list(wanted))]
    going_on = found[found["cleared_at"].isna()]
    for place, row in enumerate(_rows(going_on.head(MOST_SHOWN))):
        _one(place, row, shown)
    if len(going_on) > MOST_SHOWN:
        parts.plain(said.more(len(going_on) - MOST_SHOWN), "muted", key="alerts-more")


def history(store: Store, shown: Shown) -> None:
    """Episodes of the last days as a table."""
    found = asked(store, shown.desk.state).frames.get("alerts")
    if found is None or found.empty:
        return
    with st.expander(said.HISTORY, icon=":material/history:", key="alerts-history"):
        rows = _rows(found)
        frame = pd.DataFrame(
            {
                "opened": [text.moment(queries.instant(at), shown.zone) for at in found["opened_at"]],
                "where": [_where(row, shown.names) for row in rows],
                "what": [_what(row) for row in rows],
                "state": [said.STATES.get(state, state) for state in found["state"]],
                "cleared": [
                    text.moment(queries.instant(at), shown.zone) if queries.instant(at) else ""
                    for at in found["cleared_at"]
                ],
                "by": found["acknowledged_by"].fillna(""),
                "note": found["note"].fillna(""),
                "episode": found["episode"],
            }
        )
        st.dataframe(
            frame, hide_index=True, height="content" if len(frame) <= 10 else 380, placeholder="", alt=said.HISTORY_ALT,
            column_config=said.COLUMNS, key="alerts-table",
        )  # fmt: skip
        take_away.table_buttons(frame, "alerts", shown.simulated, key="alerts")


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _one(place: int, row: Mapping[str, Any], shown: Shown) -> None:
    looked_after = queries.instant(row["acknowledged_at"])
    with st.container(border=True, key=f"alert-{'quiet-' if looked_after else ''}{place}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"alert-head-{place}"):
            icon, colour = (":material/done:", "gray") if looked_after else (":material/notifications_active:", "red")
            st.badge(said.STATES.get(str(row["state"]), str(row["state"])), icon=icon, color=colour)  # type: ignore[arg-type]
            parts.plain(_where(row, shown.names), "strong", key=f"alert-where-{place}")
            seen = queries.instant(row["last_at"])
            is_old = seen is not None and shown.desk.instant - seen > _OLD
            what = f"{_what(row)} {said.seen(shown.clock(seen))}" if is_old else _what(row)
            parts.plain(what, key=f"alert-what-{place}")
            opened = queries.instant(row["opened_at"])
            if opened:
                since = said.since(shown.clock(opened), text.duration((shown.desk.instant - opened).total_seconds()))
                parts.plain(since, "muted", key=f"alert-since-{place}")
            st.space("stretch")
            if not shown.view.wall:
                _act(row, shown, looked_after=looked_after is not None)
        if looked_after:
            line = said.acknowledged(str(row["acknowledged_by"]), shown.clock(looked_after), _text(row["note"]))
            parts.plain(line, "muted", key=f"alert-by-{place}")
        for number, line in enumerate(said.could_take(_told(row["could_take"]), shown.names)):
            parts.plain(line, "muted", key=f"alert-take-{place}-{number}")


def _act(row: Mapping[str, Any], shown: Shown, *, looked_after: bool) -> None:
    if (measure := _BEHIND.get(str(row["metric"]))) is not None:
        today = shown.desk.instant.astimezone(ZoneInfo(shown.zone)).date()
        # Who waits or talks may have come yesterday.
        first = today - timedelta(days=measure in ("waiting", "talking"))
        query = contact_links.contacts_link(
            [row["site"]] if _text(row["site"]) else [], first, today, measure=measure,
            queue=_text(row["queue"]) or None, channel=_text(row["channel"]) or None,
            language=_text(row["language"]) or None,
        )  # fmt: skip
        st.page_link(contact_links.PAGE, label=said.CONTACTS, icon=":material/list_alt:", query_params=query)
    if looked_after or shown.desk.state is not State.LIVE:
        return
    with (
        st.popover(said.ACKNOWLEDGE, icon=":material/check:", key=f"ack-{row['episode']}"),
        st.form(f"ack-form-{row['episode']}", border=False),
    ):
        name = st.text_input(said.NAME, max_chars=LONGEST_NAME, key=f"ack-name-{row['episode']}")
        note = st.text_area(said.NOTE, max_chars=LONGEST_NOTE, key=f"ack-note-{row['episode']}")
        if st.form_submit_button(said.ACKNOWLEDGE, key=f"ack-send-{row['episode']}"):
            _acknowledge(str(row["episode"]), name, note)


def _acknowledge(episode: str, name: str, note: str) -> None:
    if not name.strip():
        st.warning(said.NAME_NEEDED, icon=":material/edit:")
        return
    try:
        acknowledge(load_settings().data_dir, episode, name.strip(), note.strip())
    except (NotAcknowledgedError, SettingsError) as error:
        parts.plain(said.not_acknowledged(str(error)), key=f"ack-error-{episode}")
        return
    asked.clear()
    st.rerun()


def _where(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    site = _text(row["site"])
    told = [
        names.get(site, site) if site else said.ALL_SITES,
        *(_text(row[n]) for n in ("queue", "language", "channel")),
    ]
    return " · ".join(part for part in told if part)


def _what(row: Mapping[str, Any]) -> str:
    metric = LIVE_BY_NAME.get(str(row["metric"]))
    label = metric.label if metric else str(row["metric"])
    unit = metric.unit if metric else ""
    return said.what(label, said.amount(_number(row["last_value"]), unit), str(row["direction"]),
                     said.amount(_number(row["threshold"]), unit))  # fmt: skip


def _told(value: object) -> dict[str, Any]:
    if not isinstance(value, str):
        return {}
    found = json.loads(value)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    return None if text.is_missing(value) else float(value)  # type: ignore[arg-type]
