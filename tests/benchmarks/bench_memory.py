"""Whether ingest's memory stays flat over a long stream: it is fed part by part, and looked at after each.

    uv run python -m tests.benchmarks.bench_memory [--events 10000000] [--parts 10]

The events are the demo world's, two years of them for ten million. Memory is that of all of ingest's processes, with
what DuckDB may use limited to 512 MB so that its cache is full early. The baseline of the ratio is the memory after
the second part, by when every cache is warm.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import datetime
from itertools import islice
from pathlib import Path

import psutil

from tests.benchmarks.common import Usage, attached, machine, publish, running_broker, running_ingest, world_events

SETTINGS = {"BACKSTOP_MEMORY_LIMIT": "512MB"}
BEGINS = datetime(2024, 1, 1)
"""Long before today, so that all of it is over: the running day is made again every few seconds."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--parts", type=int, default=10)
    options = parser.parse_args()
    print(machine())
    part = options.events // options.parts
    events = world_events(options.events, BEGINS)
    print("      events   events/s  CPU s per 1M  MiB now  MiB peak  file MiB  ratio")
    with (
        running_broker() as broker,
        tempfile.TemporaryDirectory() as folder,
        running_ingest(broker.address, Path(folder) / "data", **SETTINGS) as (process, store),
    ):
        client, seen, usage = attached(store), psutil.Process(process.pid), Usage()
        memory: list[float] = []
        for number in range(1, options.parts + 1):
            began, spent = time.time(), usage.cpu_s
            publish(broker.address, islice(events, part))
            while True:
                usage.sample(seen)
                row = client.execute(
                    "from store.query('select coalesce(sum(events), 0)::bigint from sites')"
                ).fetchone()
                if row and row[0] >= number * part:
                    break
                time.sleep(0.25)
            rate = part / (time.time() - began)
            now = Usage()
            now.sample(seen)
            memory.append(now.peak_mib)
            size = (Path(folder) / "data" / "backstop.duckdb").stat().st_size / 2**20
            ratio = memory[-1] / memory[min(1, len(memory) - 1)]
            print(
                f"{number * part:12,} {rate:10,.0f} {(usage.cpu_s - spent) / part * 1e6:13.1f} {memory[-1]:8,.0f} "
                f"{usage.peak_mib:9,.0f} {size:9,.0f} {ratio:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
