"""Tables of the Contacts page: rows of a view in, a frame and its columns out."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping
from typing import Any, cast

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import contact_words as said
from dashboard import format as text
from dashboard.health_tables import Table
from dashboard.queries import instant
from dashboard.words import DEMO_MARK

_number = st.column_config.NumberColumn
_text = st.column_config.TextColumn


def contacts(
    rows: pd.DataFrame,
    names: Mapping[str, str],
    simulated: Collection[str],
    zone: str,
    *,
    mixed: bool,
    by_completion: bool = False,
) -> Table:
    """One row per contact. mixed: real sites and simulated ones stand together; by_completion: with that instant."""
    shown = pd.DataFrame(
        {
            "arrived": _local(rows["arrived_at"], zone),
            "site": [
                names.get(site, site) + (f" · {DEMO_MARK}" if mixed and site in simulated else "")
                for site in rows["site"]
            ],
            "queue": rows["queue"],
            "channel": rows["channel"],
            "language": rows["language"],
            "topic": [topic(*pair) for pair in zip(rows["topic"], rows["topic_name"], strict=True)],
            "outcome": [said.outcome(row) for row in records(rows)],
            **{name: rows[f"{name}_s"].astype("float64") for name in ("wait", "talk", "hold", "wrap_up", "handle")},
            "agent": rows["agent_id"],
            "transfers": rows["transfers"],
            "resolved": [yes_no(value) for value in rows["resolved"]],
            "id": rows["contact_id"],
        }
    )
    if by_completion:
        shown.insert(0, "ended", _local(rows["handled_at"], zone))
    return Table(
        shown,
        {
            "ended": _when(said.ENDED, zone, width=148),
            "arrived": _when("Arrived", zone, width=146),
            "site": _text("Site", width=95),
            "queue": _text(said.QUEUE, width=80),
            "channel": _text(said.CHANNEL, width=62),
            "language": _text(said.LANGUAGE, width=72),
            "topic": _text(said.TOPIC, width=104),
            "outcome": _text(said.OUTCOME, width=138),
            "wait": _seconds("Wait"),
            "talk": _seconds("Talk"),
            "hold": _seconds("Hold"),
            "wrap_up": _seconds("After-contact", width=88),
            "handle": _seconds("Handle", width=60),
            "agent": _text(said.AGENT, width=80),
            "transfers": _number("Transfers", format="%d", width=66),
            "resolved": _text("Resolved", width=68, help="Per the agent."),
            "id": _text("Contact id", width=104),
        },
    )


def parquet(rows: pd.DataFrame, simulated: Collection[str]) -> bytes:
    """The whole selection as Parquet, values as they are; instants are UTC."""
    out = io.BytesIO()
    rows.assign(simulated=rows["site"].isin(list(simulated))).to_parquet(out, index=False)
    return out.getvalue()


def ordered(events: pd.DataFrame) -> pd.DataFrame:
    """Events as happened, with their place in both orders and what is to be known of each.

    `late`: received after one that happened later. `note`: late, a correction, or corrected since.
    """
    # Of one instant, in the order of a contact's life.
    life = {name: place for place, name in enumerate(said.EVENT_TYPES)}
    frame = (
        events.assign(life=[life.get(name, len(life)) for name in events["type"]])
        .sort_values(["occurred_at", "life", "event_id", "revision"], kind="stable", ignore_index=True)
        .drop(columns="life")
    )
    received = frame.sort_values(["received_at", "kafka_topic", "kafka_partition", "kafka_offset"], kind="stable")
    late = received["occurred_at"] < received["occurred_at"].cummax()
    ids = frame.groupby("event_id")
    highest = ids["revision"].transform("max")
    size = ids["revision"].transform("size")
    notes = []
    for place in frame.index:
        said_of = []
        if late[place]:
            said_of.append(said.ORDER_MARK)
        if frame["revision"][place] < highest[place]:
            said_of.append(said.CORRECTED)
        elif frame["revision"][place] > 0:
            said_of.append(said.CORRECTION)
        elif size[place] > 1:
            said_of.append(said.TOLD_AGAIN)
        notes.append(", ".join(said_of))
    return frame.assign(
        happened=range(1, len(frame) + 1),
        received=pd.Series(range(1, len(frame) + 1), index=received.index).reindex(frame.index),
        late=late.reindex(frame.index),
        note=pd.Series(notes, dtype="str"),
        held_s=pd.Series([_held(data) for data in frame["data"]], dtype="float64"),
        delay_s=(frame["received_at"] - frame["occurred_at"]).dt.total_seconds(),
    )


def events(frame: pd.DataFrame, zone: str, by: str) -> Table:
    """One row per event. by: happened or received."""
    rows = frame.sort_values(by)
    shown = pd.DataFrame(
        {
            "happened": rows["happened"],
            "received": rows["received"],
            "occurred_at": _local(rows["occurred_at"], zone),
            "type": [said.EVENT_TYPES.get(name, name) for name in rows["type"]],
            "data": [fields(data) for data in rows["data"]],
            "note": rows["note"],
            "delay": [text.delay(value) for value in rows["delay_s"]],
            "received_at": _local(rows["received_at"], zone),
            "revision": rows["revision"],
            "stood": [
                f"{topic}[{partition}]@{offset}"
                for topic, partition, offset in zip(
                    rows["kafka_topic"], rows["kafka_partition"], rows["kafka_offset"], strict=True
                )
            ],
            "batch": rows["batch"],
            "id": rows["event_id"],
        }
    )
    return Table(
        shown,
        {
            "happened": _number("Happened", format="%d", width=70, help="Place in the order in which it happened."),
            "received": _number("Received", format="%d", width=70, help="Place in the order in which it was received."),
            "occurred_at": _when("Happened at", zone, width=170, exact=True),
            "type": _text("Event", width=165),
            "data": _text("What it says", width=300),
            "note": _text("Note", width=90),
            "delay": _text("Delay", width=75, help="received − happened"),
            "received_at": _when("Received at", zone, width=170, exact=True),
            "revision": _number("Revision", format="%d", width=64),
            "stood": _text("Kafka", width=160, help="topic[partition]@offset"),
            "batch": _number("Batch", format="%d", width=65),
            "id": _text("Event id", width=170),
        },
    )


def fields(data: str) -> str:
    """The fields of an event as text; what is empty is left out."""
    found = json.loads(data)
    if not isinstance(found, dict):
        return data
    return " · ".join(f"{name}: {_value(value)}" for name, value in found.items() if value is not None and value != [])


def relation(row: Mapping[str, Any] | pd.Series, contact: pd.Series, sent_on: Collection[str]) -> str | None:
    """How another contact belongs to this one's journey; None when only the customer is the same."""
    own, initial, previous = (contact[name] for name in ("contact_id", "initial_contact_id", "previous_contact_id"))
    if row["contact_id"] == previous:
        return "previous"
    if row["contact_id"] in sent_on or row["previous_contact_id"] == own:
        return "onward"
    if row["contact_id"] == initial:
        return "initial"
    root = own if text.is_missing(initial) else initial
    return "same" if row["initial_contact_id"] == root else None


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows by column."""
    return cast("list[dict[str, Any]]", frame.to_dict("records"))


def facts(row: pd.Series, names: Mapping[str, str], zone: str) -> list[tuple[str, str]]:
    """What is known of a contact, label by label; what is not known is left out."""
    pairs = [
        ("Site", names.get(row["site"], row["site"])),
        ("Arrived", text.moment(instant(row["arrived_at"]), zone)),
        ("Outcome", said.outcome(row)),
        (said.QUEUE, row["queue"]),
        (said.CHANNEL, row["channel"]),
        ("Direction", row["direction"]),
        (said.LANGUAGE, row["language"]),
        (said.TOPIC, topic(row["topic"], row["topic_name"])),
        ("Topic as sent", row["topic_code"] if row["topic_code"] != row["topic"] else None),
        ("Campaign", row["campaign"]),
        ("Priority", None if text.is_missing(row["priority"]) else str(int(row["priority"]))),
        (said.AGENT, row["agent_id"]),
        ("Ended by", row["ended_by"]),
        ("Disposition", row["disposition"]),
        ("Resolved per agent", yes_no(row["resolved"]) or None),
        ("Customer (hash)", row["customer"]),
    ]
    return [(label, str(value)) for label, value in pairs if not text.is_missing(value)]


def topic(code: object, name: object) -> str | None:
    """A topic by the company's name, else by its code."""
    return (
        str(code)
        if text.is_missing(name) and not text.is_missing(code)
        else None
        if text.is_missing(name)
        else str(name)
    )


def yes_no(value: object) -> str:
    """An answer that may be missing."""
    return "" if text.is_missing(value) else "yes" if value else "no"


def _held(data: str) -> float | None:
    found = json.loads(data)
    seconds = found.get("hold_s") if isinstance(found, dict) else None
    return float(seconds) if isinstance(seconds, int | float) else None


def _value(value: object) -> str:
    if isinstance(value, float) and np.isfinite(value):
        return f"{value:g}"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _seconds(label: str, width: int = 56) -> Any:
    return _number(label, format="%,.0f s", width=width)


def _local(instants: pd.Series[Any], zone: str) -> pd.Series[Any]:
    return pd.to_datetime(instants).dt.tz_localize("UTC").dt.tz_convert(zone)


def _when(label: str, zone: str, width: int, *, exact: bool = False) -> Any:
    form = "D MMM YYYY, HH:mm:ss.SSS" if exact else "D MMM YYYY, HH:mm:ss"
    return st.column_config.DatetimeColumn(label, format=form, timezone=zone, width=width)
