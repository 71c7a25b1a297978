"""How long an event takes from being produced to being seen by a query of another process.

    uv run python -m tests.benchmarks.bench_freshness [--rate 1000] [--seconds 30]

Producer, ingest and viewer are three processes; the viewer asks the store over quack every 50 ms for what
is new. The producer is a metronome, not the simulator: its rate is the question, and every event is stamped when
it is sent. The baseline in the same run is the same viewer on a store nothing is written to: the cost of asking.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from kafka.admin import KafkaAdminClient

from ingest.kafka import ensure_topic
from tests.benchmarks.common import Usage, attached, machine, percentile, running_broker, running_ingest

PRODUCER = """
import sys, time
from datetime import datetime, timezone
from kafka import KafkaProducer
address, topic, rate, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
producer = KafkaProducer(bootstrap_servers=address, linger_ms=0, acks="all")
facts = [("started", '{"channel":"voice"}'), ("offered", '{"channel":"voice","queue":"main","topic":"billing"}'),
         ("answered", '{"agent_id":"ann","wait_s":3.0}'), ("completed", '{"talk_s":60.0}')]
begin, sent = time.time(), 0
while time.time() - begin < seconds:
    while sent < (time.time() - begin) * rate:
        fact, data = facts[sent % 4]
        contact = f"c{sent // 4}"
        at = datetime.now(timezone.utc).isoformat()
        producer.send(topic, key=contact.encode(), value=(
            '{"specversion":"1.0","id":"%s/%s","source":"bench","type":"contact.%s","time":"%s","subject":"%s",'
            '"data":%s}' % (contact, fact, fact, at, contact, data)).encode())
        sent += 1
    time.sleep(0.002)
producer.flush()
print(sent)
"""

TOPIC = "contacts.bench"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    print(machine())
    with (
        tempfile.TemporaryDirectory() as folder,
        running_broker() as broker,
        running_ingest(broker.address, Path(folder) / "data") as (process, store),
    ):
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        ensure_topic(admin, TOPIC, 4)
        admin.close()
        client = attached(store)
        client.execute("set threads = 1")
        ask = "from store.query('select batch, occurred_at from events where batch > {}')"
        idle = []
        for _ in range(200):
            asked = time.perf_counter()
            client.execute(ask.format(0)).fetchall()
            idle.append((time.perf_counter() - asked) * 1000)
        time.sleep(3)  # The new topic is taken up within this time.
        before = Usage()
        seen_process = psutil.Process(process.pid)
        before.sample(seen_process)
        producer = subprocess.Popen(
            [sys.executable, "-c", PRODUCER, broker.address, TOPIC, str(options.rate), str(options.seconds)],
            stdout=subprocess.PIPE,
        )
        latencies: list[float] = []
        usage, last, began = Usage(), 0, time.time()
        sent = None
        while sent is None or len(latencies) < sent:
            rows = client.execute(ask.format(last)).fetchall()
            now = datetime.now(UTC).replace(tzinfo=None)
            if rows:
                last = max(row[0] for row in rows)
                latencies += [(now - row[1]) / timedelta(milliseconds=1) for row in rows]
            usage.sample(seen_process)
            if sent is None and producer.poll() is not None:
                assert producer.stdout
                sent = int(producer.stdout.read())
            time.sleep(0.05)
            if time.time() - began > options.seconds + 30:
                break
        elapsed = time.time() - began
    steady = latencies[options.rate :]
    print(f"events seen {len(latencies):,} of {sent:,} at {len(latencies) / elapsed:,.0f} events/s")
    print(
        f"produced to visible, ms: p50 {percentile(steady, 0.5):.0f}  p95 {percentile(steady, 0.95):.0f}  "
        f"p99 {percentile(steady, 0.99):.0f}  max {max(steady):.0f}  (the first second left out)"
    )
    print(f"baseline, asking an idle store, ms: p50 {statistics.median(idle):.1f}  p99 {percentile(idle, 0.99):.1f}")
    print(f"ratio p99 to the baseline's p99: {percentile(steady, 0.99) / percentile(idle, 0.99):.1f}")
    print(f"ingest CPU {(usage.cpu_s - before.cpu_s) / elapsed * 100:.0f} % of a core, peak {usage.peak_mib:,.0f} MiB")


if __name__ == "__main__":
    main()
