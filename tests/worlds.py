"""Scenarios for tests of the simulator, and what came of playing them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Message, Origin
from ingest.receipts import Batch, Partition
from ingest.simulator.dispatch import Dispatch
from ingest.simulator.scenario.whole import Scenario
from ingest.simulator.world import World
from ingest.store import Store

MONDAY = datetime(2026, 8, 24, tzinfo=ZoneInfo("Europe/Berlin"))

SMALL: dict[str, Any] = {
    "version": 1,
    "name": "Small",
    "time_zone": "Europe/Berlin",
    "customers": 400,
    "topics": {
        "easy": {"talk_s": 120, "wrap_s": 20, "resolved": 0.9, "held": 0.3, "hold_s": 30},
        "hard": {"talk_s": 400, "wrap_s": 60, "resolved": 0.5, "transferred": 0.3, "transfer_queue": "care"},
    },
    "shapes": {"flat": {"hours": [1.0] * 24}},
    "surveys": {"response": 0.5},
    "sites": {
        "home": {
            "name": "Home",
            "provider": "In-house",
            "in_house": True,
            "time_zone": "Europe/Berlin",
            "people": {"leaves_per_month": 0.2, "absent": 0.1, "hire_after_days": 2, "training_days": 2},
            "evaluations": {"provider": 0.1, "client": 0.1, "calibration": 0.1, "lenient": 3},
            "lines": [
                {
                    "queue": "care",
                    "languages": {"de": 1, "en": 1},
                    "contacts_per_week": 300,
                    "shape": "flat",
                    "topics": {"hard": 1},
                    "menu_s": 20,
                    "leaves_menu": 0.2,
                    "callback": {"after_s": 30, "accepted": 0.7},
                }
            ],
            "groups": [
                {
                    "name": "care",
                    "agents": 8,
                    "queues": ["care"],
                    "languages": ["de", "en"],
                    "team_size": 4,
                    "shifts": [
                        {"starts": "08:00", "hours": 8, "days": "Mon-Fri"},
                        {"starts": "12:00", "hours": 8, "days": "Wed-Sun"},
                    ],
                }
            ],
        },
        "away": {
            "name": "Away",
            "provider": "Bought",
            "time_zone": "Asia/Kathmandu",
            "transfers_to": "home",
            "craft": {"resolved": -0.5},
            "billing": {"unit": "contact", "rate": "2.00"},
            "lines": [
                {
                    "queue": "orders",
                    "languages": {"de": 1, "en": 1},
                    "contacts_per_week": 900,
                    "shape": "flat",
                    "topics": {"easy": 3, "hard": 1},
                    "patience_s": 60,
                },
                {
                    "queue": "orders",
                    "channel": "chat",
                    "languages": {"en": 1},
                    "contacts_per_week": 300,
                    "shape": "flat",
                    "topics": {"easy": 1},
                },
            ],
            "groups": [
                {
                    "name": "voice",
                    "agents": 9,
                    "queues": ["orders"],
                    "languages": ["de", "en"],
                    "shifts": [
                        {"starts": "11:00", "hours": 9, "days": "daily"},
                        {"starts": "16:00", "hours": 9, "days": "daily"},
                    ],
                },
                {
                    "name": "chat",
                    "agents": 3,
                    "channel": "chat",
                    "slots": 3,
                    "queues": ["orders"],
                    "languages": ["en"],
                    "shifts": [{"starts": "11:00", "hours": 12, "days": "daily"}],
                },
            ],
        },
    },
}
"""Two sites in which everything happens that a scenario can bring about, many times a day."""


def scenario(*changes: tuple[str, Any]) -> Scenario:
    """SMALL with changes, each a dotted path (numbers index lists) and its new value."""
    document = copy.deepcopy(SMALL)
    for path, value in changes:
        *steps, last = path.split(".")
        place: Any = document
        for step in steps:
            place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    return Scenario(**document)


def played(
    which: Scenario, days: float, seed: int = 1, start: datetime = MONDAY
) -> tuple[World, list[tuple[int, list[Dispatch]]]]:
    """A world played to its end, and its batches."""
    world = World(which, seed, start, start + timedelta(days=days))
    return world, list(world.play())


def events(batches: list[tuple[int, list[Dispatch]]]) -> Iterator[dict[str, Any]]:
    """The messages as JSON documents, in order of sending."""
    for _, batch in batches:
        for _, _, _, text in batch:
            yield json.loads(text)


def store_all(store: Store, decoder: Decoder, world: World, batches: list[tuple[int, list[Dispatch]]]) -> None:
    """Take everything into a store as ingest does, a topic for each site."""
    ways: list[list[Message]] = [[] for _ in world.sites]
    for _, batch in batches:
        for _, site, key, text in batch:
            way = ways[site]
            way.append(Message(len(way), key.encode(), text.encode("utf-8", "surrogateescape")))
    now = datetime.fromtimestamp(world.end_ms / 1000, UTC) + timedelta(days=8)
    for name, way in zip(world.sites, ways, strict=True):
        topic = f"contacts.{name}"
        for first in range(0, len(way), 20_000):
            part = way[first : first + 20_000]
            decoded = decoder.decode([(Origin(name, topic, "id", 0), part)], now)
            store.commit(Batch(decoded, {Partition(topic, "id", 0): first + len(part)}, now))
