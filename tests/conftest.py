"""Shared fixtures: a real embedded broker, settings in a folder of their own, a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.broker import EmbeddedBroker
from ingest.decode import Decoder
from ingest.store import Store
from models.settings import Settings, load_settings, with_secrets
from tests.builders import KEY


@pytest.fixture(autouse=True)
def no_outside_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the environment nor a settings file of the machine reaches a test."""
    import os

    for name in list(os.environ):
        if name.startswith("BACKSTOP_") and not name.startswith("BACKSTOP_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """One embedded broker for the whole run; tests use topics of their own."""
    running = EmbeddedBroker(0, tmp_path_factory.mktemp("broker") / "broker.log")
    yield running
    running.stop()


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
