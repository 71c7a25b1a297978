"""What the store makes of the adapters' events is what was worked out by hand: two reckonings of the same contacts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.adapters.catalogue import ADAPTERS
from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from tests import test_adapter_golden_amazon_connect as amazon_connect
from tests import test_adapter_golden_asterisk as asterisk
from tests import test_adapter_golden_genesys_cloud as genesys_cloud
from tests import test_adapter_golden_twilio_taskrouter as twilio_taskrouter
from tests.adapter_contacts import Row, tell
from tests.builders import records

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
STORIES: dict[str, dict[str, tuple[list[Any], dict[str, Row]]]] = {
    "amazon_connect": amazon_connect.GOLDEN,
    "asterisk": asterisk.STORIES,
    "genesys_cloud": genesys_cloud.GOLDEN,
    "twilio_taskrouter": twilio_taskrouter.GOLDEN,
}


@pytest.mark.parametrize("name", STORIES)
def test_the_view_of_contacts_shows_the_rows_worked_out_by_hand(name: str, store: Store, decoder: Decoder) -> None:
    expected: dict[tuple[str, str], Row] = {}
    for n, (documents, contacts) in enumerate(STORIES[name].values()):
        # A site for each story, as they use the same ids.
        site = f"site-{n}"
        told = [made | {"source": site} for made in tell(ADAPTERS[name], *documents)]
        reached = {Partition(f"contacts.{site}", "topic-1", 0): len(told)}
        store.commit(Batch(decoder.decode(records(told, site=site), NOW), reached, NOW))
        expected |= {(site, contact): row for contact, row in contacts.items()}
    found = store.connection.execute(f"select site, contact_id, {', '.join(Row._fields)} from contacts").fetchall()
    assert {(site, contact): _plain(Row(*row)) for site, contact, *row in found} == {
        key: _plain(row) for key, row in expected.items()
    }


def _plain(row: Row) -> Row:
    # Long after the day of the stories the store gives up waiting for an end; customers are hashed in it.
    outcome = "unknown_end" if row.outcome in ("waiting", "in_menu") else row.outcome
    durations = {
        name: None if getattr(row, name) is None else round(getattr(row, name), 3)
        for name in ("wait_s", "talk_s", "hold_s", "wrap_up_s")
    }
    return row._replace(outcome=outcome, customer="known" if row.customer else None, **durations)
