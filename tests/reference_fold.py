"""A second fold of contacts, in plain Python, written from the contract and not from the SQL. The tests' yardstick."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]

_OPEN_FOR = timedelta(hours=24)
"""Calls and chats without an end are taken for open this long after their last event."""
_WRITTEN_OPEN_FOR = timedelta(days=7)


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def _revision(event: Event) -> int:
    return int(event.get("revision", 0))


def _pick(events: list[Event], fact: str, *, latest: bool = False) -> Event | None:
    """Of the events of a kind that were corrected most often the earliest (or latest) by time, then id."""
    found = [e for e in events if e["type"] == f"contact.{fact}"]
    last_word = max(map(_revision, found), default=0)
    found = sorted((e for e in found if _revision(e) == last_word), key=lambda e: (_at(e), e["id"]))
    return (found[-1] if latest else found[0]) if found else None


def _corrected(event: Event | None, by: Event | None) -> bool:
    """Whether the other one says what really was, under the same id."""
    return event is not None and by is not None and event["id"] == by["id"] and _revision(by) > _revision(event)


def fold(events: Iterable[Event], now: datetime | None = None) -> dict[str, dict[str, Any]]:
    """Contact id to what is known of it: outcome, durations in seconds, whether it is open. now: default the wall's."""
    now = now or datetime.now(UTC)
    by_contact: dict[str, dict[tuple[str, int], Event]] = defaultdict(dict)
    for event in events:
        by_contact[event["subject"]][event["id"], _revision(event)] = event
    return {contact: _contact(list(found.values()), now) for contact, found in by_contact.items()}


def _contact(events: list[Event], now: datetime) -> dict[str, Any]:
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
    if _corrected(abandoned, left_queue):
        abandoned = None
    elif _corrected(left_queue, abandoned):
        left_queue = None
    completed, wrapped = _pick(events, "completed", latest=True), _pick(events, "wrapped_up", latest=True)
    held = sorted((e for e in events if e["type"] == "contact.held"), key=_revision)
    holds = {e["id"]: e["data"]["hold_s"] for e in held}

    born = [birth["data"].get("channel") for birth in (offered, started) if birth]
    written = next((channel for channel in born if channel), None) in ("messaging", "email", "case")
    given_up = max(map(_at, events)) < now - (_WRITTEN_OPEN_FOR if written else _OPEN_FOR)
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
    elif completed or wrapped or ((offered or started) and given_up):
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
    still_open = outcome == "waiting" or (outcome == "answered" and not (completed or wrapped or given_up))
    return {
        "outcome": outcome, "wait_s": wait, "talk_s": talk, "hold_s": hold, "wrap_up_s": wrap_up, "is_open": still_open,
    }  # fmt: skip
