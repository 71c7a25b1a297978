"""The pages' questions are answered by the store as ingest really serves it, authorization on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard import health_queries, queries
from dashboard.compare import questions
from dashboard.compare.choice import Choice
from dashboard.live import questions as live
from dashboard.scope import sums
from dashboard.scope.scope import Scope
from dashboard.store import State, open_store
from ingest.broker import EmbeddedBroker, free_port
from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from models.settings import Settings
from tests.benchmarks.common import attached
from tests.builders import T0, answered_call, records
from tests.pipelines import Site
from tests.rolled import roll_up


@pytest.mark.slow
def test_every_question_of_the_pages_is_served_and_from_the_file_when_ingest_stops(
    broker: EmbeddedBroker, make_settings: Callable[..., Settings], decoder: Decoder, tmp_path: Path
) -> None:
    site = Site(broker)
    settings = make_settings(
        bootstrap_servers=broker.address, topic_prefix=Site.prefix_of(site.name), store_port=free_port()
    )
    store = Store.open(settings)
    now = T0 + timedelta(days=1)
    calls: list[dict[str, Any] | bytes | None] = [*answered_call("c1"), b"{"]
    store.commit(Batch(decoder.decode(records(calls), now), {Partition("contacts.north", "t", 0): 5}, now))
    roll_up(store)
    store.close()
    assert settings.analyst_token
    environment = dict(os.environ) | {
        "BACKSTOP_DATA_DIR": str(settings.data_dir),
        "BACKSTOP_BOOTSTRAP_SERVERS": broker.address,
        "BACKSTOP_TOPIC_PREFIX": settings.topic_prefix,
        "BACKSTOP_STORE_PORT": str(settings.store_port),
    }
    with (tmp_path / "ingest.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest.cli", "ingest"], env=environment, stdout=log, stderr=log
        )
    try:
        attached(settings.store_address, settings.analyst_token.get_secret_value()).close()
        pages = open_store(settings)
        for cached in (
            live.status,
            queries.health,
            sums.choices,
            sums.answers,
            health_queries.feed,
            health_queries.details,
        ):
            cached.clear()
        desk, choices = live.now(pages), sums.choices(pages)
        asked = questions.week_questions(Scope(), sums.known(choices), Choice().shown)
        compare = sums.answers(pages, choices.state, asked)
        health = queries.health(pages, State.LIVE, T0)
        feed, details = health_queries.feed(pages), health_queries.details(pages, State.LIVE)
    finally:
        process.terminate()
        process.wait(60)
    assert isinstance(desk, live.Desk)
    assert desk.state is State.LIVE
    for reply in (choices, compare, health, feed, details):
        assert reply.state is State.LIVE, reply
    sums.answers.clear()
    stopped = sums.answers(open_store(settings), State.STOPPED, asked)
    assert stopped.state is State.STOPPED
    assert stopped.frames["contacts"]["answered"].tolist() == [1]
