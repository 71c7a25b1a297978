"""The Topics page against a real store, its comparisons without one, and its address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import words
from dashboard.scope import own, sums
from dashboard.scope.scope import NONE, Known, Scope
from dashboard.topics import cells, charts, drivers, filters, questions, training
from dashboard.topics import words as said
from models.settings import load_settings, with_secrets
from tests.dashboard_store import Server
from tests.rolled import standing_at
from tests.test_dashboard_pages import markdown, opened, texts
from tests.topic_store import Talk, made

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
MONDAY = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 10, 21, 12, 0, tzinfo=UTC)
SITES = {
    "north": {"name": "North", "provider": "Own", "in_house": True},
    "south": {"name": "South", "provider": HOSTILE},
}
TOPICS: dict[str, dict[str, str]] = {"billing": {"name": "Bills"}, "returns": {"name": HOSTILE}}
Serve: TypeAlias = Callable[..., Server]
pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of `talks`."""
    return store_of(tmp_path_factory.mktemp("usual"), talks())


@pytest.fixture
def serve(usual: Path, tmp_path: Path, serve_file: Callable[[Path], Server]) -> Serve:
    """Serve the store of `talks`, or one of the contacts given."""
    return lambda *contacts: serve_file(store_of(tmp_path, list(contacts)) if contacts else usual)


def store_of(folder: Path, contacts: list[Talk]) -> Path:
    """A store of these contacts, at NOW."""
    read = load_settings(data_dir=folder, sites=SITES, topics=TOPICS, **standing_at(NOW))
    return made(with_secrets(read), contacts, NOW)


def talks() -> list[Talk]:
    """Two whole weeks: bills and returns at both; south's customers dislike its bills, and its calls grow."""
    found = []
    for week, more in ((0, 0), (1, 10)):
        for n in range(40):
            at = MONDAY + timedelta(weeks=week, minutes=20 * n)
            found.append(Talk("north", at, "billing", talk_s=200, stars=5))
            found.append(Talk("south", at, "billing", talk_s=300, stars=2))
            found.append(Talk("north", at, "returns", talk_s=100))
        found += [Talk("south", MONDAY + timedelta(weeks=week, hours=n), "returns", talk_s=150) for n in range(more)]
    found.append(Talk("south", NOW - timedelta(days=8), "odd-code"))
    return found


def topics(**query: str | list[str]) -> AppTest:
    return opened("topics", **query)


def test_the_answer_names_the_largest_topic_the_change_and_what_stands_out(serve: Serve) -> None:
    serve()
    shown = texts(topics())
    assert "Bills is the largest topic: 63.7% of 251 contacts. Contacts rose by 9%" in shown
    assert "1 figure stands out for the worse and may need training." in shown
    assert "Compared: 12 Oct – 18 Oct 2026 against 5 Oct – 11 Oct 2026, 1 week each." in shown


def test_a_need_of_training_says_how_much_worse_and_on_how_many_contacts(serve: Serve) -> None:
    serve()
    shown = texts(topics())
    assert f"{HOSTILE}, Bills: 100.0 fewer of every 100 customers who answer are satisfied than at the others" in shown
    assert "0.0% of 80 answers against 100.0%, like for like." in shown


def test_names_of_topics_and_providers_are_never_read_as_markup(serve: Serve) -> None:
    serve()
    assert "alert(1)" not in markdown(topics())


@pytest.mark.parametrize(("figure", "line"), [
    ("contacts", "Contacts: 120 contacts before, 131 contacts in these weeks (+11)."),
    ("handle_hours", "Handle hours: 6.7 h before, 7.1 h in these weeks (+0.5 h)."),
    ("handle_time", "Handle time: 3 min 20 s before, 3 min 16 s in these weeks"),
])  # fmt: skip
def test_what_drove_the_change_is_said(serve: Serve, figure: str, line: str) -> None:
    serve()
    assert line in texts(topics(change=figure))


def test_codes_nobody_mapped_lead_to_data_health(serve: Serve) -> None:
    serve()
    app = topics()
    assert "odd-code (1)" in texts(app)
    assert said.UNMAPPED in [element.value for element in app.subheader]


def test_choices_come_from_the_address_and_go_back_to_it(serve: Serve) -> None:
    serve()
    app = topics(by="site", against="halves", figure="csat")
    assert "South, Bills: " in texts(app)
    app.segmented_control(key="topics-own-figure").set_value("first_contact_resolution").run()
    assert "first_contact_resolution" in app.query_params["figure"]
    assert "site" in app.query_params["by"]
    app.multiselect(key="topics-sites").set_value(["north"]).run()
    assert "north" in app.query_params["site"]
    assert "South, Bills: " not in texts(app)


def test_peers_stay_when_a_filter_takes_their_sites_away(serve: Serve) -> None:
    serve()
    assert "South, Bills: " in texts(topics(by="site", site="south"))


def test_a_bad_address_is_dropped_with_a_note(serve: Serve) -> None:
    serve()
    app = topics(by="**x**", figure="nope", change="", other="1", topic="unheard")
    assert texts(app).count("It was left out.") == 5
    assert dict(app.query_params) == {}


def test_one_week_has_nothing_to_be_compared_with(serve: Serve) -> None:
    serve(Talk("north", MONDAY))
    shown = texts(topics())
    assert said.NOTHING_TO_COMPARE in shown
    assert said.TOO_LITTLE in shown


def test_nothing_within_the_filters_is_said(serve: Serve) -> None:
    serve(Talk("north", MONDAY))
    assert words.NOTHING_IN_SCOPE in texts(topics(site="south"))


# --- without a store ------------------------------------------------------------------------------------------

WEEKS = tuple(date(2026, 8, 24) + timedelta(weeks=n) for n in range(13))
KNOWN = Known(sites=("a", "b"), providers={"P": ("a",), "Q": ("b",)}, weeks=WEEKS)
TODAY = date(2026, 11, 20)


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Sums with 0 for what is not named."""
    base = dict.fromkeys(questions.COLUMNS, 0) | {"channel": "voice", "language": "en"}
    return pd.DataFrame([base | row for row in rows])


def test_the_open_week_is_left_out_and_as_many_weeks_before_are_compared() -> None:
    spans = filters.spans(Scope(first=WEEKS[9], last=WEEKS[12]), KNOWN, TODAY, "before")
    assert spans.now == (WEEKS[9], WEEKS[12])
    assert spans.before == (WEEKS[6], WEEKS[9])
    assert spans.open_week
    assert not spans.halves


def test_without_as_many_weeks_before_the_halves_are_compared() -> None:
    spans = filters.spans(Scope(), KNOWN, TODAY, "before")
    assert (spans.before, spans.after) == ((WEEKS[0], WEEKS[6]), (WEEKS[6], WEEKS[12]))
    assert spans.halves
    assert "their second half is held against their first" in said.compared(spans, "before")


@settings(deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.sampled_from(filters.AGAINST.options))
def test_both_sides_of_a_comparison_have_as_many_weeks_and_never_overlap(a: int, b: int, against: str) -> None:
    spans = filters.spans(Scope(first=WEEKS[min(a, b)], last=WEEKS[max(a, b)]), KNOWN, TODAY, against)
    if spans.before and spans.after:
        assert spans.before[1] - spans.before[0] == spans.after[1] - spans.after[0]
        assert spans.before[1] <= spans.after[0]
        assert spans.before[0] >= WEEKS[0]


@settings(deadline=None)
@given(st.lists(st.sampled_from([choice.options[n] for choice in filters.CHOICES for n in (0, 1)]), max_size=4))
def test_any_address_gives_known_choices(values: list[str]) -> None:
    for choice in filters.CHOICES:
        chosen, bad = choice.read(values)
        assert chosen in choice.options
        assert bad is None or bad not in choice.options
    chosen_all = {choice.name: choice.options[-1] for choice in filters.CHOICES}
    query = own.query(filters.CHOICES, chosen_all)
    assert {choice.name: choice.read(query[choice.name])[0] for choice in filters.CHOICES} == chosen_all


counts = st.integers(0, 500)
sides = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("PQ"), counts, st.floats(1, 900)), min_size=1, max_size=8
)


@settings(deadline=None)
@given(sides, sides)
def test_the_parts_of_a_change_sum_to_it_exactly(before: Any, after: Any) -> None:
    def side(rows: Any) -> pd.DataFrame:
        return frame(
            [
                {"topic": t, "who": w, "offered": n, "handled": n, "handle_ms": n * 1000 * s}
                for t, w, n, s in rows
            ]
        )  # fmt: skip

    then, now = side(before), side(after)
    for change in (drivers.contacts(then, now, 5, 6), drivers.handle_hours(then, now), drivers.handle_time(then, now)):
        if change is not None:
            assert sum(step.amount for step in change.steps) == pytest.approx(change.change, abs=1e-6)
            assert len(change.steps) <= drivers.MOST_STEPS + 3


def test_more_days_are_told_apart_from_more_contacts_a_day() -> None:
    change = drivers.contacts(
        frame([{"topic": "x", "who": "P", "offered": 100}]), frame([{"topic": "x", "who": "P", "offered": 120}]), 5, 6
    )
    assert change is not None
    assert [(step.part, step.topic, round(step.amount)) for step in change.steps] == [("days", None, 20)]


def test_a_slower_provider_that_takes_more_is_mix_and_not_rate() -> None:
    def handled(p: int, q: int) -> pd.DataFrame:
        return frame(
            [
                {"topic": "x", "who": "P", "handled": p, "handle_ms": p * 100_000},
                {"topic": "x", "who": "Q", "handled": q, "handle_ms": q * 300_000},
            ]
        )

    change = drivers.handle_time(handled(80, 20), handled(20, 80))
    assert change is not None
    assert [(step.part, round(step.amount)) for step in change.steps] == [("mix", 120)]


def test_a_cell_is_held_against_its_peers_without_itself() -> None:
    rows = frame(
        [
            {"topic": "x", "who": "P", "handled": 100, "handle_ms": 100 * 200_000},
            {"topic": "x", "who": "Q", "handled": 100, "handle_ms": 100 * 300_000},
            {"topic": "x", "who": "R", "handled": 5, "handle_ms": 5 * 900_000},
            {"topic": "y", "who": "P", "handled": 50, "handle_ms": 50 * 100_000},
        ]
    )
    told = cells.figures(rows, sums.metric("average_handle_time_s"), ["P", "R"]).set_index(["topic", "who"])
    assert told.loc[("x", "P"), "peers"] == pytest.approx((100 * 300 + 5 * 900) / 105)
    assert not told.loc[("x", "P"), "thin"]
    assert told.loc[("x", "R"), "thin"]
    assert told.loc[("x", "R"), "strength"] == 0
    assert told["peers"].isna()[("y", "P")]
    assert ("x", "Q") not in told.index


def test_the_mix_of_each_sums_to_one_before_and_after() -> None:
    after = frame([{"topic": "x", "who": "P", "offered": 30}, {"topic": "y", "who": "P", "offered": 70}])
    before = frame([{"topic": "x", "who": "P", "offered": 50}, {"topic": "z", "who": "P", "offered": 50}])
    told = cells.mix(after, before, ["P"])
    assert told["share"].sum() == pytest.approx(1)
    assert told["before"].sum() == pytest.approx(1)
    assert told.set_index("topic")["change"].round(2).to_dict() == {"x": -0.2, "y": 0.7, "z": -0.5}


def satisfied(who: str, of: int, good: int, language: str = "en", topic: str = "x") -> dict[str, Any]:
    return {"topic": topic, "who": who, "language": language, "csat_responses": of, "csat_satisfied": good}


def test_only_those_below_their_peers_stand_out() -> None:
    told = training.screen(frame([satisfied("P", 400, 200), satisfied("Q", 400, 320)]), ["P", "Q"])
    assert [(need.who, need.measure) for need in told.needs] == [("P", "csat")]
    assert told.needs[0].difference == pytest.approx(-0.3)
    assert told.needs[0].low < -0.3 < told.needs[0].high < 0
    assert told.compared == 2


def test_few_contacts_and_work_unlike_anybody_elses_are_not_compared() -> None:
    rows = [satisfied("P", 29, 0), satisfied("Q", 400, 320), satisfied("R", 400, 10, language="de")]
    told = training.screen(frame(rows), ["P", "R"])
    assert told.needs == ()
    assert (told.compared, told.too_few, told.unlike) == (0, 1, 1)


def test_more_transfers_are_worse() -> None:
    rows = [
        {"topic": "x", "who": "P", "handled": 500, "transferred": 100},
        {"topic": "x", "who": "Q", "handled": 500, "transferred": 10},
    ]
    (need,) = training.screen(frame(rows), ["P", "Q"]).needs
    assert (need.who, need.measure) == ("P", "transfer_rate")
    assert "18.0 more of every 100 contacts are handed on than at the others" in said.need(need, "P", "x")


def test_differences_of_chance_do_not_stand_out() -> None:
    rows = [satisfied(who, 200, good, topic=topic) for topic in "abcdefgh" for who, good in (("P", 150), ("Q", 154))]
    assert training.screen(frame(rows), ["P", "Q"]).needs == ()


def test_contacts_without_a_topic_are_named_and_not_screened() -> None:
    assert said.topic_name(NONE, {}) == said.NO_TOPIC
    told = training.screen(frame([satisfied("P", 400, 0, topic=NONE), satisfied("Q", 400, 400, topic=NONE)]), ["P"])
    assert told.compared == 0


@pytest.mark.parametrize("name", ["", HOSTILE, "'\"}]+datum.value", "\\u0000\n", "a.b[0]"])
def test_names_are_data_in_a_chart_and_never_expressions(name: str) -> None:
    rows = frame([{"topic": name, "who": name, "handled": 100, "handle_ms": 1e7, "offered": 100}])
    told = cells.figures(rows, sums.metric("average_handle_time_s"), [name])
    chart = charts.figure_grid(told, "average_handle_time_s", [name], [name], {name: name}, {name: name})
    assert chart.to_dict()["title"]["text"] == said.FIGURES["average_handle_time_s"]
