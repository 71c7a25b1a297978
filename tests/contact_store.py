"""A store with a few contacts whose course is known, folded and stored by ingest itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from tests.builders import KEY, T0, event, records
from tests.dashboard_store import log
from tests.rolled import roll_up

if TYPE_CHECKING:
    from pathlib import Path

    from models.settings import Settings

HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
DAY_S = 86_400


def fill(settings: Settings, *more: dict[str, Any]) -> Path:
    """The store's file, closed. Contacts: c1 to c5 and HOSTILE at north, c2 and far at south; T0 is 9 o'clock UTC."""
    store = Store.open(settings)
    commit(store, "north", [*handed_on(), *others(), *more], 0)
    # What happened during the conversation comes after what ended it, and a correction after both.
    commit(store, "north", [event("held", "c1", 100, hold_s=20.0, agent_id="ann")], 1_000)
    commit(store, "north", [event("classified", "c1", 200, topic="billing", resolved=True) | {"revision": 2}], 1_001)
    commit(
        store,
        "south",
        [event(*args) | {"source": "south"} for args in (("offered", "c2", 5), ("offered", "far", 40))],
        0,
    )
    log(store.connection, "consuming", "2 topics", T0)
    roll_up(store)
    store.close()
    return settings.store_path


def commit(store: Store, site: str, events: list[dict[str, Any]], start: int) -> None:
    """One batch of a site, received two seconds after its last event happened or later."""
    received = T0 + timedelta(seconds=1_000 + start)
    decoded = Decoder(KEY, 10**8, 1_000_000).decode(records(events, site, start=start), received)
    place = Partition(f"contacts.{site}", "topic-1", 0)
    store.commit(Batch(decoded, {place: start + len(events)}, received))


def handed_on() -> list[dict[str, Any]]:
    """c1 waits 30 s, is held, and becomes c1b in another queue."""
    return [
        event("started", "c1", 0),
        event("offered", "c1", 10, customer_id="jane", language="en", topic="billing"),
        event("answered", "c1", 40, agent_id="ann"),
        event("transferred", "c1", 150, to_queue="care", to_contact_id="c1b"),
        event("completed", "c1", 150, ended_by="agent"),
        event("wrapped_up", "c1", 190),
        event("classified", "c1", 200, topic="billing", resolved=False),
        event(
            "offered", "c1b", 150, queue="care", customer_id="jane", initial_contact_id="c1", previous_contact_id="c1"
        ),
        event("answered", "c1b", 155, agent_id="ben"),
        event("completed", "c1b", 200),
    ]


def others() -> list[dict[str, Any]]:
    """One contact for each other way to end."""
    return [
        event("offered", "c2", 300, customer_id="jack"),
        event("abandoned", "c2", 370),
        event("offered", "c3", 400, customer_id="jane", channel="chat"),
        event("answered", "c3", 405, agent_id="ann"),
        event("chat.message", "c3", 410),
        event("completed", "c3", 500),
        event("offered", "c4", 500),
        event("left_queue", "c4", 560),
        event("offered", "c5", 600),
        event("offered", HOSTILE, 700, queue=HOSTILE, topic=HOSTILE, language="=cmd()"),
        event("excluded", HOSTILE, 710, reason=HOSTILE),
    ]
