"""How long it takes to tell the agents of thousands of intervals, on one core.

    uv run python -m tests.benchmarks.bench_staffing [--intervals 2000] [--rounds 5]

Erlang A for a service level and caps on abandonment and occupancy, Erlang C for the service level alone, and Erlang A
under an uncertain rate (a tenth of the intervals). The baseline of the ratio asks for the same one interval at a time,
with a plain loop that bisects one queue after the other (a sample of 100, counted up).
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

# Before numpy is loaded.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from models.staffing import Targets, agents_required, agents_under_uncertainty, erlang_a
from tests.benchmarks.common import SEED, machine

AHT_S, PATIENCE_S, CV = 300.0, 180.0, 0.1
TARGETS = Targets(service_level=0.8, threshold_s=20, max_abandonment=0.05, max_occupancy=0.9)
LEVEL_ONLY = Targets(service_level=0.8, threshold_s=20)
SIZES = {"to 50 Erlang": 50, "to 500": 500, "to 4,900": 4900}
LOOPED = 100


def loads(count: int, largest: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """So many loads, in Erlang, evenly spread."""
    return np.random.default_rng(SEED).uniform(0.1, largest, count)


def loop(erlangs: float) -> int:
    """The least agents for TARGETS, one queue after the other."""
    short, enough = 0, 2 * math.ceil(erlangs) + 10
    while enough - short > 1:
        middle = (short + enough) // 2
        queue = erlang_a(middle, erlangs, AHT_S, PATIENCE_S)
        if queue.service_level(20) >= 0.8 and queue.abandonment <= 0.05 and queue.occupancy <= 0.9:
            enough = middle
        else:
            short = middle
    return enough


def timed(work: Callable[[], Any], rounds: int) -> tuple[float, float, Any]:
    """Median seconds and CPU seconds of so many rounds, and what came out."""
    walls, cpus, result = [], [], None
    for _ in range(rounds):
        began, cpu = time.perf_counter(), time.process_time()
        result = work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus), result


def one(size: str, intervals: int, rounds: int) -> None:
    """Print the lines of one size of site."""
    a = loads(intervals, SIZES[size])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu, agents = timed(lambda: agents_required(a, AHT_S, TARGETS, patience_s=PATIENCE_S), rounds)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sample = a[:LOOPED]
    looped, _, one_by_one = timed(lambda: [loop(load) for load in sample.tolist()], 1)
    assert agents[:LOOPED].tolist() == one_by_one
    ratio = looped / sample.size * intervals / wall
    print(f"{'Erlang A, ' + size:28} {intervals:9,} {wall:8.3f} {cpu:8.3f} {after - before:9.1f} {ratio:10.0f}x")
    others: dict[str, tuple[int, Callable[[], Any]]] = {
        "Erlang C, ": (intervals, lambda: agents_required(a, AHT_S, LEVEL_ONLY)),
        "uncertain, ": (
            intervals // 10,
            lambda: agents_under_uncertainty(a[: intervals // 10], AHT_S, TARGETS, cv=CV, patience_s=PATIENCE_S),
        ),
    }
    for name, (count, work) in others.items():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wall, cpu, _ = timed(work, rounds)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name + size:28} {count:9,} {wall:8.3f} {cpu:8.3f} {after - before:9.1f} {'':>11}")


def main() -> None:
    """Run every size in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--intervals", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", choices=SIZES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.size:
        one(options.size, options.intervals, options.rounds)
        return
    print(machine())
    print(f"{'':28} intervals        s    CPU s  more MiB  than a loop", flush=True)
    for size in SIZES:
        arguments = ["--size", size, "--intervals", str(options.intervals), "--rounds", str(options.rounds)]
        subprocess.run([sys.executable, "-m", "tests.benchmarks.bench_staffing", *arguments], check=True)


if __name__ == "__main__":
    main()
