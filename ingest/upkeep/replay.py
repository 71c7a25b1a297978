"""Decoding messages of the quarantine again, now that a program or a setting was mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import msgspec

from ingest.decoding.messages import Decodes, Message, Messages, Origin
from ingest.receipts import Batch, Settled
from ingest.store import Store
from ingest.upkeep.quarantine import KEY, REFUSED, Which, require_known, where
from ingest.upkeep.work import Command, Step, Work

PIECE_MESSAGES = 5_000
PIECE_BYTES = 16 << 20
"""A piece of a replay holds no more messages than this, and not many more bytes."""

SHOWN = 100
"""So many messages that stay refused are named in an answer."""


class StillRefused(msgspec.Struct, frozen=True):
    """A message that was refused again, and why now."""

    location: str
    code: str
    reason: str


class Replayed(msgspec.Struct, frozen=True):
    """What a replay did, in messages and events. still: the first of those that were refused again."""

    messages: int
    replayed: int
    accepted: int
    repeats: int
    still_refused: int
    without_bytes: int
    settled_before: int
    codes: dict[str, int]
    still: list[StillRefused]


class _Place(NamedTuple):
    """One message, with the bytes it has."""

    batch: int
    topic_id: str
    partition: int
    offset: int
    size: int


def replay(store: Store, decoder: Callable[[], Decodes], asked: Which) -> Work[Replayed]:
    """Decode open messages again, with the present program and settings, and accept what can be used now.

    Each piece is one transaction: the events, their contacts, and that the messages are settled. Messages that
    are refused again stay as they are. The events count as received now, which is when they began to count.
    Raises StoreError for a name that is nobody's.
    """
    require_known(store, asked)
    condition, values = where(asked)
    query = f"""{REFUSED}
        select
            count(distinct {KEY}) filter (how is not null) as settled,
            count(distinct {KEY}) filter (how is null and message is null and code <> 'empty') as without_bytes
        from refused where {condition}"""
    settled, without_bytes = store.connection.execute(query, values).fetchall()[0]
    query = f"""{REFUSED}
        select min(batch), kafka_topic_id, kafka_partition, kafka_offset, max(coalesce(octet_length(message), 0))
        from refused where {condition} and how is null and (message is not null or code = 'empty')
        group by all order by all"""
    places = [_Place(*row) for row in store.connection.execute(query, values).fetchall()]
    done, counts, codes, still = 0, Counter[str](), Counter[str](), list[StillRefused]()
    for piece in _pieces(places):
        yield Step(done, len(places), "messages decoded again")
        _replay_piece(store, decoder(), piece, counts, codes, still)
        done += len(piece)
    return Replayed(
        messages=counts["messages"],
        replayed=counts["replayed"],
        accepted=counts["accepted"],
        repeats=counts["repeats"],
        still_refused=counts["still"],
        without_bytes=without_bytes,
        settled_before=settled,
        codes=dict(codes),
        still=still,
    )


def _pieces(places: list[_Place]) -> Iterator[list[_Place]]:
    piece, size = list[_Place](), 0
    for place in places:
        if piece and (len(piece) >= PIECE_MESSAGES or size + place.size > PIECE_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(place)
        size += place.size
    if piece:
        yield piece


def _replay_piece(
    store: Store,
    decoder: Decodes,
    piece: list[_Place],
    counts: Counter[str],
    codes: Counter[str],
    still: list[StillRefused],
) -> None:
    received_at = store.settings.clock.now()
    messages = _messages(store, piece)
    decoded = decoder.decode(messages, received_at)
    places = {(o.topic_id, o.partition, message.offset) for o, found in messages for message in found}
    refused = {(r.origin.topic_id, r.origin.partition, r.message.offset) for r in decoded.refusals}
    settled = tuple(Settled(*place, "replayed") for place in sorted(places - refused))
    if settled:
        # They are in quarantine already, and they were counted as messages when they were read.
        told = replace(decoded, refusals=[], messages=Counter())
        committed = store.commit(Batch(told, {}, received_at, settled=settled))
        counts.update(accepted=committed.accepted, repeats=committed.repeats)
    counts.update(messages=len(places), replayed=len(settled), still=len(refused))
    codes.update(refusal.code for refusal in decoded.refusals)
    for refusal in decoded.refusals[: SHOWN - len(still)]:
        location = f"{refusal.origin.topic}[{refusal.origin.partition}]@{refusal.message.offset}"
        still.append(StillRefused(location, refusal.code, refusal.reason))


def _messages(store: Store, piece: list[_Place]) -> Messages:
    """The messages of a piece as they were read; those settled or removed meanwhile are left out."""
    wanted = "select unnest($topics::varchar[]), unnest($partitions::integer[]), unnest($offsets::bigint[])"
    rows = store.connection.execute(
        f"""{REFUSED}
        select distinct site, kafka_topic, kafka_topic_id, kafka_partition, kafka_offset, message_key, message
        from refused
        where batch between $first and $last and {KEY} in ({wanted})
            and how is null and (message is not null or code = 'empty')
        order by 1, 2, 3, 4, 5""",
        {
            "first": piece[0].batch,
            "last": piece[-1].batch,
            "topics": [place.topic_id for place in piece],
            "partitions": [place.partition for place in piece],
            "offsets": [place.offset for place in piece],
        },
    ).fetchall()
    return [
        (Origin(*origin), [Message(*row[4:]) for row in found]) for origin, found in groupby(rows, lambda row: row[:4])
    ]


REPLAY = Command("quarantine replay", Which, Replayed, replay)
