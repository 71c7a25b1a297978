"""Alerts for people: which there are, and saying that one is being looked after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from ingest.decoding.messages import Decodes
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep.work import Command, Work
from ingest.written import written

LONGEST_NAME = 80
LONGEST_NOTE = 500


class Listing(msgspec.Struct, frozen=True):
    """Episodes to list, the newest first. with_cleared: also those that are over."""

    with_cleared: bool = False
    limit: int = 100


class Alert(msgspec.Struct, frozen=True):
    """An episode, as view `alerts` has it. Instants are UTC without a zone."""

    episode: str
    rule: str
    site: str | None
    queue: str | None
    language: str | None
    channel: str | None
    metric: str
    direction: str
    threshold: float
    opened_at: datetime
    value: float | None
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None
    state: str
    last_value: float | None


class Acknowledge(msgspec.Struct, frozen=True):
    """Who looks after which episode, and what there is to say of it."""

    episode: str
    name: str
    note: str = ""


class Acknowledged(msgspec.Struct, frozen=True):
    """The episode that was acknowledged, and when (UTC without a zone)."""

    episode: str
    rule: str
    site: str | None
    at: datetime


def list_alerts(store: Store, _: Callable[[], Decodes], asked: Listing) -> Work[list[Alert]]:
    """The episodes asked for."""
    yield from ()
    rows = store.connection.execute(
        f"select {', '.join(Alert.__struct_fields__)} from alerts where $all or cleared_at is null "
        "order by opened_at desc, episode limit $limit",
        {"all": asked.with_cleared, "limit": asked.limit},
    ).fetchall()
    return [Alert(*row) for row in rows]


def acknowledge(store: Store, _: Callable[[], Decodes], asked: Acknowledge) -> Work[Acknowledged]:
    """Write down who looks after an open episode. Raises StoreError: unknown, over, or somebody does already."""
    yield from ()
    name = written("name", asked.name, 1, LONGEST_NAME)
    note = written("note", asked.note, 0, LONGEST_NOTE, lines=True)
    with store.transaction():
        rows = store.connection.execute(
            "select rule, site, opened_at, cleared_at, acknowledged_at, acknowledged_by from alerts where episode = ?",
            [asked.episode],
        ).fetchall()
        if not rows:
            raise StoreError(
                f"there is no alert {asked.episode[:40]!r}; `backstop alerts list` has those that are open"
            )
        rule, site, _opened, cleared_at, acknowledged_at, by = rows[0]
        if acknowledged_at is not None:
            raise StoreError(f"{by} has acknowledged alert {asked.episode} already, at {_at(acknowledged_at)}")
        if cleared_at is not None:
            raise StoreError(f"alert {asked.episode} was cleared at {_at(cleared_at)}: there is nothing to acknowledge")
        now = store.settings.clock.now().replace(tzinfo=None)
        store.connection.execute(
            """
            insert into private.alert_event by name
            select * replace ('acknowledged' as event, $now::timestamp as "at", null as value, null as n,
                null as could_take, $name as name, nullif($note, '') as note)
            from private.alert_event
            where episode = $episode and event = 'opened'
            """,
            {"episode": asked.episode, "now": now, "name": name, "note": note},
        )
    return Acknowledged(asked.episode, rule, site, now)


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


LIST = Command("alerts list", Listing, list[Alert], list_alerts)
ACKNOWLEDGE = Command("acknowledge", Acknowledge, Acknowledged, acknowledge)
