"""Commands reach an ingest that runs through its socket, and work on the store itself when none runs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from ingest import cli
from ingest.broker import free_port
from ingest.decoding.decoder import Decoder
from ingest.decoding.messages import Decodes
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep import client, control
from ingest.upkeep.client import NotRunningError, ask, run
from ingest.upkeep.control import Control, socket_path
from ingest.upkeep.work import Command, Step, Work
from models.settings import Settings
from tests.builders import KEY, answered_call, event
from tests.pipelines import HasAddress, Site, settings_for, wait_until

Make = Callable[..., Settings]


class Count(msgspec.Struct, frozen=True):
    """Note something in so many pieces, each of which takes so long."""

    pieces: int
    each_s: float = 0.0
    name: str = "counted"


def count(store: Store, _: Callable[[], Decodes], asked: Count) -> Work[int]:
    for n in range(asked.pieces):
        yield Step(n, asked.pieces, asked.name)
        time.sleep(asked.each_s)
        with store.transaction():
            store.note("notice", asked.name)
    query = "select count(*) from private.ingest_log where detail = ?"
    return int(store.connection.execute(query, [asked.name]).fetchall()[0][0])


def fail(_: Store, __: Callable[[], Decodes], asked: str) -> Work[None]:
    yield Step(0, 1, "about to fail")
    raise {"plain": StoreError("what is wrong"), "unexpected": KeyError("what nobody expected")}[asked]


def fill(_: Store, __: Callable[[], Decodes], asked: int) -> Work[bytes]:
    yield Step(0, 1, "a lot")
    return b"x" * asked


COUNT = Command("count", Count, int, count)
FAIL = Command("fail", str, type(None), fail)
FILL = Command("fill", int, bytes, fill)
UNKNOWN = Command("unknown", int, bytes, fill)


class Playing:
    """A loop that plays the part of ingest: between two turns it runs what was asked for."""

    def __init__(self, settings: Settings) -> None:
        self.store = Store.open(settings)
        self.control = Control.start(socket_path(settings), [COUNT, FAIL, FILL])
        self.decoder = Decoder(KEY, 3600, 1_000_000)
        self.turns, self.longest_s = 0, 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop)
        self._thread.start()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            for request in self.control.pending():
                request.run(self.store, self.decoder)
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            self.turns += 1
            time.sleep(0.01)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)
        self.control.close()
        self.store.close()


@contextmanager
def playing(settings: Settings) -> Iterator[Playing]:
    running = Playing(settings)
    try:
        yield running
    finally:
        running.stop()


def quiet(_: Step) -> None:
    pass


def notes(store: Store, name: str = "counted") -> int:
    query = "select count(*) from private.ingest_log where detail = ?"
    return int(store.connection.cursor().execute(query, [name]).fetchall()[0][0])


def connected(settings: Settings) -> socket.socket:
    client_socket = socket.socket(socket.AF_UNIX)
    client_socket.connect(str(socket_path(settings)))
    client_socket.settimeout(10)
    return client_socket


def answer(client_socket: socket.socket) -> dict[str, Any]:
    """The last line ingest says."""
    got = b""
    while more := client_socket.recv(65_536):
        got += more
    return dict(msgspec.json.decode(got.splitlines()[-1]))


def test_a_running_ingest_does_the_work_and_tells_how_far_it_is(make_settings: Make) -> None:
    settings, steps = make_settings(), list[Step]()
    with playing(settings) as ingest:
        assert ask(settings, COUNT, Count(3), steps.append) == 3
        assert notes(ingest.store) == 3
    assert steps == [Step(n, 3, "counted") for n in range(3)]


def test_without_an_ingest_the_store_itself_is_opened_and_let_go_of(make_settings: Make) -> None:
    settings, steps = make_settings(), list[Step]()
    Store.open(settings).close()
    with pytest.raises(NotRunningError):
        ask(settings, COUNT, Count(2), quiet)
    assert run(settings, COUNT, Count(2), steps.append) == 2
    assert len(steps) == 2
    with playing(settings) as ingest:
        assert notes(ingest.store) == 2
        assert run(settings, COUNT, Count(1), quiet) == 3


def test_a_store_that_is_not_there_is_not_made(make_settings: Make) -> None:
    settings = make_settings()
    with pytest.raises(StoreError, match="no store at"):
        run(settings, COUNT, Count(1), quiet)
    assert not settings.store_path.exists()


def test_the_socket_is_the_owners_alone_and_gone_after_a_stop(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings):
        assert socket_path(settings).stat().st_mode & 0o777 == 0o600
    assert not socket_path(settings).exists()
    with pytest.raises(NotRunningError):
        ask(settings, COUNT, Count(1), quiet)


def test_the_socket_of_a_killed_ingest_is_told_apart_and_replaced(make_settings: Make) -> None:
    settings = make_settings()
    Store.open(settings).close()
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(socket_path(settings)))
    left.close()
    assert run(settings, COUNT, Count(1), quiet) == 1
    with playing(settings):
        assert ask(settings, COUNT, Count(1), quiet) == 2


def test_ingest_goes_on_without_a_socket_when_something_else_is_in_its_place(
    make_settings: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = make_settings()
    settings.data_dir.mkdir(exist_ok=True)
    socket_path(settings).write_text("somebody's notes")
    with playing(settings) as ingest:
        turns = ingest.turns
        time.sleep(0.2)
        assert ingest.turns > turns
    assert socket_path(settings).read_text() == "somebody's notes"
    assert "commands cannot reach this ingest" in "".join(capsys.readouterr())


def test_a_path_too_long_for_a_socket_works_all_the_same(make_settings: Make, tmp_path: Path) -> None:
    settings = make_settings(data_dir=tmp_path / ("d" * 120) / ("e" * 120))
    with playing(settings):
        assert ask(settings, COUNT, Count(2), quiet) == 2


def test_clients_that_say_nothing_or_half_of_it_hold_up_nobody(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings) as ingest:
        silent = [connected(settings) for _ in range(5)]
        silent[0].sendall(b'{"command": "count", ')
        began = time.monotonic()
        assert ask(settings, COUNT, Count(2), quiet) == 2
        assert time.monotonic() - began < 2
        assert ingest.longest_s < 2
        for one in silent:
            one.close()


def test_a_client_that_does_not_take_its_answer_holds_up_nobody(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings) as ingest:
        slow = connected(settings)
        slow.sendall(b'{"command": "fill", "args": 20000000}\n')
        time.sleep(0.3)
        assert ask(settings, COUNT, Count(2), quiet) == 2
        assert ingest.longest_s < 2
        assert len(answer(slow)["result"]) > 20_000_000
        slow.close()


def test_a_client_is_given_up_when_it_sends_too_slowly(make_settings: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_PATIENCE_S", 0.3)
    settings = make_settings()
    with playing(settings):
        slow = connected(settings)
        began = time.monotonic()
        with contextlib.suppress(BrokenPipeError):
            while time.monotonic() - began < 5:
                slow.sendall(b" ")
                time.sleep(0.05)
        assert "did not come within" in answer(slow)["error"]
        assert time.monotonic() - began < 4
        slow.close()


@pytest.mark.parametrize(
    ("request_line", "said"),
    [
        (b"nonsense\n", "cannot be read"),
        (b"[]\n", "cannot be read"),
        (b'{"command": "count", "args": {"pieces": "three"}}\n', "Expected `int`"),
        (b'{"command": "erase", "args": {}}\n', "does not know the command 'erase'"),
        (b'{"command": "count"}\n', "missing required field"),
        (b"\xff\xfe\x00\n", "cannot be read"),
        (b"x" * (control.MAX_REQUEST_BYTES + 70_000), "too long"),
    ],
)
def test_what_is_no_request_is_answered_plainly(make_settings: Make, request_line: bytes, said: str) -> None:
    settings = make_settings()
    with playing(settings):
        odd = connected(settings)
        with contextlib.suppress(BrokenPipeError):  # It is answered before all of it has come.
            odd.sendall(request_line)
        assert said in answer(odd)["error"]
        odd.close()
        assert ask(settings, COUNT, Count(1), quiet) == 1


def test_a_command_of_another_version_is_told_so(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings), pytest.raises(StoreError, match="does not know the command"):
        ask(settings, UNKNOWN, 1, quiet)


def test_too_long_a_request_is_not_even_sent(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings), pytest.raises(StoreError, match="too much was named"):
        ask(settings, COUNT, Count(1, name="x" * control.MAX_REQUEST_BYTES), quiet)


@pytest.mark.parametrize(("kind", "said"), [("plain", "^what is wrong$"), ("unexpected", "KeyError")])
def test_an_error_in_the_work_is_the_clients_and_ingest_goes_on(make_settings: Make, kind: str, said: str) -> None:
    settings = make_settings()
    with playing(settings):
        with pytest.raises(StoreError, match=said):
            ask(settings, FAIL, kind, quiet)
        assert ask(settings, COUNT, Count(1), quiet) == 1


def test_ingest_and_other_commands_go_on_between_the_pieces_of_long_work(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings) as ingest:
        long = threading.Thread(target=ask, args=(settings, COUNT, Count(12, 0.15, "long"), quiet))
        long.start()
        while not notes(ingest.store, "long"):
            time.sleep(0.01)
        assert ask(settings, COUNT, Count(1, name="short"), quiet) == 1
        assert notes(ingest.store, "long") < 10
        assert ingest.longest_s < 1
        long.join(30)
        assert notes(ingest.store, "long") == 12


def test_work_whose_client_is_gone_ends_after_the_piece_under_way(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings) as ingest:
        leaving = connected(settings)
        leaving.sendall(b'{"command": "count", "args": {"pieces": 100, "each_s": 0.1}}\n')
        while not notes(ingest.store):
            time.sleep(0.01)
        leaving.close()
        time.sleep(1)
        done = notes(ingest.store)
        assert done < 20
        time.sleep(0.5)
        assert notes(ingest.store) == done


def test_many_clients_at_once_are_each_served_once(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings) as ingest:
        names = [f"client {n}" for n in range(control.MAX_CLIENTS - 2)]
        found: dict[str, int] = {}

        def one(name: str) -> None:
            found[name] = ask(settings, COUNT, Count(3, 0.01, name), quiet)

        threads = [threading.Thread(target=one, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert found == dict.fromkeys(names, 3)
        assert sum(notes(ingest.store, name) for name in names) == 3 * len(names)


def test_more_clients_than_there_is_room_for_are_told_so(make_settings: Make) -> None:
    settings = make_settings()
    with playing(settings):
        waiting = [connected(settings) for _ in range(control.MAX_CLIENTS)]
        time.sleep(0.3)
        with pytest.raises(StoreError, match="busy with 16 other commands"):
            ask(settings, COUNT, Count(1), quiet)
        for one in waiting:
            one.close()
        time.sleep(0.3)
        assert ask(settings, COUNT, Count(1), quiet) == 1


def test_who_still_waits_when_ingest_stops_is_told(make_settings: Make) -> None:
    settings = make_settings()
    said: list[str] = []

    def wait() -> None:
        try:
            ask(settings, COUNT, Count(1000, 0.05), quiet)
        except StoreError as error:
            said.append(str(error))

    with playing(settings) as ingest:
        waiting = threading.Thread(target=wait)
        waiting.start()
        while not notes(ingest.store):
            time.sleep(0.01)
    waiting.join(30)
    assert said == ["ingest is stopping; what was not done yet can be asked for again"]


def test_a_client_waits_for_an_ingest_that_is_busy_and_says_so(
    make_settings: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_WAIT_S", 0.1)
    settings, steps = make_settings(), list[Step]()
    with playing(settings):
        assert ask(settings, COUNT, Count(2, 0.5), steps.append) == 2
    assert Step(0, 0, "waiting for ingest") in steps


@contextmanager
def ingest_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`backstop ingest` as it runs in earnest, once it reads."""
    names = ("dashboard_token", "analyst_token", "customer_key")
    secrets = {f"BACKSTOP_{name.upper()}": getattr(settings, name).get_secret_value() for name in names}
    environment = (
        dict(os.environ)
        | secrets
        | {
            "BACKSTOP_DATA_DIR": str(settings.data_dir),
            "BACKSTOP_BOOTSTRAP_SERVERS": settings.bootstrap_servers or "",
            "BACKSTOP_TOPIC_PREFIX": settings.topic_prefix,
            "BACKSTOP_STORE_PORT": str(free_port()),
            "BACKSTOP_FUTURE_TOLERANCE_S": "0",
        }
    )
    with (settings.data_dir / "ingest.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "ingest.cli", "ingest"], env=environment, stderr=log)
        try:
            wait_until(socket_path(settings).exists, "ingest to listen")
            yield process
        finally:
            process.terminate()
            process.wait(60)


def backstop(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(cli.app, [*arguments, "--data-dir", str(settings.data_dir)])


def listed(settings: Settings) -> list[dict[str, Any]]:
    found = backstop(settings, "quarantine", "list", "--all", "--json")
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_the_commands_of_quarantine_and_retention_work_while_ingest_runs_and_after_it_was_killed(
    make_settings: Make, broker: HasAddress
) -> None:
    site = Site(broker)
    settings = settings_for(make_settings, site)
    settings.data_dir.mkdir(exist_ok=True)
    old = [e | {"time": "2024-01-01T00:00:00Z"} for e in answered_call("old")]
    with ingest_process(settings) as process:
        wait_until(lambda: b"consuming" in (settings.data_dir / "ingest.log").read_bytes(), "ingest to read")
        ahead = datetime.now(UTC) + timedelta(seconds=5)
        early = event("offered", "early") | {"time": ahead.isoformat()}
        site.send(early, b"{", *old, partition=0)
        wait_until(lambda: len(listed(settings)) == 2, "two messages in quarantine")
        assert {message["code"] for message in listed(settings)} == {"in_future", "not_json"}
        wait_until(lambda: datetime.now(UTC) > ahead, "the time at which it is right")
        done = backstop(settings, "quarantine", "replay", "--all")
        assert done.exit_code == 1
        assert "1 of 2 messages accepted now: 1 new events" in done.stdout
        assert backstop(settings, "quarantine", "dismiss", "--code", "not_json").exit_code == 0
        assert {message["state"] for message in listed(settings)} == {"replayed", "dismissed"}
        wait_until(lambda: "4 raw events would" in backstop(settings, "retain", "--dry-run").stdout, "old events")
        assert "4 raw events removed" in backstop(settings, "retain").stdout
        assert "stop ingest first" in backstop(settings, "rebuild").stderr
        process.kill()
        process.wait(30)
        assert socket_path(settings).exists()
        assert {message["state"] for message in listed(settings)} == {"replayed", "dismissed"}
    done = backstop(settings, "rebuild")
    assert done.exit_code == 0, done.output
    assert "2 contacts derived from 1 raw events" in done.stdout
    with ingest_process(settings):
        site.send(event("answered", "early") | {"time": datetime.now(UTC).isoformat()}, b"[]", partition=0)
        wait_until(lambda: len(listed(settings)) == 3, "one more message in quarantine")
    assert not socket_path(settings).exists()


def test_a_running_ingest_without_a_broker_answers_all_the_same(make_settings: Make) -> None:
    settings = make_settings(bootstrap_servers=f"127.0.0.1:{free_port()}")
    settings.data_dir.mkdir(exist_ok=True)
    with ingest_process(settings):
        assert listed(settings) == []


def test_a_forked_childs_umask_is_as_before(make_settings: Make) -> None:
    before = os.umask(0o022)
    try:
        with playing(make_settings()):
            assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
