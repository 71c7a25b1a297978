"""The dashboard's client against a real store: served, stopped, started again, hung, away."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pytest

from dashboard.store import Reply, State, Store
from ingest.broker import free_port
from tests.dashboard_store import (
    TOKEN,
    Contact,
    Server,
    Site,
    add_contacts,
    add_quarter_hours,
    add_sites,
    create,
)

if TYPE_CHECKING:
    from pathlib import Path

ONE = {"one": "select 1 as one", "sites": "select site from sites order by site"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small store."""
    file = tmp_path / "backstop.duckdb"
    now = datetime.now(UTC)
    connection = create(file)
    add_sites(connection, [Site("berlin", "Berlin")])
    add_quarter_hours(connection, {now.year})
    add_contacts(connection, [Contact("berlin", now - timedelta(seconds=60))], now)
    connection.close()
    return file


def ask(server: Server, **options: float) -> tuple[Store, Reply]:
    store = Store(f"quack:localhost:{server.port}", server.path, TOKEN, **options)
    return store, store.ask(ONE)


def test_a_served_store_is_live_a_stopped_one_is_its_file_and_a_missing_one_is_unreachable(
    path: Path,
) -> None:
    server = Server(path)
    with server:
        store, reply = ask(server)
        assert reply.state is State.LIVE
        assert reply.frames["sites"]["site"].tolist() == ["berlin"]
    reply = store.ask(ONE)
    assert reply.state is State.STOPPED
    assert reply.frames["sites"]["site"].tolist() == ["berlin"]
    assert reply.tried[0].startswith("quack:localhost")
    path.rename(path.with_suffix(".away"))
    reply = store.ask(ONE)
    assert reply.state is State.UNREACHABLE
    assert reply.frames == {}
    assert len(reply.tried) == 2
    path.with_suffix(".away").rename(path)
    with server:
        assert store.ask(ONE).state is State.LIVE, "a server that came back is found again"


def test_the_file_is_let_go_after_reading_so_that_ingest_can_start(path: Path) -> None:
    store = Store(f"quack:localhost:{free_port()}", path, TOKEN)
    assert store.ask(ONE).state is State.STOPPED
    duckdb.connect(str(path)).close()


def test_reading_the_file_writes_nothing(path: Path) -> None:
    store = Store(f"quack:localhost:{free_port()}", path, TOKEN)
    reply = store.ask({"write": "insert into private.setting values ('x', 'y')"})
    assert reply.state is State.UNREACHABLE
    assert "read-only" in reply.tried[1]


def test_a_wrong_token_is_unreachable_and_no_token_is_ever_told(path: Path) -> None:
    with Server(path) as server:
        reply = Store(f"quack:localhost:{server.port}", path, "wrong-token-wrong-token").ask(ONE)
    assert reply.state is State.UNREACHABLE
    assert "Authentication failed" in reply.tried[0]
    assert TOKEN not in "".join(reply.tried)
    assert "wrong-token" not in "".join(reply.tried)


def test_many_threads_ask_at_once(path: Path) -> None:
    with Server(path) as server:
        store, _ = ask(server)
        states: list[State] = []

        def run() -> None:
            states.extend(store.ask(ONE).state for _ in range(10))

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert states == [State.LIVE] * 80


def test_a_server_that_hangs_is_given_up_and_found_again(path: Path) -> None:
    with Server(path) as server:
        store, _ = ask(server, deadline_s=1)
        server.pause()
        try:
            started = time.monotonic()
            reply = store.ask(ONE)
            assert reply.state is State.UNREACHABLE
            assert "no answer within 1 s" in reply.tried[0]
            assert time.monotonic() - started < 5
        finally:
            server.resume()
        assert store.ask(ONE).state is State.LIVE


def test_long_answers_asked_for_at_once_all_come(path: Path) -> None:
    long = {"long": "select r, repeat('x', 50) as text from range(300000) t(r)"}
    with Server(path) as server:
        store = Store(f"quack:localhost:{server.port}", server.path, TOKEN)
        found: list[Reply] = []
        askers = [threading.Thread(target=lambda: found.append(store.ask(long))) for _ in range(6)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
    assert [reply.state for reply in found] == [State.LIVE] * 6, [reply.tried for reply in found]
    assert {len(reply.frames["long"]) for reply in found} == {300_000}
