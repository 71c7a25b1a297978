"""Somebody acknowledges an alert: once, while it is open, from the dashboard's process or the command line."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dashboard.live import acknowledge as page
from dashboard.live.acknowledge import NotAcknowledgedError
from ingest import cli
from ingest.decoding.decoder import Decoder
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep import alerts
from ingest.upkeep.catalogue import DESK_COMMANDS
from ingest.upkeep.control import Control, desk_socket_path
from ingest.upkeep.work import finished
from models.settings import Settings
from tests.builders import KEY, T0

Make = Callable[..., Settings]
DECODER = Decoder(KEY, 3600, 1_000_000)


def add(store: Store, episode: str, event: str = "opened", after_s: float = 0, rule: str = "long_wait") -> None:
    store.connection.execute(
        'insert into private.alert_event (episode, rule, metric, direction, threshold, site, event, "at", value, n) '
        "values (?, ?, 'longest_wait_s', 'above', 300, 'south', ?, ? + to_seconds(?), 412, 3)",
        [episode, rule, event, T0.replace(tzinfo=None), after_s],
    )


def acknowledge(store: Store, episode: str, name: str = "Ann", note: str = "") -> alerts.Acknowledged:
    work = alerts.acknowledge(store, lambda: DECODER, alerts.Acknowledge(episode, name, note))
    return finished(work, lambda _: None)


def acknowledged(store: Store) -> list[Any]:
    query = "select episode, acknowledged_by, note from alerts where acknowledged_at is not null"
    return store.connection.cursor().execute(query).fetchall()


def test_who_looks_after_it_and_why_is_in_the_view(store: Store) -> None:
    add(store, "e1")
    done = acknowledge(store, "e1", "  Ann \n Lee ", "calling Manila\nline two")
    assert (done.episode, done.rule, done.site) == ("e1", "long_wait", "south")
    assert acknowledged(store) == [("e1", "Ann Lee", "calling Manila\nline two")]
    ((state, cleared),) = store.connection.execute("select state, cleared_at from alerts").fetchall()
    assert (state, cleared) == ("open", None)


def test_an_alert_is_acknowledged_once(store: Store) -> None:
    add(store, "e1")
    acknowledge(store, "e1")
    with pytest.raises(StoreError, match=r"^Ann has acknowledged alert e1 already, at "):
        acknowledge(store, "e1", "Ben")
    assert acknowledged(store) == [("e1", "Ann", None)]


def test_an_alert_that_is_over_or_never_was_is_not_acknowledged(store: Store) -> None:
    add(store, "e1")
    add(store, "e1", "cleared", 60)
    with pytest.raises(StoreError, match="alert e1 was cleared at 2026-03-02 09:01:00 UTC"):
        acknowledge(store, "e1")
    with pytest.raises(StoreError, match="there is no alert 'e2'"):
        acknowledge(store, "e2")
    assert acknowledged(store) == []


@pytest.mark.parametrize(
    ("name", "note", "said"),
    [
        ("", "", "name: expected 1 to 80 characters, got 0"),
        (" \n ", "", "name: expected 1 to 80"),
        ("\x1b\u202e", "", "name: expected 1 to 80"),
        ("x" * 81, "", "name: expected 1 to 80 characters, got 81"),
        ("Ann", "x" * 501, "note: expected 0 to 500 characters, got 501"),
    ],
)
def test_names_and_notes_have_a_length(store: Store, name: str, note: str, said: str) -> None:
    add(store, "e1")
    with pytest.raises(StoreError, match=said):
        acknowledge(store, "e1", name, note)
    acknowledge(store, "e1", "x" * 80, "y" * 500)


def test_control_characters_are_left_out_and_sql_is_text(store: Store) -> None:
    add(store, "e1")
    acknowledge(store, "e1", "Rob'); drop table private.alert_event; --\x1b[31m", "\u202egnp")
    assert acknowledged(store) == [("e1", "Rob'); drop table private.alert_event; --[31m", "gnp")]


# --- from the dashboard's process --------------------------------------------------------------------------


@contextmanager
def listening(store: Store, *, answers: bool = True) -> Iterator[Path]:
    """What ingest does of it: a socket, and a loop that does what is asked for."""
    control = Control.start(desk_socket_path(store.settings), DESK_COMMANDS)
    ending = threading.Event()

    def loop() -> None:
        while not ending.wait(0.01):
            for request in control.pending() if answers else ():
                request.run(store, DECODER)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield store.settings.data_dir
    finally:
        ending.set()
        thread.join(10)
        control.close()


def test_a_page_acknowledges_over_the_socket(store: Store) -> None:
    add(store, "e1")
    with listening(store) as data_dir:
        page.acknowledge(data_dir, "e1", "Ann", "ümlaut")
        with pytest.raises(NotAcknowledgedError, match="Ann has acknowledged alert e1 already"):
            page.acknowledge(data_dir, "e1", "Ben")
        with pytest.raises(NotAcknowledgedError, match="there is no alert 'e9'"):
            page.acknowledge(data_dir, "e9", "Ben")
    assert acknowledged(store) == [("e1", "Ann", "ümlaut")]


def test_the_socket_takes_nothing_else(store: Store) -> None:
    with listening(store):
        assert desk_socket_path(store.settings).stat().st_mode & 0o777 == 0o600
        for command in ("retain", "quarantine dismiss", "quarantine replay", "alerts list"):
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(str(desk_socket_path(store.settings)))
                client.sendall(json.dumps({"command": command, "args": {}}).encode() + b"\n")
                assert b"does not know the command" in client.recv(4096)


def test_two_pages_at_once_are_one_acknowledgement(store: Store) -> None:
    add(store, "e1")
    said: list[str] = []

    def one(name: str, data_dir: Path) -> None:
        try:
            page.acknowledge(data_dir, "e1", name)
            said.append("done")
        except NotAcknowledgedError as error:
            said.append(str(error))

    with listening(store) as data_dir:
        threads = [threading.Thread(target=one, args=(f"n{n}", data_dir)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert said.count("done") == 1
    assert sum("has acknowledged alert e1 already" in line for line in said) == 7


def test_an_ingest_that_is_stopped_or_says_nothing_is_told_so_in_time(store: Store) -> None:
    with pytest.raises(NotAcknowledgedError, match="ingest cannot be reached"):
        page.acknowledge(store.settings.data_dir, "e1", "Ann")
    with pytest.raises(NotAcknowledgedError, match="ingest cannot be reached"):
        page.acknowledge(store.settings.data_dir / "nowhere", "e1", "Ann")
    add(store, "e1")
    with listening(store, answers=False) as data_dir:
        began = time.monotonic()
        with pytest.raises(NotAcknowledgedError, match="gave no answer in time"):
            page.acknowledge(data_dir, "e1", "Ann", deadline_s=0.5)
        assert time.monotonic() - began < 3


def test_a_folder_too_long_for_a_socket_works_all_the_same(make_settings: Make, tmp_path: Path) -> None:
    store = Store.open(make_settings(data_dir=tmp_path / ("d" * 120) / ("e" * 120)))
    add(store, "e1")
    with listening(store) as data_dir:
        page.acknowledge(data_dir, "e1", "Ann")
    store.close()


def test_limits_of_the_page_are_those_of_ingest() -> None:
    assert (page.LONGEST_NAME, page.LONGEST_NOTE) == (alerts.LONGEST_NAME, alerts.LONGEST_NOTE)


# --- on the command line -----------------------------------------------------------------------------------


def backstop(settings: Settings, *words: str) -> Result:
    return CliRunner().invoke(cli.app, [*words, "--data-dir", str(settings.data_dir)])


def test_the_command_line_lists_and_acknowledges(make_settings: Make) -> None:
    settings = make_settings()
    store = Store.open(settings)
    add(store, "3f0c9a51d2b7e884", rule="wait\x1b[31m")
    add(store, "over")
    add(store, "over", "cleared", 60)
    store.close()
    listed = backstop(settings, "alerts", "list")
    assert listed.exit_code == 0, listed.output
    (line,) = listed.stdout.splitlines()
    assert line.startswith("3f0c9a51d2b7e884  2026-03-02 09:00:00Z  open  wait [31m  south")
    assert "longest_wait_s 6 min 52 s (above 5 min)" in line
    assert len(backstop(settings, "alerts", "list", "--all").stdout.splitlines()) == 2
    words = ("alerts", "acknowledge", "3f0c9a51d2b7e884", "--name", "Ann", "--note", "calling Manila")
    done = backstop(settings, *words)
    assert done.exit_code == 0, done.output
    assert "alert 3f0c9a51d2b7e884" in done.stdout
    again = backstop(settings, *words)
    assert again.exit_code == 2
    assert "Ann has acknowledged alert 3f0c9a51d2b7e884 already" in again.stderr
    (alert,) = map(json.loads, backstop(settings, "alerts", "list", "--json").stdout.splitlines())
    assert (alert["acknowledged_by"], alert["note"]) == ("Ann", "calling Manila")
    assert "Ann: calling Manila" in backstop(settings, "alerts", "list").stdout


def test_without_alerts_it_says_so(make_settings: Make) -> None:
    settings = make_settings()
    Store.open(settings).close()
    assert backstop(settings, "alerts", "list").stdout == "no alerts\n"


def test_a_rebuild_keeps_alerts_and_who_looked_after_them(make_settings: Make) -> None:
    settings = make_settings()
    store = Store.open(settings)
    add(store, "e1")
    acknowledge(store, "e1", "Ann", "on it")
    store.close()
    done = backstop(settings, "rebuild", "--replace")
    assert done.exit_code == 0, done.output
    store = Store.open(settings)
    assert acknowledged(store) == [("e1", "Ann", "on it")]
    store.close()
