"""What the events of an adapter fold into, as short rows to compare with ones worked out by hand."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.adapters.base import Adapter, NotUnderstoodError
from models.events import EVENT
from models.fold import COLUMNS, fold

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(second: float) -> str:
    """A moment counted from noon, as vendors write it."""
    return (NOON + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tell(adapter: Adapter, *documents: Any) -> list[dict[str, Any]]:
    """All events of the documents, each held against the contract."""
    events = [made for each in documents for made in adapter.tell(json.dumps(each).encode(), "north").events]
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


def contacts(events: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By contact the facts of its fold: seconds after noon, then the values that are known."""
    found = defaultdict(list)
    for made in events:
        read = EVENT.validate_json(json.dumps(made))
        found[read.subject].append((read.type, (read.time - EPOCH) // timedelta(microseconds=1), read.id, read.data))
    return {contact: _row(fold(sorted(facts, key=lambda f: f[:3]))) for contact, facts in sorted(found.items())}


def _row(state: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, value in zip(COLUMNS, state, strict=True):
        if isinstance(value, tuple):
            row[name] = _fact(value)
        elif isinstance(value, frozenset) and value:
            row[name] = [_fact(fact) for fact in sorted(value, key=lambda f: f[:2])]
    return row


def _fact(fact: tuple[Any, ...]) -> tuple[Any, ...]:
    second = fact[0] / 1e6 - NOON.timestamp()
    return (round(second, 3), *(value for value in fact[2:] if value is not None))
