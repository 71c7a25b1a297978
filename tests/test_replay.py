"""However often events come again, however late and in whatever order: every number is that of a clean run."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Message, Origin
from ingest.receipts import Batch, Partition
from ingest.simulator.delivery.delivery import DeliveryRules
from ingest.store import Store
from models import schema
from models.settings import Settings
from tests.test_adapter_store import STORIES
from tests.worlds import MONDAY, played, scenario

OF_THE_FEED = {
    "events", "quarantine", "sites", "ingest_status", "ingest_log", "feed", "feed_quarter_hours", "feed_gaps",
    "week_changes",
}  # fmt: skip
"""Views that tell how and when events came, not what happened at the sites."""

SHOWS = MONDAY + timedelta(days=8, hours=10, minutes=10)
"""The present: a Tuesday at one, when people are waiting and talking."""

Sent = tuple[datetime, str, bytes]
"""When it happened, site, message."""


def _shown(value: Any) -> Any:
    """Sums of the same numbers in another order differ in their last digits."""
    return round(value, 6) if isinstance(value, float) else value


@pytest.fixture(scope="module")
def sent() -> list[Sent]:
    """The days until then at two sites: calls, chats, transfers, surveys, agents' states, in order of time."""
    flawless = {f"sites.{site}.delivery": DeliveryRules() for site in ("home", "away")}
    world, batches = played(scenario(*flawless.items()), 9)
    every = (
        (datetime.fromtimestamp(at_ms / 1000, UTC), world.sites[site], text.encode())
        for _, batch in batches
        for at_ms, site, _, text in batch
    )
    return [one for one in every if one[0] <= SHOWS]


@pytest.fixture
def stored(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[Any]:
    """The numbers of a store after it took these messages in, batch by batch; its clock stands still."""
    made: list[Store] = []
    clock = {"clock_since": datetime(2026, 1, 1, tzinfo=UTC), "clock_shows": SHOWS, "clock_speed": 1e-9}

    def numbers(
        messages: list[tuple[str, bytes]], batch: int = 4_000, systems: dict[str, str] | None = None
    ) -> dict[str, Any]:
        settings = make_settings(data_dir=tmp_path / str(len(made)), reporting_zone="Europe/Berlin", **clock)
        store = Store.open(settings)
        made.append(store)
        decoder = Decoder("k" * 32, 3600, 1_000_000, systems)
        later = SHOWS + timedelta(days=30)
        rest, offset = iter(messages), 0
        while found := list(islice(rest, batch)):
            ways: dict[str, list[Message]] = {}
            for site, text in found:
                ways.setdefault(site, []).append(Message(offset, None, text))
                offset += 1
            decoded = decoder.decode([(Origin(s, f"contacts.{s}", "id", 0), way) for s, way in ways.items()], later)
            assert not decoded.refusals
            store.commit(Batch(decoded, {Partition(f"contacts.{s}", "id", 0): offset for s in ways}, later))
        return {
            view: [tuple(map(_shown, row)) for row in store.connection.execute(f"from {view} order by all").fetchall()]
            for view in schema.VIEWS
            if view not in OF_THE_FEED
        }

    yield numbers
    for store in made:
        store.connection.close()


def test_every_view_is_compared_or_named_as_telling_of_the_feed() -> None:
    assert set(schema.VIEWS) - OF_THE_FEED >= {"contacts", "contact_counts", "site_week", "site_today", "queue_now"}


def test_repeats_within_six_hours_in_any_order_change_no_number(sent: list[Sent], stored: Any) -> None:
    clean = stored([(site, text) for _, site, text in sent])
    assert len(clean["contacts"]) > 1_500
    assert clean["queue_now"], "somebody should be waiting or talking, or the test shows less than it says"
    chance = random.Random(3)
    copies = [
        (at + timedelta(hours=chance.uniform(0, 6)), site, text)
        for at, site, text in sent
        for _ in range(chance.randint(1, 3))
    ]
    copies.sort(key=lambda copy: copy[0])
    assert len(copies) > 1.8 * len(sent)
    assert stored([(site, text) for _, site, text in copies]) == clean


def test_events_up_to_seven_days_late_land_in_their_own_intervals(sent: list[Sent], stored: Any) -> None:
    clean = stored([(site, text) for _, site, text in sent])
    chance = random.Random(4)
    delayed = [
        (at + timedelta(days=chance.uniform(0, 7) if chance.random() < 0.2 else 0), site, text)
        for at, site, text in sent
    ]
    delayed.sort(key=lambda one: one[0])
    assert stored([(site, text) for _, site, text in delayed]) == clean


@pytest.mark.parametrize("system", STORIES)
def test_native_messages_repeated_and_in_any_order_change_no_number(system: str, stored: Any) -> None:
    """Every story is a site, as they use the same ids; all of them happen within hours."""
    native = [
        (f"site-{n}", document if isinstance(document, bytes) else json.dumps(document).encode())
        for n, (documents, _) in enumerate(STORIES[system].values())
        for document in documents
    ]
    systems = dict.fromkeys({site for site, _ in native}, system)
    clean = stored(native, systems=systems)
    assert len(clean["contacts"]) > 10
    for seed in range(3):
        chance = random.Random(seed)
        copies = [one for one in native for _ in range(chance.randint(1, 3))]
        chance.shuffle(copies)
        assert stored(copies, batch=chance.choice([7, 40, 4_000]), systems=systems) == clean
