"""Both pages in a real browser, against a real store that is stopped and started again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.dashboard_store import ROOT, Server, environment, free_port, realistic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

DEMO = "Manila: made by the simulator, not by customers"
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    path = tmp_path / "backstop.duckdb"
    realistic(path, datetime.now(UTC), weeks=4, per_week=60, simulated=["manila"])
    with Server(path) as server:
        yield server


@pytest.fixture
def address(served: Server, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    settings = environment(served.path, served.port) | {"BACKSTOP_DASHBOARD_PORT": str(port)}
    with (tmp_path / "pages.log").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.launch"],
            env=os.environ | settings | {"PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://localhost:{port}"
            wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"{url} did not come up")


@pytest.fixture
def page() -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        yield page
        browser.close()


def test_both_pages_stand_in_a_browser_and_survive_the_store_going_away(
    page: Page, address: str, served: Server
) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    broken = "[data-testid=stException]"
    page.goto(address)
    page.get_by_text("Northwind BPO").wait_for(timeout=30_000)
    page.locator(".st-key-totals").get_by_text("13", exact=True).wait_for(timeout=10_000)
    page.get_by_text("Receiving").wait_for(timeout=10_000)
    page.get_by_text(DEMO, exact=True).wait_for(timeout=10_000)
    assert page.locator(broken).count() == 0

    served.stop()
    page.get_by_text("Ingest is stopped. Last data as of").wait_for(timeout=20_000)
    page.locator(".st-key-stale-totals").get_by_text("13", exact=True).wait_for(timeout=10_000)
    served.start()
    page.get_by_text("Receiving").wait_for(timeout=20_000)
    assert page.locator(broken).count() == 0

    page.get_by_role("link", name="Weeks").click()
    page.get_by_role("heading", name="Week by week").wait_for(timeout=30_000)
    page.locator("[data-testid=stVegaLiteChart]").nth(8).wait_for(timeout=20_000)
    page.get_by_text(DEMO, exact=True).wait_for(timeout=10_000)
    assert page.get_by_text("Service level", exact=True).count() >= 1
    chart = page.locator("[data-testid=stVegaLiteChart][aria-label^='Line chart: Service level']")
    assert chart.count() == 1
    page.goto(f"{address}/weeks?site=manila&metric=offered")
    page.get_by_text("Manila", exact=False).first.wait_for(timeout=30_000)
    page.locator("[data-testid=stVegaLiteChart]").nth(1).wait_for(timeout=20_000)
    assert page.locator(broken).count() == 0
    assert "site=manila" in page.url
    assert hosts == {address.removeprefix("http://")}, "the pages load nothing from elsewhere"
