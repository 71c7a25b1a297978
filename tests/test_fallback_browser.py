"""From a provider to the exported memo in a real browser: pages, ingest, broker and desk between them."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import openpyxl
import pytest
from playwright.sync_api import expect

from dashboard.fallback import decide_words, drill_words, filters, money_words, words, workbook
from models.fallback.assumptions import BY_NAME
from tests import fallback_world as world
from tests.browsing import IN_A_BROWSER
from tests.fallback_world import PROVIDER
from tests.test_dashboard_browser import hosts, page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from models.settings import Settings

__all__ = ["hosts", "page"]
pytestmark = IN_A_BROWSER
BROKEN = "[data-testid=stException]"
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
CHARTS = "[data-testid=stVegaLiteChart]"
LONG_MS = 60_000
IN_SIGHT = """element => {
    element.scrollIntoView({block: "center"});
    return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
EVIDENCE = {
    filters.CASE: ("Exit criteria by week", 1),
    filters.DEMAND: ("Contacts expected", 1),
    filters.ABSORB: ("By quarter-hour", 1),
    filters.WHEN: ("What those hired can do", 1),
    filters.PRICE: ("Price decides most", 4),
    filters.WHICH: ("Which topics first", 1),
    filters.DRILL: (drill_words.SIMULATE, 2),
    filters.DECIDE: (decide_words.NONE_SAVED, 0),
    filters.READINESS: ("Exit plans", 1),
}
"""By part: a text that stands near its end, and how many charts it has at least."""
DAY_OF_DECISION = "20 Nov 2026"
WHY = "Too dear <b>today</b>, and *two* agents are short."
DRILLED = f"{PROVIDER}: no exit plan."


@pytest.fixture
def address(tmp_path: Path, make_settings: Callable[..., Settings]) -> Iterator[str]:
    """The pages, over an ingest that knows two providers and of which nothing was decided yet."""
    with world.running(tmp_path, make_settings) as url:
        yield url


def test_a_provider_is_looked_at_drilled_and_decided_about(
    page: Page, address: str, hosts: set[str], tmp_path: Path
) -> None:
    page.set_default_timeout(LONG_MS)
    expect.set_options(timeout=LONG_MS)
    page.goto(f"{address}/fallback")
    sentence = page.locator(".st-key-strong-fallback-answer-0")
    expect(sentence).to_contain_text("cannot take the one contact")

    # The one answer, and all evidence for it.
    choose(page.get_by_role("combobox", name="Provider"), PROVIDER)
    expect(sentence).to_contain_text("it does not pay back within 36 months at 2.00 EUR a contact")
    assert "provider=Bought" in page.url
    for part in filters.PARTS:
        opened(page, part)
    today = sentence.inner_text()

    # What it costs is said otherwise: marked as ours, and the sentence and the part follow.
    opened(page, filters.PRICE)
    page.locator(".st-key-fallback-assumed summary").click()
    price = page.get_by_role("spinbutton", name=money_words.field(BY_NAME["price"], "EUR"))
    price.fill("100")
    price.press("Enter")
    expect(page.get_by_text("yours (was 2)", exact=True)).to_be_visible()
    expect(sentence).to_contain_text("it pays back in month")
    expect(sentence).to_contain_text("at 100.00 EUR a contact")
    expect(page.locator(".st-key-strong-fallback-pays")).to_contain_text("month")
    assumed = sentence.inner_text()

    drill(page)
    save(page)
    decide(page)
    taken_away(page, assumed)

    # What was saved is there when the page no longer says so, and is left again.
    page.get_by_role("button", name=money_words.ALL_BACK).click()
    expect(sentence).to_have_text(today)
    choose(page.get_by_role("combobox", name=decide_words.OPEN), "Dear · ")
    expect(page.get_by_text(decide_words.SAME_AGAIN)).to_be_visible()
    page.get_by_role("button", name=decide_words.SHOW_PAGE).click()
    expect(page.get_by_text(decide_words.looking_at("Dear"))).to_be_visible()
    expect(page.locator(".st-key-fallback-saved")).to_contain_text(words.SAVED)
    expect(sentence).to_have_text(assumed)
    idle(page)
    page.get_by_role("button", name=words.BACK_TO_TODAY).click()
    expect(sentence).to_have_text(today)
    expect(page.locator(".st-key-fallback-saved")).to_have_count(0)

    opened(page, filters.READINESS)
    expect(page.get_by_text(DRILLED, exact=True)).to_be_visible()
    idle(page)
    assert "Traceback" not in (tmp_path / world.PAGES_LOG).read_text("utf-8")
    assert hosts == {address.removeprefix("http://")}, "the page loads nothing from elsewhere"


def drill(page: Page) -> None:
    """Simulate the drill to its end and note that it was held."""
    opened(page, filters.DRILL)
    page.get_by_role("button", name=drill_words.SIMULATE).click()
    expect(page.get_by_text("Over 2,000 simulated days")).to_be_visible()
    expect(page.locator(CHARTS)).to_have_count(3)
    page.locator(".st-key-fallback-drill-note summary").click()
    form = page.locator(".st-key-fallback-drill-note")
    assert "Dark from " in form.get_by_role("textbox", name=drill_words.NOTE_OUTCOME).input_value()
    fill(form, drill_words.NOTE_NAME, "Ann")
    form.get_by_role("button", name=drill_words.NOTE_SEND).click()
    expect(page.get_by_text(drill_words.NOTED)).to_be_visible()
    idle(page)


def save(page: Page) -> None:
    """Save the answer; ingest writes it and the list has it."""
    opened(page, filters.DECIDE, said=decide_words.NONE_SAVED)
    page.locator(".st-key-fallback-save summary").click()
    form = page.locator(".st-key-fallback-save")
    fill(form, decide_words.NAME_OF_ANSWER, "Dear")
    fill(form, decide_words.WHO, "Ann")
    form.get_by_role("button", name=decide_words.SAVE).click()
    expect(page.get_by_text(decide_words.WRITTEN)).to_be_visible()
    listed(page, decide_words.SAVED_ALT, "Dear")


def decide(page: Page) -> None:
    """Write the decision; it stands above and in the history, and rests on what was saved."""
    idle(page)
    form = page.locator(".st-key-fallback-decide")
    form.get_by_role("radio", name="Watch", exact=True).click()
    fill(form, decide_words.WHY, WHY)
    fill(form, decide_words.WHO, "Ben")
    choose(form.get_by_role("combobox", name=decide_words.RESTS_ON), "Dear · ")
    form.get_by_role("button", name=decide_words.WRITE).click()
    told = page.locator(".st-key-strong-fallback-decided")
    expect(told).to_have_text(f"{DAY_OF_DECISION}, Ben: Watch: it stays, and is looked at again.")
    expect(page.locator(".st-key-body-fallback-why")).to_have_text(WHY)
    listed(page, decide_words.HISTORY_ALT, WHY)


def taken_away(page: Page, sentence: str) -> None:
    """The memo holds the answer and the decision, nothing of it as HTML; the spreadsheet opens."""
    idle(page)
    with page.expect_download() as memo:
        page.get_by_role("button", name=decide_words.MEMO).click()
    told = memo.value.path().read_text("utf-8")
    assert memo.value.suggested_filename.endswith("2026-11-20.html")
    assert sentence in told
    assert "Bought &amp; &lt;b&gt;Co&lt;/b&gt;" in told
    assert PROVIDER not in told
    assert "Too dear &lt;b&gt;today&lt;/b&gt;, and *two* agents are short." in told
    with page.expect_download() as book:
        page.get_by_role("button", name=decide_words.WORKBOOK).click()
    sheets = openpyxl.load_workbook(BytesIO(book.value.path().read_bytes()))
    assert tuple(sheets.sheetnames) == workbook.NAMES
    assert PROVIDER in str([cell.value for row in sheets["Sources"].iter_rows() for cell in row])


def opened(page: Page, part: str, said: str | None = None) -> None:
    """Open a part of the evidence: all of it is drawn, charts too, and nothing broke."""
    text, charts = (said, 0) if said is not None else EVIDENCE[part]
    page.get_by_role("radio", name=words.PARTS[part], exact=True).click()
    drawn = page.locator(f".st-key-fallback-part-{part}")
    expect(drawn.get_by_text(text).first).to_be_visible()
    if charts:
        expect(drawn.locator(CHARTS).nth(charts - 1).locator("svg, canvas").first).to_be_visible()
    idle(page)


def idle(page: Page) -> None:
    """Until everything asked for is drawn; nothing of it broke."""
    page.locator(IDLE).wait_for()
    assert page.locator(BROKEN).count() == 0, page.locator(BROKEN).first.inner_text()


def choose(list_: Locator, option: str) -> None:
    """From a list. What would close it again is over before it opens: a run still under way, and scrolling to it."""
    idle(list_.page)
    list_.evaluate(IN_SIGHT)
    list_.click()
    list_.page.get_by_role("option", name=option).first.click()


def fill(form: Locator, label: str, text: str) -> None:
    """What is typed reaches the form when its field is left."""
    field = form.get_by_role("textbox", name=label, exact=True)
    field.fill(text)
    field.press("Tab")


def listed(page: Page, table: str, text: str) -> None:
    """A cell of a table has this text; tables are drawn on canvas, their cells stand beneath it."""
    cells = page.get_by_role("region", name=table, exact=True).locator("[role=gridcell]")
    cells.filter(has_text=text).first.wait_for(state="attached")
