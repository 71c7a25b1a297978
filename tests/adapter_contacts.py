"""The contacts that the events of an adapter make, to compare with ones worked out by hand.

Reckoned here from the contract alone, and not with the fold or the views of the store: of one id, and of one kind of
fact, the highest revision counts, and of equal ones the earliest or latest as models.fold.FACTS says.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ingest.adapters.base import Adapter, NotUnderstoodError
from models.events import EVENT
from models.fold import FACTS

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

Known = dict[str, list[tuple[datetime, dict[str, Any]]]]
"""What is known of a contact: by kind of fact, when and its fields. Facts of which one counts have one entry."""


def at(second: float) -> str:
    """A moment counted from noon, as vendors write it."""
    return (NOON + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tell(adapter: Adapter, *documents: Any) -> list[dict[str, Any]]:
    """All events of the documents, each held against the contract."""
    messages = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in documents)
    events = [made for message in messages for made in adapter.tell(message, "north").events]
    for made in events:
        EVENT.validate_json(json.dumps(made))
    return events


def never_breaks(adapter: Adapter, message: bytes) -> None:
    """Whatever comes, it is understood and within the contract, or refused in words."""
    try:
        told = adapter.tell(message, "north")
    except NotUnderstoodError as error:
        if "expected" not in str(error):
            raise AssertionError("the refusal does not say what was expected") from error
        return
    assert bool(told.events) != bool(told.nothing)
    for made in told.events:
        EVENT.validate_json(json.dumps(made))


def known(events: Iterable[dict[str, Any]]) -> dict[str, Known]:
    """What is known of each contact, by its id."""
    kept: dict[str, dict[str, Any]] = {}
    for made in events:
        if made["id"] not in kept or made.get("revision", 0) > kept[made["id"]].get("revision", 0):
            kept[made["id"]] = made
    found: dict[str, Known] = {}
    by_fact: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for made in kept.values():
        read = EVENT.validate_json(json.dumps(made))
        by_fact[read.subject, read.type].append((made.get("revision", 0), read.time, read.id, read.data))
    for contact in sorted({contact for contact, _ in by_fact}):
        found[contact] = {}
        for rule in FACTS:
            facts = sorted(by_fact[contact, rule.event_type], key=lambda fact: fact[1:3])
            highest = max((revision for revision, *_ in facts), default=0)
            counting = facts if rule.keep == "all" else [fact for fact in facts if fact[0] == highest]
            kept_facts = {"all": counting, "earliest": counting[:1], "latest": counting[-1:]}[rule.keep]
            if kept_facts:
                found[contact][rule.column] = [
                    (when, {name: getattr(data, name) for name in rule.fields}) for _, when, _, data in kept_facts
                ]
    return found


def contacts(events: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By contact its facts: seconds after noon, then the values that are known."""
    return {
        contact: {column: _short(column, facts) for column, facts in of.items()}
        for contact, of in known(events).items()
    }


def _short(column: str, facts: list[tuple[datetime, dict[str, Any]]]) -> Any:
    shown = [
        (round((when - NOON).total_seconds(), 3), *(value for value in fields.values() if value is not None))
        for when, fields in facts
    ]
    return shown if column in ("holds", "transfers") else shown[0]


class Row(NamedTuple):
    """A contact as the store's view of contacts shows it; durations in seconds."""

    channel: str | None
    direction: str | None
    queue: str | None
    outcome: str
    agent_id: str | None = None
    wait_s: float | None = None
    talk_s: float | None = None
    hold_s: float | None = None
    wrap_up_s: float | None = None
    initial_contact_id: str | None = None
    previous_contact_id: str | None = None
    disposition: str | None = None
    left_reason: str | None = None
    customer: str | None = None


_OUTCOMES = (
    ("excluded", "excluded"),
    ("answered", "answered"),
    ("abandoned", "abandoned"),
    ("left_queue", "left_queue"),
    ("left_menu", "left_menu"),
    ("completed", "unknown_end"),
    ("wrapped_up", "unknown_end"),
    ("offered", "waiting"),
    ("started", "in_menu"),
)


def rows(events: Iterable[dict[str, Any]]) -> dict[str, Row]:
    """By contact its row. What the vendor did not measure is the time between its instants."""
    return {contact: _row(of) for contact, of in known(events).items()}


def _row(of: Known) -> Row:
    def says(column: str, name: str) -> Any:
        return of[column][0][1][name] if column in of else None

    def either(name: str, *columns: str) -> Any:
        return next((value for value in (says(column, name) for column in columns) if value is not None), None)

    def between(first: str, then: str) -> float | None:
        if first not in of or then not in of:
            return None
        return (of[then][0][0] - of[first][0][0]).total_seconds()

    outcome = next((name for column, name in _OUTCOMES if column in of), "unknown_start")
    way_out = outcome if outcome in ("answered", "abandoned", "left_queue") else "answered"
    hold_s = says("completed", "hold_s")
    if hold_s is None and "holds" in of:
        hold_s = sum(fields["hold_s"] for _, fields in of["holds"])
    talk_s, spoke_s = says("completed", "talk_s"), between("answered", "completed")
    if talk_s is None and spoke_s is not None:
        talk_s = spoke_s - (hold_s or 0)
    wait_s, wrap_up_s = says(way_out, "wait_s"), says("wrapped_up", "wrap_up_s")
    return Row(
        channel=either("channel", "offered", "started"),
        direction=either("direction", "offered", "started"),
        queue=says("offered", "queue"),
        outcome=outcome,
        agent_id=says("answered", "agent_id"),
        wait_s=between("offered", way_out) if wait_s is None else wait_s,
        talk_s=talk_s,
        hold_s=hold_s,
        wrap_up_s=between("completed", "wrapped_up") if wrap_up_s is None else wrap_up_s,
        initial_contact_id=says("offered", "initial_contact_id"),
        previous_contact_id=says("offered", "previous_contact_id"),
        disposition=says("classified", "disposition"),
        left_reason=either("reason", "left_queue", "left_menu"),
        customer=either("customer_id", "offered", "started"),
    )


def hold_true(adapter: Adapter, documents: list[Any], expected: dict[str, Row]) -> None:
    """Hold the rows that the documents make against those expected, in any order and told twice."""
    assert rows(tell(adapter, *documents)) == expected
    for seed in range(5):
        again = documents * 2
        random.Random(seed).shuffle(again)
        assert rows(tell(adapter, *again)) == expected


def states(events: Iterable[dict[str, Any]]) -> dict[str, list[tuple[str, str, str | None]]]:
    """By agent, in the order of time, the states entered: clock time UTC, state, reason."""
    found: dict[str, set[tuple[str, str, str | None]]] = defaultdict(set)
    for made in events:
        if made["type"] == "agent.state_changed":
            read = EVENT.validate_json(json.dumps(made))
            said: Any = read.data
            found[read.subject].add((f"{read.time:%H:%M:%S}", said.state, said.reason))
    return {agent: sorted(changes, key=lambda change: change[0]) for agent, changes in found.items()}
