"""How fast the simulator makes events, before Kafka, on one core.

    uv run python -m tests.benchmarks.bench_simulator [--days 28] [--rounds 3]

The demo world is played whole: demand, floor, outcomes, awkward delivery, and the text of every message encoded.
The baseline only writes: `json.dumps` of the same events as ready documents. Each run has a process of its own,
the world also for three times as many days, since its memory must not grow with history.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ingest.simulator.playing.command import DEMO
from ingest.simulator.scenario.file import load
from ingest.simulator.world import World
from tests.benchmarks.common import SEED, machine


def play(days: int) -> dict[str, Any]:
    """Make so many days of the demo world's events."""
    scenario = load(DEMO)
    start = datetime(2026, 8, 31, tzinfo=ZoneInfo(scenario.time_zone))
    world = World(scenario, SEED, start, start + timedelta(days=days))
    events = size = most_open = 0
    steps = []
    began, cpu = time.perf_counter(), time.process_time()
    last = began
    for _, batch in world.play():
        for _, _, key, text in batch:
            size += len(key.encode()) + len(text.encode("utf-8", "surrogateescape"))
        events += len(batch)
        most_open = max(most_open, world.open_contacts)
        now = time.perf_counter()
        steps.append((now - last) * 1000)
        last = now
    return _figures(events, began, cpu, steps) | {"bytes": size / events, "open": most_open}


def write_only(days: int) -> dict[str, Any]:
    """Write the same events from documents that are there already."""
    scenario = load(DEMO)
    start = datetime(2026, 8, 31, tzinfo=ZoneInfo(scenario.time_zone))
    events = size = 0
    wall = cpu = 0.0
    for _, batch in World(scenario, SEED, start, start + timedelta(days=days)).play():
        documents = [json.loads(text.encode("utf-8", "replace")) for *_, text in batch if text.endswith("}}")]
        began, cpu_began = time.perf_counter(), time.process_time()
        for document in documents:
            size += len(json.dumps(document, separators=(",", ":")).encode())
        wall += time.perf_counter() - began
        cpu += time.process_time() - cpu_began
        events += len(documents)
    return {"events": events, "wall_s": wall, "cpu_s": cpu, "peak_mib": 0.0, "p50_ms": 0.0, "p99_ms": 0.0}


def _figures(events: int, began: float, cpu: float, steps: list[float]) -> dict[str, Any]:
    cuts = statistics.quantiles(steps, n=100)
    return {
        "events": events,
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "p50_ms": cuts[49],
        "p99_ms": cuts[98],
    }


def _elsewhere(what: str, days: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--only", what, "--days", str(days)],
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["play", "write"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(play(options.days) if options.only == "play" else write_only(options.days)))
        return
    print(machine())
    runs: dict[str, list[dict[str, Any]]] = {"json.dumps": [], "world": [], "world, 3x": []}
    for _ in range(options.rounds):
        runs["json.dumps"].append(_elsewhere("write", options.days))
        runs["world"].append(_elsewhere("play", options.days))
    runs["world, 3x"].append(_elsewhere("play", options.days * 3))
    rates = {name: [run["events"] / run["wall_s"] for run in some] for name, some in runs.items()}
    base = statistics.median(rates["json.dumps"])
    print(
        f"{'':12} {'events':>10} {'events/s':>10} {'of rounds':>26} {'CPU us/event':>13} {'batch p50 ms':>13} "
        f"{'p99 ms':>7} {'peak MiB':>9} {'ratio':>6}"
    )
    for name, some in runs.items():
        last, rate = some[-1], statistics.median(rates[name])
        cpu = statistics.median(run["cpu_s"] / run["events"] * 1e6 for run in some)
        each = " ".join(f"{value:,.0f}" for value in rates[name])
        print(
            f"{name:12} {last['events']:10,} {rate:10,.0f} {each:>26} {cpu:13.1f} {last['p50_ms']:13.1f} "
            f"{last['p99_ms']:7.1f} {last['peak_mib']:9,.0f} {rate / base:6.2f}"
        )
    world = runs["world"][-1]
    print(f"{world['bytes']:.0f} bytes an event with its key; at most {world['open']} contacts open at once")


if __name__ == "__main__":
    main()
