"""A bill from upload to dispute in a real browser: pages, ingest and the desk between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bill_store import ITEMS, LINES, NOW, PROVIDER, Books
from tests.browsing import IN_A_BROWSER
from tests.served_pages import CONFIG, DATA, serving
from tests.test_dashboard_browser import hosts, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from models.settings import Settings

__all__ = ["hosts", "page"]
pytestmark = IN_A_BROWSER
BROKEN = "[data-testid=stException]"
SETTINGS = f"""
reporting_zone = "Europe/Berlin"

[sites.north]
name = "North"
provider = "Own"
in_house = true

[sites.south]
name = "South"
provider = "{PROVIDER}"
"""


@pytest.fixture
def address(tmp_path: Path, make_settings: Callable[..., Settings]) -> Iterator[str]:
    """The pages, over an ingest that has a contract and its contacts, and no bill yet."""
    (tmp_path / DATA).mkdir()
    (tmp_path / CONFIG).write_text(SETTINGS)
    with Books(tmp_path / DATA):
        pass
    with serving(tmp_path, ("north", "south"), NOW, make_settings) as url:
        yield url


def test_a_bill_is_loaded_explained_and_disputed(page: Page, address: str, hosts: set[str], tmp_path: Path) -> None:
    for name, text in (("lines.csv", LINES), ("items.csv", ITEMS)):
        (tmp_path / name).write_text(text)
    page.goto(f"{address}/invoices")
    page.get_by_text("No bill was loaded yet").wait_for(timeout=60_000)
    page.get_by_role("button", name="Load a bill").first.click()

    # What is on it, and its files: read and shown before anything is sent.
    page.get_by_role("combobox", name="Month", exact=True).click()
    page.get_by_role("option", name="October 2026").click()
    page.get_by_role("textbox", name="Number of the bill").fill("B-1")
    page.get_by_role("textbox", name="Your name").fill("Ann")
    page.get_by_role("textbox", name="Your name").press("Tab")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "lines.csv")
    page.locator("input[type=file]").nth(1).set_input_files(tmp_path / "items.csv")
    page.get_by_text("2 lines that add up to 36.00 EUR and 18 contacts.").wait_for(timeout=30_000)
    page.get_by_role("button", name="Load this bill").click()

    # It is checked, and its page opens: the bridge adds up.
    page.get_by_text("36.00 EUR billed − 6.00 of all reasons = 30.00 EUR expected, exactly.").wait_for(timeout=60_000)
    chart = page.locator("[data-testid=stVegaLiteChart]")
    chart.get_by_text("Same contact again").wait_for(timeout=30_000)
    chart.get_by_text("▼ −4.00").wait_for()
    assert "bill=" in page.url
    with page.expect_download() as download:
        page.get_by_role("button", name="Statement, HTML").click()
    assert "36.00 EUR billed" in download.value.path().read_text("utf-8")

    # Dispute it: what is disputed is preset.
    page.get_by_role("textbox", name="Your name").first.fill("Ann")
    page.get_by_role("button", name="Note the dispute").click()
    page.get_by_text("⚑ Disputed").first.wait_for(timeout=30_000)
    page.get_by_text("Amount credited").wait_for(timeout=30_000)

    # In the overview it is what is in question; a link leads back to it.
    page.get_by_role("button", name="All bills").click()
    page.get_by_text("6.00 EUR too much was billed in one bill not settled yet.").wait_for(timeout=30_000)
    page.get_by_role("combobox", name="Open a bill").click()
    page.get_by_role("option", name="⚑ Disputed").click()
    page.get_by_text("Amount credited").wait_for(timeout=30_000)
    assert page.locator(BROKEN).count() == 0
    assert hosts == {address.removeprefix("http://")}, "the page loads nothing from elsewhere"
