"""The Quality page against a real store: full, without surveys, not rolled up, empty, away, with a bad address."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard import words
from dashboard.colours import site_styles
from dashboard.quality import charts, estimates, funnel_chart, peers, questions, silence, tables, teams
from dashboard.quality import words as said
from dashboard.scope.scope import Known, Scope
from models.fairness.shares import share
from models.metrics.catalogue import BY_NAME
from tests.dashboard_store import Server
from tests.quality_store import HOSTILE, contacts, write
from tests.test_dashboard_pages import markdown, opened, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SITES = ["north", "south", "west"]
NAMES = {"north": "North", "south": "South", "west": HOSTILE}
STYLES = site_styles(SITES)
TODAY = date(2026, 3, 26)
pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Files of stores by name, each written once."""
    made: dict[str, Path] = {}

    def file(name: str) -> Path:
        if name not in made:
            full = name == "full"
            made[name] = write(
                tmp_path_factory.mktemp(name),
                contacts() if full else contacts(surveys=False, evaluations=False, teams=False, weeks=3, per_day=2),
            )
        return made[name]

    return file


@pytest.fixture
def serve(stores: Callable[[str], Path], serve_file: Callable[[Path], Server]) -> Callable[[str], Server]:
    """Serve a store."""
    return lambda name: serve_file(stores(name))


def quality(**query: str | list[str]) -> AppTest:
    return opened("quality", **query)


def table(app: AppTest, column: str) -> pd.DataFrame:
    return next(element.value for element in app.dataframe if column in element.value)


def test_the_page_answers_in_sentences_with_interval_and_n(serve: Callable[[str], Server]) -> None:
    serve("full")
    app = quality()
    assert not app.exception
    found = texts(app)
    assert "Of the customers who answered, " in found
    assert "n = 456" in found
    assert "At first contact " in found
    assert "scores itself 10.5 points higher" in found
    by_site = table(app, "csat").set_index("site")
    assert list(by_site.index) == [HOSTILE, "North", "South", words.ALL_SITES]
    assert by_site.loc["North", "csat"] == pytest.approx(75.0)
    assert by_site.loc[HOSTILE, "csat"] == pytest.approx(50.0)
    assert by_site.loc[words.ALL_SITES, "csat_n"] == 456
    transfers = table(app, "bounce_back_rate").set_index("site")
    assert transfers["bounce_back_rate"]["South"] > 0
    assert pd.isna(transfers["bounce_back_rate"]["North"])


def test_names_and_teams_that_look_like_markup_stay_plain_text(serve: Callable[[str], Server]) -> None:
    serve("full")
    app = quality()
    assert HOSTILE in texts(app)
    assert "evil.example" not in markdown(app)
    assert f"west-{HOSTILE}" in set(table(app, "expected")["team"])


def test_the_measure_of_the_funnel_is_kept_in_the_address(serve: Callable[[str], Server]) -> None:
    serve("full")
    app = quality(teams="transfers")
    assert app.selectbox(key="quality-teams").value == "transfers"
    assert table(app, "expected")["observed"].sum() == 19
    app.selectbox(key="quality-teams").set_value("satisfaction").run()
    assert "satisfaction" in app.query_params["teams"]
    assert app.selectbox(key="quality-teams").value == "satisfaction"
    app.multiselect(key="quality-sites").set_value(["west"]).run()
    assert app.multiselect(key="quality-sites").value == ["west"]
    assert "west" in app.query_params["site"]
    assert "satisfaction" in app.query_params["teams"]
    assert set(table(app, "expected")["site"]) == {HOSTILE}
    app.selectbox(key="quality-teams").set_value("first-contact").run()
    assert "teams" not in app.query_params


def test_a_bad_address_is_dropped_with_a_note(serve: Callable[[str], Server]) -> None:
    serve("full")
    app = quality(teams="**x**", site="nowhere", other="1")
    assert texts(app).count("It was left out.") == 3
    assert dict(app.query_params) == {}


def test_without_surveys_and_evaluations_there_is_no_data_and_never_zero(serve: Callable[[str], Server]) -> None:
    serve("bare")
    app = quality()
    found = texts(app)
    for sentence in (said.NO_SURVEYS, said.NO_EVALUATIONS, said.NO_TEAMS):
        assert sentence in found
    assert "were satisfied" not in found
    assert "critical error in" not in found
    assert "At first contact " in found


def test_filters_that_let_nothing_through_say_so(serve: Callable[[str], Server]) -> None:
    serve("full")
    app = quality(channel="voice", site="north", queue="care", topic="billing", language="en")
    assert not app.exception
    assert "Teams are not kept by queue" in texts(app)


def test_stopped_ingest_leaves_the_numbers(serve: Callable[[str], Server]) -> None:
    serve("full").stop()
    app = quality()
    assert "Ingest is stopped." in app.warning[0].value
    assert "Of the customers who answered, " in texts(app)


@hypothesis_settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["teams", "site", "from", "topic", "x"]), st.text(max_size=12), max_size=3))
def test_no_address_breaks_the_page(query: dict[str, str]) -> None:
    """Without a store behind it: what the address says is read before."""
    known = Known(sites=tuple(SITES), weeks=(date(2026, 3, 2),))
    scope = Scope()
    app = AppTest.from_string(
        "import streamlit as st\n"
        "from dashboard.quality import context, questions\n"
        "measure, note = context.own_choice(context.TEAMS, list(questions.TEAM_MEASURES))\n"
        "st.text(measure)\n"
        "st.text(note or '')\n"
    )
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    asked = query.get("teams")
    assert app.text[0].value == (asked if asked in questions.TEAM_MEASURES else "first-contact")
    assert bool(app.text[1].value) == (asked is not None and asked not in questions.TEAM_MEASURES)
    assert "week_sums" in questions.weeks(scope, known)


# --- figures ----------------------------------------------------------------------------------------------


def sums(**columns: Any) -> pd.DataFrame:
    """Sums of two sites in three weeks, 0 unless told: a list of six, north's weeks first."""
    starts = [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 23)] * 2
    frame = pd.DataFrame({"site": ["north"] * 3 + ["south"] * 3, "week_start": starts})
    for name in questions.COLUMNS:
        frame[name] = [float(value) for value in columns.get(name, [float("nan")] * 6)]
    return frame


def test_a_share_has_wilsons_interval_and_the_sum_of_its_n() -> None:
    frame = sums(csat_responses=[40, 40, 20, 0, 0, 0], csat_satisfied=[10, 8, 2, 0, 0, 0])
    found = estimates.by_site(frame, TODAY)
    row = estimates.one(found, "csat", "north")
    wilson = share(20, 100)
    assert row is not None
    assert wilson is not None
    assert (row["value"], row["n"]) == (0.2, 100)
    assert (row["low"], row["high"]) == pytest.approx((wilson.interval.low, wilson.interval.high))
    assert estimates.one(found, "csat", "south") is None
    assert estimates.one(found, "nps") is None


def test_repeats_rest_on_final_weeks_only() -> None:
    frame = sums(resolvable=[100, 100, 100, 0, 0, 0], repeated_7d=[10, 20, 0, 0, 0, 0])
    row = estimates.one(estimates.by_site(frame, TODAY), "first_contact_resolution", "north")
    assert row is not None
    assert (row["value"], row["n"], row["last"], row["final"]) == (0.85, 200, date(2026, 3, 9), True)
    early = estimates.one(estimates.by_site(frame, date(2026, 3, 4)), "first_contact_resolution", "north")
    assert early is not None
    assert (early["n"], early["final"]) == (300, False)


def test_a_calibration_gap_has_its_spread_although_both_sums_are_rounded() -> None:
    gaps = [4.0, 6.0, 8.0]
    frame = sums(
        calibrations=[3, 0, 0, 1, 0, 0],
        calibration_gap_milli=[1000 * sum(gaps), 0, 0, 1, 0, 0],
        calibration_gap2_milli=[1000 * sum(gap**2 for gap in gaps), 0, 0, 0, 0, 0],
        calibrations_agreed=[3, 0, 0, 1, 0, 0],
    )
    row = estimates.one(estimates.by_site(frame, TODAY), "calibration_gap", "north")
    assert row is not None
    assert row["value"] == pytest.approx(6.0)
    assert row["high"] - row["value"] == pytest.approx(4.302652729911275 * 2 / math.sqrt(3))
    assert estimates.gap_spread(frame[frame["site"] == "north"]) == pytest.approx(2.0)
    lone = estimates.one(estimates.by_site(frame, TODAY), "calibration_gap", "south")
    assert lone is not None
    assert pd.isna(lone["low"])


def test_only_sites_clearly_apart_are_named() -> None:
    frame = sums(csat_responses=[1000, 0, 0, 1000, 0, 0], csat_satisfied=[800, 0, 0, 700, 0, 0])
    found = peers.apart(estimates.by_site(frame, TODAY), BY_NAME["csat"])
    assert [(each.site, str(each.verdict)) for each in found] == [
        ("south", "clearly worse"), ("north", "clearly better"),
    ]  # fmt: skip
    close = sums(csat_responses=[100, 0, 0, 100, 0, 0], csat_satisfied=[80, 0, 0, 75, 0, 0])
    assert peers.apart(estimates.by_site(close, TODAY), BY_NAME["csat"]) == []


def test_the_silent_set_the_bounds_and_groups_are_weighted_back() -> None:
    asked = pd.DataFrame(
        {
            "site": ["north"] * 2,
            "topic": ["billing", "delivery"],
            "channel": ["voice"] * 2,
            "answered": [900.0, 100.0],
            "csat_responses": [90.0, 90.0],
            "csat_satisfied": [90.0, 0.0],
        }
    )
    bounds, _, weighted = silence.sentences(asked)
    assert "18.0% of answered contacts answered" in bounds
    assert "it would be 9.0%, if all were 91.0%" in bounds
    assert "90.0%" in weighted


# --- teams ------------------------------------------------------------------------------------------------

MEASURE = questions.TEAM_MEASURES["transfers"]


def of_teams(*rows: tuple[str, str | None, str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["site", "team", "topic", "team_transferred", "team_handled"])
    names = ("resolvable", "repeated_7d", "csat_responses", "csat_satisfied", "evaluated", "critical")
    rest = {f"team_{name}": 0.0 for name in names}
    return frame.assign(channel="voice", language="en", **rest)


def test_a_team_with_the_harder_topic_is_expected_to_do_worse() -> None:
    rows = [("north", f"t{n}", "easy", 50.0, 1000.0) for n in range(8)]
    rows += [("south", f"h{n}", "hard", 200.0, 1000.0) for n in range(8)]
    placed = teams.place(
        of_teams(*rows, ("west", "bad", "easy", 120.0, 1000.0), ("west", None, "easy", 5.0, 7.0)), MEASURE
    )
    by_team = placed.rows.set_index("team")
    assert by_team.loc["h0", "ratio"] == pytest.approx(1.0)
    assert by_team.loc["h0", "place"] == "inside"
    assert by_team.loc["bad", "place"] == "beyond 99.8 %"
    assert placed.unnamed == 7


def test_a_team_of_few_events_is_not_called_outside() -> None:
    rows = [("north", f"t{n}", "easy", 5.0, 500.0) for n in range(10)]
    placed = teams.place(
        of_teams(*rows, ("west", "none", "easy", 0.0, 350.0), ("west", "tiny", "easy", 2.0, 20.0)), MEASURE
    )
    by_team = placed.rows.set_index("team")
    assert by_team.loc["none", "place"] == "inside"
    assert by_team.loc["tiny", "place"] == ""


def test_nothing_happened_to_any_team_and_no_team_at_all_break_nothing() -> None:
    placed = teams.place(of_teams(("north", "a", "easy", 0.0, 10.0)), MEASURE)
    assert placed.rows["place"].tolist() == [""]
    assert teams.place(of_teams(("north", None, "easy", 0.0, 10.0)), MEASURE).rows.empty


# --- charts -----------------------------------------------------------------------------------------------


def figures() -> pd.DataFrame:
    return sums(
        csat_responses=[100, 90, 30, 80, 0, 40],
        csat_satisfied=[80, 70, 30, 40, 0, 20],
        csat_1=[5] * 6, csat_2=[5] * 6, csat_3=[10] * 6, csat_4=[20] * 6, csat_5=[60] * 6,
        qa_client_contacts=[10] * 6, qa_client_critical=[1] * 6, qa_provider_contacts=[9] * 6,
        qa_provider_critical=[0] * 6,
    )  # fmt: skip


def drawn() -> list[alt.LayerChart]:
    frame = figures()
    found = estimates.by_site(frame, TODAY)
    metric = BY_NAME["csat"]
    kinds = {"critical_accuracy_client": "The company", "critical_accuracy_provider": "The provider"}
    rows = [("north", f"t{n}", "easy", 50.0 + n, 1000.0) for n in range(8)]
    placed = teams.place(of_teams(*rows, ("west", HOSTILE, "easy", 150.0, 1000.0)), MEASURE)
    return [
        charts.by_site(estimates.of(found, "csat"), metric, STYLES, NAMES, ["north", "south"]),
        charts.by_week(estimates.by_week(frame, ("csat",), TODAY), metric, STYLES, NAMES),
        charts.compared(found, kinds, BY_NAME["critical_accuracy_client"], "Errors", STYLES, NAMES, ["north", "south"]),
        charts.answers(frame, NAMES, ["north", "south"]),
        funnel_chart.funnel(placed, placed.told, MEASURE, STYLES, NAMES),
    ]


def test_every_chart_is_valid_has_title_unit_and_a_description_without_names() -> None:
    for chart in drawn():
        spec = chart.to_dict()  # validates
        assert spec["title"]["text"]
        assert spec["title"]["subtitle"]
        assert len(spec["description"]) > 30
        assert "script" not in spec["description"]


def test_a_missing_week_is_a_gap_and_a_provisional_one_is_not_final() -> None:
    chart = charts.by_week(estimates.by_week(figures(), ("csat",), TODAY), BY_NAME["csat"], STYLES, NAMES)
    (rows,) = chart.to_dict()["datasets"].values()
    weeks = {(row["site"], row["week"]): row for row in rows}
    assert len(weeks) == 8
    assert weeks["north", "2026-03-16"]["value_shown"] is None
    assert weeks["south", "2026-03-09"]["value_shown"] is None
    assert weeks["north", "2026-03-23"]["final"] is False
    assert weeks["north", "2026-03-02"]["final"] is True


def test_the_funnel_names_teams_outside_and_their_shape_says_so() -> None:
    spec = drawn()[-1].to_dict()
    rows = [row for data in spec["datasets"].values() for row in data if "team" in row]
    assert [row["label"] for row in rows if row["place"] != "inside"] == [HOSTILE]
    assert all(row["label"] == "" for row in rows if row["place"] == "inside")


def test_a_table_to_take_away_says_what_every_number_is() -> None:
    found = estimates.by_site(figures(), TODAY)
    rows = tables.export(found, ["csat"], NAMES)
    assert set(rows.columns) >= {"site", "name", "metric", "label", "unit", "value", "low", "high", "n", "final"}
    assert rows["n"].sum() == 2 * figures()["csat_responses"].sum()


def test_the_same_moment_is_asked_of_both_clocks() -> None:
    """Questions hold only what is asked for: sums, never contacts."""
    known = Known(sites=tuple(SITES), weeks=(date(2026, 3, 2), date(2026, 3, 9)))
    for question in (
        questions.weeks(Scope(), known),
        questions.asked(Scope(sites=("north",)), known),
        questions.teams(Scope(sites=("north",)), known, MEASURE, TODAY) or "",
    ):
        assert "from week_sums" in question or "from day_teams" in question
        assert "from contacts" not in question
    assert "site in" not in (questions.teams(Scope(sites=("north",)), known, MEASURE, TODAY) or "site in")
    first = questions.TEAM_MEASURES["first-contact"]
    assert questions.teams(Scope(), known, first, datetime(2026, 3, 5, tzinfo=UTC).date()) is None
