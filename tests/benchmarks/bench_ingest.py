"""How fast events that are already in the broker become rows, everything included, beside a plain loop.

    uv run python -m tests.benchmarks.bench_ingest [--events 500000] [--rounds 3]

The events are the demo world's, of five sites: calls and chats with all their facts, agents' states, surveys.
Ingest: contract, fold, one transaction per batch, served over quack, in a process of its own. The plain loop:
kafka-python, json.loads, a pandas frame inserted into DuckDB; it validates, folds and remembers nothing.
Rates are counted from the start of reading to the last row being visible to another process.
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

PLAIN_LOOP = """
import json, sys, duckdb, pandas as pd
from kafka import KafkaConsumer, TopicPartition
address, path, total, topics = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(",")
db = duckdb.connect(path)
columns = ["id", "source", "type", "happened", "subject", "data"]
db.execute(f"create table event ({' varchar, '.join(columns)} varchar)")
consumer = KafkaConsumer(bootstrap_servers=address, enable_auto_commit=False)
consumer.assign([TopicPartition(topic, n) for topic in topics for n in range(4)])
consumer.seek_to_beginning()
print("reading", flush=True)
count = 0
while count < total:
    rows = []
    for batch in consumer.poll(timeout_ms=500, max_records=20000).values():
        for record in batch:
            e = json.loads(record.value)
            rows.append((e["id"], e["source"], e["type"], e["time"], e["subject"], json.dumps(e["data"])))
    if rows:
        frame = pd.DataFrame(rows, columns=columns)
        db.execute("insert into event select * from frame")
        count += len(rows)
print("done", flush=True)
"""


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


def measure_plain(address: str, total: int, topics: set[str]) -> tuple[float, Usage]:
    """The same for the plain loop."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                PLAIN_LOOP,
                address,
                str(Path(folder) / "plain.duckdb"),
                str(total),
                ",".join(sorted(topics)),
            ],
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        usage, seen = Usage(), psutil.Process(process.pid)
        process.stdout.readline()
        began = time.time()
        while process.poll() is None:
            usage.sample(seen)
            time.sleep(0.02)
        return total / (time.time() - began), usage


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(machine())
    results: dict[str, list[tuple[float, Usage]]] = {"plain loop": [], "ingest": []}
    with running_broker() as broker:
        began = time.time()
        count = options.events
        topics = publish(broker.address, world_events(count))
        print(f"{count:,} events in the broker after {time.time() - began:.0f} s")
        for _ in range(options.rounds):
            results["plain loop"].append(measure_plain(broker.address, count, topics))
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
