"""The Contacts page in a real browser: a row leads to a timeline and back, a deep link opens, numbers lead there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browsing import IN_A_BROWSER
from tests.contact_store import fill
from tests.dashboard_store import Server
from tests.test_dashboard_browser import address, hosts, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from models.settings import Settings

__all__ = ["address", "hosts", "page"]
pytestmark = IN_A_BROWSER
BROKEN = "[data-testid=stException]"
DAYS = "from=2026-03-02&to=2026-03-02"


@pytest.fixture
def served(make_settings: Callable[..., Settings]) -> Iterator[Server]:
    with Server(fill(make_settings())) as server:
        yield server


def test_a_row_opens_its_timeline_and_the_way_back_keeps_the_filters(page: Page, address: str, hosts: set[str]) -> None:
    page.goto(f"{address}/contacts?{DAYS}&measure=answered&site=north")
    page.get_by_text("3 contacts, newest first").wait_for(timeout=30_000)
    table = page.locator("[class*=st-key-contacts-list] [data-testid=stDataFrameResizable]")
    table.wait_for(timeout=60_000)
    # The box at the left of the third row: c1, below the heading and two rows.
    table.click(position={"x": 18, "y": 38 + 30 * 2 + 15})
    page.get_by_text("Answered by ann after waiting 30 s in main.").wait_for(timeout=60_000)
    page.wait_for_url("**contact=c1&of=north**", timeout=10_000)
    chart = page.locator("[data-testid=stVegaLiteChart][aria-label^='Timeline of one contact: menu 10 s']")
    chart.wait_for(timeout=60_000)
    page.get_by_role("button", name="Handed on to").click()
    page.get_by_text("Answered by ben").wait_for(timeout=60_000)
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_text("3 contacts, newest first").wait_for(timeout=60_000)
    assert "measure=answered" in page.url
    assert "contact=" not in page.url

    box = page.get_by_role("combobox", name="Open a contact")
    box.focus()
    page.keyboard.type("c5")
    page.keyboard.press("Enter")
    page.get_by_text("Its end was never told").wait_for(timeout=60_000)
    page.go_back()
    page.get_by_text("3 contacts, newest first").wait_for(timeout=60_000)
    # The contact's own button of this name goes only when the run has ended.
    download = page.get_by_role("button", name="Download CSV")
    expect(download).to_have_count(1, timeout=60_000)
    with page.expect_download() as taken:
        download.click()
    assert taken.value.suggested_filename == "backstop-contacts.csv"
    assert Path(taken.value.path()).read_text("utf-8-sig").count("north,") == 3
    assert page.locator(BROKEN).count() == 0
    assert hosts == {address.removeprefix("http://")}, "the page loads nothing from elsewhere"


def test_a_deep_link_opens_and_a_point_of_a_chart_leads_to_its_contacts(page: Page, address: str) -> None:
    page.goto(f"{address}/contacts?contact=c1&of=north")
    page.get_by_role("heading", name="Journey").wait_for(timeout=30_000)
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_text("9 contacts, newest first").wait_for(timeout=60_000)

    page.goto(f"{address}/compare?metric=abandoned&site=north")
    chart = page.locator("[data-testid=stVegaLiteChart][aria-label^='Line chart: Abandoned']")
    point = chart.locator("[aria-roledescription=point]").last
    point.wait_for(timeout=30_000)
    page.wait_for_timeout(1_000)
    point.click(force=True)
    page.wait_for_url("**/contacts?**", timeout=60_000)
    page.get_by_text("1 contact, newest first").wait_for(timeout=60_000)
    assert "measure=abandoned" in page.url
    assert page.locator(BROKEN).count() == 0
