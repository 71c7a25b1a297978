"""The Today page: its figures by hand, and the page against a real store with and without forecasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import words
from dashboard.today import words as said
from dashboard.today.outlook import level_at_end, outlook
from tests.dashboard_store import Contact, Site, add_contacts, add_quarter_hours, add_sites, create
from tests.test_dashboard_pages import opened, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.dashboard_store import Server

NOON = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("fresh_caches")


def quarters(*rows: dict[str, object]) -> pd.DataFrame:
    """Quarter-hours from 11:45 UTC on."""
    starts = [pd.Timestamp("2026-11-20 11:45") + pd.Timedelta(minutes=15 * n) for n in range(len(rows))]
    return pd.DataFrame(rows).assign(starts_at=starts)


FORECAST = quarters(
    {"mean": 6.0, "plan_mean": 5.0, "actual": 8.0},
    {"mean": 6.0, "plan_mean": 5.0, "actual": None},
    {"mean": 3.0, "plan_mean": 4.0, "actual": None},
)
STAFFING = quarters(
    {"required": 9, "staffed": 2.0, "usual": 9.0},
    {"required": 5, "staffed": None, "usual": 4.0},
    {"required": 7, "staffed": None, "usual": 4.5},
)


def test_what_is_left_counts_the_rest_of_the_quarter_hour_that_runs() -> None:
    found = outlook(FORECAST, STAFFING, NOON)
    assert (found.come, found.planned) == (8.0, 5.0)
    assert found.left == pytest.approx(6.0 * 10 / 15 + 3.0)


def test_the_shortest_quarter_hour_is_one_to_come() -> None:
    found = outlook(FORECAST, STAFFING, NOON)
    assert found.short == 2.5
    assert found.short_at == datetime(2026, 11, 20, 12, 15, tzinfo=UTC)
    enough = outlook(FORECAST, STAFFING.assign(required=3), NOON)
    assert (enough.short, enough.short_at) == (0.0, None)


def test_nothing_known_gives_nothing() -> None:
    found = outlook(FORECAST.iloc[:0], STAFFING.iloc[:0], NOON)
    assert (found.come, found.planned, found.left, found.short) == (0, 0, 0, 0)


def test_a_silent_quarter_hour_is_in_neither_side_of_the_comparison() -> None:
    later = NOON + timedelta(minutes=15)
    assert outlook(FORECAST, STAFFING, later).planned == 5.0


@pytest.mark.parametrize(
    ("met", "reached", "recent", "left", "expected"),
    [
        (80, 100, 0.5, 100, 0.65), (80, 100, None, 300, 0.8), (80, 100, 0.0, 0, 0.8), (0, 0, None, 50, None),
        (0, 0, 0.9, 50, 0.9), (0, 0, 0.9, 0, None),
    ],
)  # fmt: skip
def test_the_days_level_ends_where_the_rest_takes_it(
    met: float, reached: float, recent: float | None, left: float, expected: float | None
) -> None:
    assert level_at_end(met, reached, recent, left) == (None if expected is None else pytest.approx(expected))


@pytest.fixture
def store(tmp_path: Path) -> Callable[[bool], Path]:
    """A store with a contact of an hour ago, and with a forecast of the day or not."""

    def make(forecast: bool) -> Path:
        now = datetime.now(UTC)
        path = tmp_path / "backstop.duckdb"
        connection = create(path, zone="UTC")
        add_sites(connection, [Site("berlin", "**Berlin**", "Own", True), Site("manila", "Manila")])
        add_quarter_hours(connection, {now.year - 1, now.year, now.year + 1}, "UTC")
        add_contacts(connection, [Contact("berlin", now - timedelta(hours=1))], now)
        if forecast:
            day = now.date()
            midnight = datetime(day.year, day.month, day.day)
            connection.execute(
                "insert into private.forecast_version by name select 1::bigint as version, 'berlin' as site, "
                "$day::date as date, $at::timestamp as made_at, 'seasonal_mean' as method, "
                "[$day::date - 7, $day::date - 14] as basis, [$day::date - 21] as left_out, 192.0 as mean, "
                "150.0 as low, 230.0 as high, 0.9 as level",
                {"day": day, "at": midnight},
            )
            connection.execute(
                "insert into private.forecast_version by name select 2::bigint as version, 'manila' as site, "
                "$day::date as date, $at::timestamp as made_at, 'too few days' as reason, [] as basis, [] as left_out",
                {"day": day, "at": midnight},
            )
            connection.execute(
                "insert into private.forecast_slot by name select 1::bigint as version, 'berlin' as site, "
                "$day::date as date, $at::timestamp + to_minutes(15 * n) as starts_at, 2.0 as mean, 0.0 as low, "
                "5.0 as high, false as silent from range(96) slots(n)",
                {"day": day, "at": midnight},
            )
        connection.close()
        return path

    return make


def test_the_page_shows_expected_and_come_by_site(
    store: Callable[[bool], Path], serve_file: Callable[[Path], Server]
) -> None:
    serve_file(store(True))
    app = opened("today")
    figures = {element.label: element.value for element in app.metric}
    assert figures[said.EXPECTED_TODAY] == "192 (150 to 230)"
    table = app.dataframe[0].value
    assert list(table["name"]) == ["**Berlin**", "Manila"]
    assert table["reason"].tolist() == ["", "too few days"]
    assert "Rests on" in texts(app)
    assert "Left out:" in texts(app)
    assert "**Berlin**" not in "".join(str(element.value) for element in app.markdown)
    app = opened("today", site="manila")
    assert said.NONE_OF_SITE in texts(app)
    assert "too few days" in texts(app)


def test_without_a_forecast_the_page_says_when_there_will_be_one(
    store: Callable[[bool], Path], serve_file: Callable[[Path], Server]
) -> None:
    serve_file(store(False))
    app = opened("today")
    assert [element.value for element in app.info] == [said.NOT_YET]


def test_a_site_nobody_knows_is_left_out_of_the_address(
    store: Callable[[bool], Path], serve_file: Callable[[Path], Server]
) -> None:
    serve_file(store(True))
    app: AppTest = opened("today", site="nowhere")
    assert words.dropped_filter("site", "nowhere") in texts(app)
    assert "site" not in app.query_params
