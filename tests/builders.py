"""Builders of events and messages. Every value has a default, so a test names only what it is about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.decoding.messages import Message, Messages, Origin

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "k" * 32


def event(fact: str, contact: str = "c1", after_s: float = 0, **data: Any) -> dict[str, Any]:
    """An event `contact.FACT` (or a full type with a dot) `after_s` seconds after T0."""
    wire = fact if "." in fact else f"contact.{fact}"
    every: dict[str, dict[str, Any]] = {
        "contact.started": {"channel": "voice"},
        "contact.offered": {"channel": "voice", "queue": "main"},
        "contact.held": {"hold_s": 5.0},
        "contact.left_queue": {"reason": "callback"},
        "contact.left_menu": {"reason": "hung_up"},
        "contact.excluded": {"reason": "test"},
        "chat.message": {"sender": "customer"},
        "contact.surveyed": {"instrument": "csat", "score": 4.0, "scale_min": 1.0, "scale_max": 5.0},
        "contact.evaluated": {
            "evaluator": "client",
            "evaluation_id": "e1",
            "form": "calls",
            "score": 80.0,
            "max_score": 100.0,
        },
        "agent.state_changed": {"state": "available"},
        "site.incident_reported": {"kind": "outage", "severity": "high", "incident_id": "i1"},
    }
    needed = every.get(wire, {})
    return {
        "specversion": "1.0",
        "id": f"{contact}/{wire}",
        "source": "north",
        "type": wire,
        "time": (T0 + timedelta(seconds=after_s)).isoformat(),
        "subject": contact,
        "data": needed | data,
    }


def encoded(body: dict[str, Any]) -> bytes:
    """The message of an event."""
    return json.dumps(body).encode()


def records(
    bodies: Iterable[dict[str, Any] | bytes | None], site: str = "north", partition: int = 0, start: int = 0
) -> Messages:
    """Messages as read from one partition."""
    values = [encoded(body) if isinstance(body, dict) else body for body in bodies]
    messages = [Message(start + n, b"k", value) for n, value in enumerate(values)]
    return [(Origin(site, f"contacts.{site}", "topic-1", partition), messages)]


def answered_call(
    contact: str = "c1", after_s: float = 0, wait_s: float = 10, talk_s: float = 60
) -> list[dict[str, Any]]:
    """The four events of a call that was answered."""
    return [
        event("started", contact, after_s),
        event("offered", contact, after_s + 5, topic="billing", customer_id=f"customer of {contact}"),
        event("answered", contact, after_s + 5 + wait_s, agent_id="ann"),
        event("completed", contact, after_s + 5 + wait_s + talk_s),
    ]
