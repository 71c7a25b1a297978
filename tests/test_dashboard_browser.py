"""The pages in a real browser, against a real store that is stopped and started again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from tests.browsing import IN_A_BROWSER, running_chromium, running_pages
from tests.dashboard_store import Server, environment, realistic
from tests.feed_store import add_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import FloatRect, Locator, Page

DEMO = "Manila: made by the simulator, not by customers"
pytestmark = IN_A_BROWSER


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    path = tmp_path / "backstop.duckdb"
    realistic(path, datetime.now(UTC), weeks=4, per_week=60, simulated=["manila"])
    with duckdb.connect(str(path)) as connection:
        add_problems(connection, datetime.now(UTC))
    with Server(path) as server:
        yield server


@pytest.fixture
def address(served: Server, tmp_path: Path) -> Iterator[str]:
    with running_pages(environment(served.path, served.port), tmp_path / "pages.log") as (_, url):
        yield url


@pytest.fixture
def page() -> Iterator[Page]:
    with running_chromium() as browser:
        yield browser.new_page(viewport={"width": 1440, "height": 900})


@pytest.fixture
def hosts(page: Page) -> set[str]:
    """Where the page's requests go."""
    found: set[str] = set()
    page.on("request", lambda request: found.add(request.url.split("/")[2]))
    return found


def test_live_and_compare_stand_in_a_browser_and_survive_the_store_going_away(
    page: Page, address: str, served: Server, hosts: set[str]
) -> None:
    broken = "[data-testid=stException]"
    page.goto(f"{address}/live?by=queue")
    page.locator("[class*=st-key-board-queue] canvas").first.wait_for(timeout=30_000)
    assert page.get_by_text("Page not found").count() == 0
    page.goto(address)
    page.locator("[class*=st-key-board-] canvas").first.wait_for(timeout=30_000)
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

    page.get_by_role("link", name="Compare").click()
    page.get_by_role("heading", name="Week by week").wait_for(timeout=30_000)
    page.locator("[data-testid=stVegaLiteChart]").nth(12).wait_for(timeout=20_000)
    page.get_by_text(DEMO, exact=True).wait_for(timeout=10_000)
    assert page.get_by_text("Service level", exact=True).count() >= 1
    chart = page.locator("[data-testid=stVegaLiteChart][aria-label^='Line chart: Service level']")
    assert chart.count() == 1
    for name in ("Volume", "Quality", "Topics", "Contacts", "Today"):
        page.get_by_role("link", name=name, exact=True).first.click()
        page.get_by_role("heading", name=name, exact=True).first.wait_for(timeout=30_000)
        page.wait_for_timeout(2_000)
        page.go_back()
        page.get_by_role("heading", name="Compare", exact=True).first.wait_for(timeout=30_000)
    page.goto(f"{address}/compare?site=manila&metric=offered")
    page.get_by_text("Manila", exact=False).first.wait_for(timeout=30_000)
    page.locator("[data-testid=stVegaLiteChart]").nth(1).wait_for(timeout=20_000)
    assert page.locator(broken).count() == 0
    assert "site=manila" in page.url
    assert hosts == {address.removeprefix("http://")}, "the pages load nothing from elsewhere"


def box(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found is not None
    return found


@pytest.mark.parametrize("width", [1440, 800])
def test_a_tables_own_tools_do_not_cover_its_download(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1400})
    page.goto(f"{address}/compare")
    page.get_by_role("heading", name="Week by week").wait_for(timeout=30_000)
    for files, table in (("csv-card", "compare-card"), ("csv-weeks-table", "compare-table")):
        around = page.locator(f".st-key-{table}")
        around.locator("[data-testid=stDataFrame]").hover(timeout=30_000)
        tools = around.locator("[data-testid=stElementToolbar]")
        tools.wait_for(timeout=10_000)
        button, tool = box(page.locator(f".st-key-{files} button")), box(tools)
        beside = button["x"] + button["width"] <= tool["x"] or tool["x"] + tool["width"] <= button["x"]
        above = button["y"] + button["height"] <= tool["y"]
        assert beside or above, files


def test_data_health_stands_in_a_browser_and_a_message_is_found_with_the_keyboard_alone(
    page: Page, address: str, served: Server, hosts: set[str]
) -> None:
    broken = "[data-testid=stException]"
    page.goto(address)
    page.get_by_role("link", name="Data health").click()
    page.get_by_text("feeds cannot be trusted right now").wait_for(timeout=30_000)
    page.get_by_role("heading", name="What ingest said").wait_for(timeout=10_000)
    page.locator("[data-testid=stDataFrame]").nth(5).wait_for(timeout=20_000)
    page.get_by_role("combobox", name="Message in full").focus()
    page.keyboard.type("@4107")
    page.keyboard.press("Enter")
    page.get_by_text("quarantine replay 'contacts.krakow[0]@4107'").wait_for(timeout=10_000)
    page.wait_for_url("**message=contacts.krakow**", timeout=10_000)
    assert "7946" not in page.content()
    with page.expect_download() as taken:
        page.locator(".st-key-download-latest button").click()
    assert taken.value.suggested_filename == "backstop-refused.csv"
    assert "•••" in Path(taken.value.path()).read_text("utf-8-sig")
    page.reload()
    page.get_by_text("quarantine show 'contacts.krakow[0]@4107'").wait_for(timeout=30_000)

    served.stop()
    page.get_by_text("Ingest is stopped. Last data as of").wait_for(timeout=30_000)
    assert page.locator(broken).count() == 0
    assert hosts == {address.removeprefix("http://")}, "the page loads nothing from elsewhere"
