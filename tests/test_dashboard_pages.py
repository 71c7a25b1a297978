"""Both pages against a real store: full, empty, stale, unreachable, hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from dashboard import words
from dashboard.launch import APP
from ingest.broker import free_port
from tests.dashboard_store import (
    Contact,
    Server,
    Site,
    add_contacts,
    add_quarter_hours,
    add_sites,
    create,
    environment,
    log,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ["<script>alert(1)</script>", "**bold**", ":red[x]", "$x$", "[a](http://evil.example)", "Plain"]


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """Two sites, three weeks, one person waiting; numbers small enough to check by hand."""
    now = datetime.now(UTC)
    path = tmp_path / "backstop.duckdb"
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


def history(path: Path, names: list[str], year: int) -> None:
    """One contact a site in a week of that year, and none since."""
    connection = create(path)
    add_sites(connection, [Site(f"s{n}", name, name) for n, name in enumerate(names)])
    add_quarter_hours(connection, {year})
    at = datetime(year, 3, 3, 9, 0, tzinfo=UTC)
    add_contacts(connection, [Contact(f"s{n}", at, queue=name) for n, name in enumerate(names)], at)
    connection.close()


@pytest.fixture
def served(full: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(full) as server:
        point_to(monkeypatch, full, server.port)
        yield server


def point_to(monkeypatch: pytest.MonkeyPatch, path: Path, port: int) -> None:
    for name, value in environment(path, port).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(path.parent)


def live() -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    assert not app.exception, app.exception
    return app


def weeks(**query: str | list[str]) -> AppTest:
    return opened("weeks", **query)


def opened(page: str, **query: str | list[str]) -> AppTest:
    """A page other than the first, opened with a query."""
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    app.switch_page(f"pages_/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


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
    names = [element.value for element in app.text if element.value in ("Berlin", "Manila")]
    assert names == ["Manila", "Berlin"]
    assert metrics(app)[0] == ("Waiting", "1")
    label, longest = metrics(app)[1]
    assert label == "Longest wait"
    assert longest.startswith("1 min ")
    assert ("Service level, 20 s", "– no data") in metrics(app)
    assert "last received" in texts(app)
    assert "Europe/Berlin" in texts(app)


def test_weeks_show_the_sums_by_hand_and_the_denominators(served: Server) -> None:
    app = weeks()
    table = app.dataframe[0].value
    berlin = table[table["site"] == "Berlin"].iloc[0]
    assert (berlin["offered"], berlin["answered"], berlin["abandoned"]) == (3, 2, 1)
    assert berlin["service_level"] == pytest.approx(100 / 3)
    assert berlin["service_level_n"] == 3
    assert berlin["average_speed_of_answer_s"] == 30
    assert berlin["average_handle_time_s"] == 230
    assert table["week"].is_monotonic_decreasing or table["week"].iloc[0] >= table["week"].iloc[-1]
    assert "Berlin 33.3% (n 3)" in texts(app)
    assert "(n 1)" in texts(app)


def test_filters_are_taken_from_the_url_and_written_back_to_it(served: Server) -> None:
    app = weeks(site="berlin", metric="service_level")
    assert set(app.dataframe[0].value["site"]) == {"Berlin"}
    assert app.multiselect[0].value == ["berlin"]
    app.multiselect[0].set_value(["manila"]).run()
    assert not app.exception
    assert app.query_params["site"] == "manila"
    assert app.query_params["metric"] == "service_level"
    assert set(app.dataframe[0].value["site"]) == {"Manila"}


def test_a_bad_query_string_is_dropped_with_a_note(served: Server) -> None:
    app = weeks(site=["nope", "**x**"], metric="drop table", **{"from": "2026-W99"}, to="1", other="x")
    assert texts(app).count("It was left out.") == 6
    assert set(app.dataframe[0].value["site"]) == {"Berlin", "Manila"}
    assert dict(app.query_params) == {}


def test_stopped_ingest_leaves_numbers_and_says_as_of_when(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    served.stop()
    app = live()
    assert "Ingest is stopped. Last data as of" in app.warning[0].value
    assert metrics(app)[0] == ("Waiting", "1")
    page = weeks()
    assert "Ingest is stopped" in page.warning[0].value
    assert not page.dataframe[0].value.empty


def test_an_unreachable_store_says_what_was_tried_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backstop.duckdb"
    point_to(monkeypatch, path, free_port())
    for app in (live(), weeks()):
        assert app.error[0].value == words.UNREACHABLE_TITLE
        assert str(path) in texts(app)
        assert "quack:localhost" in texts(app)
        assert app.code[0].value == "uv run backstop up"


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "backstop.duckdb"
    create(path).close()
    with Server(path) as server:
        point_to(monkeypatch, path, server.port)
        for app in (live(), weeks()):
            assert app.info[0].value == words.EMPTY_TITLE
            assert app.code[0].value == "uv run backstop import FILE --mapping MAPPING --site SITE"


def test_history_without_today_points_to_the_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "backstop.duckdb"
    history(path, ["Anonymous bank"], 1999)
    with Server(path) as server:
        point_to(monkeypatch, path, server.port)
        app = live()
        assert "No contact has arrived today. The store holds 1 contacts from 3 Mar 1999" in app.info[0].value
        assert weeks().dataframe[0].value["week"].iloc[0].startswith("1999-W09")


def test_ingest_waiting_for_kafka_is_said(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    connection = duckdb.connect(str(full))
    later = datetime.now(UTC) + timedelta(seconds=1)
    log(connection, "waiting_for_broker", "no **broker** at localhost:9092", later)
    connection.close()
    with Server(full) as server:
        point_to(monkeypatch, full, server.port)
        app = live()
    assert "cannot reach Kafka" in app.warning[0].value
    assert "no **broker** at localhost:9092" in texts(app)
    assert "**broker**" not in markdown(app)


def test_hostile_names_are_shown_as_they_are_and_never_read_as_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "backstop.duckdb"
    history(path, NAMES, 2024)
    with Server(path) as server:
        point_to(monkeypatch, path, server.port)
        for app in (live(), weeks()):
            for name in NAMES[:-1]:
                assert name in texts(app)
                assert name not in markdown(app)
            assert all("alert(1)" not in str(element.proto) for element in app.get("html"))


def test_wrong_settings_are_named_and_nothing_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKSTOP_STORE_PORT", "many")
    app = live()
    assert app.error[0].value == words.BAD_SETTINGS_TITLE
    assert "store_port" in texts(app)
