"""Retention: raw events and the bytes of refused messages are kept so long; what was derived from them stays.

The raw events of a contact go together, once the contact has had none for `keep_events_days`; events of agents
and of sites go by their own time. Of a refused message the bytes and the key go, not the row that says why.

What it costs: whether an event is a repeat is seen from the raw events, so a repeat of one that is gone is
accepted again. The contact does not change by that, since folding an event twice is folding it once, but the
events of its site are counted once more. And a rebuild cannot check what it has no events of: it takes the
contacts of that time over from the store.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import duckdb
import msgspec

from ingest.decoding.messages import Decodes
from ingest.room import NoRoomError, look_for_room
from ingest.store import Store
from ingest.upkeep.work import Command, Step, Work

_OWN = "(starts_with(type, 'agent.') or starts_with(type, 'site.'))"

# Contacts whose last event lies in [$after, $before). All their events are looked for, however old.
_GOING = f"""
    select site, subject from private.event
    where not {_OWN} and occurred_at >= $after and occurred_at < $before
    except
    select site, subject from private.event where not {_OWN} and occurred_at >= $before
"""
_OF_CONTACTS = f"not {_OWN} and occurred_at < $before and (site, subject) in ({_GOING})"
_OF_OTHERS = f"{_OWN} and occurred_at >= $after and occurred_at < $before"
_WITH_BYTES = "received_at >= $after and received_at < $before and (message is not null or message_key is not null)"

_EVENT_DAYS = "select distinct occurred_at::date from private.event where occurred_at < $1"
_MESSAGE_DAYS = (
    "select distinct received_at::date from private.refused "
    "where received_at < $1 and (message is not null or message_key is not null)"
)


class Retain(msgspec.Struct, frozen=True):
    """dry_run: only count what would go."""

    dry_run: bool = False


class Retained(msgspec.Struct, frozen=True):
    """What went, or would go: events and refused messages up to two instants (UTC), and the size of the file."""

    events: int
    events_before: datetime
    messages: int
    messages_before: datetime
    bytes_before: int
    bytes_after: int
    checkpointed: bool


def retain(store: Store, _: Callable[[], Decodes], asked: Retain) -> Work[Retained]:
    """Remove what is older than the settings keep, a day at a time, each in a transaction of its own."""
    settings = store.settings
    now = settings.clock.now().replace(tzinfo=None)
    events_before = now - timedelta(days=settings.keep_events_days)
    messages_before = now - timedelta(days=settings.keep_refused_days)
    size = _size(store)
    event_days = _days(store, _EVENT_DAYS, events_before)
    message_days = _days(store, _MESSAGE_DAYS, messages_before)
    total = len(event_days) + len(message_days)
    events = messages = 0
    for n, (after, before) in enumerate(event_days):
        yield Step(n, total, "days")
        events += _remove_events(store, after, before, dry_run=asked.dry_run)
    for n, (after, before) in enumerate(message_days, len(event_days)):
        yield Step(n, total, "days")
        messages += _remove_messages(store, after, before, dry_run=asked.dry_run)
    checkpointed = False
    if (events or messages) and not asked.dry_run:
        yield Step(total, total, "days")
        checkpointed = _checkpoint(store)
    return Retained(events, events_before, messages, messages_before, size, _size(store), checkpointed)


def _size(store: Store) -> int:
    return store.path.stat().st_size


def _checkpoint(store: Store) -> bool:
    """Write everything into the file and free what is not used, unless a reader is in the middle of something.

    A checkpoint that finds no room ends the database for this process, so it is left to the next one then.
    """
    try:
        look_for_room(store.path)
        store.connection.execute("checkpoint")
    except (NoRoomError, duckdb.TransactionException):
        return False
    return True


def _days(store: Store, query: str, end: datetime) -> list[tuple[datetime, datetime]]:
    """Each UTC day the query finds, the last one up to the end."""
    found: list[date] = sorted(day for (day,) in store.connection.execute(query, [end]).fetchall())
    starts = [datetime.combine(day, time()) for day in found]
    return [(start, min(start + timedelta(days=1), end)) for start in starts]


def _remove_events(store: Store, after: datetime, before: datetime, *, dry_run: bool) -> int:
    span = {"after": after, "before": before}
    if dry_run:
        query = f"select count(*) from private.event where ({_OF_CONTACTS}) or ({_OF_OTHERS})"
        return _count(store, query, span)
    with store.transaction():
        removed = _count(store, f"delete from private.event where {_OF_CONTACTS}", span)
        removed += _count(store, f"delete from private.event where {_OF_OTHERS}", span)
        _record(store, "event", before, removed)
    return removed


def _remove_messages(store: Store, after: datetime, before: datetime, *, dry_run: bool) -> int:
    span = {"after": after, "before": before}
    if dry_run:
        return _count(store, f"select count(*) from private.refused where {_WITH_BYTES}", span)
    with store.transaction():
        query = f"update private.refused set message = null, message_key = null where {_WITH_BYTES}"
        removed = _count(store, query, span)
        _record(store, "message", before, removed)
    return removed


def _count(store: Store, query: str, span: dict[str, datetime]) -> int:
    """The number a statement answers with: rows counted or changed."""
    return int(store.connection.execute(query, span).fetchall()[0][0])


def _record(store: Store, kind: str, before: datetime, removed: int) -> None:
    if removed:
        store.connection.execute(
            "insert into private.retained values (?, ?, ?, ?)",
            [store.settings.clock.now().replace(tzinfo=None), kind, before, removed],
        )


RETAIN = Command("retain", Retain, Retained, retain)
