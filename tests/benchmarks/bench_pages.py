"""How fast the pages' questions are answered over a year of a company's contacts, while events go on coming in.

    uv run python -m tests.benchmarks.bench_pages [--store DIR] [--contacts 10000000] [--rate 1000] [--rounds 10]
        [--viewers 8] [--settle 240] [--pause 0] [--only PAGE] [--no-browser] [--no-scan]

The store is that of `big_store`, made when DIR has none, and copied first. Ingest serves the copy with its clock set
back to the store's present; a producer sends it events of its sites at the rate asked for, all the time. Questions are
asked as the pages ask them, through dashboard.store over quack, with other filters each time: nothing answers from a
cache but DuckDB's own of pages of the file. Viewers are threads with connections of their own that ask without a pause
between, which is harsher than people are, unless --pause gives them one. The baseline is each question answered from
the contacts instead of the sums by day, asked once, alone, before ingest starts. Last the pages themselves, in
Chromium: from navigation to the heading and the first chart or table, beside a Streamlit page of a heading and a table
of one row.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import psutil

from dashboard.store import State, Store
from ingest.broker import free_port
from tests.benchmarks.common import TOKEN, machine, percentile, sampling
from tests.benchmarks.load import Seen, Watcher
from tests.benchmarks.page_questions import OF_WEEKS, Question, Turn, questions, shadows
from tests.benchmarks.serving import copied, serving
from tests.browsing import CHROMIUM, running_chromium, running_pages, wait_for

ONE_VIEWER_MS, ALL_VIEWERS_MS, FIRST_PAINT_S = 100, 400, 1.5
SCAN_LIMIT_S = 30.0
EMPTY = "(empty page)"
WHOLE_MS = {"cost": 500}
PAGES = ("", "compare", "volume", "quality", "topics", "cost", "contacts", "health")
_SHOWN = (
    "[data-testid='stVegaLiteChart'] canvas, [data-testid='stVegaLiteChart'] svg, [data-testid='stDataFrame'], table"
)


def scan_s(path: Path, asked_of: Sequence[Question], turn: Turn) -> dict[Question, float | None]:
    """Seconds each question takes without sums by day; None where that is over the limit."""
    found: dict[Question, float | None] = {}
    with duckdb.connect(str(path), read_only=True, config={"memory_limit": "2GB", "threads": _store_threads()}) as db:
        db.execute("set TimeZone = 'UTC'")
        for statement in shadows(turn):
            db.execute(statement)
        for question in (each for each in asked_of if _is_of_sums(each.sql(turn))):
            stop = threading.Timer(SCAN_LIMIT_S, db.interrupt)
            began = time.perf_counter()
            stop.start()
            try:
                db.execute(question.sql(turn)).fetchall()
                found[question] = time.perf_counter() - began
            except duckdb.InterruptException:
                found[question] = None
            finally:
                stop.cancel()
    return found


def _is_of_sums(sql: str) -> bool:
    return re.search(r"\b(day|week)_(sums|[a-z]+s)\b", sql) is not None


def _store_threads() -> int:
    return max(1, (os.cpu_count() or 2) - 1)


def asked(
    address: str, path: Path, asked_of: Sequence[Question], now: datetime, viewers: int, rounds: int, pause_s: float
) -> dict[Question, list[float]]:
    """Milliseconds of every answer. Viewers go through the questions, each from another one on, with pauses between."""
    found: dict[Question, list[float]] = defaultdict(list)
    failed: list[str] = []
    together = threading.Barrier(viewers)

    def look(viewer: int) -> None:
        store = Store(address, path / "nowhere", TOKEN, deadline_s=60)
        store.ask({"warm": "select 1 as one"})
        together.wait()
        for turn in range(rounds):
            at = Turn(viewer * 1000 + turn * 7 + viewer, now)
            for place in range(len(asked_of)):
                question = asked_of[(place + viewer * len(asked_of) // viewers) % len(asked_of)]
                sql = question.sql(at)
                began = time.perf_counter()
                reply = store.ask({question.name: sql})
                found[question].append((time.perf_counter() - began) * 1000)
                time.sleep(pause_s * random.Random(viewer * 10_000 + turn * 100 + place).uniform(0.5, 1.5))
                if reply.state is not State.LIVE:
                    failed.append(f"{question.page}, {question.name}: {'; '.join(reply.tried)}")

    threads = [threading.Thread(target=look, args=(viewer,)) for viewer in range(viewers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(f"{len(failed)} questions without an answer, first {failed[0]}")
    return found


@dataclass
class Part:
    """One part of the measurement and what ingest did meanwhile."""

    name: str
    took: dict[Question, list[float]]
    seen: Seen
    cpu_share: float
    peak_mib: float


@contextmanager
def empty_page(folder: Path) -> Iterator[str]:
    """The least a page of Streamlit can be, as a process of its own, and its address."""
    script, port = folder / "empty.py", free_port()
    script.write_text("import streamlit as st\n\nst.title('Empty')\nst.dataframe({'one': [1]})\n")
    options = {"server.port": str(port), "server.headless": "true", "browser.gatherUsageStats": "false"}
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), *(f"--{name}={v}" for name, v in options.items())],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://localhost:{port}")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def paints(settings: dict[str, str], log: Path, loads: int) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds from navigation to the heading and to the first chart or table, by page."""
    found: dict[str, tuple[list[float], list[float]]] = {page: ([], []) for page in (*PAGES, EMPTY)}
    with running_pages(settings, log) as (_, ours), empty_page(log.parent) as other, running_chromium() as browser:
        for load in range(loads + 1):
            for page in found:
                address = other if page == EMPTY else f"{ours}/{page}"
                context = browser.new_context(viewport={"width": 1280, "height": 800})
                view = context.new_page()
                began = time.perf_counter()
                view.goto(address, wait_until="commit")
                view.wait_for_selector("h1", timeout=60_000)
                heading = time.perf_counter() - began
                view.wait_for_selector(_SHOWN, timeout=60_000)
                if load:  # The first of each warms the server.
                    found[page][0].append(heading)
                    found[page][1].append(time.perf_counter() - began)
                context.close()
    return found


def _whole_pages(took: dict[Question, list[float]]) -> None:
    """All questions of a page one after the other, as one viewer waits for them in a round."""
    for page in dict.fromkeys(question.page for question in took):
        rounds = [sum(values) for values in zip(*(v for q, v in took.items() if q.page == page), strict=True)]
        target = f", target p95 < {WHOLE_MS[page]} ms" if page in WHOLE_MS else ""
        print(f"{'':10}{page}: all its questions p50 {percentile(rounds, 0.5):,.0f} ms, p95 "
              f"{percentile(rounds, 0.95):,.0f} ms{target}")  # fmt: skip


def _table(parts: Sequence[Part], scans: dict[Question, float | None], asked_of: Sequence[Question]) -> None:
    heads = "".join(f"{part.name + ' p50':>15}{'p95':>7}" for part in parts)
    print(f"{'page':10}{'question':28}{heads}{'scan ms':>10}{'ratio':>8}")
    for question in asked_of:
        cells = "".join(
            f"{percentile(part.took[question], 0.5):15,.0f}{percentile(part.took[question], 0.95):7,.0f}"
            for part in parts
        )
        if question not in scans:
            scan, ratio = "-", ""
        elif (seconds := scans[question]) is None:
            scan = f">{SCAN_LIMIT_S * 1000:,.0f}"
            ratio = f">{SCAN_LIMIT_S * 1000 / percentile(parts[0].took[question], 0.5):,.0f}"
        else:
            scan, ratio = f"{seconds * 1000:,.0f}", f"{seconds * 1000 / percentile(parts[0].took[question], 0.5):,.0f}"
        print(f"{question.page:10}{question.name:28}{cells}{scan:>10}{ratio:>8}")
    for part, target in zip(parts, (ONE_VIEWER_MS, ALL_VIEWERS_MS), strict=False):
        of_weeks = {question: values for question, values in part.took.items() if question.page in OF_WEEKS}
        every = [value for values in of_weeks.values() for value in values]
        missed = [question for question, values in of_weeks.items() if percentile(values, 0.95) > target]
        print(
            f"{part.name}: questions of the pages that look back p50 "
            f"{percentile(every, 0.5):,.0f} ms, p95 {percentile(every, 0.95):,.0f} ms, "
            f"target p95 < {target} ms, missed by {len(missed)} of {len(of_weeks)}"
        )
        if part.name == "one":
            _whole_pages(of_weeks)
        seen = part.seen
        if seen.latencies:
            print(
                f"{'':10}ingest kept {seen.rate:,.0f} events/s, produced to visible p50 "
                f"{percentile(seen.latencies, 0.5):,.0f} ms, p95 {percentile(seen.latencies, 0.95):,.0f} ms, p99 "
                f"{percentile(seen.latencies, 0.99):,.0f} ms; its CPU {part.cpu_share * 100:.0f} % of a core, "
                f"peak {part.peak_mib:,.0f} MiB"
            )


def measure(data: Path, made: datetime, options: argparse.Namespace) -> None:
    """Everything, on a store that may be changed."""
    asked_of = [question for question in questions(made) if options.only in (None, question.page)]
    began = time.monotonic()
    scans = {} if options.no_scan else scan_s(data / "backstop.duckdb", asked_of, Turn(4, made))
    print(f"scans took {time.monotonic() - began:.0f} s", flush=True)
    parts = []
    with serving(data, made, options.rate) as served:
        seen, address, ahead = psutil.Process(served.process.pid), served.address, served.ahead
        with Watcher(address, ahead) as watcher:
            time.sleep(options.settle)
            for name, viewers in (("one", 1), (f"{options.viewers}", options.viewers)):
                watcher.start_over()
                with sampling(seen) as usage:
                    before, began = usage.cpu_s, time.monotonic()
                    took = asked(address, data, asked_of, made, viewers, options.rounds, options.pause)
                    spent = time.monotonic() - began
                parts.append(Part(name, took, watcher.start_over(), (usage.cpu_s - before) / spent, usage.peak_mib))
                print(f"{name}: {spent:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
            _table(parts, scans, asked_of)
            painted = {}
            if not options.no_browser and CHROMIUM.exists():
                own = {
                    "BACKSTOP_DATA_DIR": str(data),
                    "BACKSTOP_STORE_PORT": address.rsplit(":", 1)[1],
                    "BACKSTOP_DASHBOARD_TOKEN": TOKEN,
                }
                painted = paints(served.settings | own, data.with_name("pages.log"), options.loads)
    if painted:
        heads = f"{'heading p50':>13}{'p95':>7}{'first figure p50':>18}{'p95':>7}"
        print(f"{'first paint, s':20}{heads}  target {FIRST_PAINT_S}")
    for page, (headings, figures) in painted.items():
        cells = f"{percentile(headings, 0.5):13.2f}{percentile(headings, 0.95):7.2f}"
        print(f"{page or 'live':20}{cells}{percentile(figures, 0.5):18.2f}{percentile(figures, 0.95):7.2f}")


def main() -> None:
    """Run and print."""
    # Ended from outside, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="folder of a store that big_store made, or is to make")
    parser.add_argument("--contacts", type=int, default=10_000_000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--viewers", type=int, default=8)
    parser.add_argument("--loads", type=int, default=8)
    parser.add_argument("--settle", type=float, default=240, help="seconds of events before anything is measured")
    parser.add_argument("--pause", type=float, default=0, help="seconds on average a viewer looks at an answer")
    parser.add_argument("--only", help="questions of this page")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--no-scan", action="store_true")
    options = parser.parse_args()
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}")
    with copied(options.store, options.contacts) as (data, made):
        measure(data, made, options)


if __name__ == "__main__":
    main()
