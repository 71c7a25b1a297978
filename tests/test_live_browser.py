"""The live desk end to end: events in a broker, ingest, pages and a browser, on a clock thirty times as fast."""

from __future__ import annotations

import json
import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from ingest.broker import EmbeddedBroker
from ingest.kafka import ensure_topic
from models.clock import Clock
from tests.browsing import IN_A_BROWSER, running_pages
from tests.ingesting import Ingest
from tests.test_dashboard_browser import hosts, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from models.settings import Settings

__all__ = ["hosts", "page"]
pytestmark = IN_A_BROWSER
SPEED = 30
BEGINS = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
BROKEN = "[data-testid=stException]"
CONFIG = """
reporting_zone = "Europe/Berlin"

[sites.berlin]
name = "Berlin"
provider = "Own"
in_house = true
open = [{ days = "Mon-Sun", opens = "00:00", closes = "24:00" }]

[sites.manila]
name = "Manila"
provider = "Northwind"
open = [{ days = "Mon-Sun", opens = "00:00", closes = "24:00" }]

[alerts.long_wait]
metric = "longest_wait_s"
direction = "above"
opens = 120
clears = 60
hold_s = 10
clear_hold_s = 10
"""


class Desk:
    """A running company: every site's agents tell their state all the time, calls come when a test says so."""

    def __init__(self, folder: Path, ingest: Ingest, producer: KafkaProducer, clock: Clock, address: str) -> None:
        self.folder, self.ingest, self.address = folder, ingest, address
        self._producer, self._clock = producer, clock
        self.silent: set[str] = set()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def tell(self, site: str, fact: str, subject: str, ago_s: float = 0, **data: Any) -> None:
        """One event of so many seconds ago, by the desk's clock."""
        kind = fact if "." in fact else f"contact.{fact}"
        at = self._clock.now() - timedelta(seconds=ago_s)
        body = {
            "specversion": "1.0", "id": f"{subject}/{kind}/{at.timestamp()}", "source": site, "type": kind,
            "time": at.isoformat(), "subject": subject, "data": data,
        }  # fmt: skip
        self._producer.send(f"contacts.{site}", json.dumps(body).encode(), key=subject.encode())
        self._producer.flush()

    def waits(self, site: str, contact: str, queue: str, ago_s: float = 0) -> None:
        """Somebody enters a queue."""
        self.tell(site, "offered", contact, ago_s, channel="voice", language="de", queue=queue)

    def _talk(self) -> None:
        agents = deque([("berlin", "ann"), ("berlin", "ben"), ("manila", "mia")])
        while not self._ending.wait(0.3):
            agents.rotate()
            site, agent = agents[0]
            if site not in self.silent:
                self.tell(site, "agent.state_changed", agent, state="available", team="A")

    def end(self) -> None:
        """No more is told."""
        self._ending.set()
        self._thread.join()


@pytest.fixture
def desk(tmp_path: Path, make_settings: Callable[..., Settings]) -> Iterator[Desk]:
    folder, config = tmp_path / "data", tmp_path / "backstop.toml"
    config.write_text(CONFIG)
    broker = EmbeddedBroker(0, tmp_path / "broker.log")
    try:
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        for site in ("berlin", "manila"):
            ensure_topic(admin, f"contacts.{site}", 1)
        admin.close()
        since = datetime.now(UTC)
        ingest = Ingest(
            make_settings(bootstrap_servers=broker.address), folder, config=config, clock_speed=SPEED,
            clock_since=since.isoformat(), clock_shows=BEGINS.isoformat(),
        )  # fmt: skip
        producer = KafkaProducer(bootstrap_servers=broker.address)
        try:
            ingest.wait_until_said("store served")
            settings = {
                "BACKSTOP_CONFIG": str(config), "BACKSTOP_DATA_DIR": str(folder),
                "BACKSTOP_STORE_PORT": str(ingest.port), "BACKSTOP_DASHBOARD_TOKEN": ingest.token,
            }  # fmt: skip
            with running_pages(settings, tmp_path / "pages.log") as (_, address):
                desk = Desk(folder, ingest, producer, Clock(SPEED, since, BEGINS), address)
                try:
                    yield desk
                finally:
                    desk.end()
        finally:
            producer.close()
            ingest.kill()
    finally:
        broker.stop()


def metric(shown: Page, label: str) -> str:
    found = shown.locator(".st-key-live-totals [data-testid=stMetric]").filter(has_text=label).first
    return found.locator("[data-testid=stMetricValue]").inner_text()


def until(shown: Page, true: Callable[[], bool], timeout_s: float = 30) -> None:
    for _ in range(int(timeout_s / 0.1)):
        if true():
            return
        shown.wait_for_timeout(100)
    raise AssertionError("it did not come true in time")


def test_a_day_at_the_desk(page: Page, desk: Desk, hosts: set[str]) -> None:
    # Open it: what comes is seen without a touch.
    desk.waits("manila", "m1", "Orders", ago_s=5)
    desk.waits("berlin", "b1", "Billing", ago_s=5)
    desk.tell("berlin", "answered", "b1", agent_id="ann")
    page.goto(desk.address)
    page.locator("[class*=st-key-board-] canvas").first.wait_for(timeout=60_000)
    until(page, lambda: metric(page, "Waiting") == "1" and metric(page, "Talking") == "1")
    desk.waits("manila", "m2", "Returns")
    until(page, lambda: metric(page, "Waiting") == "2", 10)

    # Drill down: a row's parts, which stay open while figures move on.
    board = page.locator("[class*=st-key-board-site] [data-testid=stDataFrameResizable]")
    board.click(position={"x": 18, "y": 35 + 17})
    page.get_by_text("Parts of Manila").wait_for(timeout=30_000)
    desk.waits("manila", "m3", "Returns")
    until(page, lambda: metric(page, "Waiting") == "3", 10)
    assert page.get_by_text("Parts of Manila").count() == 1

    # Filter: the address keeps it, and what it leaves out is in no figure.
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Queues").fill("Returns")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    until(page, lambda: metric(page, "Waiting") == "2")
    assert "queues=Returns" in page.url
    page.reload()
    until(page, lambda: metric(page, "Waiting") == "2", 60)
    page.goto(desk.address)

    # An alert opens; somebody says that they look after it.
    alert = page.locator("[class*=st-key-alert-0]").filter(has_text="Longest wait")
    alert.get_by_text("Manila").wait_for(timeout=60_000)
    alert.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("textbox", name="Your name").fill("Ann Lee")
    page.get_by_role("textbox", name="What is being done").fill("calling them")
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    page.get_by_text("Ann Lee", exact=False).wait_for(timeout=30_000)
    page.get_by_text("calling them", exact=False).first.wait_for(timeout=30_000)

    # To the contacts behind it and back.
    page.locator("[class*=st-key-alert-quiet-0]").get_by_role("link").click()
    page.get_by_text("3 contacts, newest first").wait_for(timeout=60_000)
    page.go_back()
    page.locator("[class*=st-key-board-] canvas").first.wait_for(timeout=60_000)

    # On the wall and off it.
    page.get_by_role("button", name="Wall screen").click()
    page.locator("[class*=st-key-wall-wait-]").filter(has_text="Manila").wait_for(timeout=30_000)
    assert page.locator("[data-testid=stHeader]").is_hidden()
    assert "wall=1" in page.url
    page.get_by_role("button", name="Leave the wall screen").click()
    page.locator("[class*=st-key-board-] canvas").first.wait_for(timeout=60_000)

    # A past moment: before anybody came nobody waited.
    page.get_by_text("A past moment").click()
    page.get_by_text("The board as it was on").wait_for(timeout=30_000)
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    page.get_by_text("Nobody waits, talks or has come today").wait_for(timeout=30_000)
    page.get_by_text("Now", exact=True).first.click()
    until(page, lambda: metric(page, "Waiting") == "3", 60)
    assert page.locator(BROKEN).count() == 0
    assert hosts == {desk.address.removeprefix("http://")}, "the page loads nothing from elsewhere"


def test_a_feed_that_is_lost_is_said_to_be_and_comes_back(page: Page, desk: Desk) -> None:
    desk.waits("manila", "m1", "Orders")
    page.goto(desk.address)
    page.locator("[class*=st-key-board-] canvas").first.wait_for(timeout=60_000)
    until(page, lambda: metric(page, "Waiting") == "1")
    desk.silent.add("manila")
    page.get_by_text("Manila has fallen silent").wait_for(timeout=120_000)
    page.goto(f"{desk.address}?wall=1")
    card = page.locator("[class*=st-key-wall-silent-]").filter(has_text="Manila")
    card.get_by_text("unknown").first.wait_for(timeout=60_000)
    desk.silent.clear()
    page.get_by_text("Manila has fallen silent").wait_for(state="detached", timeout=120_000)
    assert page.locator(BROKEN).count() == 0
