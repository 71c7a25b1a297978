"""Tables of the Data health page: rows of a view in, a frame and its columns out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import streamlit as st

from dashboard import format as text
from dashboard import health_words as words
from dashboard.queries import instant
from dashboard.words import DEMO_MARK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dashboard.queries import Status

_number = st.column_config.NumberColumn
_text = st.column_config.TextColumn


class Table(NamedTuple):
    """What `st.dataframe` takes."""

    rows: pd.DataFrame
    columns: dict[str, Any]


def feeds(feed: pd.DataFrame, names: Mapping[str, str], now: Status) -> Table:
    """One row per site."""
    mixed = not now.only_simulated
    rows = pd.DataFrame(
        {
            "site": [
                names.get(site, site) + (f" · {DEMO_MARK}" if simulated and mixed else "")
                for site, simulated in zip(feed["site"], feed["simulated"], strict=True)
            ],
            "state": [words.STATES.get(state, state) for state in feed["state"]],
            "rate": feed["events_per_minute"],
            "minutes": [[float(n) for n in counts] for counts in feed["events_by_minute"]],
            "last": [
                "" if text.is_missing(at) else text.ago(instant(at), now.asked_at) for at in feed["last_event_at"]
            ],
            "left": feed["messages_left"],
            "p50": [_delay(value) for value in feed["lateness_p50_s"]],
            "p95": [_delay(value) for value in feed["lateness_p95_s"]],
            "clock": [words.clock(value) for value in feed["clock_skew_s"]],
            "refused": feed["refused_24h"],
            "repeats": feed["repeats_24h"],
            "order": feed["out_of_order_24h"],
            "silent": feed["silent_24h"],
            "history": feed["history_events_1h"],
            "system": feed["system"],
        }
    )
    return Table(
        rows,
        {
            "site": _text("Site", width=160, pinned=True),
            "state": _text("State", width=110, help=words.STATES_HELP),
            "rate": _number("Events/min", format="%,.0f", width=80, help=words.EVENTS_HELP),
            "minutes": st.column_config.LineChartColumn("Last 60 min", width=115, y_min=0, help=words.MINUTES_HELP),
            "last": _text("Last event", width=90),
            "left": _number("In broker", format="%,d", width=75, help=words.LEFT_HELP),
            "p50": _text("Delay p50", width=78, help=words.LATE_HELP),
            "p95": _text("Delay p95", width=78, help=words.LATE_HELP),
            "clock": _text("Clock", width=120, help=words.SKEW_HELP),
            "refused": _number("Refused", format="%,d", width=65, help=words.REFUSED_HELP),
            "repeats": _number("Repeats", format="%,d", width=65, help=words.REPEATS_HELP),
            "order": _number("Out of order", format="%,d", width=90, help=words.ORDER_HELP),
            "silent": _number("Says nothing", format="%,d", width=90, help=words.SILENT_HELP),
            "history": _number("History", format="%,d", width=60, help=words.HISTORY_HELP),
            "system": _text("System", width=105),
        },
    )


def refused_by_class(rows: pd.DataFrame, names: Mapping[str, str], zone: str) -> Table:
    """Refused messages counted."""
    return Table(
        pd.DataFrame(
            {
                "site": _called(rows, names),
                "code": rows["code"],
                "open": rows["open"],
                "messages": rows["messages"],
                "last": _local(rows["last_at"], zone),
                "reason": rows["reason"],
            }
        ),
        {
            "site": _text("Site", width=130),
            "code": _text("Code", width=130),
            "open": _number("Open", format="%,d", width=65, help=words.OPEN_HELP),
            "messages": _number("All", format="%,d", width=65),
            "last": _when("Last", zone),
            "reason": _text("Reason", width=620),
        },
    )


def refused_latest(rows: pd.DataFrame, names: Mapping[str, str], zone: str) -> Table:
    """Refused messages one by one."""
    return Table(
        pd.DataFrame(
            {
                "id": rows["location"],
                "when": _local(rows["received_at"], zone),
                "site": _called(rows, names),
                "code": rows["code"],
                "settled": [
                    words.OPEN_MESSAGE if text.is_missing(how) else f"{how} {text.moment(instant(at), zone)}"
                    for how, at in zip(rows["settled_how"], rows["settled_at"], strict=True)
                ],
                "bytes": rows["bytes"],
                "reason": [reason_of(*pair) for pair in zip(rows["reason"], rows["location"], strict=True)],
                "message": rows["message_shown"],
            }
        ),
        {
            "id": _text("Id", width=190, pinned=True, help="topic[partition]@offset"),
            "when": _when("Received", zone),
            "site": _text("Site", width=110),
            "code": _text("Code", width=120),
            "settled": _text("Dealt with", width=90),
            "bytes": _number("Bytes", format="%,d", width=65),
            "reason": _text("Reason", width=300),
            "message": _text("Message, masked", width=340),
        },
    )


def unmapped(rows: pd.DataFrame, names: Mapping[str, str], zone: str) -> Table:
    """Topic codes that mean no topic."""
    return Table(
        pd.DataFrame(
            {
                "site": _called(rows, names),
                "code": rows["code"],
                "contacts": rows["contacts"],
                "first": _local(rows["first_at"], zone),
                "last": _local(rows["last_at"], zone),
            }
        ),
        {
            "site": _text("Site", width=140),
            "code": _text("Code as sent", width=220),
            "contacts": _number("Contacts", format="%,d", width=90),
            "first": _when("First", zone),
            "last": _when("Last", zone),
        },
    )


def gaps(rows: pd.DataFrame, names: Mapping[str, str], zone: str) -> Table:
    """Stretches without events."""
    return Table(
        pd.DataFrame(
            {
                "site": _called(rows, names),
                "from": _local(rows["starts_at"], zone),
                "to": [
                    words.GOES_ON if running else text.moment(instant(at), zone)
                    for running, at in zip(rows["running"], rows["ends_at"], strict=True)
                ],
                "length": [text.duration(60 * minutes) for minutes in rows["minutes"]],
            }
        ),
        {
            "site": _text("Site", width=140),
            "from": _when("From", zone),
            "to": _text("To", width=150),
            "length": _text("Length", width=110),
        },
    )


def open_contacts(rows: pd.DataFrame, names: Mapping[str, str], zone: str) -> Table:
    """Contacts without an end."""
    return Table(
        pd.DataFrame(
            {
                "site": _called(rows, names),
                "waiting": rows["waiting"],
                "talking": rows["in_conversation"],
                "oldest": _local(rows["oldest_at"], zone),
                "unknown": rows["end_unknown"],
            }
        ),
        {
            "site": _text("Site", width=140),
            "waiting": _number("Waiting", format="%,d", width=80),
            "talking": _number("Talking", format="%,d", width=80),
            "oldest": _when("Oldest came", zone),
            "unknown": _number("End unknown", format="%,d", width=100, help=words.END_UNKNOWN_HELP),
        },
    )


def changes(rows: pd.DataFrame, names: Mapping[str, str], zone: str) -> Table:
    """Figures of closed weeks that changed."""
    pairs = list(zip(rows["measure"], rows["was"], rows["is"], strict=True))
    return Table(
        pd.DataFrame(
            {
                "week": [text.week(start) for start in rows["week_start"]],
                "site": _called(rows, names),
                "figure": [words.figure(measure).capitalize() for measure in rows["measure"]],
                "was": [words.amount(measure, was) for measure, was, _ in pairs],
                "is": [words.amount(measure, value) for measure, _, value in pairs],
                "since": _local(rows["since"], zone),
            }
        ),
        {
            "week": _text("Week", width=85),
            "site": _text("Site", width=120),
            "figure": _text("Figure", width=165),
            "was": _text("Was", width=80),
            "is": _text("Is", width=80),
            "since": st.column_config.DatetimeColumn("Since", format="D MMM YYYY", timezone=zone, width=105),
        },
    )


def log(rows: pd.DataFrame, zone: str) -> Table:
    """What ingest said."""
    return Table(
        pd.DataFrame(
            {
                "when": _local(rows["at"], zone),
                "state": [words.LOG_STATES.get(state, state) for state in rows["state"]],
                "detail": rows["detail"],
            }
        ),
        {
            "when": _when("When", zone),
            "state": _text("State", width=180),
            "detail": _text("Detail", width=900),
        },
    )


def of_sites(rows: pd.DataFrame, sites: Collection[str]) -> pd.DataFrame:
    """The rows of the chosen sites; of all when none is chosen."""
    return rows[rows["site"].isin(list(sites))] if sites else rows


def reason_of(reason: str, location: str) -> str:
    """A reason without the place it begins with, where the place is told beside it."""
    return reason.removeprefix(f"{location}: ")


def _called(rows: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    return [names.get(site, site) for site in rows["site"]]


def _delay(value: float | None) -> str:
    return "" if text.is_missing(value) else text.delay(value)


def _local(instants: pd.Series[Any], zone: str) -> pd.Series[Any]:
    return pd.to_datetime(instants).dt.tz_localize("UTC").dt.tz_convert(zone)


def _when(label: str, zone: str) -> Any:
    return st.column_config.DatetimeColumn(label, format="D MMM YYYY, HH:mm:ss", timezone=zone, width=170)
