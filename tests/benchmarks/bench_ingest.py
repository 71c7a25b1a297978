"""How fast events that are already in the broker become rows, everything included, beside a plain loop.

    uv run python -m tests.benchmarks.bench_ingest [--events 500000] [--rounds 3]

The events are the demo world's, of five sites: calls and chats with all their facts, agents' states, surveys.
Ingest: contract, fold, one transaction per batch, served over quack, in processes of its own. The contenders
(`contenders/`) validate, fold and remember nothing: a plain loop of kafka-python, json.loads and a pandas frame
inserted into DuckDB, and quixstreams' simplest job. Rates are counted from the start of reading to the last row
being in the database; CPU and memory are those of all processes of each.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path

import duckdb
import psutil

from tests.benchmarks.common import (
    Usage,
    attached,
    machine,
    publish,
    running_broker,
    running_ingest,
    world_events,
)

CONTENDERS = Path(__file__).parent / "contenders"
PLAIN = [sys.executable, str(CONTENDERS / "plain_loop.py")]
QUIXSTREAMS = ["uv", "run", "--no-project", "--quiet", "--script", str(CONTENDERS / "quixstreams_job.py")]


def measure_ingest(address: str, total: int) -> tuple[float, Usage]:
    """Events per second and use of the machine."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_ingest(address, Path(folder) / "data") as (process, store),
    ):
        usage, seen = Usage(), psutil.Process(process.pid)
        client = attached(store)
        client.execute("set threads = 1")
        began = None
        while True:
            row = client.execute(
                "from store.query('select coalesce(sum(events), 0)::bigint, min(since) from sites, ingest_status')"
            ).fetchone()
            usage.sample(seen)
            if row and row[1] is not None and began is None:
                began = row[1].replace(tzinfo=UTC).timestamp()
            if row and row[0] >= total:
                break
            time.sleep(0.25)  # Asking costs the same cores.
        assert began is not None
        return total / (time.time() - began), usage


def measure_contender(command: list[str], address: str, total: int, topics: set[str]) -> tuple[float, Usage]:
    """The same for a program that ends when it has read everything. Raises RuntimeError when it cannot run."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [address, str(Path(folder) / "events.duckdb"), str(total), ",".join(sorted(topics))]
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout
        assert process.stderr
        if process.stdout.readline() != "reading\n":
            raise RuntimeError((process.stderr.read().splitlines() or ["it said nothing"])[-1])
        began = time.time()
        usage, seen = Usage(), psutil.Process(process.pid)
        while process.poll() is None:
            usage.sample(seen)
            time.sleep(0.02)
        ended = time.time()
        if process.returncode:
            raise RuntimeError(process.stderr.read().splitlines()[-1])
        with duckdb.connect(str(Path(folder) / "events.duckdb")) as db:
            assert db.execute("select count(*) from event").fetchone() == (total,)
        return total / (ended - began), usage


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    results: dict[str, list[tuple[float, Usage]]] = {"plain loop": [], "quixstreams": [], "ingest": []}
    with running_broker() as broker:
        began = time.time()
        count = options.events
        topics = publish(broker.address, world_events(count))
        print(f"{count:,} events in the broker after {time.time() - began:.0f} s")
        for _ in range(options.rounds):
            results["plain loop"].append(measure_contender(PLAIN, broker.address, count, topics))
            if "quixstreams" in results:
                try:
                    results["quixstreams"].append(measure_contender(QUIXSTREAMS, broker.address, count, topics))
                except (OSError, RuntimeError) as error:
                    print(f"quixstreams not measured: {error}")
                    del results["quixstreams"]
            results["ingest"].append(measure_ingest(broker.address, count))
    medians = {name: statistics.median(rate for rate, _ in rounds) for name, rounds in results.items()}
    print(f"{'':12} {'events/s':>10} {'of rounds':>24} {'CPU s per 1M':>13} {'peak MiB':>9} {'ratio':>6}")
    for name, rounds in results.items():
        rates = " ".join(f"{rate:,.0f}" for rate, _ in rounds)
        cpu = statistics.median(usage.cpu_s for _, usage in rounds) / count * 1e6
        peak = max(usage.peak_mib for _, usage in rounds)
        ratio = medians[name] / medians["plain loop"]
        print(f"{name:12} {medians[name]:10,.0f} {rates:>24} {cpu:13.1f} {peak:9,.0f} {ratio:6.2f}")


if __name__ == "__main__":
    main()
