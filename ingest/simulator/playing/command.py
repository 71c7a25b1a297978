"""`backstop simulate`: a scenario played to Kafka, or to a file, until its end or until it is stopped."""

from __future__ import annotations

import gc
import json
import re
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from importlib.resources import files
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from rich.console import Console

from ingest.producer import PublishError, addressed, connected
from ingest.simulator.playing.play import Player, Reached
from ingest.simulator.playing.progress import Display
from ingest.simulator.playing.publish import LINGER_MS, KafkaOutlet, LinesOutlet, Outlet, refuse_real_topics
from ingest.simulator.scenario.file import load
from ingest.simulator.scenario.plants import KinderServiceLevel
from ingest.simulator.scenario.whole import Scenario
from ingest.simulator.world import World
from ingest.stopping import Stopping
from models.clock import Clock
from models.documents.reading import DocumentError
from models.settings import Settings, SettingsError

DEMO = Path(str(files("ingest.simulator") / "demo.toml"))
"""The scenario that comes with Backstop."""
_REPORT_S = 0.25
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be played, as given on the command line."""

    scenario: Path
    begins: str
    """Date, inclusive; midnight of the scenario's zone."""
    ends: str | None
    """Date, exclusive; None plays on until stopped."""
    seed: int
    speed: float | None
    """Of the clock; None takes that of the settings."""
    truth: Path | None
    output: str | None
    """A file, or - for standard output; None for Kafka."""
    as_json: bool
    """Report progress as lines of JSON on standard output, for a program."""


def load_scenario(path: Path) -> Scenario:
    """Read a scenario. Raises SettingsError."""
    try:
        return load(path)
    except DocumentError as error:
        raise SettingsError(str(error)) from error


def sites_toml(scenario: Scenario) -> str:
    """Settings under which Backstop knows the scenario's sites and topics, as text for backstop.toml."""
    lines = [f"reporting_zone = {toml_text(scenario.time_zone)}", f"service_level_s = {scenario.service_level_s:g}"]
    lines += [f"currency = {toml_text(scenario.currency)}"] if scenario.currency != "EUR" else []
    for topic in scenario.topics:
        lines += ["", f"[topics.{_toml_key(topic)}]", f"name = {toml_text(topic.replace('_', ' ').capitalize())}"]
    for site_id, site in scenario.sites.items():
        lines += ["", f"[sites.{_toml_key(site_id)}]"]
        lines += [f"name = {toml_text(site.name)}", f"provider = {toml_text(site.provider)}"]
        lines += [f"in_house = {str(site.in_house).lower()}", f"time_zone = {toml_text(site.time_zone)}"]
        kinder = [p for p in scenario.plants if isinstance(p, KinderServiceLevel) and p.site == site_id]
        for plant in kinder[:1]:
            lines += ["", f"[sites.{_toml_key(site_id)}.reports]", f"definition = {toml_text(plant.definition)}"]
            lines += [f"threshold_s = {plant.threshold_s:g}"] if plant.threshold_s else []
            lines += [f"short_s = {plant.short_s:g}"]
    return "\n".join(lines) + "\n"


def _toml_key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else toml_text(name)


def toml_text(text: str) -> str:
    """A string as TOML writes it. Without control characters, which a scenario refuses, that is JSON's way."""
    return json.dumps(text, ensure_ascii=False)


def run_simulation(order: Order, settings: Settings, console: Console) -> None:
    """Play until the end, SIGINT or SIGTERM; then flush and write the truth. Raises SettingsError, PublishError."""
    stopped = Stopping()
    stopped.listen(signal.SIGINT, signal.SIGTERM)
    scenario = load_scenario(order.scenario)
    clock = _clock(order, settings, console)
    zone = ZoneInfo(scenario.time_zone)
    start, end = _midnight("--from", order.begins, zone), None
    if order.ends is not None:
        end = _midnight("--to", order.ends, zone)
        if end <= start:
            raise SettingsError(f"--to {order.ends} is not after --from {order.begins}: expected a later date")
    if start > clock.now():
        raise SettingsError(f"--from {order.begins} is in the future: expected a date in {zone.key} up to today")
    world = World(scenario, order.seed, start, end, order.truth)
    # Millions of short-lived objects and hardly a cycle: looking for some takes a quarter of the time.
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 50)
    with ExitStack() as stack:
        try:
            outlet = _outlet(order, settings, world.sites, stack, console, stopped)
        except PublishError:
            if stopped.is_set():
                return
            raise
        watch = _Watch(order, world, clock, console)
        stack.enter_context(watch.display)
        player = Player(
            outlet,
            now=clock.now,
            speed=clock.speed,
            end_ms=round(end.timestamp() * 1000) if end else None,
            stopped=stopped,
            progress=watch.progress,
        )
        player.play(world.play())
        watch.finish(stopped=stopped.is_set())


def _clock(order: Order, settings: Settings, console: Console) -> Clock:
    """The settings' clock, or a faster one from now on."""
    if order.speed is None or order.speed == settings.clock_speed:
        return settings.clock
    since = settings.clock_since or datetime.now(UTC)
    console.print(
        f"The clock runs {order.speed:g} times as fast from now on. Ingest and dashboard have to know, or they refuse "
        f"what comes from the future:\nBACKSTOP_CLOCK_SPEED={order.speed:g} BACKSTOP_CLOCK_SINCE={since.isoformat()}",
        highlight=False,
        soft_wrap=True,
    )
    return Clock(order.speed, since, settings.clock_shows)


def _midnight(option: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time_of_day(), zone)
    except ValueError as error:
        raise SettingsError(f"{option} {text!r}: expected a date such as 2026-03-02 ({error})") from error


def _outlet(
    order: Order, settings: Settings, sites: list[str], stack: ExitStack, console: Console, stopped: Stopping
) -> Outlet:
    topics = [settings.topic_prefix + site for site in sites]
    if order.output is not None:
        return LinesOutlet(_open(order.output, stack), topics)

    def say(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    settings = addressed(settings)
    producer = stack.enter_context(connected(settings, sites, say, stopped.is_set, LINGER_MS))
    refuse_real_topics(settings, sites)
    return KafkaOutlet(producer, topics, stopped.is_set)


def _open(output: str, stack: ExitStack) -> IO[str]:
    if output == "-":
        return sys.stdout
    try:
        return stack.enter_context(Path(output).open("w", encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"--output {output}: cannot be written: {error.strerror}") from error


class _Watch:
    """Tells people or a program how far the play is, and has the truth written."""

    def __init__(self, order: Order, world: World, clock: Clock, console: Console) -> None:
        self.display = Display(console)
        self._order = order
        self._world = world
        self._zone = ZoneInfo(world.scenario.time_zone)
        self._now = clock.now
        self._told_at = 0.0
        self._reached = Reached(world.start_ms, 0, live=False)

    def progress(self, reached: Reached) -> None:
        """Called by the player, often."""
        turned = reached.live and not self._reached.live
        self._reached = reached
        now = time.monotonic()
        if now - self._told_at < _REPORT_S and not turned:
            return
        self._told_at = now
        self._tell()
        if turned:
            self._write_truth()

    def _tell(self) -> None:
        if self._order.as_json:
            print(json.dumps(asdict(self._reached)), flush=True)  # noqa: T201
            return
        at = datetime.fromtimestamp(self._reached.at_ms / 1000, self._zone)
        begins_ms, until_ms = self._world.start_ms, min(self._world.end_ms, self._now().timestamp() * 1000)
        share = (self._reached.at_ms - begins_ms) / max(until_ms - begins_ms, 1)
        where = f"live, {at:%Y-%m-%d %H:%M:%S}" if self._reached.live else f"{at:%Y-%m-%d}"
        self.display.show(where, share, self._reached.arrived)

    def _write_truth(self) -> None:
        if self._order.truth is not None:
            self._order.truth.mkdir(parents=True, exist_ok=True)
            self._world.write_truth(self._order.truth)

    def finish(self, *, stopped: bool) -> None:
        """The play is over."""
        self._write_truth()
        self._tell()
        self.display.stop()
        if not self._order.as_json:
            at = datetime.fromtimestamp(self._reached.at_ms / 1000, self._zone)
            how = f"Stopped at {at:%Y-%m-%d %H:%M:%S}" if stopped else "Played to its end"
            self.display.say(f"{how}: {self._reached.arrived:,} events of {len(self._world.sites)} sites.")
