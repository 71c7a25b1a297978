"""The Data health page against a real store: troubled, well, empty, stale, unreachable, hostile."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard import format as text
from dashboard import health_filters, health_words, words
from dashboard.figures import take_away
from dashboard.health_filters import HealthFilters
from tests.dashboard_store import (
    ZONE,
    Contact,
    Server,
    Site,
    add_contacts,
    add_quarter_hours,
    add_sites,
    create,
    monday_of,
)
from tests.feed_store import add_events, add_refused, every, insert, record_week, troubled
from tests.test_dashboard_pages import markdown, opened, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("fresh_caches")
Fill: TypeAlias = "Callable[[duckdb.DuckDBPyConnection, datetime], None]"


def store_of(folder: Path, fill: Fill) -> Path:
    """A store filled by the given function."""
    path = folder / "backstop.duckdb"
    connection = create(path)
    fill(connection, datetime.now(UTC))
    connection.close()
    return path


@pytest.fixture
def serve(tmp_path: Path, serve_file: Callable[[Path], Server]) -> Callable[[Fill], Server]:
    """Serve a store filled by the given function."""
    return lambda fill: serve_file(store_of(tmp_path, fill))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Stores that many tests read."""
    fills: dict[str, Fill] = {"troubled": troubled, "calm": calm}
    return {name: store_of(tmp_path_factory.mktemp(name), fill) for name, fill in fills.items()}


@pytest.fixture
def troubled_sites(files: dict[str, Path], serve_file: Callable[[Path], Server]) -> Server:
    return serve_file(files["troubled"])


@pytest.fixture
def calm_site(files: dict[str, Path], serve_file: Callable[[Path], Server]) -> Server:
    return serve_file(files["calm"])


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


def test_each_site_has_its_state_in_words_and_the_troubled_a_sentence(troubled_sites: Server) -> None:
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
    troubled_sites: Server,
) -> None:
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


def test_filters_come_from_the_address_and_hold_for_every_section(troubled_sites: Server) -> None:
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


def test_a_bad_address_is_dropped_with_a_note(calm_site: Server) -> None:
    app = health(site="**x**", week="2026-W99", message="nope", other="1")
    assert texts(app).count("It was left out.") == 4
    assert dict(app.query_params) == {}


def test_a_store_with_nothing_wrong_says_so_section_by_section(calm_site: Server) -> None:
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


def test_stopped_ingest_leaves_the_tables_and_says_as_of_when(calm_site: Server) -> None:
    calm_site.stop()
    app = health()
    assert "Ingest is stopped. Last data as of" in app.warning[0].value
    assert not app.success
    assert frame(app, "minutes")["site"].tolist() == ["Leeds"]


def test_an_empty_store_says_how_to_fill_it_and_what_ingest_said(serve: Callable[[Fill], Server]) -> None:
    serve(lambda *_: None)
    app = health()
    assert app.info[0].value == words.EMPTY_TITLE
    assert frame(app, "detail")["detail"].tolist() == ["3 topics"]


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


@pytest.mark.parametrize("by", ["site", "provider"])
def test_compare_says_which_of_its_weeks_changed_after_closing(serve: Callable[[Fill], Server], by: str) -> None:
    monday = datetime.combine(monday_of(datetime.now(UTC).date()), time(), UTC) - timedelta(weeks=5)
    closed = monday + timedelta(days=7)

    def fill(connection: duckdb.DuckDBPyConnection, now: datetime) -> None:
        add_sites(connection, [Site("leeds", "Leeds")])
        add_quarter_hours(connection, {monday.year, now.year})
        add_contacts(connection, [Contact("leeds", monday + timedelta(days=1))], now)
        record_week(connection, "leeds", monday, closed, answered=1932)
        record_week(connection, "leeds", monday, closed + timedelta(days=6), answered=1933)
        record_week(connection, "leeds", monday, closed + timedelta(days=8), answered=1934, handle_s=5.0)
        record_week(connection, "leeds", monday - timedelta(days=700), closed, answered=1)

    serve(fill)
    week, day = monday.isocalendar().week, text.weekday(closed + timedelta(days=8), ZONE)
    changed = f"Week {week} of Leeds changed after it closed: answered 1,932 → 1,934 on {day}."
    assert changed in texts(opened("compare", by=by))


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
    assert health_filters.read(asked.to_query(), **known) == (asked, [])  # type: ignore[arg-type]


def test_the_csv_of_a_view_holds_instants_in_utc_no_formula_and_the_demo_mark() -> None:
    rows = pd.DataFrame(
        {
            "site": ["a", "=cmd()"],
            "at": pd.to_datetime(["2026-11-18 14:07:00.5", ""]),
            "counts": [[1, 2], [3]],
            "message": ["@x", None],
        }
    )
    back = pd.read_csv(io.BytesIO(take_away.csv(rows, {"a"})))
    assert back.columns.tolist() == ["site", "at", "message", "simulated"]
    assert back["at"].iloc[0] == "2026-11-18T14:07:00.500000Z"
    assert back["site"].iloc[1] == "'=cmd()"
    assert back["message"].iloc[0] == "'@x"
    assert back["simulated"].tolist() == [True, False]
    assert take_away.csv_name("gaps", rows, {"a"}) == "backstop-gaps-demo.csv"
    assert take_away.csv_name("gaps", rows, set()) == "backstop-gaps.csv"
    assert take_away.csv_name("gaps", rows.iloc[:0], {"a"}) == "backstop-gaps.csv"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (0.44, "0.4 s"), (-0.01, "0.0 s"), (-12, "−12 s"), (9.96, "10 s"), (500, "8 min 20 s")],
)
def test_a_delay_tells_tenths_where_they_matter_and_its_sign(seconds: float, shown: str) -> None:
    assert text.delay(seconds) == shown


def test_every_figure_of_a_closed_week_has_a_name_and_reads_as_people_say_it(tmp_path: Path) -> None:
    with create(tmp_path / "backstop.duckdb") as connection:
        columns = connection.execute("from private.week_figures limit 0").description
    figures = [column[0] for column in columns if column[0] not in ("site", "week_start", "recorded_at")]
    assert {"offered", "left_queue", "handle_s"} <= set(figures)
    assert not [name for name in figures if "_" in health_words.figure(name)]
    assert (health_words.figure("left_menu"), health_words.amount("left_menu", 1932)) == ("ended in the menu", "1,932")
    assert (health_words.figure("handle_s"), health_words.amount("handle_s", 125)) == ("handle time, sum", "2 min 05 s")


def test_every_state_of_the_view_has_a_word_of_its_own() -> None:
    assert len({label.split(" ", 1)[1] for label in health_words.STATES.values()}) == len(health_words.STATES)
    assert len({label[0] for label in health_words.STATES.values()}) == len(health_words.STATES)
