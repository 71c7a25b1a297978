"""The Contacts page against a real store: lists behind numbers, one contact in full, and every untrusted address."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias, get_args
from urllib.parse import parse_qs

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard import (
    contact_charts,
    contact_filters,
    contact_links,
    contact_measures,
    contact_queries,
    contact_tables,
    contact_words,
)
from dashboard.contact_filters import ContactFilters
from dashboard.figures import take_away
from dashboard.store import open_store
from models import schema
from models.events import event_classes
from models.facts import Channel
from models.settings import Settings, load_settings, with_secrets
from tests.builders import T0, event
from tests.contact_store import HOSTILE, fill
from tests.dashboard_store import Server
from tests.test_dashboard_pages import live, markdown, opened, texts

Make: TypeAlias = Callable[..., Settings]
Serve: TypeAlias = Callable[..., Server]
DAY = T0.date()
ALL = {"from": DAY.isoformat(), "to": DAY.isoformat()}
pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the known contacts."""
    return fill(with_secrets(load_settings(data_dir=tmp_path_factory.mktemp("known"))))


@pytest.fixture
def serve(known: Path, make_settings: Make, serve_file: Callable[[Path], Server]) -> Serve:
    """Serve the known contacts, and more events if given."""

    def start(*more: dict[str, Any]) -> Server:
        return serve_file(fill(make_settings(), *more) if more else known)

    return start


def contacts(**query: str | list[str]) -> AppTest:
    return opened("contacts", **query)


def listed(app: AppTest) -> pd.DataFrame:
    (found,) = [element.value for element in app.dataframe if "transfers" in element.value]
    return found


def events(app: AppTest) -> pd.DataFrame:
    (found,) = [element.value for element in app.dataframe if "occurred_at" in element.value]
    return found


def links(app: AppTest) -> dict[str, dict[str, list[str]]]:
    """Links of the page to lists and contacts: label, then query."""
    return {
        element.proto.label: parse_qs(element.proto.query_string.lstrip("?"))
        for element in app.get("page_link")
        if element.proto.page == "contacts"
    }


# --- the list -------------------------------------------------------------------------------------------------


def test_the_list_is_newest_first_and_says_how_many(serve: Serve) -> None:
    serve()
    app = contacts(**ALL)
    rows = listed(app)
    assert rows["id"].tolist() == [HOSTILE, "c5", "c4", "c3", "c2", "c1b", "far", "c1", "c2"]
    assert "9 contacts, newest first" in texts(app)
    first = rows.set_index("id").loc["c1"]
    told = ("site", "queue", "channel", "language", "topic", "outcome", "agent", "resolved")
    assert [first[name] for name in told] == [
        "north", "main", "voice", "en", "billing", "Answered", "ann", "yes",
    ]  # fmt: skip
    sums = [first[name] for name in ("wait", "talk", "hold", "wrap_up", "handle", "transfers")]
    assert sums == [30, 90, 20, 40, 150, 1]
    assert rows.set_index("id").loc["c4", "outcome"] == "Left queue: callback"
    assert len(app.get("download_button")) == 2


def test_the_last_week_of_data_is_shown_when_the_address_names_no_days(serve: Serve) -> None:
    serve()
    app = contacts()
    assert len(listed(app)) == 9
    assert app.date_input(key="contacts-last").value == DAY
    assert dict(app.query_params) == {}


def test_filters_come_from_the_address_and_go_back_to_it(serve: Serve) -> None:
    serve()
    app = contacts(site="north", measure="abandoned", **ALL)
    assert listed(app)["id"].tolist() == ["c2"]
    app.selectbox(key="contacts-measure").set_value(None).run()
    app.selectbox(key="contacts-agent").set_value("ann").run()
    assert listed(app)["id"].tolist() == ["c3", "c1"]
    assert app.query_params["agent"] == "ann"
    assert "measure" not in app.query_params
    app = contacts(channel="chat", queue="main", language="xx", **ALL)
    assert contact_words.NO_ROWS in [element.value for element in app.info]
    assert app.selectbox(key="contacts-language").value == "xx"


def test_one_quarter_hour_can_be_looked_at_alone(serve: Serve) -> None:
    serve()
    app = contacts(at="2026-03-02T09:00Z", measure="offered")
    assert len(listed(app)) == 8
    assert "Only Mon 2 Mar, 09:00 to 09:15 UTC." in texts(app)
    assert app.date_input(key="contacts-first").disabled
    app.button(key="whole-day").click().run()
    assert dict(app.query_params) == {**ALL, "measure": "offered"}
    assert not app.date_input(key="contacts-first").disabled
    assert contact_words.NO_ROWS in [e.value for e in contacts(at="2026-03-02T09:15Z").info]


def test_the_completion_clock_counts_by_the_end_of_handling(serve: Serve) -> None:
    serve(
        event("offered", "night", 14.99 * 3600),
        event("answered", "night", 14.99 * 3600),
        event("completed", "night", 16 * 3600),
    )
    days = {"from": "2026-03-03", "to": "2026-03-03"}
    rows = listed(contacts(clock="completion", **days))
    assert rows["id"].tolist() == ["night"]
    assert rows["ended"].iloc[0] == pd.Timestamp("2026-03-03 01:00:00", tz="UTC")
    assert contact_words.NO_ROWS in [e.value for e in contacts(**days).info]


def test_a_bad_address_is_dropped_with_notes(serve: Serve) -> None:
    serve()
    app = contacts(
        site=["**x**", "north"], at="now", measure="drop table", outcome="x", clock="y", channel="fax", queue="a\nb",
        of="nowhere", nope="1", **{"from": "2026-02-30", "to": "x"},
    )  # fmt: skip
    assert texts(app).count("It was left out.") == 11
    assert dict(app.query_params) == {"site": "north"}
    app = contacts(**{"from": "2026-03-05", "to": "2026-03-01"})
    assert "ends before it begins" in texts(app)


def condition_of(measure: str) -> str:
    return contact_queries.condition(
        ContactFilters(first=DAY - timedelta(days=40), last=DAY + timedelta(days=40), measure=measure), "UTC"
    )


def test_each_measure_lists_as_many_contacts_as_the_figures_count(make_settings: Make) -> None:
    with duckdb.connect(fill(make_settings())) as db:
        for name in ("offered", "answered", "answered_in_target", "abandoned", "left_queue", "left_menu", "waiting",
                     "unknown_end"):  # fmt: skip
            found = db.execute(f"select count(*) from contacts where {condition_of(name)}").fetchone()
            counted = db.execute(f"select sum({name})::bigint from contact_counts").fetchone()
            assert found == counted, name
        for name in contact_measures.MEASURES:
            assert db.execute(f"select count(*) from contacts where {condition_of(name)}").fetchone() is not None, name
        late = condition_of("not_in_target")
        missed = db.execute(f"select list(contact_id order by contact_id) from contacts where {late}").fetchone()
        assert missed == (["c1", "c2"],)


# --- one contact ----------------------------------------------------------------------------------------------


def test_a_deep_link_shows_the_contact_its_events_and_its_journey(serve: Serve) -> None:
    serve()
    app = contacts(contact="c1", of="north", measure="answered", **ALL)
    said = texts(app)
    assert "Answered by ann after waiting 30 s in main." in said
    assert "Handle time 2 min 30 s: talk 1 min 30 s, hold 20 s, after-contact work 40 s." in said
    assert "Transferred to care." in said
    rows = events(app)
    assert rows["type"].tolist()[:4] == ["Reached the menu", "Entered the queue", "Answered by an agent", "Hold ended"]
    held = rows[rows["type"] == "Hold ended"]
    assert held[["happened", "received", "note"]].values.tolist() == [[4, 8, "late"]]
    assert rows["note"].tolist()[-2:] == ["corrected since", "correction"]
    assert rows["stood"].iloc[0] == "contacts.north[0]@0"
    app.segmented_control(key="contacts-order").set_value("received").run()
    assert events(app)["received"].is_monotonic_increasing
    assert events(app)["type"].tolist()[-2] == "Hold ended"
    assert "2 other contacts." in said
    assert {"Handed on to, 2 Mar 2026, 09:02", "2 Mar 2026, 09:06"} <= {button.label for button in app.button}
    app.button(key="open-journey-0").click().run()
    assert app.query_params["contact"] == "c1b"
    assert "Came from, 2 Mar 2026, 09:00" in [button.label for button in app.button]
    app.button(key="back").click().run()
    assert dict(app.query_params) == {**ALL, "measure": "answered"}
    assert listed(app)["id"].tolist() == ["c3", "c1b", "c1"]


def test_choosing_a_row_opens_the_contact_and_keeps_the_filters(serve: Serve) -> None:
    serve()
    app = contacts(site="north", **ALL)
    place = listed(app)["id"].tolist().index("c4")
    app.session_state["contacts-list-0"] = {"selection": {"rows": [place], "columns": [], "cells": []}}
    app.run()
    assert not app.exception
    assert "Left the queue after waiting 1 min 00 s in main: callback." in texts(app)
    asked = {"site": "north", **ALL, "contact": "c4", "of": "north"}
    assert dict(app.query_params) == asked


def test_an_id_opens_a_contact_that_is_not_in_the_list(serve: Serve) -> None:
    serve()
    app = contacts(measure="abandoned", **ALL)
    app.selectbox(key="contacts-pick-0").options.append(" c3 ")
    app.selectbox(key="contacts-pick-0").set_value(" c3 ").run()
    assert "Answered by ann" in texts(app)
    assert app.query_params["contact"] == "c3"


def test_an_id_of_several_sites_offers_each(serve: Serve) -> None:
    serve()
    app = contacts(contact="c2")
    assert app.info[0].value == contact_words.SEVERAL
    app.button(key="open-several-1").click().run()
    assert (app.query_params["contact"], app.query_params["of"]) == ("c2", "south")
    assert "Its end was never told" in texts(app)


def test_a_contact_that_is_not_there_is_said_to_be_so(serve: Serve) -> None:
    serve()
    app = contacts(contact="**c99**", of="north")
    assert app.info[0].value == contact_words.NOT_FOUND
    assert "**c99** · north" in texts(app)


def test_removed_events_are_said_to_be_removed_and_the_contact_stays(
    make_settings: Make, serve_file: Callable[[Path], Server]
) -> None:
    path = fill(make_settings())
    with duckdb.connect(path) as db:
        db.execute("delete from private.event")
    serve_file(path)
    app = contacts(contact="c1", of="north")
    assert contact_words.NO_EVENTS in [element.value for element in app.info]
    assert "Answered by ann" in texts(app)


def test_hostile_values_are_never_read_as_markup(serve: Serve) -> None:
    serve()
    for app in (contacts(**ALL), contacts(contact=HOSTILE, of="north"), contacts(queue=HOSTILE, **ALL)):
        shown = markdown(app) + "".join(links(app)) + "".join(button.label for button in app.button)
        assert "alert(1)" not in shown
        assert "evil.example" not in shown
        assert all("alert(1)" not in str(element.proto) for element in app.get("html"))
    assert HOSTILE in listed(contacts(queue=HOSTILE, **ALL))["id"].tolist()


# --- states ---------------------------------------------------------------------------------------------------


def test_stopped_ingest_leaves_the_list_and_the_contact(serve: Serve) -> None:
    serve().stop()
    app = contacts(**ALL)
    assert "Ingest is stopped. Last data as of" in app.warning[0].value
    assert len(listed(app)) == 9
    assert "Answered by ann" in texts(contacts(contact="c1", of="north"))


# --- links from other pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "asked", "said"),
    [
        ("average_handle_time_s", {"measure": ["handled"], "clock": ["completion"]}, "Handled"),
        ("service_level", {"measure": ["not_in_target"]}, "Not answered within the target"),
        ("service_level_n", {"measure": ["service_level_n"]}, "Answered or abandoned"),
        ("csat", {"measure": ["csat_unsatisfied"]}, "Not satisfied"),
    ],
)
def test_a_number_of_the_week_table_leads_to_its_contacts(
    serve: Serve, column: str, asked: dict[str, list[str]], said: str
) -> None:
    serve()
    app = opened("compare", site="north")
    app.session_state["compare-table"] = {"selection": {"rows": [], "columns": [], "cells": [[0, column]]}}
    app.run()
    assert not app.exception
    week = {"site": ["north"], "from": ["2026-03-02"], "to": ["2026-03-08"]}
    assert links(app)[contact_words.SEE_CONTACTS] == week | asked
    assert f"{said} · north · 2026-W10" in texts(app)


def test_a_cell_of_the_scorecard_leads_to_its_contacts(serve: Serve) -> None:
    serve()
    app = opened("compare", metric="abandoned")
    app.session_state["compare-card"] = {"selection": {"rows": [], "columns": [], "cells": [[0, "north"]]}}
    app.run()
    assert not app.exception
    assert links(app)[contact_words.SEE_CONTACTS]["measure"] == ["abandoned"]


def test_live_and_data_health_lead_to_contacts(serve: Serve) -> None:
    now = datetime.now(UTC).isoformat()
    serve(event("offered", "today") | {"time": now})
    board = live(row="north")
    assert links(board)["Abandoned today"]["measure"] == ["abandoned"]
    assert links(board)["Abandoned today"]["site"] == ["north"]
    assert links(opened("health", site="north"))["See those whose end is unknown"]["site"] == ["north"]


def test_a_link_has_days_or_a_quarter_hour_never_both() -> None:
    at = datetime(2026, 3, 1, 9, 15, tzinfo=UTC)
    assert contact_links.contacts_link(["b", "a", "a"], DAY, DAY, at=at) == {
        "site": ["a", "b"],
        "at": ["2026-03-01T09:15Z"],
    }
    for labels in (contact_words.BEHIND_TODAY, contact_words.BEHIND_OPEN):
        assert set(labels) <= set(contact_measures.MEASURES)


# --- without a page -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nothing_stored() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as db:
        for step in schema.migrations():
            db.execute(step.sql)
        for statement in schema.reader_sql():
            db.execute(statement)
        yield db


VALUES = st.one_of(
    st.text(max_size=30),
    st.just("x" * 257),
    st.sampled_from(
        ["north", "2026-03-02", "9999-12-31", "0001-01-01", "2026-03-02T09:15Z", "9999-12-31T23:45Z", "offered",
         "completion", "' or 1=1 --", "$start", "{}", "'; drop table x; --", "\0", "\ud800"]
    ),
)  # fmt: skip


@examples(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from([*contact_filters.NAMES, "x"]), st.lists(VALUES, max_size=3)))
def test_whatever_the_address_says_the_question_is_one_select_with_the_values_as_literals(
    nothing_stored: duckdb.DuckDBPyConnection, query: dict[str, list[str]]
) -> None:
    filters, notes = contact_filters.read(query, sites=["north", "south"])
    assert all(isinstance(note, str) for note in notes)
    usual = contact_filters.usual_days(None, T0, "Europe/Berlin")
    days = ContactFilters(**{**vars(filters), "first": filters.first or usual[0], "last": filters.last or usual[1]})
    statement = contact_queries.selection(days, "Europe/Berlin")
    (parsed,) = nothing_stored.extract_statements(statement)
    assert parsed.type == duckdb.StatementType.SELECT
    assert nothing_stored.execute(statement).fetchall() == []
    for name in ("queue", "language", "topic", "agent"):
        value = getattr(filters, name)
        if value is not None:
            escaped = value.replace("'", "''")
            assert f"= '{escaped}'" in statement


@given(
    st.builds(
        ContactFilters,
        sites=st.sets(st.sampled_from(["a", "b"])).map(lambda sites: tuple(sorted(sites))),
        first=st.just(date(2026, 3, 1)) | st.none(),
        last=st.just(date(2026, 3, 2)) | st.none(),
        clock=st.sampled_from(["arrival", "completion"]),
        measure=st.none() | st.sampled_from(sorted(contact_measures.MEASURES)),
        queue=st.none()
        | st.text(
            st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]),
            min_size=1,
            max_size=50,
        ),
        channel=st.none() | st.sampled_from(get_args(Channel)),
        outcome=st.none() | st.sampled_from(sorted(contact_words.OUTCOMES)),
        contact=st.just("c1"),
        of=st.none() | st.just("a"),
    )
)
def test_filters_come_back_from_the_address_as_they_went(filters: ContactFilters) -> None:
    assert contact_filters.read(filters.to_query(), sites=["a", "b"]) == (filters, [])


def test_days_are_those_of_the_reporting_zone_also_when_clocks_change() -> None:
    day = date(2026, 3, 29)
    start, end = ContactFilters(first=day, last=day).bounds("Europe/Berlin")
    assert (start, end) == (datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))


def test_both_bounds_reach_the_scan(nothing_stored: duckdb.DuckDBPyConnection) -> None:
    """They are on plain columns, so that a scan skips what lies outside; on `arrived_at` alone it could not."""
    question = contact_queries.selection(ContactFilters(first=DAY, last=DAY), "UTC")
    nothing_stored.execute(
        "insert into private.contact_version (version, site, contact_id, first_at, last_at) "
        "select n, 'a', 'c', t, t "
        "from (select n, timestamp '2026-03-01 09:00:00' + to_days(n::int) as t from range(3) r(n))"
    )
    try:
        plan = nothing_stored.execute(f"explain (format json) {question}").fetchall()[0][1]
        assert "last_at>='2026-03-02 00:00:00'" in plan
        assert "first_at<'2026-03-03 00:00:00'" in plan
        assert len(nothing_stored.execute(question).fetchall()) == 1
    finally:
        nothing_stored.execute("delete from private.contact_version")


def test_files_hold_the_whole_selection_and_no_formula(serve: Serve) -> None:
    serve()
    store = open_store(with_secrets(load_settings(), ("dashboard_token",)))
    rows = contact_queries.exported(store, ContactFilters(first=DAY, last=DAY), "UTC")
    back = pd.read_csv(io.BytesIO(take_away.csv(rows, {"south"})))
    assert len(back) == 9
    assert back["language"].tolist()[0] == "'=cmd()"
    assert back["arrived_at"].iloc[-1] == "2026-03-02T09:00:05.000000Z"
    assert back["simulated"].tolist() == [site == "south" for site in back["site"]]
    kept = pd.read_parquet(io.BytesIO(contact_tables.parquet(rows, {"south"})))
    assert kept["contact_id"].tolist() == rows["contact_id"].tolist()
    assert kept["language"].iloc[0] == "=cmd()"


def test_the_timeline_has_phases_marks_and_words_for_those_who_do_not_see_it(serve: Serve) -> None:
    serve()
    store = open_store(with_secrets(load_settings(), ("dashboard_token",)))
    state = store.ask({}).state
    row = contact_queries.contact(store, state, "c1", "north", None).frames["contact"].iloc[0]
    found = contact_tables.ordered(contact_queries.events(store, state, "north", "c1", T0).frames["events"])
    assert [(phase.name, phase.seconds) for phase in contact_charts.phases(row, found, T0)] == [
        ("menu", 10), ("waiting", 30), ("talking", 110), ("hold", 20), ("wrap_up", 40),
    ]  # fmt: skip
    drawn = contact_charts.timeline(row, found, "UTC", T0)
    assert drawn is not None
    spec = drawn.chart.to_dict()
    assert "waiting 30 s" in spec["description"]
    assert "9 events, 1 of them received out of order" in spec["description"]
    assert drawn.notes == ["Received up to 31 min 40 s after it happened, too late for this scale: see the table."]
    assert contact_words.LANE_HAPPENED in str(spec)
    assert contact_words.LANE_RECEIVED not in str(spec["datasets"])


def test_an_open_phase_goes_on_until_now_unless_its_end_is_unknown() -> None:
    names = ["started_at", "offered_at", "answered_at", "abandoned_at", "left_at", "completed_at", "wrapped_up_at"]
    row = pd.Series(dict.fromkeys(names, pd.NaT) | {"outcome": "waiting", "end_unknown": False}, dtype="object")
    row["offered_at"] = pd.Timestamp(T0.replace(tzinfo=None))
    none = pd.DataFrame({"type": [], "note": pd.Series([], dtype="str"), "held_s": []})
    later = T0 + timedelta(seconds=90)
    assert contact_charts.phases(row, none, later) == [contact_charts.Phase("waiting", T0, later, True)]
    row["end_unknown"] = True
    assert contact_charts.phases(row, none, later) == []


def test_every_event_type_and_outcome_has_words() -> None:
    about_contacts = {name for name in event_classes() if not name.startswith(("agent.", "site."))}
    assert set(contact_words.EVENT_TYPES) == about_contacts
    assert set(contact_words.CLOCKS) == set(contact_measures.CLOCKS)
    sql = (Path(schema.__file__).parent / "sql" / "contacts" / "contacts.sql").read_text("utf-8")
    assert all(f"'{outcome}'" in sql for outcome in contact_words.OUTCOMES)
