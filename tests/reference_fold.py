"""A second fold of contacts, in plain Python, written from the contract and not from the SQL. The tests' yardstick."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

Event = dict[str, Any]


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def _pick(events: list[Event], fact: str, *, latest: bool = False) -> Event | None:
    """The earliest (or latest) event of a kind by time, then id."""
    found = sorted((e for e in events if e["type"] == f"contact.{fact}"), key=lambda e: (_at(e), e["id"]))
    return (found[-1] if latest else found[0]) if found else None


def fold(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """Contact id to what is known of it: outcome and durations in seconds."""
    by_contact: dict[str, dict[str, Event]] = defaultdict(dict)
    for event in events:
        by_contact[event["subject"]][event["id"]] = event
    return {contact: _contact(list(found.values())) for contact, found in by_contact.items()}


def _contact(events: list[Event]) -> dict[str, Any]:
    offered, answered, abandoned = (
        _pick(events, "offered"),
        _pick(events, "answered"),
        _pick(events, "abandoned"),
    )
    started, left_queue, left_menu = (
        _pick(events, "started"),
        _pick(events, "left_queue"),
        _pick(events, "left_menu"),
    )
    completed, wrapped = _pick(events, "completed", latest=True), _pick(events, "wrapped_up", latest=True)
    holds = {e["id"]: e["data"]["hold_s"] for e in events if e["type"] == "contact.held"}

    if _pick(events, "excluded"):
        outcome = "excluded"
    elif answered:
        outcome = "answered"
    elif abandoned:
        outcome = "abandoned"
    elif left_queue:
        outcome = "left_queue"
    elif left_menu:
        outcome = "left_menu"
    elif completed or wrapped:
        outcome = "unknown_end"
    elif offered:
        outcome = "waiting"
    elif started:
        outcome = "in_menu"
    else:
        outcome = "unknown_start"

    wait = None
    end_of_wait = answered or abandoned or left_queue
    if end_of_wait:
        wait = end_of_wait["data"].get("wait_s")
        if wait is None and offered:
            wait = max(0.0, (_at(end_of_wait) - _at(offered)).total_seconds())
    hold = sum(holds.values()) if holds else None
    if completed and completed["data"].get("hold_s") is not None:
        hold = completed["data"]["hold_s"]
    talk = None
    if completed:
        talk = completed["data"].get("talk_s")
        if talk is None and answered:
            talk = max(0.0, (_at(completed) - _at(answered)).total_seconds() - (hold or 0))
    wrap_up = None
    if wrapped:
        wrap_up = wrapped["data"].get("wrap_up_s")
        if wrap_up is None and completed:
            wrap_up = max(0.0, (_at(wrapped) - _at(completed)).total_seconds())
    return {"outcome": outcome, "wait_s": wait, "talk_s": talk, "hold_s": hold, "wrap_up_s": wrap_up}
