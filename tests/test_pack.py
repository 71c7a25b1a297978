"""A week's pack: one HTML file, whatever sites and topics are called, that prints without overflow."""

from __future__ import annotations

import re
import xml.dom.minidom
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pack import button, contents, questions
from dashboard.pack import words as said
from dashboard.scope import sums
from dashboard.scope.scope import Known, Scope
from dashboard.store import Store
from tests.browsing import CHROMIUM, running_chromium
from tests.dashboard_store import TOKEN, Server
from tests.quality_store import HOSTILE, contacts, write

if TYPE_CHECKING:
    from collections.abc import Iterator

WEEK = date(2026, 3, 9)
A4_PX = 794
pytestmark = pytest.mark.usefixtures("fresh_caches")
NAMESPACES = {"http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}
LONG = "W" * 120
EVIL = f"{HOSTILE}'\"</style></title><img src=x onerror=alert(1)>&{{{{ 7*7 }}}}{LONG}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = write(tmp_path_factory.mktemp("pack"), contacts(weeks=3, per_day=10))
    with Server(path) as server:
        yield Store(f"quack:localhost:{server.port}", path, TOKEN)


@pytest.fixture(scope="module")
def html(store: Store) -> str:
    """The pack with everything a user can name named badly."""
    choices = sums.choices(store)
    sites, topics = choices.frames["sites"], choices.frames["topics"]
    frames = choices.frames | {
        "sites": sites.assign(name=[EVIL, "South", "West"], provider=[EVIL, "b", "c"]),
        "topics": pd.DataFrame({"topic": ["billing"], "name": [EVIL]}).reindex(columns=topics.columns),
    }
    reply = replace(choices, frames=frames)
    scope = Scope(topics=("billing", HOSTILE), queues=("care",))
    return button.made(store, reply, sums.known(reply), scope, WEEK)


def test_it_is_well_formed_and_holds_no_script_and_no_address_to_fetch(html: str) -> None:
    document = xml.dom.minidom.parseString(html.encode())  # noqa: S318 - our own
    assert "<script" not in html
    tags, values = set(), []
    for element in document.getElementsByTagName("*"):
        tags.add(element.tagName)
        for name, value in (element.attributes or {}).items():
            assert not name.startswith("on"), name
            assert name not in ("src", "href", "xlink:href", "srcset", "action", "data"), name
            if name.startswith("xmlns"):
                values.append(value)
    assert set(values) <= NAMESPACES
    assert not tags & {"script", "img", "image", "iframe", "object", "embed", "link", "base", "form", "a"}
    styles = "".join(re.findall(r"<style>.*?</style>", html, re.DOTALL))
    assert "url(" not in styles
    assert "@import" not in styles


def test_what_users_made_up_stands_there_as_text(html: str) -> None:
    root = ElementTree.fromstring(html)  # noqa: S314 - our own
    text = "".join(root.itertext())
    assert EVIL in text
    assert "{{ 7*7 }}" in text
    assert root.findtext("head/title") == "Backstop, Week 2026-W11"
    assert HOSTILE in text


def test_it_says_week_zone_as_of_filters_and_every_n(html: str) -> None:
    for phrase in (
        "Week 2026-W11",
        "9 – 15 Mar 2026",
        "Monday to Sunday in UTC",
        "as of ",
        "Queues: care.",
        "Scorecard",
    ):
        assert phrase in html
    assert html.count('class="n"') > 60
    assert html.count("<svg") >= 5
    for metric in questions.METRICS:
        assert f"<dt>{metric.label}</dt>" in html


def test_ids_of_one_drawing_are_not_those_of_another(html: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed")
def test_it_prints_on_a4_without_overflow(html: str, tmp_path: Path) -> None:
    asked: list[str] = []
    with running_chromium() as browser:
        page = browser.new_page(viewport={"width": A4_PX, "height": 1123}, java_script_enabled=True)
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(html)
        page.emulate_media(media="print")
        # What of an A4 page its margins leave: nothing may be wider.
        page.set_viewport_size({"width": int(A4_PX * (210 - 26) / 210), "height": 1000})
        wider = page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"
        )
        overflowing: list[Any] = page.evaluate(
            "[...document.querySelectorAll('td, th, p, li, dd')].filter(e => e.scrollWidth > e.clientWidth + 1)"
            ".map(e => e.textContent.slice(0, 40))"
        )
        pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert wider == []
    assert overflowing == []
    assert pdf.startswith(b"%PDF")
    assert asked == []
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 4 <= pages <= 14


def week_frame(sites: int) -> pd.DataFrame:
    rows = [
        {"site": f"s{n:02d}", "week_start": WEEK - timedelta(weeks=back)} | dict.fromkeys(questions.COLUMNS, 10.0)
        for n in range(sites)
        for back in (0, 1)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("sites", "columns"), [(1, [1]), (5, [6]), (6, [5, 2]), (11, [5, 5, 2])])
def test_more_sites_than_fit_beside_each_other_get_tables_of_their_own(sites: int, columns: list[int]) -> None:
    frame = week_frame(sites)
    frame.loc[frame["week_start"] < WEEK, "answered"] = 5.0
    weeks = contents.by_week(frame, ["s00"])
    names = {site: site for site in frame["site"]}
    status: Any = _status()
    pack = contents.pack(
        weeks, WEEK, status, Scope(), names, {}, made_of=(None, None),
        changes=pd.DataFrame(columns=["site", "week_start", "measure", "was", "is", "since", "closed_at"]),
        gaps=pd.DataFrame(columns=["site", "starts_at", "ends_at", "minutes", "running"]),
    )  # fmt: skip
    assert [len(card.columns) for card in pack.cards] == columns
    answered = dict(pack.cards[0].families)["Volume"][1]
    assert (answered[0], answered[1][0].value, answered[1][0].change) == ("Answered", "10", "+5")
    bounced = dict(dict(pack.cards[0].families)["Handling"])["Bounced back in-house"]
    assert bounced[0].value == "100.0%"
    assert all(cell.value == "– no data" for cell in bounced[1:])


def test_gaps_of_the_week_are_told_and_forgotten_ones_said_to_be() -> None:
    now = _status()
    gaps = pd.DataFrame(
        {
            "site": ["s00", "s00", "s01", "s00"],
            "starts_at": pd.to_datetime([f"2026-{day} 08:00" for day in ("03-10", "03-11", "03-12", "02-01")]),
            "ends_at": pd.to_datetime(["2026-03-10 08:30", "2026-03-11 09:00", "2026-03-12 09:00", "2026-02-02 08:00"]),
            "minutes": [30, 60, 60, 1440],
            "running": [False, False, False, False],
        }
    )
    lines = contents.gap_notes(WEEK, now, {"s00": HOSTILE}, ["s00"], gaps)
    assert lines == [
        f"{HOSTILE} sent nothing although it was open, in 2 stretches, 1 h 30 min together: "
        "its figures of that time are unknown, not zero."
    ]
    assert contents.gap_notes(WEEK, now, {}, ["s02"], gaps) == [said.NO_GAPS]
    assert contents.gap_notes(date(2026, 1, 5), now, {}, ["s02"], gaps) == [said.GAPS_FORGOTTEN]


def _status() -> Any:
    from datetime import UTC, datetime

    from dashboard.queries import Status

    return Status(
        state="consuming", detail="", since=None, last_commit_at=None, last_event_at=None, reporting_zone="UTC",
        service_level_s=20.0, asked_at=datetime(2026, 3, 16, 9, tzinfo=UTC), today=date(2026, 3, 16),
    )  # fmt: skip


def test_the_button_names_the_week_and_draws_nothing_without_weeks() -> None:
    assert said.file_name(WEEK, demo=True) == "backstop-pack-2026-W11-demo.html"
    assert Known().weeks == ()
    app = AppTest.from_string("import dashboard.pack.button").run()
    assert not app.exception
