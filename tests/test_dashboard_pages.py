"""The Live and Compare pages against a real store, and the states that all pages share: empty, unreachable, no sums."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import words
from dashboard.launch import APP
from ingest.broker import free_port
from tests.dashboard_store import (
    ZONE,
    Contact,
    Server,
    Site,
    add_contacts,
    add_quarter_hours,
    add_sites,
    create,
    log,
    point_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

NAMES = ["<script>alert(1)</script>", "**bold**", ":red[x]", "$x$", "[a](http://evil.example)", "Plain"]
WEEK_PAGES = ["compare", "volume", "quality", "topics", "cost"]
PAGES = ["live", "today", *WEEK_PAGES, "invoices", "fallback", "contacts", "health"]
COUNTED = [
    "offered", "answered", "abandoned", "service_level", "average_speed_of_answer_s", "average_handle_time_s",
]  # fmt: skip
pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites, three weeks, one person waiting; numbers small enough to check by hand."""
    now = datetime.now(UTC)
    path = tmp_path_factory.mktemp("full") / "backstop.duckdb"
    connection = create(path)
    add_sites(connection, [Site("berlin", "Berlin", "Own", True), Site("manila", "Manila", "Northwind")])
    add_quarter_hours(connection, {(now - timedelta(days=30)).year, now.year})
    contacts = [Contact("manila", now - timedelta(seconds=95), "waiting", 0, None, None)]
    for back in (7, 14):
        at = now - timedelta(days=back)
        contacts += [Contact("berlin", at, "answered", 10), Contact("berlin", at, "answered", 50)]
        contacts += [Contact("berlin", at, "abandoned", 70, None, None), Contact("manila", at, "answered", 5)]
    contacts += [Contact("manila", now - timedelta(days=14), "left_queue", 30, None, None)]
    add_contacts(connection, contacts, now)
    connection.close()
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One contact of each of the sites NAMES in a week of 1999, and none since."""
    path = tmp_path_factory.mktemp("history") / "backstop.duckdb"
    connection = create(path)
    add_sites(connection, [Site(f"s{n}", name, name) for n, name in enumerate(NAMES)])
    add_quarter_hours(connection, {1999})
    at = datetime(1999, 3, 3, 9, 0, tzinfo=UTC)
    add_contacts(connection, [Contact(f"s{n}", at, queue=name) for n, name in enumerate(NAMES)], at)
    connection.close()
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somebody waits at each of the sites NAMES, in a queue of that name."""
    now = datetime.now(UTC)
    path = tmp_path_factory.mktemp("hostile") / "backstop.duckdb"
    connection = create(path)
    add_sites(connection, [Site(f"s{n}", name, name) for n, name in enumerate(NAMES)])
    add_quarter_hours(connection, {now.year - 1, now.year})
    waits = [Contact(f"s{n}", now, "waiting", 0, None, None, queue=name) for n, name in enumerate(NAMES)]
    add_contacts(connection, waits, now)
    connection.close()
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "backstop.duckdb"
    create(path).close()
    return path


@pytest.fixture(scope="module")
def unsummed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contact of which no sums are made yet."""
    now = datetime.now(UTC)
    path = tmp_path_factory.mktemp("unsummed") / "backstop.duckdb"
    connection = create(path)
    add_sites(connection, [Site("berlin", "Berlin", "Own", True)])
    add_quarter_hours(connection, {now.year})
    add_contacts(connection, [Contact("berlin", now - timedelta(hours=1))], now, sums=False)
    connection.close()
    return path


@pytest.fixture
def served(full: Path, serve_file: Callable[[Path], Server]) -> Server:
    return serve_file(full)


def live(row: str | None = None, **query: str | list[str]) -> AppTest:
    """The live desk opened with a query. row: the one whose parts are to be seen, by its key."""
    app = AppTest.from_file(str(APP), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    if row is not None:
        app.session_state["live-row"] = row
    app.run()
    assert not app.exception, app.exception
    return app


def opened(page: str, **query: str | list[str]) -> AppTest:
    """A page other than the first, opened with a query."""
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    app.switch_page(f"pages_/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def page(name: str) -> AppTest:
    return live() if name == "live" else opened(name)


def weeks(app: AppTest) -> pd.DataFrame:
    """The table of weeks on the Compare page."""
    frame: pd.DataFrame = app.dataframe[-1].value
    return frame


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in app.text)


def metrics(app: AppTest) -> list[tuple[str, str]]:
    return [(element.label, element.value) for element in app.metric]


def markdown(app: AppTest) -> str:
    """Everything Streamlit reads as Markdown or HTML."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.title, *app.subheader]
    labels = [element.label for element in app.metric] + [element.help or "" for element in app.metric]
    return "\n".join([str(element.value) for element in elements] + labels)


def test_live_shows_who_waits_and_puts_the_longest_wait_first(served: Server) -> None:
    app = live()
    board = app.dataframe[0].value
    assert list(board["row"]) == ["Manila"], "nobody came to Berlin today"
    assert list(board["why"]) == ["▲ Waits over 20 s"]
    assert metrics(app)[0] == ("Waiting", "1")
    label, longest = metrics(app)[1]
    assert label == "Longest wait"
    assert re.fullmatch(r"[1-9] min \d\d s", longest)
    assert ("SL today", "– no data") in metrics(app)
    assert "last received" in texts(app)
    assert "Europe/Berlin" in texts(app)


def test_compare_shows_the_sums_by_hand_and_the_denominators(served: Server) -> None:
    table = weeks(opened("compare", metric=COUNTED))
    berlin = table[table["unit"] == "Berlin"].iloc[0]
    assert (berlin["offered"], berlin["answered"], berlin["abandoned"]) == (3, 2, 1)
    assert berlin["service_level"] == pytest.approx(100 / 3)
    assert berlin["service_level_n"] == 3
    assert berlin["average_speed_of_answer_s"] == 30
    assert berlin["average_handle_time_s"] == 230
    assert table["week"].is_monotonic_decreasing
    # The contact that waits is of this week, unless the week has begun since it came.
    came, now = (at.astimezone(ZoneInfo(ZONE)) for at in (datetime.now(UTC) - timedelta(seconds=95), datetime.now(UTC)))
    this_week = came.isocalendar()[:2] == now.isocalendar()[:2]
    assert [week.endswith(" · so far") for week in table["week"]] == [this_week, False, False, False, False]


def test_filters_are_taken_from_the_url_and_written_back_to_it(served: Server) -> None:
    app = opened("compare", site="berlin", metric="service_level")
    assert set(weeks(app)["unit"]) == {"Berlin"}
    assert app.multiselect(key="compare-sites").value == ["berlin"]
    app.multiselect(key="compare-sites").set_value(["manila"]).run()
    assert not app.exception
    assert app.query_params["site"] == "manila"
    assert app.query_params["metric"] == "service_level"
    assert set(weeks(app)["unit"]) == {"Manila"}


def test_a_bad_query_string_is_dropped_with_a_note(served: Server) -> None:
    app = opened(
        "compare", site=["nope", "**x**"], metric="drop table", **{"from": "2026-W99"}, to="1", look="y", other="x"
    )
    assert texts(app).count("It was left out.") == 7
    assert set(weeks(app)["unit"]) == {"Berlin", "Manila"}
    assert dict(app.query_params) == {}


def test_stopped_ingest_leaves_numbers_and_says_as_of_when(served: Server) -> None:
    served.stop()
    app = live()
    assert "Ingest is stopped. Last data as of" in app.warning[0].value
    assert metrics(app)[0] == ("Waiting", "1")
    compare = opened("compare")
    assert "Ingest is stopped" in compare.warning[0].value
    assert not weeks(compare).empty


@pytest.mark.parametrize("name", PAGES)
def test_an_unreachable_store_says_what_was_tried_and_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backstop.duckdb"
    point_to(monkeypatch, path, free_port())
    app = page(name)
    assert app.error[0].value == words.UNREACHABLE_TITLE
    assert str(path) in texts(app)
    assert "quack:localhost" in texts(app)
    assert app.code[0].value == "uv run backstop up"


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_store_says_how_to_fill_it(name: str, empty: Path, serve_file: Callable[[Path], Server]) -> None:
    serve_file(empty)
    app = page(name)
    assert app.info[0].value == words.EMPTY_TITLE
    assert app.code[0].value == "uv run backstop import FILE --mapping MAPPING --site SITE"


@pytest.mark.parametrize("name", WEEK_PAGES)
def test_sums_that_are_not_made_yet_are_announced(
    name: str, unsummed: Path, serve_file: Callable[[Path], Server]
) -> None:
    serve_file(unsummed)
    assert [element.value for element in page(name).info] == [words.SUMS_NOT_YET]


def test_history_without_today_points_to_its_weeks(history: Path, serve_file: Callable[[Path], Server]) -> None:
    serve_file(history)
    app = live()
    assert "No contact has arrived today. The store holds 6 contacts from 3 Mar 1999" in app.info[0].value
    (link,) = [element.proto for element in app.get("page_link") if element.proto.label == words.COMPARE_LINK]
    assert link.page == "compare"
    assert weeks(opened("compare"))["week"].iloc[0].startswith("1999-W09")


def test_ingest_waiting_for_kafka_is_said(full: Path, tmp_path: Path, serve_file: Callable[[Path], Server]) -> None:
    path = tmp_path / "backstop.duckdb"
    shutil.copy(full, path)
    with duckdb.connect(str(path)) as connection:
        later = datetime.now(UTC) + timedelta(seconds=1)
        log(connection, "waiting_for_broker", "no **broker** at localhost:9092", later)
    serve_file(path)
    app = live()
    assert "cannot reach Kafka" in app.warning[0].value
    assert "no **broker** at localhost:9092" in texts(app)
    assert "**broker**" not in markdown(app)


def test_hostile_names_are_shown_as_they_are_and_never_read_as_markup(
    hostile: Path, serve_file: Callable[[Path], Server]
) -> None:
    serve_file(hostile)
    for app in (live(), opened("compare")):
        shown = texts(app) + "".join(str(frame.value.to_dict()) for frame in app.dataframe)
        for name in NAMES[:-1]:
            assert name in shown
            assert name not in markdown(app)
        assert all("alert(1)" not in str(element.proto) for element in app.get("html"))


def test_wrong_settings_are_named_and_nothing_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKSTOP_STORE_PORT", "many")
    app = live()
    assert app.error[0].value == words.BAD_SETTINGS_TITLE
    assert "store_port" in texts(app)
