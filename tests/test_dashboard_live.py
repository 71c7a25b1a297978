"""The live desk against a real store: rows, filters, a past moment, a wall, and sites that fell silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.live import words as said
from dashboard.live.board import Selection, Silence, by_attention, rows
from dashboard.live.controls import _minutes
from dashboard.live.filters import View, read
from tests.dashboard_store import Contact, Server, Site, add_contacts, add_quarter_hours, add_sites, create
from tests.test_dashboard_contacts import links
from tests.test_dashboard_pages import live, metrics, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ZONE = "Europe/Berlin"
NOW = datetime.now(UTC)
OPTIONS = {"sites": ["berlin", "manila"], "queues": ["Billing", "Orders"], "languages": ["de"], "channels": ["voice"]}
pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People wait at two sites, and did so yesterday."""
    path = tmp_path_factory.mktemp("live") / "backstop.duckdb"
    connection = create(path)
    add_sites(connection, [Site("berlin", "Berlin", "Own", True), Site("manila", "Manila", "Northwind")])
    add_quarter_hours(connection, {NOW.year - 1, NOW.year})
    ago = [NOW - timedelta(seconds=seconds) for seconds in (400, 90, 5)]
    contacts = [
        Contact("manila", ago[0], "waiting", 0, None, None, queue="Orders"),
        Contact("manila", ago[1], "waiting", 0, None, None, queue="Billing"),
        Contact("berlin", ago[2], "waiting", 0, None, None, queue="Billing", channel="chat"),
        # Yesterday at this time one waited two minutes and was answered.
        Contact("berlin", NOW - timedelta(days=1, seconds=60), "answered", 120, 300, 10),
    ]
    add_contacts(connection, contacts, NOW)
    connection.close()
    return path


@pytest.fixture
def served(store: Path, serve_file: Callable[[Path], Server]) -> Server:
    return serve_file(store)


def board(app: object) -> pd.DataFrame:
    frame: pd.DataFrame = app.dataframe[0].value  # type: ignore[attr-defined]
    return frame


def test_rows_are_sites_queues_languages_or_channels(served: Server) -> None:
    assert list(board(live())["row"]) == ["Manila", "Berlin"]
    by_queue = board(live(by="queue"))
    assert dict(zip(by_queue["row"], by_queue["waiting"], strict=True)) == {"Orders": 1, "Billing": 2}
    assert list(board(live(by="channel"))["row"]) == ["voice", "chat"]
    assert list(board(live(by="language"))["row"]) == ["– no data"]


def test_filters_of_the_address_hold_and_what_is_not_known_is_said(served: Server) -> None:
    app = live(by="queue", sites="manila", queues=["Orders", "**no**"], channels="fax", wall="7", x="1")
    assert list(board(app)["row"]) == ["Orders"]
    assert texts(app).count("It was left out.") == 4
    assert dict(app.query_params) == {"by": "queue", "sites": "manila", "queues": "Orders"}
    assert metrics(app)[0] == ("Waiting", "1")


def test_a_chosen_row_shows_its_parts_and_leads_to_its_contacts(served: Server) -> None:
    app = live(row="manila")
    parts = app.dataframe[1].value
    assert list(parts["queue"]) == ["Orders", "Billing"]
    query = links(app)["Waiting now"]
    assert query["site"] == ["manila"]
    assert query["measure"] == ["waiting"]
    by_queue = live(row="Billing", by="queue", sites="manila")
    assert links(by_queue)["Waiting now"]["queue"] == ["Billing"]


def test_a_past_moment_is_shown_as_it_was_and_is_not_asked_again(served: Server) -> None:
    then = (NOW - timedelta(days=1)).astimezone(ZoneInfo(ZONE))
    app = live(at=then.isoformat(timespec="minutes"))
    found = board(app)
    # To the minute before: the wait began a minute before this moment.
    if then.second:
        assert list(found["row"]) in (["Berlin"], [])
    assert any(text.value.startswith("The board as it was on") for text in app.text)
    later = (NOW - timedelta(days=1) + timedelta(minutes=1)).astimezone(ZoneInfo(ZONE))
    app = live(at=later.isoformat(timespec="minutes"))
    assert metrics(app)[:2][0][0] == "Waiting"
    assert list(board(app)["row"]) == ["Berlin"]


def test_a_wall_screen_has_no_controls_and_a_card_for_each_row_in_the_order_of_the_board(served: Server) -> None:
    app = live(wall="1")
    assert not app.get("button_group")
    assert [button.label for button in app.button] == [said.LEAVE_WALL]
    assert not app.dataframe
    names = [text.value for text in app.text if text.value in ("Manila", "Berlin")]
    assert names == list(board(live())["row"])
    waiting = board(live())["waiting"]
    each = [said.UNKNOWN if pd.isna(value) else f"{value:.0f}" for value in waiting]
    assert [value for label, value in metrics(app) if label == "Waiting"] == [f"{waiting.sum():.0f}", *each]
    app.button[0].click().run()
    assert "wall" not in app.query_params
    assert "chats" in board(app)


# --- what an address may ask ----------------------------------------------------------------------------------


def test_an_instant_is_written_with_its_offset_and_read_back() -> None:
    for at in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        query = View(at=at).to_query(ZONE)
        assert read(query, OPTIONS, NOW, ZONE) == (View(at=at), [])
    # What a browser makes of a plus sign somebody typed.
    assert read({"at": ["2026-03-01T09:00 01:00"]}, OPTIONS, NOW, ZONE)[0].at == datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "", "2999-01-01T00:00", "0001-01-01T00:00", "2026-02-30T00:00", "9" * 400])
def test_an_instant_that_is_none_or_to_come_is_left_out(text: str) -> None:
    view, notes = read({"at": [text]}, OPTIONS, NOW, ZONE)
    assert view.at is None
    assert len(notes) == bool(text)


@pytest.mark.parametrize(("day", "minutes"), [("2026-03-29", 1380), ("2026-10-25", 1500), ("2026-11-20", 1440)])
def test_every_minute_of_a_day_has_a_label_of_its_own(day: str, minutes: int) -> None:
    found = _minutes(datetime.fromisoformat(day).date(), ZONE)
    assert len(found) == minutes
    assert list(found.values()) == sorted(set(found.values()))


# --- the order of rows ----------------------------------------------------------------------------------------


def queue(
    site: str, waiting: int = 0, longest: float | None = None, answered: int = 0, met: int = 0
) -> dict[str, object]:
    return {
        "site": site, "queue": "q", "language": "de", "channel": "voice", "waiting": waiting, "longest_wait_s": longest,
        "waiting_over_target": 0, "in_conversation": 0, "chats": 0, "chat_agents": [], "offered": answered,
        "answered": answered, "answered_in_target": met, "abandoned": 0, "left_queue": 0, "recent_offered": answered,
        "recent_answered": answered, "recent_answered_in_target": met, "recent_abandoned": 0,
    }  # fmt: skip


AGENTS = pd.DataFrame(
    columns=["site", "agent_id", "team", "state", "recent_available_ms", "recent_busy_ms", "recent_wrapping_up_ms"]
)


def test_a_silent_feed_comes_before_a_long_wait_and_that_before_a_low_level() -> None:
    queues = pd.DataFrame(
        [
            queue("calm", answered=10, met=10), queue("low", answered=10, met=3), queue("long", 2, 80.0),
            queue("longer", 1, 300.0), queue("short", 1, 10.0), queue("silent", 0, None, 4, 4),
        ]
    )  # fmt: skip
    found = rows(queues, AGENTS, "site", Selection())
    ordered = by_attention(found, 20, 0.8, Silence({"silent": None}))
    assert list(ordered["key"]) == ["silent", "longer", "long", "low", "short", "calm"]
    assert list(ordered["why"]) == ["silent", "wait", "wait", "level", "", ""]


def test_a_level_of_few_contacts_says_nothing() -> None:
    found = rows(pd.DataFrame([queue("few", answered=4, met=0)]), AGENTS, "site", Selection())
    assert found["service_level"].tolist() == [0.0]
    assert found["recent_level"].isna().all()


def test_nothing_at_all_is_an_empty_board() -> None:
    assert rows(pd.DataFrame(columns=list(queue("x"))), AGENTS, "site", Selection()).empty
    assert rows(pd.DataFrame(columns=list(queue("x"))), AGENTS, "queue", Selection()).empty
