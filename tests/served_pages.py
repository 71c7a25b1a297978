"""Broker, ingest and pages over a store that was written before, for tests in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kafka.admin import KafkaAdminClient

from ingest.broker import EmbeddedBroker
from ingest.kafka import ensure_topic
from models.settings import Settings
from tests.browsing import running_pages
from tests.ingesting import Ingest

DATA, CONFIG, PAGES_LOG = "data", "backstop.toml", "pages.log"
"""In the folder given: the store with its folder `terms`, the settings, and what the pages write."""


@contextmanager
def serving(folder: Path, sites: Iterable[str], now: datetime, make_settings: Callable[..., Settings]) -> Iterator[str]:
    """Yields the pages' address. sites: with a topic each; now: what the clock shows when ingest starts."""
    data, config = folder / DATA, folder / CONFIG
    broker = EmbeddedBroker(0, folder / "broker.log")
    try:
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        for site in sites:
            ensure_topic(admin, f"contacts.{site}", 1)
        admin.close()
        ingest = Ingest(
            make_settings(bootstrap_servers=broker.address), data, config=config, terms_dir=data / "terms",
            clock_since=datetime.now(UTC).isoformat(), clock_shows=now.isoformat(),
        )  # fmt: skip
        try:
            ingest.wait_until_said("store served")
            settings = {
                "BACKSTOP_CONFIG": str(config), "BACKSTOP_DATA_DIR": str(data),
                "BACKSTOP_TERMS_DIR": str(data / "terms"), "BACKSTOP_STORE_PORT": str(ingest.port),
                "BACKSTOP_DASHBOARD_TOKEN": ingest.token,
            }  # fmt: skip
            with running_pages(settings, folder / PAGES_LOG) as (_, url):
                yield url
        finally:
            ingest.kill()
    finally:
        broker.stop()
