"""`backstop demo`: broker, ingest, dashboard and a simulated company, from an empty folder to a live store."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from ingest.broker import free_port
from ingest.simulator.demo import kept as keeping
from ingest.simulator.demo.clock import demo_clock
from ingest.simulator.demo.kept import Kept
from ingest.simulator.demo.terms import write_terms
from ingest.simulator.demo.watch import Count, Reports
from ingest.simulator.playing.command import load_scenario, sites_toml, toml_text
from ingest.simulator.playing.play import Reached
from ingest.simulator.playing.progress import Display
from ingest.supervisor import (
    Child,
    Supervisor,
    answers,
    dashboard_answers,
    dashboard_url,
    environment,
    with_ports,
)
from ingest.up import DASHBOARD_STOP_S, DRAIN_S, INGEST_STOP_S, print_addresses
from models.clock import Clock
from models.settings import Settings, load_settings, with_secrets

SEED = 1
_SIMULATOR_STOP_S = 10.0
_LOOK_S = 0.25
_WEEK_MS = 7 * 86_400_000
_WORLD = (
    "bootstrap_servers", "data_dir", "terms_dir", "currency", "topic_prefix", "sites", "reporting_zone",
    "service_level_s", "config",
)  # fmt: skip
"""Settings that say what Backstop runs against. The demo has its own; those about this machine hold."""


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """What is to be shown, as given on the command line."""

    scenario: Path
    weeks: int
    speed: float
    keep: Path | None
    present: bool
    """Show the present, even where hardly anybody calls at this hour."""


def run_demo(order: DemoOrder, console: Console) -> int:
    """Run everything until Ctrl-C or SIGTERM. Returns the exit code; 1 when a child ended by itself."""
    # Almost all of the time since this process began was spent on imports, so on the processor.
    began = time.monotonic() - time.process_time()
    scenario = load_scenario(order.scenario)
    earlier = keeping.kept_in(order.keep, order.scenario) if order.keep else None
    zone = ZoneInfo(scenario.time_zone)
    reached = datetime.fromisoformat(earlier.reached) if earlier else None
    clock = demo_clock(datetime.now(UTC), zone, order.speed, reached, present=order.present)
    with _folder(order.keep) as folder, Supervisor(folder / "logs", console) as running:
        kept = earlier or Kept(
            scenario=keeping.digest(order.scenario),
            made_by=keeping.made_by(),
            begins=_monday(clock.now(), zone, order.weeks).isoformat(),
            seed=SEED,
            reached=clock.now().isoformat(timespec="seconds"),
        )
        kept.write(folder)
        write_terms(folder / "terms", scenario, date.fromisoformat(kept.begins))
        settings = _settings(folder, sites_toml(scenario), clock, console)
        demo = _Demo(order, settings, kept, running, console, zone, began)
        return demo.run(is_continued=earlier is not None)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The folder of everything; removed at the end unless it is to be kept."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="backstop-demo-", ignore_cleanup_errors=True) as temporary:
        yield Path(temporary).resolve()


def _monday(instant: datetime, zone: ZoneInfo, weeks: int) -> date:
    """The Monday so many full weeks before the running one."""
    today = instant.astimezone(zone).date()
    return today - timedelta(days=today.weekday(), weeks=weeks)


def _settings(folder: Path, world: str, clock: Clock, console: Console) -> Settings:
    """Settings of this demo alone, also written to its folder, so that other commands find its store."""
    config = folder / "backstop.toml"
    # One partition for each site: one ingest reads all of them, and fewer make larger batches.
    known = f"data_dir = {toml_text(str(folder))}\ntopic_partitions = 1\n{world}"
    config.write_text(known, "utf-8")
    _leave_other_worlds(config)
    settings = with_secrets(load_settings(clock_speed=clock.speed, clock_since=clock.since, clock_shows=clock.shows))
    settings = _with_free_ports(settings, console)
    ports = f"store_port = {settings.store_port}\ndashboard_port = {settings.dashboard_port}\n"
    config.write_text(ports + known, "utf-8")
    return settings


def _leave_other_worlds(config: Path) -> None:
    """Have this process and its children read no settings of a real Backstop: a demo sends nothing to its Kafka."""
    for name in list(os.environ):
        setting = name.removeprefix("BACKSTOP_").lower().split("__")[0]
        if name.startswith("BACKSTOP_") and (setting in _WORLD or setting.startswith(("kafka_", "clock_"))):
            del os.environ[name]
    os.environ["BACKSTOP_CONFIG"] = str(config)


def _with_free_ports(settings: Settings, console: Console) -> Settings:
    """Settings with ports nobody uses: who tries the demo shall see it, and be told where."""

    def other(name: str, port: int) -> int:
        free = free_port()
        what = name.removesuffix("_port")
        console.print(f"Port {port} is taken, so the {what} is on {free}.", highlight=False)
        return free

    settings = with_ports(settings, other)
    port = settings.broker_port
    if port and answers("127.0.0.1", port):
        settings = settings.model_copy(update={"broker_port": other("broker_port", port)})
    return settings


class _Demo:
    """The demo once its world is known."""

    def __init__(
        self,
        order: DemoOrder,
        settings: Settings,
        kept: Kept,
        running: Supervisor,
        console: Console,
        zone: ZoneInfo,
        began: float,
    ) -> None:
        self._order = order
        self._settings = settings
        self._kept = kept
        self._running = running
        self._console = console
        self._began = began
        self._zone = zone
        begins = date.fromisoformat(kept.begins)
        midnight = datetime.combine(begins, time_of_day(), zone)
        self._begins_ms = round(midnight.timestamp() * 1000)
        self._weeks = (_monday(settings.clock.now(), zone, 0) - begins).days // 7

    def run(self, *, is_continued: bool) -> int:
        """Start, show the progress, go on until stopped. Returns the exit code."""
        before = keeping.messages_in(self._settings.store_path)
        if is_continued:
            self._say(
                f"Going on with the demo in {self._order.keep}: its world is played again from {self._kept.begins}; "
                "what the store has already counts once."
            )
        else:
            sites = len(self._settings.sites)
            self._say(f"A simulated company with {sites} sites, from {self._kept.begins} on. Nothing in it is real.")
        if self._settings.clock_shows is not None:
            self._say(f"The clock starts at {self._shown()}{self._why()}.")
        reports = Reports(self._start())
        with Display(self._console) as display, Count(self._settings) as counted:
            if not self._fill(display, reports, counted, before):
                return 0 if self._running.stopping.is_set() else 1
        self._tell_done((counted.messages or 0) - before)
        while not self._running.stopping.wait(0.5):
            if self._running.ended():
                self._running.report_ended()
                return 1
        return 0

    def _shown(self) -> str:
        """What the clock shows now, where the customers are."""
        return f"{self._settings.clock.now().astimezone(self._zone):%A %Y-%m-%d %H:%M} {self._zone.key}"

    def _why(self) -> str:
        """Why the clock does not show the present."""
        if self._settings.clock.now() > datetime.now(UTC):
            return ", which it ran ahead to before"
        return ", since hardly anybody calls at this hour (--now shows the present)"

    def _start(self) -> Child:
        """Start everything and see that it is stopped, the simulator first. Gives the simulator."""
        running, order = self._running, self._order
        running.stack.callback(self._say_ended)
        address = running.start_broker(self._settings.broker_port)
        self._settings = settings = self._settings.model_copy(update={"bootstrap_servers": address})
        shared = environment(settings) | {
            "BACKSTOP_CLOCK_SPEED": str(settings.clock_speed),
            "BACKSTOP_DRAIN_ON_STOP_S": str(DRAIN_S if order.keep else 0),
        }
        for name in ("clock_since", "clock_shows"):
            if (instant := getattr(settings, name)) is not None:
                shared[f"BACKSTOP_{name.upper()}"] = instant.isoformat()
        running.stack.callback(self._keep)
        # Nobody will look at what is not kept, so nothing of it need end in good order.
        patience = 1.0 if order.keep else 0.0
        running.start("ingest", ["ingest.cli", "ingest"], shared, INGEST_STOP_S * patience)
        running.start("dashboard", ["dashboard.launch"], shared, DASHBOARD_STOP_S * patience)
        simulator = running.start("simulator", self._simulate(), shared, _SIMULATOR_STOP_S * patience, piped=True)
        running.stack.callback(self._say, "Stopping …")
        return simulator

    def _simulate(self) -> list[str]:
        command = ["ingest.cli", "simulate", "--progress", "json", "--scenario", str(self._order.scenario.resolve())]
        command += ["--from", self._kept.begins, "--seed", str(self._kept.seed)]
        return [*command, "--truth", str(self._settings.data_dir / "truth")]

    def _fill(self, display: Display, reports: Reports, counted: Count, before: int) -> bool:
        """Show the progress until the past is in the store. False when stopped, or when a child ended (said)."""
        sent, pages = 0, False
        while not self._running.stopping.wait(_LOOK_S):
            if self._running.ended():
                display.stop()
                self._running.report_ended()
                return False
            if not pages and dashboard_answers(self._settings):
                pages = True
                display.say(f"Dashboard  {dashboard_url(self._settings)}  (fills while you look)")
            reached = reports.reached
            if not reached.live:
                self._show(display, reached)
                continue
            sent = sent or reached.arrived
            counted.begin()
            if counted.messages is None:
                continue
            taken_in = counted.messages - before
            display.show("in the store", taken_in / max(sent, 1), taken_in)
            if taken_in >= sent and pages:
                return True
        return False

    def _show(self, display: Display, reached: Reached) -> None:
        if not reached.at_ms:
            display.show("starting", 0.0, 0)
            return
        until_ms = self._settings.clock.now().timestamp() * 1000
        week = int((reached.at_ms - self._begins_ms) // _WEEK_MS) + 1
        where = f"week {week} of {self._weeks}" if week <= self._weeks else "this week"
        share = (reached.at_ms - self._begins_ms) / max(until_ms - self._begins_ms, 1)
        display.show(where, share, reached.arrived)

    def _tell_done(self, events: int) -> None:
        weeks = {1: "One week is", 12: "Twelve weeks are"}.get(self._weeks, f"{self._weeks} weeks are")
        took_s = time.monotonic() - self._began
        sites = len(self._settings.sites)
        self._say(f"{weeks} in the store after {took_s:.0f} s: {events:,} events of {sites} sites.")
        how = f"BACKSTOP_CONFIG={self._settings.data_dir / 'backstop.toml'} backstop attach prints how"
        print_addresses(self._settings, True, self._console, how)
        pace = "in real time" if self._order.speed == 1 else f"{self._order.speed:g} times as fast as real time"
        self._say(f"Events keep arriving, {pace}; the clock shows {self._shown()}.")
        if self._order.keep:
            self._say(f"Truth      {self._settings.data_dir / 'truth'}")
        self._console.print("Ctrl-C stops all of it.", style="dim")

    def _keep(self) -> None:
        """Note how far the clock went."""
        reached = self._settings.clock.now().isoformat(timespec="seconds")
        replace(self._kept, reached=max(reached, self._kept.reached)).write(self._settings.data_dir)

    def _say_ended(self) -> None:
        if self._order.keep:
            config = self._settings.data_dir / "backstop.toml"
            self._say(
                f"Stopped. Kept in {self._settings.data_dir}; BACKSTOP_CONFIG={config} backstop up shows it again."
            )
        else:
            self._say("Stopped. Nothing is kept.")

    def _say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
