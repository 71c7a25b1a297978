"""How long an event takes from happening to being seen on the live desk, and what a viewer who only looks costs.

    uv run python -m tests.benchmarks.bench_live [--store DIR] [--rate 1000] [--seconds 60] [--viewers 10] [--settle 20]

Producer, broker, ingest, the pages and Chromium share the machine; viewers are tabs of one browser, each a session of
its own. Every tab notes when the figure of contacts offered today changes. An event counts as seen by a viewer when the
figure has risen by as many as had come before it. DIR is a store of `big_store`, which is copied first; without it the
store is empty. The baseline, in the same run, is asking the store itself for that figure every 50 ms: what the pages
add is the ratio. The CPU of a viewer is measured while no events come: that of ingest, the pages and the browser with
one tab open less that with none.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from tests.benchmarks.common import TOKEN, Usage, attached, machine, percentile, running_broker, running_ingest
from tests.benchmarks.load import Asker, Watcher, producing
from tests.browsing import running_chromium, running_pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TARGET_S, IDLE_TARGET = 3.0, 0.03
NOTE_CHANGES = """
() => {
    window.seen = [];
    const look = () => {
        for (const shown of document.querySelectorAll('.st-key-live-totals [data-testid="stMetric"]')) {
            if (!shown.innerText.startsWith('Offered')) continue;
            const told = Number(shown.querySelector('[data-testid="stMetricValue"]').innerText.replaceAll(',', ''));
            const last = window.seen.at(-1);
            if (!Number.isNaN(told) && (!last || last[1] !== told)) window.seen.push([Date.now() / 1000, told]);
        }
    };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
    look();
}
"""


def opened(browser: Browser, address: str) -> Page:
    """A viewer: a session of its own that looks at the live desk."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".st-key-live-totals [data-testid=stMetric]", timeout=120_000)
    page.evaluate(NOTE_CHANGES)
    return page


def spent(processes: Sequence[psutil.Process]) -> float:
    """CPU seconds of these and their children so far."""
    total = 0.0
    for process in processes:
        usage = Usage()
        usage.sample(process)
        total += usage.cpu_s
    return total


def share(processes: Sequence[psutil.Process], seconds: float, wait: Any) -> float:
    """Share of one core that these take over so many seconds. wait: passes milliseconds."""
    before, began = spent(processes), time.monotonic()
    wait(seconds * 1000)
    return (spent(processes) - before) / (time.monotonic() - began)


def latencies(happened: Sequence[float], changes: Sequence[tuple[float, int]], base: int) -> list[float]:
    """Seconds from each event to the first change of the figure that counts it. Both in order of time."""
    figures = [figure - base for _, figure in changes]
    found = []
    for number, at in enumerate(happened, start=1):
        place = bisect_left(figures, number)
        if place < len(changes):
            found.append(max(0.0, changes[place][0] - at))
    return found


def told(name: str, values: Sequence[float]) -> None:
    """One line of percentiles."""
    print(
        f"{name:34}p50 {percentile(list(values), 0.5):6.2f} s  p95 {percentile(list(values), 0.95):6.2f} s  "
        f"p99 {percentile(list(values), 0.99):6.2f} s  max {max(values):6.2f} s  of {len(values):,}",
        flush=True,
    )


def measure(data: Path, shows: datetime, options: argparse.Namespace) -> None:
    """Everything, on a store that may be changed."""
    since = datetime.now(UTC)
    ahead = shows - since
    clock = {"BACKSTOP_CLOCK_SINCE": since.isoformat(), "BACKSTOP_CLOCK_SHOWS": shows.isoformat()}
    if (data / "backstop.toml").exists():
        clock["BACKSTOP_CONFIG"] = str(data / "backstop.toml")
    with (
        running_broker() as broker,
        running_ingest(broker.address, data, **clock) as (ingest, address),
        running_chromium() as browser,
    ):
        attached(address, timeout_s=300).close()
        own = {
            "BACKSTOP_DATA_DIR": str(data), "BACKSTOP_STORE_PORT": address.rsplit(":", 1)[1],
            "BACKSTOP_DASHBOARD_TOKEN": TOKEN,
        }  # fmt: skip
        with running_pages(clock | own, data.with_name("pages.log")) as (served, url):
            wait = browser.new_page().wait_for_timeout
            server = [psutil.Process(ingest.pid), psutil.Process(served.pid)]
            browsers = [p for p in psutil.Process().children(recursive=True) if "chrom" in p.name()]
            with producing(broker.address, 50, ahead):
                time.sleep(10)  # Something to look at.
            wait(30_000)  # Until the sums of what came are made.
            alone, alone_browser = share(server, 30, wait), share(browsers, 5, wait)
            first = opened(browser, url)
            wait(10_000)
            one, one_browser = share(server, 30, wait), share(browsers, 5, wait)
            print(
                f"an idle viewer: server {(one - alone) * 100:.1f} % of a core (ingest and pages {alone * 100:.1f} % "
                f"without), browser {(one_browser - alone_browser) * 100:.1f} %; target < {IDLE_TARGET * 100:.0f} %",
                flush=True,
            )
            views = [first, *(opened(browser, url) for _ in range(options.viewers - 1))]
            with Watcher(address, ahead) as watcher, Asker(address) as asker:
                wait(3_000)
                base = views[0].evaluate("window.seen.at(-1)[1]")
                started = datetime.now(UTC) + ahead
                cpu = {"ingest": server[:1], "pages": server[1:], "browser": browsers, "broker": [_broker(broker)]}
                with producing(broker.address, options.rate, ahead):
                    wait(options.settle * 1000)
                    watcher.start_over()
                    measured_from = time.time()
                    before = {name: spent(of) for name, of in cpu.items()}
                    began = time.monotonic()
                    wait(options.seconds * 1000)
                    took = time.monotonic() - began
                    used = {name: (spent(of) - before[name]) / took for name, of in cpu.items()}
                    kept = watcher.start_over()
                    until = time.time()
                wait(8_000)
                seen = [view.evaluate("window.seen") for view in views]
                changes = list(asker.changes)
            happened = _offered(address, started, ahead)
    window = [at for at in happened if measured_from <= at <= until]
    skipped = sum(at < measured_from for at in happened)

    def of_window(found: Sequence[tuple[float, int]], above: int) -> list[float]:
        return latencies(happened, found, above)[skipped : skipped + len(window)]

    baseline = of_window(changes, 0)
    each = [of_window([(at, int(figure)) for at, figure in view], base) for view in seen]
    everyone = [value for values in each for value in values]
    print(f"ingest kept {kept.rate:,.0f} events/s of {options.rate:,}")
    print("CPU, of a core: " + ", ".join(f"{name} {value * 100:.0f} %" for name, value in used.items()))
    told("store, asked every 50 ms", baseline)
    told(f"on screen, {options.viewers} viewers", everyone)
    print(
        f"ratio of p95 to the store's own: {percentile(everyone, 0.95) / percentile(baseline, 0.95):.1f}; "
        f"target p95 < {TARGET_S:g} s; events never seen: {len(window) * len(views) - len(everyone):,}"
    )


def _broker(broker: Any) -> psutil.Process:
    return psutil.Process(broker.process.pid)


def _offered(address: str, since: datetime, ahead: timedelta) -> list[float]:
    """When contacts were offered, by the machine's clock, in order."""
    client = attached(address)
    rows = client.execute(
        "from store.query('select epoch(occurred_at) from events where type = ''contact.offered'' "
        f"and occurred_at >= timestamp ''{since.replace(tzinfo=None)}'' order by 1')"
    ).fetchall()
    client.close()
    return [row[0] - ahead.total_seconds() for row in rows]


def main() -> None:
    """Run and print."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="folder of a store that big_store made; default: an empty one")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--settle", type=float, default=20, help="seconds of events before anything is measured")
    parser.add_argument("--viewers", type=int, default=10)
    options = parser.parse_args()
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(dir=options.store.parent if options.store else None) as folder:
        copy, shows = Path(folder) / "copy", datetime.now(UTC)
        if options.store:
            shutil.copytree(options.store, copy)
            about = json.loads((options.store / "made.json").read_text("utf-8"))
            shows = datetime.fromisoformat(about["now"])
            print(f"{about['contacts']:,} contacts, {about['file_mib']:,} MiB", flush=True)
        measure(copy, shows, options)


if __name__ == "__main__":
    main()
