"""The Data health page against a real store: troubled, well, empty, stale, unreachable, hostile."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
import pytest
import streamlit
from dashboard.filters import HealthFilters
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard import export, filters, health_words, words
from dashboard import format as text
from ingest.broker import free_port
from tests.dashboard_store import Contact, Server, Site, add_contacts, add_quarter_hours, add_sites, create
from tests.feed_store import add_events, add_refused, every, insert, record_week, troubled
from tests.test_dashboard_pages import markdown, opened, point_to, texts, weeks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import duckdb

HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
MINUTE = timedelta(minutes=1)
Fill: TypeAlias = "Callable[[duckdb.DuckDBPyConnection, datetime], None]"


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Fill], Server]]:
    """Serve a store filled by the given function."""
    running: list[Server] = []

    def start(fill: Fill) -> Server:
        path = tmp_path / "backstop.duckdb"
        connection = create(path)
        fill(connection, datetime.now(UTC))
        connection.close()
        running.append(Server(path).start())
        point_to(monkeypatch, path, running[-1].port)
        return running[-1]

    yield start
    for server in running:
        server.stop()


def health(**query: str | list[str]) -> AppTest:
    return opened("health", **query)


def frame(app: AppTest, column: str) -> pd.DataFrame:
    """The one table that has this column."""
    (found,) = [element.value for element in app.dataframe if column in element.value]
    return found


def calm(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """One site that sends, with nothing wrong."""
    add_sites(connection, [Site("leeds", "Leeds")])
    add_quarter_hours(connection, {now.year, (now - timedelta(days=40)).year})
    add_events(connection, "leeds", every(MINUTE, now - 30 * MINUTE, now))


def test_each_site_has_its_state_in_words_and_the_troubled_a_sentence(serve: Callable[[Fill], Server]) -> None:
    serve(troubled)
    app = health()
    assert app.warning[0].value == "3 of 6 feeds cannot be trusted right now."
    feeds = frame(app, "minutes").set_index("site")
    assert feeds["state"].to_dict() == {
        "Berlin": "? Unknown", "Cape Town": "○ Closed", "Kraków": "✕ Refusing", "Leeds": "● Up to date",
        "Lima": "– No feed yet", "Manila (Northwind BPO)": "◑ Late",
    }  # fmt: skip
    assert feeds.loc["Kraków", "clock"] == "12 s ahead"
    assert list(feeds.loc["Manila (Northwind BPO)", ["p50", "left", "system"]]) == [
        "8 min 20 s", 2140, "amazon_connect",
    ]  # fmt: skip
    assert list(feeds.loc["Leeds", ["repeats", "order", "silent"]]) == [14, 3, 220]
    assert feeds["repeats"].isna()["Lima"]
    assert "Berlin: nothing since" in texts(app)
    assert "unknown, not zero" in texts(app)
    assert "Kraków: its clock is at least 12 s ahead." in texts(app)
    assert "60 messages refused in the last 24 hours" in texts(app)
    assert "2,140 messages wait in the broker" in texts(app)


def test_refused_messages_are_counted_by_reason_and_one_is_shown_in_full_with_its_commands(
    serve: Callable[[Fill], Server],
) -> None:
    serve(troubled)
    app = health()
    by_class = frame(app, "open")
    assert by_class.iloc[0][["site", "code", "open", "messages"]].tolist() == ["Kraków", "invalid", 60, 60]
    assert by_class.iloc[0]["reason"] == "data.wait_s: expected a number of seconds, got …"
    latest = frame(app, "message")
    assert len(latest) == 61
    assert latest.iloc[0]["id"] == "contacts.krakow[0]@4100"
    assert latest.iloc[-1]["settled"].startswith("replayed ")
    app.selectbox(key="health-message").set_value("contacts.krakow[0]@4100").run()
    assert "contacts.krakow[0]@4100" in app.query_params["message"]
    shown = [element.value for element in app.code]
    assert '"customer_id":•••,"queue":"Billing"' in shown[0]
    assert "uv run backstop quarantine replay 'contacts.krakow[0]@4100'" in shown[1]
    assert "7946" not in "\n".join([*shown, latest.to_csv()])


def test_filters_come_from_the_address_and_hold_for_every_section(serve: Callable[[Fill], Server]) -> None:
    serve(troubled)
    app = health(site="leeds")
    assert set(frame(app, "minutes")["site"]) == {"Leeds"}
    assert set(frame(app, "message")["site"]) == {"Leeds"}
    assert health_words.NO_GAPS in texts(app)
    assert app.success[0].value == "No fault in 1 feed: 1 up to date."
    week = frame(app, "figure")["week"].iloc[0]
    app = health(site="leeds", week=week)
    assert frame(app, "figure")["figure"].tolist() == ["Answered", "Handle time, sum", "Offered"]
    assert frame(app, "figure")["was"].tolist() == ["1,932", "7 h 30 min", "2,010"]
    app.multiselect[0].set_value([]).run()
    assert "site" not in app.query_params
    assert len(frame(app, "minutes")) == 6


def test_a_bad_address_is_dropped_with_a_note(serve: Callable[[Fill], Server]) -> None:
    serve(calm)
    app = health(site="**x**", week="2026-W99", message="nope", other="1")
    assert texts(app).count("It was left out.") == 4
    assert dict(app.query_params) == {}


def test_a_store_with_nothing_wrong_says_so_section_by_section(serve: Callable[[Fill], Server]) -> None:
    serve(calm)
    app = health()
    assert app.success[0].value == "No fault in 1 feed: 1 up to date."
    for sentence in (
        health_words.NONE_REFUSED, health_words.NO_GAPS, health_words.OPEN_NONE, health_words.NO_CHANGES,
        health_words.NO_TOPICS, "All sites: hours not known before 3 weeks of events.",
    ):  # fmt: skip
        assert sentence in texts(app)
    assert "[topics.billing]" in app.code[0].value
    assert frame(app, "detail")["state"].tolist() == ["Receiving"]


def test_sites_that_never_sent_are_no_success(serve: Callable[[Fill], Server]) -> None:
    serve(lambda connection, _: add_sites(connection, [Site("lima", "Lima")]))
    app = health()
    assert app.info[0].value == "No fault in 1 feed: 1 not started."
    assert not app.success
    assert frame(app, "minutes")["state"].tolist() == ["– No feed yet"]


def test_unmapped_codes_are_listed_once_topics_are_configured(serve: Callable[[Fill], Server]) -> None:
    def fill(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
        calm(connection, now)
        insert(connection, "topic", topic="billing", name="Billing")

    serve(fill)
    assert health_words.ALL_MAPPED in texts(health())


def test_open_contacts_and_gaps_are_listed(serve: Callable[[Fill], Server]) -> None:
    def fill(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
        calm(connection, now)
        add_contacts(connection, [Contact("leeds", now - 2 * MINUTE, "waiting", 0, None, None)], now)

    serve(fill)
    assert frame(health(), "talking")[["site", "waiting", "talking", "unknown"]].values.tolist() == [["Leeds", 1, 0, 0]]


def test_stopped_ingest_leaves_the_tables_and_says_as_of_when(serve: Callable[[Fill], Server]) -> None:
    serve(calm).stop()
    app = health()
    assert "Ingest is stopped. Last data as of" in app.warning[0].value
    assert not app.success
    assert frame(app, "minutes")["site"].tolist() == ["Leeds"]


def test_an_empty_store_says_how_to_fill_it_and_what_ingest_said(serve: Callable[[Fill], Server]) -> None:
    serve(lambda *_: None)
    app = health()
    assert app.info[0].value == words.EMPTY_TITLE
    assert frame(app, "detail")["detail"].tolist() == ["3 topics"]


def test_an_unreachable_store_says_what_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_to(monkeypatch, tmp_path / "backstop.duckdb", free_port())
    app = health()
    assert app.error[0].value == words.UNREACHABLE_TITLE
    assert "quack:localhost" in texts(app)


def test_hostile_names_and_messages_are_never_read_as_markup(serve: Callable[[Fill], Server]) -> None:
    def fill(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
        calm(connection, now)
        connection.execute("update private.site set name = $1", [HOSTILE])
        add_events(connection, "leeds", every(MINUTE, now - 30 * MINUTE, now), -60)
        add_refused(connection, "leeds", 5, now, HOSTILE.encode(), HOSTILE, HOSTILE)

    serve(fill)
    app = health(message="contacts.leeds[0]@5")
    assert HOSTILE in texts(app)
    assert HOSTILE in app.code[0].value
    assert "alert(1)" not in markdown(app)
    assert "evil.example" not in markdown(app)
    assert all("alert(1)" not in str(element.proto) for element in app.get("html"))


def test_demo_sites_are_marked_on_the_page_and_in_its_files(serve: Callable[[Fill], Server]) -> None:
    def fill(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
        calm(connection, now)
        add_sites(connection, [Site("manila", "Manila")])
        add_events(connection, "manila", every(MINUTE, now - 30 * MINUTE, now), simulated=True)

    serve(fill)
    app = health()
    assert frame(app, "minutes")["site"].tolist() == ["Leeds", "Manila · demo"]
    assert "Manila: made by the simulator, not by customers" in texts(app)


def test_the_weeks_page_says_which_of_its_weeks_changed_after_closing(serve: Callable[[Fill], Server]) -> None:
    monday = datetime(2026, 9, 28, tzinfo=UTC)

    def fill(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
        add_sites(connection, [Site("leeds", "Leeds")])
        add_quarter_hours(connection, {monday.year, now.year})
        add_contacts(connection, [Contact("leeds", monday + timedelta(days=1))], now)
        closed = monday + timedelta(days=7)
        record_week(connection, "leeds", monday, closed, answered=1932)
        record_week(connection, "leeds", monday, closed + timedelta(days=6), answered=1933)
        record_week(connection, "leeds", monday, closed + timedelta(days=8), answered=1934, handle_s=5.0)
        record_week(connection, "leeds", monday - timedelta(days=700), closed, answered=1)

    serve(fill)
    app = weeks()
    assert "Week 40 of Leeds changed after it closed: answered 1,932 → 1,934 on Tue 13 Oct." in texts(app)


# --- without a store ------------------------------------------------------------------------------------------

MONDAYS = [date(2026, 9, 7) + timedelta(days=7 * n) for n in range(5)]


@given(
    st.sets(st.sampled_from(["a", "b", "ü **x**"])),
    st.none() | st.sampled_from(MONDAYS),
    st.none() | st.sampled_from(["contacts.a[0]@1", "t[1]@2"]),
)
def test_filters_come_back_from_the_address_as_they_went(
    sites: set[str], week: date | None, message: str | None
) -> None:
    asked = HealthFilters(tuple(sorted(sites)), week, message)
    known = {"sites": ["a", "b", "ü **x**"], "weeks": MONDAYS, "messages": ["contacts.a[0]@1", "t[1]@2"]}
    assert filters.read_health(asked.to_query(), **known) == (asked, [])  # type: ignore[arg-type]


def test_the_csv_of_a_view_holds_instants_in_utc_no_formula_and_the_demo_mark() -> None:
    rows = pd.DataFrame(
        {
            "site": ["a", "=cmd()"],
            "at": pd.to_datetime(["2026-11-18 14:07:00.5", ""]),
            "counts": [[1, 2], [3]],
            "message": ["@x", None],
        }
    )
    back = pd.read_csv(io.BytesIO(export.plain_csv(rows, {"a"})))
    assert back.columns.tolist() == ["site", "at", "message", "simulated"]
    assert back["at"].iloc[0] == "2026-11-18T14:07:00.500000Z"
    assert back["site"].iloc[1] == "'=cmd()"
    assert back["message"].iloc[0] == "'@x"
    assert back["simulated"].tolist() == [True, False]
    assert export.plain_file_name("gaps", rows, {"a"}) == "backstop-gaps-demo.csv"
    assert export.plain_file_name("gaps", rows, set()) == "backstop-gaps.csv"
    assert export.plain_file_name("gaps", rows.iloc[:0], {"a"}) == "backstop-gaps.csv"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (0.44, "0.4 s"), (-0.01, "0.0 s"), (-12, "−12 s"), (9.96, "10 s"), (500, "8 min 20 s")],
)
def test_a_delay_tells_tenths_where_they_matter_and_its_sign(seconds: float, shown: str) -> None:
    assert text.delay(seconds) == shown


def test_every_state_of_the_view_has_a_word_of_its_own() -> None:
    assert len({label.split(" ", 1)[1] for label in health_words.STATES.values()}) == len(health_words.STATES)
    assert len({label[0] for label in health_words.STATES.values()}) == len(health_words.STATES)
