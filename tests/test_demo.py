"""`backstop demo` on real processes: from nothing to a filled, live store, and back to nothing or to a kept folder."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import duckdb
import psutil
import pytest

from ingest.simulator.demo import kept as keeping
from ingest.simulator.demo.clock import demo_clock
from ingest.simulator.demo.kept import Kept
from ingest.store import Store
from models.settings import Settings, SettingsError
from models.terms.folder import load_documents
from tests.benchmarks.common import attached
from tests.test_simulator_publish import SCENARIO
from tests.test_up import ROOT

TOKEN = "the-analysts-own-token"
READ = "from store.query('select sum(events + repeats + refused) from sites')"


class Demo:
    """A running `backstop demo`, with folders of its own for what is temporary."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir(exist_ok=True)
        environment = dict(os.environ) | {
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(ROOT),
            "BACKSTOP_STORE_PORT": "0",
            "BACKSTOP_DASHBOARD_PORT": "0",
            "BACKSTOP_BROKER_PORT": "0",
            "BACKSTOP_ANALYST_TOKEN": TOKEN,
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ingest.cli", "demo", *arguments],
            env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip
        self.output = ""

    def read_until(self, text: str) -> None:
        assert self.process.stdout
        while text not in self.output:
            line = self.process.stdout.readline()
            assert line, f"ended before it said {text!r}: {self.output}"
            self.output += line

    def said(self, pattern: str) -> str:
        found = re.search(pattern, self.output)
        assert found, self.output
        return found[1]

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, command: str) -> psutil.Process:
        """The child whose command line has this word, as soon as there is one."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for process in self.children():
                if command in process.cmdline():
                    return process
            time.sleep(0.05)
        raise AssertionError(f"no {command} among {self.children()}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Signal it and see that none of its processes is left. Gives the exit code."""
        children = self.children()
        self.process.send_signal(number)
        return self.ended(children)

    def ended(self, children: list[psutil.Process]) -> int:
        rest, _ = self.process.communicate(timeout=90)
        self.output += rest
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
        return self.process.returncode


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(SCENARIO)
    return path


@pytest.fixture
def demo(tmp_path: Path, scenario: Path) -> Iterator[Callable[..., Demo]]:
    """Starts a demo of the tiny scenario with one week of history."""
    started: list[Demo] = []

    def start(*arguments: str, **settings: str) -> Demo:
        started.append(Demo(tmp_path, "--scenario", str(scenario), "--weeks", "1", *arguments, **settings))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


@pytest.mark.slow
def test_a_demo_fills_a_store_goes_on_live_and_leaves_nothing_behind(demo: Callable[..., Demo], tmp_path: Path) -> None:
    (tmp_path / "backstop.toml").write_text("[sites.real]\nname = 'A real site, which is none of the demo'\n")
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        running = demo("--speed", "600", BACKSTOP_DASHBOARD_PORT=str(port), BACKSTOP_KAFKA_SECURITY_PROTOCOL="SASL_SSL")
        running.read_until("Ctrl-C stops")
    assert f"Port {port} is taken, so the dashboard is on " in running.output
    # The pages can be looked at before the history is complete.
    assert running.output.index("Dashboard  http") < running.output.index("One week is in the store after")
    with urlopen(running.said(r"Dashboard +(http\S+)"), timeout=10) as page:
        assert page.status == 200

    told = int(running.said(r": ([\d,]+) events of 2 sites").replace(",", ""))
    analyst = attached(running.said(r"Store +(\S+)"), TOKEN)
    assert analyst.execute(READ).fetchall()[0][0] >= told > 3000
    deadline = time.monotonic() + 30
    while analyst.execute(READ).fetchall()[0][0] < told + 20:
        assert time.monotonic() < deadline, "nothing comes in live"
        time.sleep(0.2)
    sites = analyst.execute("from store.query('select site, name, in_house, simulated from sites order by site')")
    assert sites.fetchall() == [("north", 'North "Pole"', True, True), ("s.2", "South", False, True)]
    status = "from store.query('select reporting_zone, service_level_s, clock_speed from ingest_status')"
    assert analyst.execute(status).fetchall() == [("Europe/Berlin", 30, 600)]
    refused = analyst.execute("from store.query('select count(*) from quarantine')").fetchall()
    assert refused == [(0,)]
    analyst.close()

    config = running.said(r"BACKSTOP_CONFIG=(\S+) backstop attach")
    health = subprocess.run(
        [sys.executable, "-m", "ingest.cli", "health"],
        env=dict(os.environ) | {"BACKSTOP_CONFIG": config, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (health.returncode, health.stdout.split(":")[0]) == (0, "consuming"), health.stderr
    assert (Path(config).parent / "truth" / "truth.json").is_file()

    assert len(running.children()) >= 4
    assert running.end() == 0, running.output
    assert running.output.endswith("Stopped. Nothing is kept.\n")
    assert list(running.temporary.iterdir()) == []


@pytest.mark.slow
def test_a_demo_can_be_ended_while_it_fills(tmp_path: Path) -> None:
    """That of the installation: twelve weeks, so it is far from done."""
    running = Demo(tmp_path)
    running.read_until("A simulated company with 5 sites")
    running.child("simulate")
    time.sleep(2)
    assert list(running.temporary.iterdir())
    assert running.end(signal.SIGTERM) == 0, running.output
    assert "in the store after" not in running.output
    assert list(running.temporary.iterdir()) == []


@pytest.mark.slow
def test_a_demo_ends_when_its_simulator_dies(demo: Callable[..., Demo]) -> None:
    running = demo()
    simulator = running.child("simulate")
    children = running.children()
    simulator.kill()
    assert running.ended(children) == 1
    assert "simulator ended by itself (exit -9). The end of" in " ".join(running.output.split())
    assert list(running.temporary.iterdir()) == []


@pytest.mark.slow
def test_a_demo_that_is_killed_leaves_no_process(demo: Callable[..., Demo]) -> None:
    running = demo()
    running.child("simulate")
    children = running.children()
    running.process.kill()
    running.process.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive


def tables(folder: Path, before: datetime) -> dict[str, list[Any]]:
    """Contacts and events up to an instant, as the kept file has them."""
    with duckdb.connect(folder / "backstop.duckdb", read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        return {
            "contacts": db.execute("from contacts where arrived_at < ? order by all", [before]).fetchall(),
            "events": db.execute(
                "select * exclude (received_at, batch, kafka_offset) from events where occurred_at < ? order by all",
                [before],
            ).fetchall(),
        }


@pytest.mark.slow
def test_a_kept_demo_is_gone_on_with_and_nothing_doubles(demo: Callable[..., Demo], tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    found = []
    for said in ("A simulated company with 2 sites, from ", "its world is played again from "):
        running = demo("--keep", str(folder))
        running.read_until("Ctrl-C stops")
        assert said in running.output
        assert f"Truth      {folder / 'truth'}" in running.output
        assert running.end() == 0, running.output
        assert f"Kept in {folder}" in " ".join(running.output.split())
        known = Settings(**tomllib.loads((folder / "backstop.toml").read_text()))
        assert load_documents(folder / "terms", known.sites, known.currency).in_house
        begins = datetime.fromisoformat(json.loads((folder / "demo.json").read_text())["begins"])
        # What began in the last days may go on; the days before are complete in both.
        found.append(tables(folder, begins + timedelta(days=5)))
    first, second = found
    assert len(first["contacts"]) > 400
    for name, rows in first.items():
        assert second[name] == rows, name
    with duckdb.connect(folder / "backstop.duckdb", read_only=True) as db:
        repeats = db.execute("select sum(repeats) from sites").fetchall()
    assert repeats[0][0] >= len(first["events"])

    (tmp_path / "tiny.toml").write_text(SCENARIO.replace("talk_s = 120", "talk_s = 130"))
    other = demo("--keep", str(folder))
    assert other.process.wait(60) == 2
    assert other.process.stdout
    assert "holds a demo of another scenario" in " ".join(other.process.stdout.read().split())


def kept_demo(folder: Path, scenario: Path, reached: datetime) -> Kept:
    folder.mkdir(exist_ok=True)
    kept = Kept(keeping.digest(scenario), keeping.made_by(), "2026-03-02", 7, reached.isoformat())
    kept.write(folder)
    return kept


NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_what_is_kept_is_found_again(tmp_path: Path, scenario: Path) -> None:
    assert keeping.kept_in(tmp_path / "new", scenario) is None
    (tmp_path / "empty").mkdir()
    assert keeping.kept_in(tmp_path / "empty", scenario) is None
    kept = kept_demo(tmp_path / "kept", scenario, NOW)
    assert keeping.kept_in(tmp_path / "kept", scenario) == kept


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("notes.txt", "mine", "holds files, but no demo that could be gone on with"),
        ("demo.json", "{", "demo.json cannot be read"),
        ("demo.json", '{"seed": 1}', "demo.json cannot be read"),
        (
            "demo.json",
            '{"scenario": "x", "made_by": "0", "begins": "2026-03-02", "seed": 1, "reached": "2026-03-02"}',
            "of another scenario or of another version of Backstop",
        ),
    ],
)
def test_a_folder_that_cannot_be_gone_on_with_is_refused(
    tmp_path: Path, scenario: Path, name: str, text: str, message: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / name).write_text(text)
    with pytest.raises(SettingsError, match=message):
        keeping.kept_in(folder, scenario)


BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 5, 29, 10, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("wall", "shows"),
    [
        (datetime(2026, 6, 1, 10, 30, tzinfo=BERLIN), None),  # Monday
        (datetime(2026, 5, 30, 8, tzinfo=BERLIN), None),  # Saturday
        (datetime(2026, 5, 28, 19, 59, tzinfo=BERLIN), None),
        (datetime(2026, 5, 30, 20, tzinfo=BERLIN), FRIDAY),
        (datetime(2026, 5, 31, 12, tzinfo=BERLIN), FRIDAY),
        (datetime(2026, 6, 1, 7, 59, tzinfo=BERLIN), FRIDAY),
        (datetime(2026, 5, 29, 23, tzinfo=BERLIN), FRIDAY),
        (datetime(2026, 5, 30, 3, tzinfo=BERLIN), FRIDAY),
        # The night after clocks went forward.
        (datetime(2026, 3, 29, 5, tzinfo=BERLIN), datetime(2026, 3, 27, 10, tzinfo=BERLIN)),
    ],
)
def test_when_hardly_anybody_calls_a_demo_shows_the_last_working_morning(
    wall: datetime, shows: datetime | None
) -> None:
    wall = wall.astimezone(UTC)
    clock = demo_clock(wall, BERLIN, 60, None, present=False)
    assert clock.at(wall) == (shows or wall)
    assert clock.at(wall + timedelta(seconds=1)) == (shows or wall) + timedelta(minutes=1)
    assert demo_clock(wall, BERLIN, 60, None, present=True).at(wall) == wall


@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize("speed", [1, 60])
def test_a_clock_goes_on_where_it_was_and_never_back(speed: float, present: bool) -> None:
    ahead = NOW + timedelta(days=40)
    assert demo_clock(NOW, BERLIN, speed, ahead, present=present).at(NOW) == ahead
    behind = NOW - timedelta(days=3)
    assert demo_clock(NOW, BERLIN, speed, behind, present=present).at(NOW) == NOW


def test_messages_of_a_store_are_counted_where_there_is_one(store: Store, tmp_path: Path) -> None:
    assert keeping.messages_in(tmp_path / "none.duckdb") == 0
    script = "from ingest.simulator.demo.kept import *; import sys; messages_in(Path(sys.argv[1]))"
    while_open = subprocess.run(
        [sys.executable, "-c", script, str(store.path)],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert "cannot be read; is another Backstop running on it?" in while_open.stderr
    store.connection.execute("checkpoint")
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(store.path.read_bytes())
    assert keeping.messages_in(copy) == 0
