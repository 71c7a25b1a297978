"""`backstop up` on real processes: three addresses, a clean stop on Ctrl-C, nothing left behind, the store intact."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import duckdb
import psutil
import pytest

from ingest.broker import EmbeddedBroker, free_port
from tests.benchmarks.common import attached
from tests.pipelines import Site, wait_until

ROOT = Path(__file__).parent.parent
ROWS = """call;queue;arrived;picked_up;hung_up
1;main;2026-03-02T09:00:00+01:00;2026-03-02T09:00:10+01:00;2026-03-02T09:03:00+01:00
2;main;2026-03-02T09:01:00+01:00;;2026-03-02T09:01:40+01:00
"""
MAPPING = """
contact_id = "{call}"
started = "arrived"
[input]
format = "delimited"
delimiter = ";"
[time]
zone = "Europe/Berlin"
ambiguous = "earlier"
[columns.arrived]
type = "instant"
[columns.picked_up]
type = "instant"
[columns.hung_up]
type = "instant"
[fields]
channel = { constant = "voice" }
queue = { column = "queue" }
[[endings]]
when = "picked_up is not null"
kind = "answered"
offered = "arrived"
at = "picked_up"
completed = "hung_up"
[[endings]]
when = "picked_up is null"
kind = "abandoned"
offered = "arrived"
at = "hung_up"
"""


class Up:
    """A running `backstop up`."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.folder = folder
        self.environment = dict(os.environ) | {
            "BACKSTOP_DATA_DIR": str(folder / "data"),
            "BACKSTOP_STORE_PORT": "0",
            "BACKSTOP_DASHBOARD_PORT": "0",
            "BACKSTOP_BROKER_PORT": "0",
            "BACKSTOP_ANALYST_TOKEN": "the-analysts-own-token",
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ingest.cli", "up", *arguments],
            env=self.environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            # Under nohup, which the tests may run under, SIGHUP is ignored, also by children.
            start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
        )  # fmt: skip
        self.output = ""

    def wait_ready(self) -> dict[str, str]:
        """The addresses it prints."""
        assert self.process.stdout
        while "Ctrl-C stops" not in self.output:
            line = self.process.stdout.readline()
            assert line, f"ended before it was ready: {self.output}"
            self.output += line
        found = re.findall(r"^(Dashboard|Store|Broker) +(\S+)", self.output, re.MULTILINE)
        return {name.lower(): address for name, address in found}

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=90)
        self.output += rest
        return self.process.returncode


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGTERM)


def run(up: Up, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ingest.cli", *arguments],
        env=up.environment | settings, cwd=up.folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.slow
def test_up_starts_imports_serves_and_stops_without_leaving_anything_behind(up: Up, tmp_path: Path) -> None:
    addresses = up.wait_ready()
    assert set(addresses) == {"dashboard", "store", "broker"}
    with urlopen(addresses["dashboard"], timeout=10) as page:
        assert page.status == 200
    (tmp_path / "log.csv").write_text(ROWS)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    imported = run(
        up,
        "import",
        "log.csv",
        "--mapping",
        "mapping.toml",
        "--site",
        "north",
        "--bootstrap-servers",
        addresses["broker"],
    )
    assert imported.returncode == 0, imported.stdout + imported.stderr

    analyst = attached(addresses["store"], "the-analysts-own-token")
    query = "from store.query('select outcome, wait_s from contacts order by contact_id')"
    deadline = time.monotonic() + 90
    while len(rows := analyst.execute(query).fetchall()) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert rows == [("answered", 10.0), ("abandoned", 40.0)]
    with pytest.raises(duckdb.Error):
        analyst.execute("from store.query('drop view contacts')")
    port = addresses["store"].rsplit(":", 1)[1]
    health = run(up, "health", BACKSTOP_STORE_PORT=port)
    assert (health.returncode, health.stdout.split(":")[0]) == (0, "consuming")
    attach = run(up, "attach", BACKSTOP_STORE_PORT=port)
    pasted = duckdb.connect()
    assert len(attach.stdout.splitlines()) == 3
    pasted.execute(attach.stdout)
    # The sums by day come a moment after the contacts.
    while not (rows := pasted.execute(attach.stdout.splitlines()[-1]).fetchall()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert rows[0][0] == "north"
    analyst.close()
    pasted.close()

    children = up.children()
    assert len(children) >= 3
    assert up.stop() == 0, up.output
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    with duckdb.connect(tmp_path / "data" / "backstop.duckdb") as db:  # Opens for writing: no stale lock.
        assert db.execute("select count(*) from contacts").fetchall() == [(2,)]
        assert db.execute("select state from ingest_status").fetchall() == [("stopped",)]
    assert run(up, "health", BACKSTOP_STORE_PORT=port).returncode == 1


@pytest.mark.slow
def test_up_uses_a_given_broker_and_starts_none(broker: EmbeddedBroker, tmp_path: Path) -> None:
    site = Site(broker)
    up = Up(tmp_path, "--bootstrap-servers", broker.address, BACKSTOP_TOPIC_PREFIX=Site.prefix_of(site.name))
    try:
        assert up.wait_ready()["broker"] == broker.address
        assert not [child for child in up.children() if "tansu" in child.name()]
    finally:
        assert up.stop() == 0


@pytest.mark.slow
def test_children_end_when_the_supervisor_is_killed(up: Up) -> None:
    up.wait_ready()
    children = up.children()
    up.process.kill()
    up.process.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not alive


@pytest.mark.slow
def test_up_ends_when_a_child_does_and_says_which(up: Up) -> None:
    up.wait_ready()
    children = up.children()
    next(child for child in children if "tansu" in child.name()).kill()
    rest, _ = up.process.communicate(timeout=90)
    assert up.process.returncode == 1
    assert "broker ended by itself (exit -9)" in rest
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive


@pytest.mark.slow
def test_closing_the_terminal_stops_everything_in_order(up: Up, tmp_path: Path) -> None:
    up.wait_ready()
    children = up.children()
    assert up.stop(signal.SIGHUP) == 0
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    with duckdb.connect(tmp_path / "data" / "backstop.duckdb", read_only=True) as db:
        assert db.execute("select state from ingest_status").fetchall() == [("stopped",)]


STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ignoring", flush=True)
time.sleep(600)
"""
SUPERVISED = """
import os, sys
from pathlib import Path
from rich.console import Console
from ingest.supervisor import Supervisor
with Supervisor(Path("logs"), Console()) as running:
    child = running.start("stubborn", ["stubborn"], dict(os.environ), 600)
    running.wait_until(lambda: "ignoring" in child.last_words(), "child")
    print(child.process.pid, flush=True)
    running.stopping.wait(600)
    print("stopping", flush=True)
"""


def test_who_signals_again_does_not_wait_and_leaves_no_child(tmp_path: Path) -> None:
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED], cwd=tmp_path, stdout=subprocess.PIPE, text=True,
        env=dict(os.environ) | {"PYTHONPATH": f"{ROOT}:{tmp_path}"},
    )  # fmt: skip
    assert process.stdout
    child = psutil.Process(int(process.stdout.readline()))
    try:
        # One Ctrl-C may come twice, from the terminal and from `uv run`.
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert process.stdout.readline() == "stopping\n"
        time.sleep(1.5)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        assert process.returncode == 0
        assert not child.is_running()
    finally:
        for left in (process, child):
            with suppress(psutil.NoSuchProcess):
                left.kill()


@pytest.mark.slow
def test_a_second_up_on_the_same_store_is_refused_with_the_reason(up: Up, tmp_path: Path) -> None:
    up.wait_ready()
    second = Up(tmp_path)
    output, _ = second.process.communicate(timeout=90)
    assert second.process.returncode == 1
    assert "open in another process" in output
    assert up.process.poll() is None


def test_a_taken_port_is_said_with_the_setting_that_changes_it(broker: EmbeddedBroker, tmp_path: Path) -> None:
    refused = Up(tmp_path, BACKSTOP_BROKER_PORT=str(broker.port))
    output, _ = refused.process.communicate(timeout=60)
    assert refused.process.returncode == 2
    assert f"port {broker.port} is taken" in output
    assert "BACKSTOP_BROKER_PORT" in output


def test_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    wrong = Up(tmp_path, BACKSTOP_COLOUR="blue")
    output, _ = wrong.process.communicate(timeout=60)
    assert wrong.process.returncode == 2
    assert "BACKSTOP_COLOUR" in output


def test_import_without_a_broker_waits_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(ROWS)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    address = f"127.0.0.1:{free_port()}"
    command = [
        sys.executable, "-m", "ingest.cli", "import", "log.csv", "--mapping", "mapping.toml", "--site", "north",
        "--bootstrap-servers", address,
    ]  # fmt: skip
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: address.split(":")[1] in (tmp_path / "said").read_text(), "the address it waits for")
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
