"""Shared fixtures: real brokers, settings in a folder of their own, a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient

from ingest.broker import EmbeddedBroker
from ingest.decoding.decoder import Decoder
from ingest.store import Store
from models.settings import Settings, load_settings, with_secrets
from tests.builders import KEY
from tests.dashboard_store import Server, point_to
from tests.kafka_server import GIVEN, KafkaServer, KafkaUnavailableError, libraries
from tests.pipelines import HasAddress, Site


@dataclass(frozen=True)
class GivenBroker:
    """A broker that somebody else started and that outlives the tests."""

    address: str

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "embedded_is_enough: long, and says no more on another broker")
    config.addinivalue_line("markers", f"broker: runs on the shared broker: embedded, or the one {GIVEN} names")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m broker` chooses the tests that run on the shared broker, whichever it is."""
    for item in items:
        if "broker" in getattr(item, "fixturenames", ()):
            item.add_marker("broker")


@pytest.fixture(autouse=True)
def no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the environment nor a settings file of the machine reaches a test."""
    for name in list(os.environ):
        if name.startswith("BACKSTOP_") and not name.startswith("BACKSTOP_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HasAddress]:
    """One broker for the whole run, embedded or the given one; tests use topics of their own."""
    if address := os.environ.get(GIVEN):
        yield GivenBroker(address)
        admin = KafkaAdminClient(bootstrap_servers=address)
        admin.delete_topics(
            sorted({topic for where, topic in Site.made if where == address} & set(admin.list_topics()))
        )
        admin.close()
        return
    running = EmbeddedBroker(0, tmp_path_factory.mktemp("broker") / "broker.log")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """What Apache Kafka starts from; a test that needs it is skipped, with the reason, where it is not to be had."""
    try:
        return libraries()
    except KafkaUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HasAddress]:
    """Apache Kafka for the whole run, for what the embedded broker does not know; tests use topics of their own."""
    if address := os.environ.get(GIVEN):
        yield GivenBroker(address)
        return
    running = KafkaServer(tmp_path_factory.mktemp("kafka")).start()
    yield running
    running.stop()


@pytest.fixture
def own_kafka(kafka_jars: Path, tmp_path: Path) -> Iterator[KafkaServer]:
    """Apache Kafka for one test that stops it and starts it again."""
    running = KafkaServer(tmp_path / "kafka").start()
    yield running
    running.kill()


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings with a data folder of this test and ports that are free."""

    def make(**overrides: Any) -> Settings:
        defaults = {"data_dir": tmp_path / "data", "store_port": 0, "dashboard_port": 0, "broker_port": 0}
        return with_secrets(load_settings(**(defaults | overrides)))

    return make


@pytest.fixture
def store(make_settings: Callable[..., Settings]) -> Iterator[Store]:
    """An open, empty store."""
    opened = Store.open(make_settings())
    yield opened
    opened.close()


@pytest.fixture
def decoder() -> Decoder:
    """A decoder with a known key."""
    return Decoder(KEY, future_tolerance_s=3600, max_message_bytes=1_000_000)


@pytest.fixture
def fresh_caches() -> None:
    """What pages remember of another test's store is forgotten."""
    import streamlit

    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[Path, Server]]:
    """Running servers by file; those of files that tests of a module share run until it ends."""
    running: dict[Path, Server] = {}
    yield running
    for server in running.values():
        server.stop()


@pytest.fixture
def serve_file(
    servers: dict[Path, Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Path], Server]]:
    """Serve a store's file and have the pages read it; a file in the test's own folder as long as the test runs."""

    def serve(path: Path) -> Server:
        server = servers.setdefault(path, Server(path))
        if not server.is_running:
            server.start()
        point_to(monkeypatch, path, server.port)
        return server

    yield serve
    for path in [path for path in servers if tmp_path in path.parents]:
        servers.pop(path).stop()
