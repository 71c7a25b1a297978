"""A world on its way out: paced by the clock, every delivery checked, real topics left alone, commands that say no."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from rich.console import Console
from typer.testing import CliRunner

from ingest import producer as kafka_producer
from ingest.broker import EmbeddedBroker, free_port
from ingest.cli import app
from ingest.kafka import ensure_topic
from ingest.producer import PublishError, connected
from ingest.simulator.dispatch import Dispatch
from ingest.simulator.playing import play as playing
from ingest.simulator.playing.command import DEMO, load_scenario, sites_toml
from ingest.simulator.playing.play import Player, Reached
from ingest.simulator.playing.progress import Display
from ingest.simulator.playing.publish import KafkaOutlet, LinesOutlet, refuse_real_topics
from ingest.stopping import Stopped, Stopping
from models.settings import Settings, SettingsError
from tests.test_up import ROOT

T0_MS = 1_772_442_000_000
SCENARIO = """
version = 1
name = "Tiny"
time_zone = "Europe/Berlin"
service_level_s = 30

[topics.easy]
talk_s = 120

[shapes.flat]
hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]

[sites.north]
name = "North \\"Pole\\""
provider = "Own"
in_house = true
time_zone = "Europe/Berlin"

[[sites.north.lines]]
queue = "care"
languages = { en = 1 }
contacts_per_week = 500
shape = "flat"
topics = { easy = 1 }
opens = "00:00"
closes = "24:00"

[[sites.north.groups]]
name = "care"
agents = 3
queues = ["care"]
languages = ["en"]
shifts = [{ starts = "00:00", hours = 24, days = "daily" }]

[sites."s.2"]
name = "South"
provider = "Bought"
time_zone = "Asia/Manila"

[[sites."s.2".lines]]
queue = "care"
languages = { en = 1 }
contacts_per_week = 300
shape = "flat"
topics = { easy = 1 }
opens = "00:00"
closes = "24:00"

[[sites."s.2".groups]]
name = "care"
agents = 3
queues = ["care"]
languages = ["en"]
shifts = [{ starts = "00:00", hours = 24, days = "daily" }]
"""
"""Two sites, open day and night, about four thousand events a week."""


def event(site: int, contact: str, ms: int = T0_MS, *, simulated: bool = True) -> Dispatch:
    at = datetime.fromtimestamp(ms / 1000, UTC).isoformat()
    body = {
        "specversion": "1.0", "id": f"{contact}/offered", "source": f"site{site}", "type": "contact.offered",
        "time": at, "subject": contact, "simulated": simulated, "data": {"channel": "voice", "queue": "care"},
    }  # fmt: skip
    return ms, site, contact, json.dumps(body)


class Clock:
    """A clock that only moves when someone waits."""

    def __init__(self, shown_ms: int) -> None:
        self.shown_ms = shown_ms
        self.waits: list[float] = []

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.shown_ms / 1000, UTC)

    def waiting(self, speed: float, stop_after: int) -> Stopped:
        """Moves the clock on when waited for, and after so many waits is told to stop."""
        clock = self

        class Waiting(Stopping):
            def wait(self, timeout: float) -> bool:
                clock.waits.append(timeout)
                clock.shown_ms += round(timeout * 1000 * speed)
                if len(clock.waits) >= stop_after:
                    self.set()
                return self.is_set()

        return Waiting()


class Outlet:
    """Notes when what was sent, by the clock, and how often it was flushed."""

    def __init__(self, clock: Clock, sites: int = 2) -> None:
        self.clock = clock
        self.arrived = [0] * sites
        self.sent: list[tuple[int, str]] = []
        self.unflushed: list[int] = []

    def send(self, events: Sequence[Dispatch]) -> None:
        self.sent += [(self.clock.shown_ms, key) for _, _, key, _ in events]
        self.unflushed += [site for _, site, _, _ in events]

    def flush(self) -> None:
        for site in self.unflushed:
            self.arrived[site] += 1
        self.unflushed.clear()


def player(
    clock: Clock, outlet: Outlet, told: list[Reached], *, speed: float = 1, end_ms: int | None = None, waits: int = 9999
) -> Player:
    return Player(
        outlet, now=clock.now, speed=speed, end_ms=end_ms, stopped=clock.waiting(speed, waits), progress=told.append
    )


def test_the_past_is_sent_without_waiting_and_the_rest_when_its_instant_comes() -> None:
    clock, told = Clock(T0_MS), list[Reached]()
    outlet = Outlet(clock)
    past = [event(0, f"p{n}", T0_MS - 60_000 + n) for n in range(3)]
    batch = [event(1, "due", T0_MS), event(0, "next", T0_MS + 30), event(0, "later", T0_MS + 700)]
    player(clock, outlet, told).play([(T0_MS - 30_000, past), (T0_MS + 1000, batch)])
    first, rest = outlet.sent[:4], outlet.sent[4:]
    assert [key for _, key in first] == ["p0", "p1", "p2", "due"]
    assert {at for at, _ in first} == {T0_MS}
    # Late by less than a tick, never early.
    assert [key for _, key in rest] == ["next", "later"]
    assert T0_MS + 30 <= rest[0][0] <= T0_MS + 30 + playing.TICK_S * 1000
    assert T0_MS + 700 <= rest[1][0] <= T0_MS + 700 + playing.TICK_S * 1000
    assert outlet.arrived == [5, 1]
    # The past is only said to be over when all of it has arrived.
    assert [(r.at_ms, r.arrived, r.live) for r in told[:2]] == [(T0_MS - 30_000, 0, False), (T0_MS, 4, True)]
    assert told[-1].arrived == 6


@pytest.mark.parametrize("speed", [1, 60, 1000])
def test_the_clock_is_followed_at_any_speed(speed: int) -> None:
    clock = Clock(T0_MS)
    outlet = Outlet(clock)
    events = [event(0, f"c{n}", T0_MS + n * 400) for n in range(1, 500)]
    player(clock, outlet, [], speed=speed).play([(T0_MS + 200_000, events)])
    late = [at - (T0_MS + n * 400) for n, (at, _) in enumerate(outlet.sent, 1)]
    assert min(late) >= 0
    assert max(late) <= playing.TICK_S * 1000 * speed
    assert sum(clock.waits) == pytest.approx(499 * 0.4 / speed, abs=2 * playing.TICK_S)


def test_a_world_in_which_nothing_happens_is_not_played_ahead_of_the_clock() -> None:
    clock = Clock(T0_MS)
    asked: list[int] = []

    def silence() -> Iterator[tuple[int, list[Dispatch]]]:
        for n in range(1, 1_000_000):
            asked.append(n)
            yield T0_MS + n * 300_000, []

    player(clock, Outlet(clock), [], waits=1000).play(silence())
    assert (len(asked) - 2) * 300_000 <= clock.shown_ms - T0_MS


def test_what_is_on_its_way_when_the_world_ends_is_sent_then() -> None:
    clock, told = Clock(T0_MS), list[Reached]()
    outlet = Outlet(clock)
    end_ms = T0_MS - 5_000
    late = [event(0, "late", T0_MS + 86_400_000)]
    player(clock, outlet, told, end_ms=end_ms).play([(end_ms, [event(0, "c", end_ms - 1)]), (end_ms, late)])
    assert [key for _, key in outlet.sent] == ["c", "late"]
    assert clock.waits == []
    assert told[-1] == Reached(end_ms, 2, live=False)


def test_stopping_ends_the_play_at_once_and_flushes_what_was_sent() -> None:
    clock, told = Clock(T0_MS), list[Reached]()
    outlet = Outlet(clock)
    batch = [event(0, "c", T0_MS), event(0, "tomorrow", T0_MS + 86_400_000)]
    player(clock, outlet, told, waits=3).play([(T0_MS + 90_000_000, batch)])
    assert [key for _, key in outlet.sent] == ["c"]
    assert len(clock.waits) == 3
    assert outlet.arrived == [1, 0]


def own_settings(broker: str, **more: object) -> Settings:
    return Settings(bootstrap_servers=broker, topic_prefix=f"t{uuid4().hex[:8]}.", **more)  # type: ignore[arg-type]


@contextmanager
def outlet_to(settings: Settings, sites: Sequence[str], said: list[str] | None = None) -> Iterator[KafkaOutlet]:
    stopped = threading.Event()
    with connected(settings, sites, (said if said is not None else []).append) as producer:
        yield KafkaOutlet(producer, [settings.topic_prefix + site for site in sites], stopped.is_set)


def messages(settings: Settings, *sites: str) -> list[tuple[int, bytes, bytes]]:
    """Partition, key and value of all there is: what comes until nothing does for a second."""
    consumer = KafkaConsumer(bootstrap_servers=settings.bootstrap_servers, auto_offset_reset="earliest")
    topics = [settings.topic_prefix + site for site in sites]
    consumer.assign([TopicPartition(t, number) for t in topics for number in consumer.partitions_for_topic(t)])
    found: list[tuple[int, bytes, bytes]] = []
    while polled := consumer.poll(1000):
        for records in polled.values():
            found += [(record.partition, record.key, record.value) for record in records]
    consumer.close()
    return found


def test_events_reach_the_topics_of_their_sites_by_contact_and_are_counted(broker: EmbeddedBroker) -> None:
    settings = own_settings(broker.address, topic_partitions=3)
    events = [event(n % 2, f"c{n % 700}") for n in range(70_000)]
    events.append((T0_MS, 0, "broken", '{"id": "\udcff'))
    with outlet_to(settings, ["a", "b"]) as outlet:
        for begin in range(0, len(events), 2000):
            outlet.send(events[begin : begin + 2000])
        outlet.flush()
        assert outlet.arrived == [35_001, 35_000]
    found = messages(settings, "a")
    assert len(found) == 35_001
    places: dict[bytes, set[int]] = {}
    for partition, key, _ in found:
        places.setdefault(key, set()).add(partition)
    assert all(len(partitions) == 1 for partitions in places.values())
    assert {partition for partition, _, _ in found} == {0, 1, 2}
    assert [value for _, key, value in found if key == b"broken"] == [b'{"id": "\xff']


def test_topics_keep_the_partitions_they_have(broker: EmbeddedBroker) -> None:
    settings = own_settings(broker.address, topic_partitions=4)
    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    ensure_topic(admin, settings.topic_prefix + "a", 2)
    admin.close()
    said: list[str] = []
    with outlet_to(settings, ["a", "b"], said) as outlet:
        outlet.send([event(0, f"c{n}") for n in range(50)])
        outlet.flush()
    assert said == [f"topic {settings.topic_prefix}b made with 4 partitions"]
    assert {partition for partition, _, _ in messages(settings, "a")} == {0, 1}


def test_a_broker_that_is_not_there_yet_is_waited_for_and_that_is_said(tmp_path: Path) -> None:
    port = free_port()
    said: list[str] = []
    arrived: list[int] = []

    def send() -> None:
        with outlet_to(own_settings(f"127.0.0.1:{port}"), ["a"], said) as outlet:
            outlet.send([event(0, "c")])
            outlet.flush()
            arrived.extend(outlet.arrived)

    sending = threading.Thread(target=send)
    sending.start()
    time.sleep(3)
    running = EmbeddedBroker(port, tmp_path / "broker.log")
    try:
        sending.join(60)
    finally:
        running.stop()
    assert arrived == [1]
    assert f"waiting for Kafka at 127.0.0.1:{port}" in said[0]


def test_waiting_for_a_broker_can_be_stopped() -> None:
    with (
        pytest.raises(PublishError, match="stopped while waiting"),
        connected(own_settings(f"127.0.0.1:{free_port()}"), ["a"], lambda _: None, lambda: True),
    ):
        pytest.fail("connected to nothing")


def test_the_first_failed_delivery_ends_the_play_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With shortened time limits; the broker is killed once the first events have arrived."""
    monkeypatch.setattr(kafka_producer, "DELIVERY_TIMEOUT_MS", 4_000)
    monkeypatch.setattr(kafka_producer, "REQUEST_TIMEOUT_MS", 2_000)
    running = EmbeddedBroker(0, tmp_path / "broker.log")
    with outlet_to(own_settings(running.address), ["a"]) as outlet:
        outlet.send([event(0, "arrives")])
        outlet.flush()
        running.process.kill()
        running.process.wait()
        outlet.send([event(0, f"c{n}") for n in range(500)])
        with pytest.raises(PublishError, match="not delivered to Kafka: "):
            outlet.flush()
        assert outlet.arrived == [1]


def test_a_message_too_long_for_kafka_is_a_failed_delivery(broker: EmbeddedBroker) -> None:
    with outlet_to(own_settings(broker.address), ["a"]) as outlet:
        with pytest.raises(PublishError, match="MessageSizeTooLarge"):
            outlet.send([event(0, "fits"), (T0_MS, 0, "c", "x" * 2_000_000), event(0, "is not tried")])
        with pytest.raises(PublishError):
            outlet.flush()
        assert outlet.arrived == [1]


def test_lines_hold_what_kafka_would_get() -> None:
    out = io.StringIO()
    outlet = LinesOutlet(out, ["contacts.a", "contacts.b"])
    outlet.send([event(1, "c"), (T0_MS, 0, "d", "\udcff")])
    outlet.flush()
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["topic"], first["key"], json.loads(first["value"])["subject"]) == ("contacts.b", "c", "c")
    assert second["value"].encode("utf-8", "surrogateescape") == b"\xff"
    assert outlet.arrived == [1, 1]


def fill(settings: Settings, site: str, values: Sequence[bytes | None]) -> None:
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for number, value in enumerate(values):
        producer.send(settings.topic_prefix + site, value, key=str(number).encode())
    producer.flush()
    producer.close()


REAL = event(0, "c", simulated=False)[3].encode()
MADE = event(0, "c")[3].encode()


@pytest.mark.parametrize(
    ("there", "refused"),
    [
        ([], False),
        ([MADE], False),
        ([REAL] * 3, True),
        ([REAL] * 3 + [MADE] * 3, False),
        ([b"{", b"\xff", None, b"[]"], True),
        ([MADE, b"{", None, b"\xff"], False),
    ],
)
def test_only_topics_of_simulators_are_played_into(
    broker: EmbeddedBroker, there: list[bytes | None], refused: bool
) -> None:
    settings = own_settings(broker.address, topic_partitions=2)
    with connected(settings, ["empty", "a"], lambda _: None):
        fill(settings, "a", there)
    if refused:
        with pytest.raises(SettingsError, match=rf"topic {settings.topic_prefix}a holds events that no simulator made"):
            refuse_real_topics(settings, ["empty", "a"])
    else:
        refuse_real_topics(settings, ["empty", "a"])


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(SCENARIO)
    return path


def simulate(*arguments: object) -> tuple[int, str]:
    """Exit code and output of `backstop simulate`, on one line."""
    result = CliRunner().invoke(app, ["simulate", *map(str, arguments)])
    return result.exit_code, " ".join(result.output.split())


def test_a_finished_world_goes_to_a_file_with_its_truth(tmp_path: Path, scenario: Path) -> None:
    def lines(name: str, seed: int) -> list[dict[str, str]]:
        where = ["--from", "2026-03-02", "--to", "2026-03-04", "--output", tmp_path / name]
        code, said = simulate("--scenario", scenario, *where, "--seed", seed, "--truth", tmp_path / "truth")
        assert code == 0, said
        found = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        assert f"Played to its end: {len(found):,} events of 2 sites." in said
        return found

    first = lines("first", 1)
    assert {line["topic"] for line in first} == {"contacts.north", "contacts.s.2"}
    times = sorted(json.loads(line["value"])["time"] for line in first)
    # From midnight to midnight in Berlin; what began then still ends.
    assert times[0] >= "2026-03-01T23:00"
    assert times[-1] >= "2026-03-03T22"
    assert lines("again", 1) == first
    assert lines("other", 2) != first
    assert (tmp_path / "truth" / "truth.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "2026-03-04"], "--from is missing: expected the first day"),
        (["--from", "2026-13-01"], "--from '2026-13-01': expected a date such as 2026-03-02"),
        (["--from", "2026-03-02", "--to", "soon"], "--to 'soon': expected a date"),
        (["--from", "2026-03-02", "--to", "2026-03-02"], "--to 2026-03-02 is not after --from 2026-03-02"),
        (["--from", "2999-01-01"], "--from 2999-01-01 is in the future"),
        (["--from", "2026-03-02", "--output", "no/such/folder/file"], "cannot be written"),
        (["--from", "2026-03-02", "--scenario", "none.toml"], "none.toml: cannot be read"),
    ],
)
def test_orders_that_make_no_sense_are_refused(arguments: list[str], message: str, scenario: Path) -> None:
    code, said = simulate("--scenario", scenario, *arguments)
    assert code == 2
    assert message in said


def test_the_sites_can_be_printed_for_the_settings(scenario: Path) -> None:
    result = CliRunner().invoke(app, ["simulate", "--print-sites", "--scenario", str(scenario)])
    assert result.exit_code == 0
    settings = Settings(**tomllib.loads(result.output))
    assert (settings.reporting_zone, settings.service_level_s) == ("Europe/Berlin", 30)
    assert settings.sites["north"].model_dump(exclude_defaults=True) == {
        "name": 'North "Pole"', "provider": "Own", "in_house": True, "time_zone": "Europe/Berlin"
    }  # fmt: skip
    assert settings.sites["s.2"].time_zone == "Asia/Manila"
    assert len(Settings(**tomllib.loads(sites_toml(load_scenario(DEMO)))).sites) == 5


def test_progress_goes_by_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([100.0, 102.0, 106.0, 107.0, 120.0])
    monkeypatch.setattr("ingest.simulator.playing.progress.time.monotonic", lambda: next(seconds))
    out = io.StringIO()
    with Display(Console(file=out, width=120)) as display:
        for events in (0, 4_000, 12_000, 16_000, 10):
            display.show("week 1 of 2", 0.5, events)
    assert out.getvalue().splitlines() == [
        "week 1 of 2, 0 events", "week 1 of 2, 12,000 events, 2,000/s", "week 1 of 2, 10 events"
    ]  # fmt: skip


@pytest.fixture
def start(scenario: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `backstop simulate` as a process of its own, with progress as JSON."""
    started: list[subprocess.Popen[str]] = []

    def run(settings: Settings, begins: datetime, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "ingest.cli", "simulate", "--scenario", str(scenario), "--progress", "json",
             "--from", begins.date().isoformat(), *arguments],
            env=dict(os.environ) | {
                "BACKSTOP_BOOTSTRAP_SERVERS": settings.bootstrap_servers or "",
                "BACKSTOP_TOPIC_PREFIX": settings.topic_prefix,
                "PYTHONPATH": str(ROOT),
            },
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_running_simulation_goes_on_in_time_and_stops_when_told(
    broker: EmbeddedBroker, start: Callable[..., subprocess.Popen[str]]
) -> None:
    settings = own_settings(broker.address)
    process = start(settings, datetime.now(UTC) - timedelta(days=2), "--speed", "1000")
    assert process.stdout
    past = 0
    for line in process.stdout:
        reached = json.loads(line)
        past = past or (reached["live"] and reached["arrived"])
        if past and reached["arrived"] > past + 20:
            break
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    rest, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert time.monotonic() - began < 10
    # Ingest has to run by the same clock, and is told which.
    assert "BACKSTOP_CLOCK_SPEED=1000 BACKSTOP_CLOCK_SINCE=20" in errors
    arrived = json.loads(rest.splitlines()[-1])["arrived"]
    assert arrived == len(messages(settings, "north", "s.2"))


def test_a_simulation_does_not_outlive_its_broker(tmp_path: Path, start: Callable[..., subprocess.Popen[str]]) -> None:
    """Told to stop while Kafka is gone, it gives up what Kafka does not acknowledge, and says so."""
    running = EmbeddedBroker(0, tmp_path / "broker.log")
    process = start(own_settings(running.address), datetime.now(UTC) - timedelta(days=1), "--speed", "1000")
    assert process.stdout
    while not json.loads(process.stdout.readline())["live"]:
        pass
    running.process.kill()
    running.process.wait()
    time.sleep(3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "not delivered to Kafka" in errors
    assert "Traceback" not in errors


def test_it_waits_for_kafka_and_can_be_stopped_meanwhile(start: Callable[..., subprocess.Popen[str]]) -> None:
    settings = own_settings(f"127.0.0.1:{free_port()}")
    process = start(settings, datetime.now(UTC) - timedelta(days=1))
    assert process.stderr
    assert "waiting for Kafka" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
