"""Deciding on the Fallback page, against a real store: saved answers, decisions, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import duckdb
import pytest

from dashboard import queries
from dashboard.fallback import afterwards, headline_words, scenario_kept, scenarios
from dashboard.fallback import decide_words as said
from dashboard.fallback.saved_address import OPENED
from dashboard.fallback.view import View
from dashboard.queries import Status
from dashboard.scope.opening import Opened
from dashboard.store import Reply, State, Store
from models.fallback.facts import Slice
from tests import bill_store
from tests.dashboard_store import TOKEN, Contact, Server, Site, add_contacts, add_quarter_hours, add_sites, create
from tests.fallback_facts import PROVIDER, assumed, facts
from tests.fallback_sections import section, texts
from tests.fallback_sections import view as viewed
from tests.test_dashboard_pages import opened

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from models.fallback.facts import Facts

pytestmark = pytest.mark.usefixtures("fresh_caches")
Serve: TypeAlias = Callable[..., Server]
HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
TODAY = facts().today
SAVED = datetime(2026, 11, 20, 8, 30)
"""As the store has it: UTC."""


def keep(connection: duckdb.DuckDBPyConnection, scenario_id: str, **more: Any) -> None:
    """A saved answer, as ingest writes it."""
    known = more.pop("known", facts())
    given: dict[str, Any] = {
        "saved_at": SAVED, "name": "As agreed", "provider": PROVIDER, "saved_by": "Ann", "note": "",
        "facts": known.model_dump_json(by_alias=True),
        "assumed": json.dumps({n: {"value": a.value, "source": a.source} for n, a in assumed(known).items()}),
        "answer_summary": json.dumps(scenarios.summary(viewed(known).answer, known)), "version": known.version,
        "known_upto": known.known_upto,
    } | more  # fmt: skip
    marks = ", ".join("?" * (len(given) + 1))
    connection.execute(f"insert into private.scenario values ({marks})", [scenario_id, *given.values()])


def decide(connection: duckdb.DuckDBPyConnection, decision_id: str, **more: Any) -> None:
    """A decision, as ingest writes it."""
    given: dict[str, Any] = {
        "provider": PROVIDER, "decided_on": date(2026, 8, 12), "decided_by": "Ann", "verdict": "watch",
        "why": "It drifts", "scenario_id": None, "expected": "{}", "noted_at": SAVED, "replaces": None,
    } | more  # fmt: skip
    marks = ", ".join("?" * (len(given) + 1))
    connection.execute(f"insert into private.decision values ({marks})", [decision_id, *given.values()])


def stored(path: Path) -> duckdb.DuckDBPyConnection:
    connection = create(path)
    add_sites(connection, [Site("berlin", "Berlin", "Own", True), Site("sofia", "Sofia", PROVIDER)])
    return connection


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three saved answers, one of an older program that reckoned otherwise, one put aside; two decisions."""
    path = tmp_path_factory.mktemp("kept") / "backstop.duckdb"
    connection = stored(path)
    keep(connection, "s1", note=HOSTILE)
    other = facts(version="0.1.0", months=())
    figures = scenarios.summary(viewed(facts()).answer, facts()) | {"npv": 12.0}
    keep(connection, "s2", name=HOSTILE[:80], known=other, version="0.1.0", answer_summary=json.dumps(figures))
    keep(connection, "s3", name="Too early")
    connection.execute("insert into private.scenario_state values ('s3', ?, 'withdrawn', 'Ben')", [SAVED])
    expected = json.dumps(scenarios.summary(viewed(facts()).answer, facts()))
    decide(connection, "d1", decided_on=date(2026, 7, 1), why="Wait and see")
    decide(connection, "d2", verdict="full", why=HOSTILE, replaces="d1", scenario_id="s1", expected=expected)
    connection.close()
    return path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nothing") / "backstop.duckdb"
    stored(path).close()
    return path


def shown(server: Server, known: Facts | None = None, *, live: bool = True, opened: str | None = None) -> View:
    """A view on a page that reads this server's store."""
    base = viewed(known or facts(), live=live)
    now = Status(
        "consuming", "", None, None, None, "Europe/Berlin", 20.0, datetime(2026, 11, 24, 7, 5, tzinfo=UTC), TODAY
    )
    store = Store(f"quack:127.0.0.1:{server.port}", server.path, TOKEN)
    choices = Reply(State.LIVE if live else State.STOPPED, base.page.choices.frames)
    page = Opened(store, choices, now, cast("Any", None), {}, {})
    return replace(base, page=page, opened_scenario=opened)


@contextmanager
def desk(folder: Path, answer: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Something that listens where ingest would, for one request."""
    try:
        with bill_store.desk(folder, [answer]) as asked:
            yield asked
    finally:
        (folder / "desk.sock").unlink(missing_ok=True)


def frame(app: AppTest, column: str) -> Any:
    (found,) = [element.value for element in app.dataframe if column in element.value.columns]
    return found


def test_saved_answers_are_listed_without_those_put_aside(full: Path, serve_file: Serve) -> None:
    app = section("scenario_section", shown(serve_file(full)))
    rows = frame(app, "saved_at")
    assert sorted(rows["name"]) == sorted(["As agreed", HOSTILE[:80]])
    assert rows["saved_at"].tolist() == ["20 Nov 2026, 09:30"] * 2
    assert set(rows["standing"]) == {"Exit watch"}
    app.toggle(key="fallback-show-aside").set_value(True).run()
    assert not app.exception
    assert frame(app, "saved_at")["state"].tolist().count(said.PUT_ASIDE) == 1


def test_an_opened_answer_says_what_it_rests_on_and_comes_out_the_same(full: Path, serve_file: Serve) -> None:
    app = section("scenario_section", shown(serve_file(full)))
    app.selectbox(key="fallback-open-scenario").set_value("s1").run()
    assert not app.exception
    told = texts(app)
    assert "up to batch 48,211; saved by Ann on 20 Nov 2026, 09:30 with Backstop 0.7.0." in told
    assert said.SAME_AGAIN in told
    assert HOSTILE in told
    app.button(key="fallback-show").click().run()
    assert app.session_state[OPENED] == "s1"


def test_another_program_version_is_said_with_what_differs(full: Path, serve_file: Serve) -> None:
    app = section("scenario_section", shown(serve_file(full)))
    app.selectbox(key="fallback-open-scenario").set_value("s2").run()
    assert not app.exception
    assert "This is Backstop 0.7.0, so figures may differ from those kept by 0.1.0." in texts(app)
    rows = frame(app, "again").set_index("figure")
    assert rows.loc["Net present value, month by month", "kept"] == "12 EUR"


def test_answers_stand_side_by_side_with_the_assumptions_that_differ(full: Path, serve_file: Serve) -> None:
    app = section("scenario_section", shown(serve_file(full)))
    app.multiselect(key="fallback-beside").set_value(["s2", "s1"]).run()
    assert not app.exception
    rows = frame(app, "figure")
    assert rows.iloc[0].tolist() == ["Answer", said.PRESENT, HOSTILE[:80], "As agreed"]
    apart = frame(app, "assumption")
    assert apart["assumption"].tolist()[0] == "Answer"
    assert "Contacts a month" in set(apart["assumption"])


def test_an_answer_is_saved_with_all_it_rests_on(empty: Path, serve_file: Serve) -> None:
    app = section("scenario_section", shown(serve_file(empty)))
    assert said.NONE_SAVED in texts(app)
    app.button(key="fallback-save-send").click().run()
    assert [warning.value for warning in app.warning] == [said.NAME_OF_ANSWER_NEEDED]
    app.text_input(key="fallback-save-name-0").set_value(" Before the review ")
    app.button(key="fallback-save-send").click().run()
    assert [warning.value for warning in app.warning] == [said.WHO_NEEDED]
    app.text_input(key="fallback-save-who-0").set_value("Ann")
    with desk(empty.parent, {"result": {"id": "s9"}}) as asked:
        app.button(key="fallback-save-send").click().run()
    assert not app.exception
    assert [success.value for success in app.success] == [said.WRITTEN]
    assert app.text_input(key="fallback-save-name-1").value == ""
    ((request),) = asked
    assert request["command"] == "scenarios keep"
    given = request["args"]
    assert (given["name"], given["saved_by"]) == ("Before the review", "Ann")
    assert scenarios.facts_of(given["facts"]) == facts()
    assert given["summary"]["npv"] == pytest.approx(scenarios.summary(viewed(facts()).answer, facts())["npv"])


def test_an_answer_put_aside_is_taken_back(full: Path, serve_file: Serve) -> None:
    app = section("scenario_section", shown(serve_file(full)))
    app.toggle(key="fallback-show-aside").set_value(True).run()
    app.selectbox(key="fallback-open-scenario").set_value("s3").run()
    app.text_input(key="fallback-state-who-s3-0").set_value("Ann")
    with desk(full.parent, {"error": "it is not the time"}) as asked:
        app.button(key="fallback-state-send").click().run()
    assert asked[0]["command"] == "scenarios restore"
    assert said.not_done("it is not the time") in texts(app)


def test_the_decision_that_holds_comes_first_and_the_history_after(full: Path, serve_file: Serve) -> None:
    app = section("decide_section", shown(serve_file(full)))
    told = texts(app)
    assert "12 Aug 2026, Ann: Full: all of the work comes home." in told
    assert HOSTILE in told
    rows = frame(app, "decided_on")
    assert rows["state"].tolist() == [said.HOLDS, said.REPLACED]
    assert rows["rests_on"].tolist() == ["As agreed", ""]


def test_a_decision_is_written_with_what_is_expected_of_it(full: Path, serve_file: Serve) -> None:
    app = section("decide_section", shown(serve_file(full)))
    app.button(key="fallback-decide-send").click().run()
    assert [warning.value for warning in app.warning] == [said.VERDICT_NEEDED]
    app.button_group(key="fallback-decide-verdict-0").set_value("keep")
    app.button(key="fallback-decide-send").click().run()
    assert [warning.value for warning in app.warning] == [said.WHY_NEEDED]
    app.text_area(key="fallback-decide-why-0").set_value("It is better now")
    app.text_input(key="fallback-decide-who-0").set_value("Cas")
    app.selectbox(key="fallback-decide-instead-0").set_value("d2")
    with desk(full.parent, {"result": {"id": "d3"}}) as asked:
        app.button(key="fallback-decide-send").click().run()
    assert not app.exception
    given = asked[0]["args"]
    assert asked[0]["command"] == "decisions note"
    assert (given["provider"], given["verdict"], given["decided_by"]) == (PROVIDER, "keep", "Cas")
    assert (given["decided_on"], given["replaces"], given["scenario_id"]) == (TODAY.isoformat(), "d2", None)
    assert given["expected"]["contacts_month"] == 27_300


def test_nothing_can_be_written_while_ingest_is_stopped(full: Path, serve_file: Serve) -> None:
    server = serve_file(full)
    for name in ("scenario_section", "decide_section"):
        app = section(name, shown(server, live=False))
        assert said.NOT_LIVE in texts(app)
        assert not [button for button in app.button if "send" in str(button.key)]


def test_a_store_without_decisions_says_so(empty: Path, serve_file: Serve) -> None:
    server = serve_file(empty)
    assert said.NO_DECISION in texts(section("decide_section", shown(server)))
    assert said.SINCE_NONE in texts(section("afterwards", shown(server)))


def test_a_store_that_is_away_is_said_once(tmp_path: Path, full: Path, serve_file: Serve) -> None:
    base = shown(serve_file(full))
    away = Store("quack:127.0.0.1:1", tmp_path / "none.duckdb", TOKEN, deadline_s=2)
    view = replace(base, page=replace(base.page, store=away))
    assert "none.duckdb: no such file" in texts(section("scenario_section", view))
    assert "none.duckdb: no such file" in texts(section("decide_section", view))
    assert not section("afterwards", view).dataframe


def test_what_happened_since_stands_against_what_was_expected(full: Path, serve_file: Serve) -> None:
    app = section("afterwards", shown(serve_file(full)))
    assert "2 whole months have passed since 12 Aug 2026." in texts(app)
    rows = frame(app, "actual").set_index("figure")
    # Home on 1 October 2027 by what was expected, so October 2026 was still to be all of the provider's.
    assert rows.loc[said.CONTACTS].tolist() == ["27,300", "27,300", "±0"]
    assert rows.loc[said.COST].tolist() == ["5.40 EUR", "5.40 EUR", "±0.00 EUR"]
    assert rows.loc[said.LEVEL].tolist() == ["80.0%", "84.0%", "+4.0 pp"]
    assert frame(app, "month")["month"].tolist() == ["October 2026", "September 2026"]


def test_it_is_too_early_until_a_whole_month_has_passed(tmp_path: Path, serve_file: Serve) -> None:
    path = tmp_path / "backstop.duckdb"
    connection = stored(path)
    decide(connection, "d1", decided_on=date(2026, 10, 2))
    connection.close()
    app = section("afterwards", shown(serve_file(path)))
    assert said.too_early(date(2026, 10, 2), date(2026, 11, 1)) in texts(app)
    assert not app.dataframe


def decision(**more: Any) -> scenario_kept.Decision:
    given: dict[str, Any] = {
        "decision_id": "d", "provider": PROVIDER, "decided_on": date(2026, 8, 12), "decided_by": "Ann",
        "verdict": "full", "why": "", "scenario_id": None, "noted_at": SAVED.replace(tzinfo=UTC), "replaced_by": None,
        "expected": {"contacts_month": 3000.0, "home_on": "2026-10-11", "agents": 30.0, "gap": 5.0,
                     "people_ready": "2026-10-01"},
    } | more  # fmt: skip
    return scenario_kept.Decision(**given)


@pytest.mark.parametrize(
    ("verdict", "month", "expected"),
    [
        ("keep", date(2026, 11, 1), 3000), ("full", date(2026, 9, 1), 3000), ("full", date(2026, 11, 1), 0),
        ("full", date(2026, 10, 1), 3000 * 10 / 31), ("partial", date(2026, 11, 1), None),
    ],
)  # fmt: skip
def test_contacts_are_expected_until_the_day_the_work_is_home(
    verdict: str, month: date, expected: float | None
) -> None:
    found = afterwards.expected_contacts(decision(verdict=verdict), facts(), month)
    assert found == (pytest.approx(expected) if expected is not None else None)


def test_while_the_work_moves_with_people_nobody_knows_how_much_of_it_is_expected() -> None:
    taken = decision(verdict="full")
    moving = replace(taken, expected={**taken.expected, "moves_on": "2026-09-01", "home_on": "2026-11-01"})
    found = [afterwards.expected_contacts(moving, facts(), date(2026, month, 1)) for month in (8, 9, 10, 11)]
    assert found == [3000.0, None, None, 0.0]


def test_part_of_the_work_that_was_asked_about_by_itself_is_expected_home() -> None:
    some = facts(slice=Slice(provider=PROVIDER, topics=("billing",)))
    assert afterwards.expected_contacts(decision(verdict="partial"), some, date(2026, 11, 1)) == 0
    assert not afterwards.is_part_of_all(decision(verdict="partial"), some)


def test_a_year_ends_in_december() -> None:
    assert afterwards.next_month(date(2026, 12, 2)) == date(2027, 1, 1)
    assert afterwards.next_month(date(2026, 12, 1)) == date(2026, 12, 1)
    assert afterwards.next_month(date(2026, 1, 31)) == date(2026, 2, 1)


def test_figures_that_cannot_be_read_are_left_out() -> None:
    reply = Reply(State.LIVE, {})
    assert scenario_kept.scenarios(reply) == []
    assert scenario_kept.decisions(reply) == []
    assert scenarios.summary_of('{"npv": 1, "safe": true, "deep": {}, "none": null}') == {"npv": 1.0, "none": None}
    assert queries.instant(None) is None


def test_the_whole_page_is_shown_from_a_saved_answer_and_back(tmp_path: Path, serve_file: Serve) -> None:
    path, now = tmp_path / "backstop.duckdb", datetime.now(UTC)
    connection = stored(path)
    add_quarter_hours(connection, {(now - timedelta(days=14)).year, now.year})
    add_contacts(connection, [Contact("sofia", now - timedelta(days=8)), Contact("berlin", now)], now)
    keep(connection, "s1")
    keep(connection, "s2", facts="{}", name="Not read")
    connection.close()
    serve_file(path)
    app = opened("fallback", part="decide")
    app.selectbox(key="fallback-open-scenario").set_value("s2").run()
    assert "This program cannot read what it rests on (asked_at: Field required)" in texts(app)
    app.selectbox(key="fallback-open-scenario").set_value("s1").run()
    app.button(key="fallback-show").click().run()
    assert not app.exception
    assert said.looking_at("As agreed") in texts(app)
    first, *_ = headline_words.lines(facts(), viewed(facts()).answer)
    assert first in texts(app)
    app.button(key="fallback-to-today").click().run()
    assert not app.exception
    assert first not in texts(app)
