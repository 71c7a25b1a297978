"""Readiness: cover by hour, dependency and exit plans, by hand on a small store and as drawn from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import altair as alt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.fallback import readiness, readiness_charts
from dashboard.fallback import readiness_words as said
from dashboard.fallback.readiness import Hour, Pair, Plan
from dashboard.fallback.readiness_questions import BITS
from dashboard.figures import take_away
from dashboard.scope.scope import NONE
from ingest.store import Store
from models.settings import load_settings, with_secrets
from tests import rolled
from tests.cost_store import HOSTILE
from tests.dashboard_store import Server, log
from tests.test_dashboard_pages import markdown, texts
from tests.topic_store import Talk, events

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.usefixtures("fresh_caches")

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 9, 12, 0, tzinfo=BERLIN)
FIRST = date(2026, 10, 12)
"""A Monday, 28 days before; the clocks go back on 25 October."""
SITES: dict[str, Any] = {
    "north": {"name": "North", "provider": "Own", "in_house": True},
    "south": {"name": "South", "provider": HOSTILE},
    "east": {"name": "East", "provider": "Third"},
}
CONTRACT = f"""
version = 1
provider = "{HOSTILE}"
time_zone = "Europe/Berlin"
owners = {{ ours = "Ann", theirs = "Ben" }}
ending = {{ notice_days = 90 }}
exit_plan = {{ owner = "{HOSTILE}", where = "{HOSTILE}", updated = 2025-06-01 }}

[[terms]]
from = 2026-01-01
currency = "EUR"

[[terms.charges]]
kind = "contact"
name = "work"
rate = 2
"""
MONDAY, TUESDAY, SATURDAY = 0, 1, 5


def weekly(site: str, weekday: int, hour: int, count: int = 1, **more: Any) -> list[Talk]:
    """So many contacts in the same hour of each of the four weeks."""
    starts = [datetime.combine(FIRST, datetime.min.time(), BERLIN) + timedelta(weeks=n, days=weekday) for n in range(4)]
    return [
        Talk(site, (start + timedelta(hours=hour, minutes=5 * number)).astimezone(UTC), **more)
        for start in starts
        for number in range(count)
    ]


def talks() -> list[Talk]:
    """English by phone on Mondays at home and away, Dutch away on Saturdays too, German chats only away."""
    return [
        *weekly("north", MONDAY, 10, 2), *weekly("north", MONDAY, 13), *weekly("south", MONDAY, 10, 3),
        *weekly("south", MONDAY, 12), *weekly("south", MONDAY, 14), *weekly("south", MONDAY, 15),
        *weekly("north", MONDAY, 10, language="nl"), *weekly("south", MONDAY, 10, language="nl"),
        *weekly("south", SATURDAY, 11, 3, language="nl"),
        *weekly("south", TUESDAY, 20, 10, language="de", channel="chat", topic="returns"),
        *weekly("east", TUESDAY, 20, 3, language="de", channel="chat", topic="returns"),
        # Three in four weeks are too few for an hour in which contacts come.
        *weekly("south", MONDAY, 22)[:3],
        # Before the span, and on the day that is not over.
        Talk("south", datetime(2026, 10, 11, 12, 0, tzinfo=UTC)),
        Talk("south", datetime(2026, 11, 9, 8, 0, tzinfo=UTC)),
    ]  # fmt: skip


def made(
    folder: Path, listed: Iterable[Talk], *, sites: dict[str, Any] = SITES, drilled: date | None = None,
    contract: str = CONTRACT, agents: bool = True,
) -> Path:  # fmt: skip
    """The store's file, closed."""
    (folder / "terms" / "contracts").mkdir(parents=True)
    if contract:
        (folder / "terms" / "contracts" / "one.toml").write_text(contract, "utf-8")
    settings = with_secrets(
        load_settings(
            data_dir=folder, terms_dir=folder / "terms", sites=sites, reporting_zone="Europe/Berlin",
            **rolled.standing_at(NOW.astimezone(UTC)),
        )
    )  # fmt: skip
    store = Store.open(settings)
    told = events(listed)
    if not agents:
        for event in told:
            event["data"].pop("agent_id", None)
    rolled.commit(store, told)
    rolled.roll_up(store)
    if drilled is not None:
        store.connection.execute(
            "insert into private.drill values ('d1', $1, $2, 'Ann', 'for_real', 'well', '{}', $2)", [HOSTILE, drilled]
        )
    log(store.connection, "consuming", "3 topics", NOW)
    store.close()
    return settings.store_path


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("readiness"), talks(), drilled=date(2026, 3, 2))


def page() -> None:
    from dashboard.fallback import readiness_section
    from dashboard.scope.opening import opened

    found = opened("Readiness")
    if found is not None:
        readiness_section.draw(found)


def drawn() -> AppTest:
    """The part alone."""
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def table(app: AppTest, *columns: str) -> pd.DataFrame:
    """The first table with these columns."""
    found: pd.DataFrame = next(one.value for one in app.dataframe if set(columns) <= set(one.value.columns))
    return found


Serve = Callable[[Path], Server]


def test_holes_are_named_and_hours_that_are_covered_are_not(usual: Path, serve_file: Serve) -> None:
    serve_file(usual)
    shown = texts(drawn())
    assert "Nobody in-house for main (in writing) in de at any time: 52 contacts with providers in 28 days." in shown
    assert "Nobody in-house for main (calls) in nl on Saturdays: 12 contacts with providers in 28 days." in shown
    # Ann answers at ten and at one, so she was there at twelve; from two on nobody is.
    assert "Nobody in-house for main (calls) in en on Mondays 14:00–16:00: 8 contacts with providers" in shown
    assert shown.count("Nobody in-house") == 3


def test_the_week_counts_agents_contacts_and_those_with_providers(usual: Path, serve_file: Serve) -> None:
    serve_file(usual)
    week = table(drawn(), "agents", "bought")
    english = week[(week["language"] == "en") & (week["day"] == "Mon")].set_index("hour")
    assert english["contacts"].to_dict() == {"10:00": 20, "12:00": 4, "13:00": 4, "14:00": 4, "15:00": 4}
    assert english["bought"].to_dict() == {"10:00": 12, "12:00": 4, "13:00": 0, "14:00": 4, "15:00": 4}
    assert english["agents"].to_dict() == {"10:00": 1.0, "12:00": 1.0, "13:00": 1.0, "14:00": 0.0, "15:00": 0.0}
    assert english["hole"].to_dict() == {"10:00": "", "12:00": "", "13:00": "", "14:00": "✕", "15:00": "✕"}
    assert set(week["kind"]) == {"calls", "in writing"}


def test_a_day_can_be_chosen_and_the_first_is_one_with_the_largest_hole(usual: Path, serve_file: Serve) -> None:
    serve_file(usual)
    app = drawn()
    (days,) = app.segmented_control
    assert (days.value, list(days.options)) == (TUESDAY, ["Mon", "Tue", "Sat"])
    days.set_value(SATURDAY).run()
    assert not app.exception


def test_dependency_names_the_provider_with_most_and_marks_more_than_six_tenths(usual: Path, serve_file: Serve) -> None:
    serve_file(usual)
    app = drawn()
    rows = table(app, "what", "mark").set_index("what")
    everything = rows.loc[said.EVERYTHING]
    south = 4 * (3 + 1 + 1 + 1 + 1 + 3 + 10) + 3
    own = 4 * (2 + 1 + 1)
    assert (everything["contacts"], everything["provider"]) == (south + own + 12, HOSTILE)
    assert everything["share"] == pytest.approx(south / (south + own + 12))
    assert everything["in_house"] == pytest.approx(own / (south + own + 12))
    assert rows["mark"].to_dict() == {
        said.EVERYTHING: said.MARKED, "main · de": said.MARKED, "main · en": said.THIN, "main · nl": said.THIN,
    }  # fmt: skip
    assert (
        f"1 of 3 queues and languages hang on one provider for more than 60%: main · de ({HOSTILE}, 76.9%)."
        in texts(app)
    )
    topics = [one.value for one in app.dataframe if "what" in one.value and "returns" in set(one.value["what"])]
    assert dict(zip(topics[0]["what"], topics[0]["contacts"], strict=True))["returns"] == 52


def test_what_is_overdue_of_exit_plans_is_said(usual: Path, serve_file: Serve) -> None:
    serve_file(usual)
    app = drawn()
    shown = texts(app)
    assert f"{HOSTILE}: the plan is 526 days old." in shown
    assert "Third: no contract is configured, and so no exit plan; never drilled." in shown
    rows = table(app, "overdue", "owner").set_index("provider")
    assert list(rows.index) == ["Third", HOSTILE]
    plan = rows.loc[HOSTILE]
    assert (plan["owner"], plan["age_days"], plan["drilled"], plan["drill"]) == (
        HOSTILE, 526, "2 Mar 2026", said.DRILLS["for_real"],
    )  # fmt: skip


def test_nothing_of_a_users_is_read_as_markdown(usual: Path, serve_file: Serve) -> None:
    serve_file(usual)
    app = drawn()
    assert HOSTILE in texts(app)
    assert "evil" not in markdown(app)


BOUGHT = {name: site for name, site in SITES.items() if name != "north"}


@pytest.mark.parametrize(
    ("listed", "more", "line"),
    [
        (talks(), {"agents": False}, said.NO_AGENTS),
        ([talk for talk in talks() if talk.site != "north"], {"sites": BOUGHT}, said.NO_SITE),
        ([Talk("south", datetime(2026, 9, 1, 12, 0, tzinfo=UTC))], {"contract": ""}, said.NO_CONTACTS),
    ],
    ids=["agents", "sites", "contacts"],
)
def test_what_is_not_known_is_said_and_no_hole_is_named(
    tmp_path: Path, serve_file: Serve, listed: list[Talk], more: dict[str, Any], line: str
) -> None:
    serve_file(made(tmp_path, listed, **more))
    shown = texts(drawn())
    assert line in shown
    assert "Nobody in-house" not in shown


def test_a_company_that_buys_nothing_needs_no_plan(tmp_path: Path, serve_file: Serve) -> None:
    home = {"north": SITES["north"], "west": {"name": "West", "provider": "Own", "in_house": True}}
    serve_file(made(tmp_path, weekly("north", MONDAY, 10), sites=home, contract=""))
    shown = texts(drawn())
    assert said.NO_PROVIDERS in shown
    assert said.NO_HOLES in shown
    assert "no agent of West answered anything" in shown
    assert "All 4 contacts of the last 28 days came to in-house sites." in shown


def hour(weekday: int, at: int, agents: float = 0.0, bought: int = 4, language: str = "nl") -> Hour:
    return Hour(Pair("care", language, True), weekday, at, 4, bought, agents)


def test_days_alike_are_one_hole() -> None:
    week = [hour(day, at, agents=float(at < 20)) for day in range(5) for at in (19, 20, 21, 23)]
    (one,) = readiness.holes(week)
    assert (one.weekdays, one.hours, one.whole_day, one.contacts) == ((0, 1, 2, 3, 4), ((20, 22), (23, 24)), False, 60)
    assert "on Mondays to Fridays 20:00–22:00 and 23:00–00:00: 60 contacts" in said.hole(one)


def test_hours_with_own_contacts_alone_are_no_hole() -> None:
    assert readiness.holes([hour(0, 9, bought=0), hour(0, 10, agents=0.25)]) == []


def test_a_hole_is_told_by_its_text_and_not_by_its_colour_alone() -> None:
    assert said.agents(hour(0, 9)) == "✕ 0"
    assert [said.agents(hour(0, 9, agents=n)) for n in (0.25, 1.0, 12.4)] == ["<1", "1", "12"]
    assert said.agents(hour(0, 9, bought=0)) == "0"


def test_names_that_are_not_told_are_said_not_to_be() -> None:
    assert said.pair(Pair(NONE, NONE, False)) == "no queue told · language not told · in writing"


@settings(deadline=None)
@given(st.sets(st.integers(0, 167), min_size=1, max_size=60))
def test_whoever_answers_is_there_and_gaps_are_filled_up_to_three_hours(worked: set[int]) -> None:
    """By hand, hour by hour, against what is done with whole rows."""
    start = 8_850 * BITS
    there = {at for at in range(168) if at in worked}
    for first in worked:
        for second in worked:
            if 0 < second - first <= readiness.PAUSE_HOURS:
                there |= set(range(first, second))
    bits: dict[int, int] = {}
    for at in worked:
        bits[8_850 + at // BITS] = bits.get(8_850 + at // BITS, 0) | 1 << at % BITS
    rows: list[dict[str, Any]] = [
        {"site": "a", "agent_id": "x", "block": block, "hours": hours} for block, hours in bits.items()
    ]
    # As the store's answer: a column of numbers with gaps is of floats.
    rows.append({"site": "a", "agent_id": "x", "queue": "q", "language": "en", "calls": True})
    found = readiness.usually_there(pd.DataFrame(rows), "UTC")[Pair("q", "en", True)]
    expected: dict[tuple[int, int], float] = {}
    for at in there:
        when = datetime.fromtimestamp((start + at) * 3600, UTC)
        expected[when.weekday(), when.hour] = expected.get((when.weekday(), when.hour), 0.0) + 0.25
    assert found == expected


def test_agents_of_one_name_at_two_sites_are_two() -> None:
    skill: dict[str, Any] = {"queue": "q", "language": "en", "calls": True}
    rows: list[dict[str, Any]] = [{"site": site, "agent_id": "x", "block": 8_850, "hours": 1} for site in ("a", "b")]
    rows += [{"site": site, "agent_id": "x", **skill} for site in ("a", "b")]
    assert list(readiness.usually_there(pd.DataFrame(rows), "UTC")[Pair("q", "en", True)].values()) == [0.5]


SITES_FRAME = pd.DataFrame({"provider": ["Own", "Acme", "Bolt", "Cargo"], "in_house": [True, False, False, False]})


def plan_frame(*rows: dict[str, Any]) -> pd.DataFrame:
    names = ("provider", "owner", "where", "updated", "age_days", "last_drill_on", "last_drill_kind")
    return pd.DataFrame([{name: row.get(name) for name in names} for row in rows], columns=list(names))


def test_plans_overdue_come_first_and_each_says_what_is() -> None:
    today = date(2026, 11, 9)
    fresh = {"owner": "Ann", "where": "Intranet", "updated": date(2026, 1, 1), "age_days": 312}
    found = readiness.plans(
        plan_frame(
            {"provider": "Acme", **fresh, "last_drill_on": date(2026, 2, 1), "last_drill_kind": "simulated"},
            {"provider": "Bolt", **fresh, "last_drill_on": date(2025, 1, 1), "last_drill_kind": "for_real"},
            {"provider": "Cargo"},
        ),
        SITES_FRAME,
        today,
    )
    assert [(plan.provider, said.overdue(plan)) for plan in found] == [
        ("Cargo", "no exit plan; never drilled"), ("Bolt", "no drill in 677 days"), ("Acme", said.FINE),
    ]  # fmt: skip


def test_a_store_without_any_plans_has_one_missing_for_every_provider() -> None:
    found = readiness.plans(plan_frame(), SITES_FRAME, date(2026, 11, 9))
    assert found == [Plan(name, has_contract=False) for name in ("Acme", "Bolt", "Cargo")]


def test_a_year_to_the_day_is_not_overdue() -> None:
    plan = Plan("Acme", True, "Ann", "here", date(2025, 11, 9), 365, date(2025, 11, 9), "for_real", 365)
    assert not plan.is_overdue
    assert Plan("Acme", True, "Ann", "here", date(2025, 11, 8), 366, date(2026, 1, 1), "for_real", 1).is_overdue


def test_no_contacts_are_no_dependency() -> None:
    empty = pd.DataFrame(columns=["provider", "in_house", "queue", "language", "topic", "contacts"])
    assert readiness.dependencies(empty) == ([], [])


def test_the_chart_is_valid_and_has_a_title_and_a_text_for_those_who_do_not_see_it() -> None:
    data = pd.DataFrame(
        {"row": ["a", "a"], "hour": ["09:00", "10:00"], "shown": ["3", "✕ 0"], "hole": [False, True],
         "strength": [0.5, 0.5], "tip": ["x", "y"]}
    )  # fmt: skip
    description = said.chart_description(5, 1, 1)
    chart = readiness_charts.cover(data, ["a"], ["09:00", "10:00"], (said.CHART, "by hour", description))
    alt.LayerChart.from_dict(take_away.spec(chart))
    assert take_away.spec(chart)["title"]["text"] == said.CHART
    assert description == "Agents usually there on Saturdays by hour for 1 kind of work; 1 hour is a hole."
    assert take_away.png(chart)
