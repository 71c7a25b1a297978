"""Messages that could not be used: looking at them, putting them aside; `replay.py` decodes them again.

A message is named by where it stood, `topic[partition]@offset`, as in the view `quarantine`. A topic that was
made anew counts from 0 again, so that one name may mean several messages; all of them are meant then.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from ingest.decoding.messages import Decodes
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep.work import Command, Work

# Every refused message with what was said of it last: it may have been put aside and opened again.
REFUSED = """
    with told as (
        select
            kafka_topic_id, kafka_partition, kafka_offset,
            nullif(max_by(how, settled_at), 'reopened') as how,
            max(settled_at) as settled_at
        from private.refused_settled
        group by all
    ),
    refused as (
        select r.*, r.kafka_topic || '[' || r.kafka_partition || ']@' || r.kafka_offset as location, how, settled_at
        from private.refused r
        left join told using (kafka_topic_id, kafka_partition, kafka_offset)
    )
"""


KEY = "(kafka_topic_id, kafka_partition, kafka_offset)"


class Which(msgspec.Struct, frozen=True):
    """Which messages: those named, of these only those of a site and a code. Nothing named means all."""

    ids: list[str] = []
    site: str | None = None
    code: str | None = None


class Listing(msgspec.Struct, frozen=True):
    """Messages to list, the newest first. with_settled: also those that have been dealt with."""

    which: Which
    with_settled: bool = False
    limit: int = 100


class Quarantined(msgspec.Struct, frozen=True):
    """A message in quarantine. bytes: None when there are none; removed: retention took them."""

    location: str
    site: str
    code: str
    reason: str
    received_at: datetime
    bytes: int | None
    state: str
    settled_at: datetime | None
    removed: bool


class Listed(msgspec.Struct, frozen=True):
    """The first messages, and how many there are."""

    messages: list[Quarantined]
    total: int


class Shown(msgspec.Struct, frozen=True):
    """A message with what is kept of it."""

    about: Quarantined
    topic_id: str
    key: bytes | None
    value: bytes | None


class Aside(msgspec.Struct, frozen=True):
    """Messages to put aside for good, and why."""

    which: Which
    why: str = ""


class Changed(msgspec.Struct, frozen=True):
    """How many messages changed their state, and how many of those meant had another one."""

    messages: int
    others: int


def where(which: Which) -> tuple[str, dict[str, Any]]:
    """The condition on `refused` of REFUSED, and its parameters."""
    conditions, values = ["true"], dict[str, Any]()
    if which.ids:
        conditions.append("location in (select unnest($ids::varchar[]))")
        values["ids"] = which.ids
    for name in ("site", "code"):
        if (value := getattr(which, name)) is not None:
            conditions.append(f"{name} = ${name}")
            values[name] = value
    return " and ".join(conditions), values


def require_known(store: Store, which: Which) -> None:
    """Raises StoreError for a name that is nobody's, before anything is done."""
    if which.ids:
        query = f"{REFUSED} select distinct location from refused where location in (select unnest($1::varchar[]))"
        known = {location for (location,) in store.connection.execute(query, [which.ids]).fetchall()}
        unknown = [name for name in which.ids if name not in known]
        if unknown:
            more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
            raise StoreError(
                f"not in quarantine: {', '.join(unknown[:5])}{more}; expected topic[partition]@offset, "
                "as `backstop quarantine list` prints it"
            )


_ABOUT = """
    location, site, code, reason, received_at, octet_length(message), coalesce(how, 'open'), settled_at,
    message is null and code <> 'empty'
"""


def list_messages(store: Store, _: Callable[[], Decodes], asked: Listing) -> Work[Listed]:
    """The messages asked for. Raises StoreError for a name that is nobody's."""
    yield from ()
    require_known(store, asked.which)
    condition, values = where(asked.which)
    if not asked.with_settled:
        condition += " and how is null"
    rows = store.connection.execute(
        f"{REFUSED} select {_ABOUT}, count(*) over () from refused where {condition} "
        "order by received_at desc, kafka_topic, kafka_partition, kafka_offset desc limit $limit",
        values | {"limit": asked.limit},
    ).fetchall()
    return Listed([Quarantined(*row[:-1]) for row in rows], rows[0][-1] if rows else 0)


def show_message(store: Store, _: Callable[[], Decodes], asked: Which) -> Work[list[Shown]]:
    """The messages of these names with their bytes. Raises StoreError for a name that is nobody's."""
    yield from ()
    require_known(store, asked)
    condition, values = where(asked)
    rows = store.connection.execute(
        f"{REFUSED} select {_ABOUT}, kafka_topic_id, message_key, message from refused where {condition} "
        "order by received_at limit 20",
        values,
    ).fetchall()
    return [Shown(Quarantined(*row[:-3]), *row[-3:]) for row in rows]


def dismiss(store: Store, _: Callable[[], Decodes], asked: Aside) -> Work[Changed]:
    """Put open messages aside: they stay, and are neither shown as open nor replayed. Raises StoreError."""
    yield from ()
    why = f"dismissed: {asked.why}" if asked.why else ""
    return _settle(store, asked.which, "how is null", "dismissed", why)


def reopen(store: Store, _: Callable[[], Decodes], asked: Which) -> Work[Changed]:
    """Take back that messages were put aside. Raises StoreError."""
    yield from ()
    return _settle(store, asked, "how is not distinct from 'dismissed'", "reopened", "")


def _settle(store: Store, which: Which, concerned: str, how: str, notice: str) -> Changed:
    require_known(store, which)
    condition, values = where(which)
    with store.transaction():
        query = f"{REFUSED} select count(distinct {KEY}) from refused where {condition} and not ({concerned})"
        (others,) = store.connection.execute(query, values).fetchall()[0]
        # The batch is the last one that was there: this is none of its own.
        (messages,) = store.connection.execute(
            f"""insert into private.refused_settled by name {REFUSED}
            select distinct kafka_topic_id, kafka_partition, kafka_offset, $now::timestamp as settled_at,
                $how as how, (select max(batch) from private.refused) as batch
            from refused where {condition} and {concerned}""",
            values | {"now": store.settings.clock.now().replace(tzinfo=None), "how": how},
        ).fetchall()[0]
        if messages and notice:
            store.note("notice", f"{messages:,} messages in quarantine {notice}")
    return Changed(messages, others)


LIST = Command("quarantine list", Listing, Listed, list_messages)
SHOW = Command("quarantine show", Which, list[Shown], show_message)
DISMISS = Command("quarantine dismiss", Aside, Changed, dismiss)
REOPEN = Command("quarantine reopen", Which, Changed, reopen)
