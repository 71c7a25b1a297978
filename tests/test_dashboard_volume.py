"""The Volume page against a real store, its series on days on which the clocks change, and its address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import words
from dashboard.scope import own
from dashboard.scope.behind import Behind
from dashboard.scope.scope import NONE, Known, Scope
from dashboard.volume import charts, filters, questions, series
from dashboard.volume import words as said
from models.settings import load_settings, with_secrets
from tests.dashboard_store import Server
from tests.rolled import standing_at
from tests.test_dashboard_pages import markdown, opened, texts
from tests.topic_store import Talk, made

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

ZONE = "Europe/Berlin"
HOSTILE = "<script>alert(1)</script> **bold** :red[x] [a](http://evil.example)"
MONDAY = datetime(2026, 10, 19, 7, 0, tzinfo=UTC)
NOW = datetime(2026, 10, 28, 12, 0, tzinfo=UTC)
SITES = {
    "north": {"name": "North", "provider": "Own", "in_house": True},
    "south": {"name": HOSTILE, "provider": "Bought"},
}
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
    read = load_settings(data_dir=folder, sites=SITES, reporting_zone=ZONE, **standing_at(NOW))
    return made(with_secrets(read), contacts, NOW)


def talks() -> list[Talk]:
    """Ten contacts a day at north and one at south, a campaign, one abandoned, and two that are open now."""
    found = []
    for day in range(9):
        at = MONDAY + timedelta(days=day)
        found += [Talk("north", at + timedelta(minutes=15 * n)) for n in range(9)]
        found.append(Talk("north", at + timedelta(hours=2), ended="abandoned"))
        found.append(Talk("south", at, campaign="autumn" if day == 1 else None, handed_on=day == 1))
    found += [
        Talk("north", NOW - timedelta(minutes=5), ended="waiting"),
        Talk("south", NOW - timedelta(hours=30), ended="talking", channel="messaging"),
    ]
    return found


def volume(**query: str | list[str]) -> AppTest:
    return opened("volume", **query)


def table(app: AppTest) -> pd.DataFrame:
    """The table of intervals."""
    frame: pd.DataFrame = app.dataframe[0].value
    return frame


def test_days_add_up_and_the_answer_stands_on_top(serve: Serve) -> None:
    serve()
    app = volume()
    shown = texts(app)
    assert "101 contacts were offered on 10 days, 10 a day; " in shown
    assert said.open_now(2, 1) in shown
    rows = table(app)
    assert rows["offered"].sum() == 101
    assert rows["abandoned"].sum() == 9
    assert rows["transferred"].sum() == 1
    assert rows["campaign_offered"].sum() == 1
    assert rows["interval"].iloc[0] == "Wed 28 Oct 2026 (so far)"
    assert rows["interval"].iloc[-1] == "Mon 19 Oct 2026"


def test_open_contacts_are_shown_by_age(serve: Serve) -> None:
    serve()
    app = volume()
    assert [(one.label, one.value) for one in app.metric] == list(zip(said.AGES, "110", strict=True))
    assert said.split(1, 0) in texts(app)
    assert said.split(0, 1) in texts(app)


@pytest.mark.parametrize(("grain", "rows"), [("week", 2), ("day", 10)])
def test_grain_comes_from_the_address_and_goes_back_to_it(serve: Serve, grain: str, rows: int) -> None:
    serve()
    app = volume(grain=grain)
    assert len(table(app)) == rows
    app.segmented_control(key="volume-own-grain").set_value("week").run()
    assert "week" in app.query_params["grain"]
    assert len(table(app)) == 2
    app.segmented_control(key="volume-own-line").set_value("site").run()
    assert "site" in app.query_params["line"]
    assert len(table(app)) == 4
    app.multiselect(key="volume-sites").set_value(["north"]).run()
    assert "north" in app.query_params["site"]
    assert "week" in app.query_params["grain"]
    assert len(table(app)) == 2


def test_quarter_hours_of_the_day_the_clocks_go_back_come_twice_with_their_offset(serve: Serve) -> None:
    twice = [Talk("north", datetime(2026, 10, 25, hour, 15, tzinfo=UTC)) for hour in (0, 1)]
    serve(*talks(), *twice)
    app = volume(grain="quarter", day="2026-10-25")
    rows = table(app).set_index("interval")
    assert len(rows) == 100
    assert rows.loc["Sun 25 Oct 2026, 02:15+02:00", "offered"] == 1
    assert rows.loc["Sun 25 Oct 2026, 02:15+01:00", "offered"] == 1
    assert "the hour before 03:00 comes twice" in texts(app)


def test_a_filter_the_quarter_hours_do_not_know_is_said(serve: Serve) -> None:
    serve()
    app = volume(topic="billing", grain="quarter")
    assert "not kept by topic, so that filter does not apply here" in texts(app)
    assert "not kept by" not in texts(volume(grain="quarter"))


def test_a_bad_address_is_dropped_with_a_note(serve: Serve) -> None:
    serve()
    app = volume(grain="**x**", line="nope", day="2020-01-01", other="1", site="nowhere")
    assert texts(app).count("It was left out.") == 5
    assert dict(app.query_params) == {}


def test_names_of_sites_are_never_read_as_markup(serve: Serve) -> None:
    serve()
    app = volume(line="site")
    assert HOSTILE in texts(app)
    assert "alert(1)" not in markdown(app)


def test_nothing_within_the_filters_is_said(serve: Serve) -> None:
    serve(Talk("north", MONDAY))
    assert words.NOTHING_IN_SCOPE in texts(volume(site="south"))


def test_stopped_ingest_leaves_the_charts_and_says_as_of_when(serve: Serve) -> None:
    serve().stop()
    app = volume()
    assert "Ingest is stopped" in app.warning[0].value
    assert table(app)["offered"].sum() == 101


# --- without a store ------------------------------------------------------------------------------------------

FAR = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "quarters"), [(date(2025, 3, 30), 92), (date(2025, 10, 26), 100), (date(2025, 6, 1), 96)]
)
def test_a_day_has_as_many_quarter_hours_as_it_has(day: date, quarters: int) -> None:
    grid = series.intervals("quarter", day, day + timedelta(days=1), ZONE, None, FAR)
    assert len(grid) == quarters
    assert (grid["until"] - grid["at"] == 15).all()
    assert grid["key"].is_unique
    assert grid["label"].is_unique


def test_the_missing_hour_is_absent_and_not_zero() -> None:
    grid = series.intervals("quarter", date(2025, 3, 30), date(2025, 3, 31), ZONE, None, FAR)
    clocks = [label.split(", ")[1] for label in grid["label"]]
    assert not [clock for clock in clocks if clock.startswith("02:")]
    assert clocks[7:9] == ["01:45", "03:00"]
    assert series.clock_changes(date(2025, 3, 24), date(2025, 3, 31), ZONE) == [
        said.DST_MISSING.format(day="30 Mar 2025", hour="03:00")
    ]


def test_only_the_repeated_hour_is_labelled_with_its_offset() -> None:
    grid = series.intervals("quarter", date(2025, 10, 26), date(2025, 10, 27), ZONE, None, FAR)
    clocks = [label.split(", ")[1] for label in grid["label"]]
    assert clocks[8:16] == [f"02:{m}+{o}:00" for o in ("02", "01") for m in ("00", "15", "30", "45")]
    assert sum("+" in clock for clock in clocks) == 8


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.sampled_from([ZONE, "America/New_York", "Asia/Kolkata", "UTC"]))
def test_quarter_hours_of_any_day_follow_each_other_without_a_gap(day: date, zone: str) -> None:
    grid = series.intervals("quarter", day, day + timedelta(days=1), zone, None, datetime(2100, 1, 1, tzinfo=UTC))
    assert list(grid["at"].iloc[1:]) == list(grid["until"].iloc[:-1])


def test_what_is_not_yet_and_what_was_before_the_first_data_is_not_there() -> None:
    first = date(2026, 10, 19)
    since, until = series.midnight(date(2026, 10, 20), ZONE), datetime(2026, 10, 22, 10, tzinfo=UTC)
    grid = series.intervals("day", first, first + timedelta(days=7), ZONE, since, until)
    assert list(grid["key"]) == ["2026-10-20", "2026-10-21", "2026-10-22"]
    assert list(grid["so_far"]) == [False, False, True]


def test_an_interval_without_contacts_is_zero() -> None:
    grid = series.intervals("day", date(2026, 10, 19), date(2026, 10, 22), ZONE, None, FAR)
    told = pd.DataFrame({"key": ["2026-10-20"], "line": ["all"], "offered": [5]})
    assert list(series.complete(told, grid, ["all"], ["offered"])["offered"]) == [0, 5, 0]


def test_backlog_is_never_below_zero_and_a_quiet_day_keeps_it() -> None:
    first = date(2026, 10, 19)
    told = pd.DataFrame(
        {"date": [first, first + timedelta(days=2)], "most": [4, 2], "at_end": [3, -1], "least": [0, -1]}
    )
    days = series.daily_backlog(told, first, first + timedelta(days=4), first + timedelta(days=3))
    assert list(days["most"]) == [4, 3, 3, 0]
    assert list(days["at_end"].iloc[:3]) == [3, 3, 0]
    assert days["at_end"].isna().iloc[3]
    assert list(days["below"]) == [False, False, True, False]


def test_the_fine_backlog_stands_until_it_changes() -> None:
    grid = series.intervals("quarter", date(2026, 10, 19), date(2026, 10, 20), ZONE, None, FAR)
    told = pd.DataFrame(
        {"starts_at": pd.to_datetime(["2026-10-18 20:00", "2026-10-19 08:00", "2026-10-19 08:15"]), "open": [2, 5, -1]}
    )
    quarters = series.quarter_backlog(told, grid).set_index("key")["open"]
    assert quarters["2026-10-18T22:00Z"] == 2
    assert quarters["2026-10-19T08:00Z"] == 5
    assert quarters.iloc[-1] == 0


@pytest.mark.parametrize(
    ("grain", "lines", "days"),
    [("quarter", 1, 14), ("quarter", 5, 2), ("quarter", 40, 1), ("day", 5, 371), ("week", 1, 700)],
)
def test_a_chart_shows_no_more_than_can_be_read(grain: str, lines: int, days: int) -> None:
    end = date(2026, 11, 23)
    assert (end - filters.fitting(end - timedelta(days=700), end, grain, lines)).days == days


@settings(deadline=None)
@given(st.text() | st.sampled_from([*filters.GRAIN.options, *filters.LINE.options]))
def test_any_address_gives_a_known_choice(value: str) -> None:
    for choice in (filters.GRAIN, filters.LINE):
        chosen, bad = choice.read([value])
        assert chosen in choice.options
        assert (bad is None) == (value in choice.options)


@settings(deadline=None)
@given(st.sampled_from(filters.GRAIN.options), st.sampled_from(filters.LINE.options))
def test_choices_come_back_from_the_address_as_they_went(grain: str, line: str) -> None:
    choices = (filters.GRAIN, filters.LINE)
    query = own.query(choices, {"grain": grain, "line": line})
    assert [choice.read(query[choice.name]) for choice in choices] == [(grain, None), (line, None)]


KNOWN = Known(sites=("a", "b"), providers={"P": ("a",), "Q": ("b",)}, weeks=(date(2026, 10, 19),), queues=("x", "y"))


def test_a_list_takes_one_value_of_a_filter_and_says_when_it_is_wider() -> None:
    behind = Behind(Scope(providers=("P",), queues=("x",)), KNOWN)
    day = date(2026, 10, 20)
    assert behind.query(day, day) == {"site": ["a"], "from": ["2026-10-20"], "to": ["2026-10-20"], "queue": ["x"]}
    assert not behind.too_wide
    assert Behind(Scope(queues=("x", "y")), KNOWN).too_wide
    assert Behind(Scope(queues=(NONE,)), KNOWN).too_wide


@settings(deadline=None)
@given(st.text(max_size=20))
def test_what_users_made_up_stays_a_value_of_the_question(name: str) -> None:
    if any("\ud800" <= c <= "\udfff" for c in name):
        return
    scope = Scope(queues=(name,), topics=(name,))
    for question in (questions.heat(scope, KNOWN), questions.backlog(scope, KNOWN, by_day=True)):
        assert "$" not in question.replace(name, "")


def test_ticks_name_days_and_hours_of_the_reporting_zone() -> None:
    day = date(2025, 10, 26)
    grid = series.intervals("quarter", day, day + timedelta(days=1), ZONE, None, FAR)
    assert list(charts.ticks(grid, "quarter", ZONE).values()) == [
        "00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00",
    ]  # fmt: skip
    weeks = series.intervals("week", date(2025, 1, 6), date(2026, 1, 5), ZONE, None, FAR)
    assert len(charts.ticks(weeks, "week", ZONE)) <= charts.MOST_TICKS


def test_charts_describe_themselves_and_need_no_colour() -> None:
    grid = series.intervals("day", date(2026, 10, 19), date(2026, 10, 26), ZONE, None, FAR)
    told = pd.DataFrame({"key": ["2026-10-20"] * 2, "line": ["a", "b"], "offered": [5, 7]})
    data = series.complete(told, grid, ["a", "b"], ["offered"])
    styles = charts_styles(["a", "b"])
    spec: dict[str, Any] = charts.interval_lines(data, "offered", "day", ZONE, styles, {"a": "A"}).to_dict()
    assert "2 lines, 7 intervals" in spec["description"]
    assert any("shape" in layer.get("encoding", {}) for layer in spec["layer"])


def charts_styles(lines: list[str]) -> dict[str, Any]:
    from dashboard.colours import site_styles

    return dict(site_styles(lines))
