"""Parts of the dashboard that need no store: words about numbers, filters, literals, colours, charts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import charts
from dashboard import format as text
from dashboard.colours import PALETTE, SHAPES, site_styles
from dashboard.launch import APP, launch_command
from dashboard.literals import literal, render
from dashboard.scope import scope
from dashboard.scope.scope import Known, Scope
from models import quack
from models.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
MONDAYS = [date(2026, 9, 7) + timedelta(days=7 * n) for n in range(10)]
KNOWN = Known(("a", "b"), {"P": ("a",)}, tuple(MONDAYS), ("x",))
ANY_TEXT = st.text(st.characters(codec="utf-8"))
HOSTILE = ["'; drop table x; --", "a'b''c", "$since", "\\'", "\0", "'\0'", " ", "{{x}}", "''''", "é\u2028"]


# --- format -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"), (-3, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (125, "2 min 05 s"),
        (3600, "1 h 00 min"),
        (86_399, "23 h 59 min"), (100_000, "1 d 3 h"), (None, text.NO_DATA), (float("nan"), text.NO_DATA),
    ],
)  # fmt: skip
def test_a_duration_reads_as_people_say_it(seconds: float | None, shown: str) -> None:
    assert text.duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.834, "83.4%"), (0, "0.0%"), (1, "100.0%"), (0.00001, "< 0.1%"), (0.99999, "> 99.9%"),
        (None, "– no data"), (float("nan"), "– no data"),
    ],
)  # fmt: skip
def test_a_share_never_rounds_to_all_or_nothing(value: float | None, shown: str) -> None:
    assert text.share(value) == shown


def test_an_instant_ahead_of_the_clock_says_so() -> None:
    assert text.ago(NOW + timedelta(minutes=2), NOW) == "2 min 00 s ahead of the clock"
    assert text.ago(NOW - timedelta(minutes=3, seconds=5), NOW) == "3 min ago"
    assert text.ago(NOW - timedelta(days=1), NOW) == "1 day ago"
    assert text.ago(NOW - timedelta(days=13), NOW) == "13 days ago"
    assert text.ago(NOW - timedelta(days=14), NOW) == f"on {text.day(NOW - timedelta(days=14))}"
    assert text.ago(None, NOW) == text.NO_DATA


def test_a_moment_is_told_in_the_zone_named() -> None:
    assert text.moment(NOW, "Europe/Berlin") == "19 Nov 2026, 13:00"


@given(st.dates(date(1970, 1, 5), date(2200, 1, 1)))
def test_a_week_is_read_back_from_its_name(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    assert text.parse_week(text.week(monday)) == monday


@given(ANY_TEXT)
def test_what_is_no_week_is_none(value: str) -> None:
    week = text.parse_week(value)
    assert week is None or text.week(week) == value


# --- literals ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@given(st.one_of(ANY_TEXT, st.sampled_from(HOSTILE)))
def test_any_text_survives_as_a_literal_and_cannot_break_out(database: duckdb.DuckDBPyConnection, value: str) -> None:
    row = database.execute(render("select $value as v, $other as o", value=value, other="$value")).fetchall()
    assert row == [(value, "$value")]


@given(st.one_of(ANY_TEXT, st.sampled_from(HOSTILE)))
def test_any_text_survives_quoting_twice_as_quack_needs(database: duckdb.DuckDBPyConnection, value: str) -> None:
    inner = render("select $value as v", value=value)
    assert database.execute(f"select {quack.quoted(inner)}").fetchall() == [(inner,)]
    assert database.execute(f"from query({quack.quoted(inner)})").fetchall() == [(value,)]


@given(st.lists(ANY_TEXT, max_size=5), st.integers(-(2**62), 2**62), st.dates())
def test_lists_numbers_and_dates_survive(
    database: duckdb.DuckDBPyConnection, items: list[str], number: int, day: date
) -> None:
    statement = render("select $items, $number, $day", items=items, number=number, day=day)
    assert database.execute(statement).fetchall() == [(items, number, day)]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))
def test_an_instant_is_written_in_utc(database: duckdb.DuckDBPyConnection, instant: datetime) -> None:
    rows = database.execute(f"select {literal(instant)}").fetchall()
    assert rows == [(instant.astimezone(UTC).replace(tzinfo=None),)]


def test_an_instant_without_zone_other_types_and_broken_text_are_refused() -> None:
    for wrong in (datetime(2026, 1, 1), "\ud800", True, 1.5, None, [1], b"x"):
        with pytest.raises((TypeError, ValueError)):
            literal(wrong)  # type: ignore[arg-type]


def test_missing_and_unused_values_are_errors() -> None:
    with pytest.raises(ValueError, match="wants"):
        render("select $a")
    with pytest.raises(ValueError, match="given"):
        render("select 1", a="x")


# --- filters ----------------------------------------------------------------------------------------------


@given(
    st.lists(ANY_TEXT, unique=True, min_size=1, max_size=6).flatmap(
        lambda sites: st.tuples(st.just(sites), st.lists(st.sampled_from(sites), unique=True))
    ),
    st.one_of(st.none(), st.sampled_from(MONDAYS)),
    st.one_of(st.none(), st.sampled_from(MONDAYS)),
)
def test_filters_come_back_from_the_url_as_they_went(
    values: tuple[list[str], list[str]], first: date | None, last: date | None
) -> None:
    there, chosen = values
    if first and last and first > last:
        first, last = last, first
    every, some = tuple(there), tuple(sorted(chosen))
    known = Known(every, dict.fromkeys(every, ()), tuple(MONDAYS), every, every, every, every)
    given_ = Scope(some, some, first, last, some, some, some, some)
    assert scope.read(given_.to_query(), known) == (given_, [])


@given(st.dictionaries(st.one_of(st.sampled_from(scope.NAMES), ANY_TEXT), st.lists(ANY_TEXT, max_size=4)))
def test_no_query_string_gets_past_the_filters(query: dict[str, list[str]]) -> None:
    back, notes = scope.read(query, KNOWN)
    assert set(back.sites) <= {"a", "b"}
    assert set(back.providers) <= {"P"}
    assert set(back.queues) <= {"x"}
    assert not back.channels
    assert back.first is None or back.first in MONDAYS
    assert back.last is None or back.last in MONDAYS
    dropped = {site for site in query.get("site", []) if site not in ("a", "b")}
    assert len(notes) >= min(1, len(dropped))
    assert all(len(note) < 200 for note in notes)


def test_a_range_that_ends_before_it_begins_is_left_out_with_a_note() -> None:
    back, notes = scope.read({"from": ["2026-W40"], "to": ["2026-W38"]}, KNOWN)
    assert back == Scope()
    assert "ends before it begins" in notes[0]


def test_default_weeks_are_the_latest_quarter_of_a_year() -> None:
    weeks = tuple(date(2025, 1, 6) + timedelta(days=7 * n) for n in range(30))
    assert Known(weeks=weeks).default_weeks() == (weeks[-13], weeks[-1])
    assert Known(weeks=weeks[:2]).default_weeks() == weeks[:2]


# --- colours ----------------------------------------------------------------------------------------------


def _luminance(colour: str) -> float:
    def channel(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", PALETTE)
def test_every_colour_stands_out_on_the_light_and_on_the_dark_page(colour: str) -> None:
    light, dark, own = 1.0, _luminance("#12161C"), _luminance(colour)
    assert (light + 0.05) / (own + 0.05) >= 3
    assert (own + 0.05) / (dark + 0.05) >= 3


@given(st.sets(ANY_TEXT, max_size=20))
def test_every_site_has_a_style_of_its_own(sites: set[str]) -> None:
    styles = site_styles(sites)
    assert set(styles) == sites
    assert len({(style.colour, style.shape) for style in styles.values()}) == len(sites)
    assert len(PALETTE) == len(SHAPES)


def test_a_site_keeps_its_style_when_others_are_filtered_or_run_again() -> None:
    assert site_styles(["berlin", "manila"]) == site_styles(["manila", "berlin"])


# --- charts -----------------------------------------------------------------------------------------------


def test_the_legend_is_valid_and_breaks_into_rows() -> None:
    sites = [f"site-{n}-with-a-long-name-indeed" for n in range(9)]
    spec = charts.legend(sites, site_styles(sites), {}).to_dict()
    assert spec["height"] > 24
    assert "9 sites" in spec["description"]


# --- launch -----------------------------------------------------------------------------------------------


def test_the_command_serves_on_the_settings_address_and_reports_to_nobody(tmp_path: Path) -> None:
    command = launch_command(Settings(data_dir=tmp_path, dashboard_host="127.0.0.1", dashboard_port=12345))
    assert str(APP) in command
    assert "--server.address=127.0.0.1" in command
    assert "--server.port=12345" in command
    assert "--browser.gatherUsageStats=false" in command


def test_port_zero_becomes_a_free_port(tmp_path: Path) -> None:
    command = launch_command(Settings(data_dir=tmp_path, dashboard_port=0))
    assert "--server.port=0" not in command


def test_instants_of_other_zones_are_converted() -> None:
    at = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert literal(at) == "timestamp '2025-12-31 22:30:00.000000'"
