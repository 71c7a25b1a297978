"""Contacts whose end never comes: after a day they are no longer in the queue, and are counted as what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Messages
from ingest.receipts import Batch, Partition
from ingest.store import Store
from models.settings import Settings
from tests.builders import KEY, T0, event, records

HERE = Partition("contacts.north", "topic-1", 0)
LOG = [
    "{t}|call-1|NONE|NONE|DID|4989000",
    "{t}|call-1|support|NONE|ENTERQUEUE||491700000001|1",  # The restart below came before anybody answered.
    "{t}|call-2|support|NONE|ENTERQUEUE||491700000002|2",
    "{t}|call-2|support|SIP/ann|CONNECT|4|ch-2|3",  # Answered; COMPLETE was never written.
    "{t}|call-3|support|NONE|ENTERQUEUE||491700000003|3",
    "{t}|call-3|support|NONE|ABANDON|3|3|9",
    "{t}|NONE|NONE|NONE|QUEUESTART|",
]


@pytest.fixture
def opened(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Callable[[timedelta], Store]]:
    """A store whose clock stands still so long after T0."""
    stores: list[Store] = []

    def after(passed: timedelta) -> Store:
        clock = {"clock_since": datetime(2026, 1, 1, tzinfo=UTC), "clock_shows": T0 + passed, "clock_speed": 1e-9}
        stores.append(Store.open(make_settings(data_dir=tmp_path / str(len(stores)), **clock)))
        return stores[-1]

    yield after
    for store in stores:
        store.connection.close()


def take(store: Store, messages: Messages, **systems: str) -> None:
    decoded = Decoder(KEY, 3600, 1_000_000, systems).decode(messages, T0 + timedelta(days=30))
    assert not decoded.refusals
    store.commit(Batch(decoded, {HERE: len(messages)}, T0))
    store.rollups.run("contacts")


def ask(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(query).fetchall()


def asterisk() -> Messages:
    begins = int(T0.timestamp())
    return records([line.format(t=begins + n).encode() for n, line in enumerate(LOG)])


def test_what_asterisk_leaves_open_is_in_the_queue_for_a_day(opened: Any) -> None:
    store = opened(timedelta(hours=23))
    take(store, asterisk(), north="asterisk")
    assert ask(store, "select outcome, end_unknown from contacts order by contact_id") == [
        ("waiting", False), ("answered", False), ("abandoned", False)
    ]  # fmt: skip
    assert ask(store, "select waiting, in_conversation from queue_now") == [(1, 1)]


def test_then_its_end_is_unknown_it_is_counted_and_gone_from_the_queue(opened: Any) -> None:
    store = opened(timedelta(hours=25))
    take(store, asterisk(), north="asterisk")
    assert ask(store, "select outcome, end_unknown from contacts order by contact_id") == [
        ("unknown_end", True), ("answered", True), ("abandoned", False)
    ]  # fmt: skip
    assert ask(store, "from queue_now") == []
    assert ask(store, "select offered, answered, abandoned, waiting, unknown_end from site_week") == [(3, 1, 1, 0, 1)]


def test_an_end_that_comes_after_all_is_taken(opened: Any) -> None:
    store = opened(timedelta(hours=60))
    take(store, asterisk(), north="asterisk")
    take(store, records([event("abandoned", "call-1/support", after_s=200_000)], start=9))
    assert ask(store, "select outcome, end_unknown from contacts where contact_id = 'call-1/support'") == [
        ("abandoned", False)
    ]


@pytest.mark.parametrize(("channel", "limit"), [("voice", 24), ("chat", 24), ("email", 168), ("messaging", 168)])
def test_written_channels_may_wait_for_days(opened: Any, channel: str, limit: int) -> None:
    for hours, outcome in ((limit - 0.01, "waiting"), (limit + 0.01, "unknown_end")):
        store = opened(timedelta(hours=hours))
        take(store, records([event("offered", channel=channel)]))
        assert ask(store, "select outcome from contacts") == [(outcome,)]


def test_a_message_in_a_chat_keeps_it_open(opened: Any) -> None:
    store = opened(timedelta(hours=30))
    take(store, records([event("offered", channel="chat"), event("chat.message", after_s=10 * 3600)]))
    assert ask(store, "select outcome from contacts") == [("waiting",)]


def test_a_contact_that_never_left_the_menu_ends_unknown_but_was_not_offered(opened: Any) -> None:
    store = opened(timedelta(hours=25))
    take(store, records([event("started")]))
    assert ask(store, "select outcome, was_offered from contacts") == [("unknown_end", False)]
    assert ask(store, "select offered, unknown_end from site_week") == [(0, 0)]
