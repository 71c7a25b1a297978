"""The Compare page against a real store, and what it works out from sums and addresses."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import altair as alt
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.colours import site_styles
from dashboard.compare import card_section, charts, choice, signals, week_section, words
from dashboard.compare.bridge import bridge
from dashboard.compare.choice import HEADLINE, IN_HOUSE, Choice
from dashboard.compare.scorecard import Cell
from dashboard.compare.units import Units, units_of
from dashboard.compare.watched import Point, watch
from dashboard.figures import shown, take_away
from dashboard.queries import Status
from ingest.rollup.weeks import add_up, add_up_open, stale_weeks
from models.fairness.control import Direction, NoLimits
from models.metrics.catalogue import BY_NAME, CATALOGUE
from tests.dashboard_store import Server, Site, add_quarter_hours, add_sites, create, monday_of
from tests.test_dashboard_pages import markdown, opened, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb
    from streamlit.testing.v1 import AppTest

    from models.metrics.metric import Metric

    Serve: TypeAlias = Callable[[Path], Server]

HOSTILE = "<script>alert(1)</script> **bold** :red[x] -dash- [a](http://evil.example)"
SITES = [Site("berlin", "Berlin", "Own", True), Site("manila", "Manila", "Northwind")]
WEEKS = 12
MONDAY = date(2026, 8, 31)
pytestmark = pytest.mark.usefixtures("fresh_caches")


def add_sums(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """Sums by day as the roll-up would have left them."""
    frame = pd.DataFrame(rows).assign(build=1)
    connection.register("rows", frame)
    connection.execute(f"insert into private.day_{table} by name select * replace (date::date as date) from rows")
    connection.execute(f"insert into private.rolled_day select distinct 1, '{table}', date::date from rows")
    connection.unregister("rows")


def fill(connection: duckdb.DuckDBPyConnection, sites: list[Site], weeks: int = WEEKS, ago: int = 3) -> None:
    """Berlin solves more of each topic; Manila gets the easy ones. The last week ended `ago` weeks back."""
    today = datetime.now(UTC).date()
    last = monday_of(today) - timedelta(weeks=ago)
    add_sites(connection, sites)
    add_quarter_hours(connection, {today.year - 1, today.year})
    shares = {"berlin": {"easy": (100, 95), "hard": (400, 300)}, "manila": {"easy": (400, 368), "hard": (100, 65)}}
    arrivals, completions, repeats = [], [], []
    for back in range(weeks):
        for day in range(5):
            at = last - timedelta(weeks=back) + timedelta(days=day)
            for site in sites:
                for topic, (n, solved) in shares.get(site.site, shares["manila"]).items():
                    key = {"date": at, "site": site.site, "queue": "q", "channel": "voice", "language": "en"}
                    key |= {"topic": topic, "band": "morning"}
                    late = n // 10 + (back * 7 + day) % 5
                    arrivals.append(
                        key | {
                            "offered": n, "answered": n - 10, "abandoned": 10, "left_queue": 0,
                            "answered_in_target": n - 10 - late, "own_level_good": n - 10, "own_level_of": n - 10,
                            "answered_in_own_target": n - 10, "answered_wait_ms": 5000 * n,
                        }
                    )  # fmt: skip
                    wobble = (back * 3 + day * 2) % 7
                    handled = {"handled": n - 10, "handle_ms": (n - 10) * (300_000 + 1000 * wobble), "transferred": 1}
                    completions.append(key | handled)
                    repeats.append(key | {"resolvable": n, "repeated_7d": n - solved + (back + day) % 3})
    add_sums(connection, "arrivals", arrivals)
    add_sums(connection, "completions", completions)
    add_sums(connection, "repeats", repeats)
    until = today.isoformat()
    for kind in ("contacts", "answers"):
        connection.execute(
            f"insert into private.rolled_up values (1, '{kind}', now()::timestamp, 0, 0, date '{until}', "
            f"timestamp '{until}', 1, '')"
        )
    for stretch in stale_weeks(connection):
        add_up(connection, 2, stretch)
    add_up_open(connection, 2)


def store_of(folder: Path, sites: list[Site] = SITES, weeks: int = WEEKS) -> Path:
    """The file of a store with these sites and weeks of sums."""
    path = folder / "backstop.duckdb"
    connection = create(path)
    fill(connection, sites, weeks)
    connection.close()
    return path


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(tmp_path_factory.mktemp("usual"))


@pytest.fixture
def served(usual: Path, serve_file: Serve) -> Server:
    return serve_file(usual)


def compare(**query: str | list[str]) -> AppTest:
    return opened("compare", **query)


def card(app: AppTest) -> pd.DataFrame:
    frame: pd.DataFrame = app.dataframe[0].value
    return frame.set_index("metric")


def test_the_scorecard_shows_figure_n_change_and_the_others_without_itself(served: Server) -> None:
    app = compare()
    cell = str(card(app).loc["First-contact resolution", "manila"]).replace("\u00a0", " ")
    assert cell.startswith("86.3%  n 2,500")
    # By hand: (433 x 5 - 8) of 2,500 against (395 x 5 - 8) of 2,500 at Berlin alone.
    assert "others ▲ +7.6 pp better" in cell
    assert "before ≈" in cell
    assert card(app).shape == (len(HEADLINE), 2)
    # Without targets in the settings there is no word of one.
    assert "target" not in card(app).to_string()


def test_who_only_looks_better_is_said_first_and_in_a_sentence(served: Server) -> None:
    app = compare()
    said = texts(app)
    assert "First-contact resolution: Manila looks better by 7.6 pp, but takes easier work." in said
    assert "in-house solves 38 more at first contact than Manila" in said
    assert "Manila against in-house" in said
    assert "First-contact resolution: clearly worse" in said or "First-contact resolution: slightly worse" in said


def test_the_address_holds_the_choice_and_nothing_unknown(served: Server) -> None:
    app = compare(by="provider", metric=["csat", "offered", "nonsense"], pair=["Northwind", "Own"], weird="1")
    assert list(card(app).columns) == ["Own", "Northwind"]
    assert list(card(app).index) == ["Customer satisfaction", "Offered"]
    assert "metric “nonsense”" in texts(app)
    assert "“weird”" in texts(app)
    assert "Northwind against Own" in texts(app)
    assert app.query_params["by"] == "provider"
    assert app.query_params["metric"] == ["csat", "offered"]
    assert app.query_params["pair"] == ["Northwind", "Own"]
    assert "weird" not in app.query_params


def test_a_widget_changes_the_address_and_stays(served: Server) -> None:
    app = compare()
    app.selectbox(key="compare-look").set_value("service_level").run()
    assert app.query_params["look"] == "service_level"
    app.selectbox(key="compare-one").set_value("berlin").run()
    app.selectbox(key="compare-other").set_value("manila").run()
    assert app.query_params["pair"] == ["berlin", "manila"]
    assert app.query_params["look"] == "service_level"
    # Manila's work is under decision, whichever was named first.
    assert "Manila against Berlin" in texts(app)


def test_names_are_never_read_as_markup(tmp_path: Path, serve_file: Serve) -> None:
    serve_file(store_of(tmp_path, [Site("berlin", "Berlin", "Own", True), Site("manila", HOSTILE, HOSTILE)]))
    for query in ({}, {"by": "provider"}, {"look": "service_level"}):
        app = compare(**query)
        assert "alert(1)" not in markdown(app)
        assert HOSTILE in texts(app)
        assert all("alert(1)" not in expander.label for expander in app.expander)


def test_few_weeks_have_no_usual_range_and_it_says_so(tmp_path: Path, serve_file: Serve) -> None:
    serve_file(store_of(tmp_path, weeks=3))
    assert "No usual range yet: fewer than 8 finished weeks." in texts(compare())


def test_one_site_alone_has_nothing_to_compare_with(tmp_path: Path, serve_file: Serve) -> None:
    serve_file(store_of(tmp_path, SITES[:1]))
    said = texts(compare())
    assert words.ONE_ONLY in said
    assert words.NO_PAIR in said


def test_filters_hold_for_all_of_the_page(served: Server) -> None:
    app = compare(site="manila", topic="hard")
    assert list(card(app).columns) == ["manila"]
    assert words.OVERLAP_FILTERED in texts(app)


weeks_known = [MONDAY + timedelta(weeks=n) for n in range(5)]
known_units: dict[choice.By, tuple[str, ...]] = {"site": ("berlin", "manila"), "provider": ("Own", HOSTILE)}
values = st.one_of(
    st.text(max_size=20), st.sampled_from(["site", "provider", "csat", "offered", "berlin", "manila", IN_HOUSE]),
    st.sampled_from(["2026-W36", "2026-W99", "2026-W37"]),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(choice.OWN), st.lists(values, max_size=4)))
def test_any_address_is_read_and_what_it_says_is_written_back_alike(query: dict[str, list[str]]) -> None:
    found, _ = choice.read(query, weeks_known, known_units)
    again, notes = choice.read(found.to_query(), weeks_known, known_units)
    assert again.to_query() == found.to_query()
    assert notes == []
    assert found.shown
    assert found.week is None or found.week in weeks_known


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), st.integers(1, 500))
def test_the_steps_of_a_bridge_add_up_exactly(in_both: int, only_own: int, abandoned: int, slow: int) -> None:
    answered = in_both + only_own + slow
    row = {
        "answered": answered, "abandoned": abandoned, "answered_in_target": in_both,
        "answered_in_own_target": in_both + only_own, "own_level_good": in_both + only_own, "own_level_of": answered,
    }  # fmt: skip
    steps = bridge(row)
    assert steps is not None
    assert steps.own + steps.threshold + steps.counted == pytest.approx(steps.ours)
    lines = words.bridge(steps, "Sofia")
    assert lines[-1].endswith(f"{round(1000 * steps.ours) / 10:.1f}%.") or len(lines) == 1


def test_a_bridge_says_threshold_first_and_then_who_counts() -> None:
    row = {
        "answered": 1000, "abandoned": 60, "answered_in_target": 800, "answered_in_own_target": 860,
        "own_level_good": 860, "own_level_of": 1000,
    }  # fmt: skip
    steps = bridge(row)
    assert steps is not None
    assert words.bridge(steps, "Sofia") == [
        "Sofia reports 86.0%.",
        "−6.0 pp because our threshold is another than its own.",
        "−4.5 pp because of who counts: with us everybody who was answered or gave up waiting.",
        "That makes our 75.5%.",
    ]


def points(values: list[float], n: float = 1000) -> list[Point]:
    return [Point(MONDAY + timedelta(weeks=week), value, n) for week, value in enumerate(values)]


def test_a_week_beyond_its_usual_range_is_an_alarm_and_does_not_widen_it() -> None:
    calm = [0.80, 0.81, 0.79, 0.80, 0.82, 0.80, 0.79, 0.81]
    line = watch("a", BY_NAME["csat"], points([*calm, 0.60, 0.60, 0.60, 0.60]), 0.02)
    assert [(alarm.index, alarm.direction) for alarm in line.alarms] == [(n, Direction.BELOW) for n in (8, 9, 10, 11)]
    assert line.chart.baseline == 8


def test_a_small_move_of_a_large_site_is_no_alarm() -> None:
    calm = [0.800, 0.801, 0.800, 0.799] * 3
    assert not watch("a", BY_NAME["csat"], points([*calm, 0.790], 1_000_000), 0.02).alarms


def test_thin_unfinished_and_silent_weeks_are_not_judged() -> None:
    frame = pd.DataFrame({"unit": "a", "week_start": weeks_known, "csat": 0.5, "csat_n": [100, 29, 100, 100, 100]})
    today = weeks_known[-1] + timedelta(days=3)
    found = signals.points_of(frame, "a", BY_NAME["csat"], weeks_known, {("a", weeks_known[2])}, today)
    assert [point.judged for point in found] == [True, False, False, False, False]


def test_fewer_than_eight_weeks_have_no_limits() -> None:
    line = watch("a", BY_NAME["csat"], points([0.8] * 7), 0.02)
    assert line.chart.reason is NoLimits.TOO_FEW_POINTS
    assert not line.alarms


def test_a_day_far_below_its_weekday_is_found_and_a_closed_one_is_not() -> None:
    rows = [
        {"unit": "a", "date": MONDAY + timedelta(days=n), "offered": 300.0, "answered": 300.0 + n % 5}
        for n in range(7 * 12)
    ]
    rows[66] |= {"answered": 100.0}
    rows[67] |= {"answered": 0.0, "offered": 0.0}
    found = signals.collapsed_days(pd.DataFrame(rows), ["a"], MONDAY, MONDAY + timedelta(weeks=13))
    assert [one.day for one in found] == [MONDAY + timedelta(days=66)]


def test_pairs_are_every_bought_one_with_the_companys_own() -> None:
    sites = pd.DataFrame(
        [(site.site, site.name, site.provider, site.in_house) for site in [*SITES, Site("lima", "Lima", "Northwind")]],
        columns=["site", "name", "provider", "in_house"],
    )
    by_site, by_provider = units_of(sites, "site"), units_of(sites, "provider")
    assert by_site.pairs(None, by_site.names) == [("lima", IN_HOUSE), ("manila", IN_HOUSE)]
    assert by_provider.pairs(None, by_provider.names) == [("Northwind", IN_HOUSE)]
    assert by_provider.sites["Northwind"] == ("manila", "lima")
    assert Units("site", {}, {IN_HOUSE: ()}, frozenset()).pairs(None, ["x"]) == []


def test_a_choice_without_anything_chosen_leaves_the_address_empty() -> None:
    assert not any(Choice().to_query().values())
    assert set(Choice().to_query()) == set(choice.OWN)


def test_a_file_of_the_scorecard_has_plain_numbers_and_every_n() -> None:
    cell_columns = {"week", "site", "name", "metric", "value", "n", "week_before", "others_together"}
    cell = Cell("manila", BY_NAME["csat"], 0.5, 10.0, 0.4, None, None, final=True, silent=False)
    frame = card_section.card_rows([cell], found_of(), MONDAY)
    assert cell_columns <= set(frame)
    assert frame.iloc[0][["name", "value", "n"]].tolist() == ["@evil", 0.5, 10.0]


# --- charts and files over the weeks --------------------------------------------------------------------------

TODAY = weeks_known[-1] + timedelta(days=3)
EVIL = Units("site", {"manila": "@evil", "=cmd()": "**bold**"}, {}, frozenset())


def week_figures() -> pd.DataFrame:
    """Two sites: one has no second week, both have no answers in the first."""
    rows = []
    for number, week in enumerate(weeks_known):
        for unit in EVIL.names:
            if unit == "manila" and number == 1:
                continue
            rows.append({"unit": unit, "week_start": week})
            for metric in CATALOGUE:
                rows[-1] |= {metric.name: 0.25 * number or None, f"{metric.name}_n": 100.0 * number}
    return pd.DataFrame(rows)


def found_of() -> Any:
    """What the page worked out, as far as its files need it."""
    status = Status("consuming", "", None, None, None, "Europe/Berlin", 20, datetime.now(UTC), TODAY)
    return SimpleNamespace(
        choice=Choice(("csat", "offered")), units=EVIL, now=status, weekly=week_figures(), weeks=weeks_known,
        shown=list(EVIL.names),
    )  # fmt: skip


def drawn(name: str) -> pd.DataFrame:
    lines = signals.watch_all(week_figures(), list(EVIL.names), [BY_NAME[name]], weeks_known, set(), TODAY)
    return charts.week_frame(lines, EVIL, weeks_known[0], TODAY)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_a_chart_is_valid_and_has_title_unit_and_a_description_without_names(metric: Metric) -> None:
    spec = charts.week_lines(drawn(metric.name), metric, site_styles(EVIL.names), []).to_dict()
    assert spec["title"]["text"] == metric.label
    assert spec["title"]["subtitle"] == shown.UNITS[metric.unit]
    assert f"{metric.label} by week, 2 lines" in spec["description"]
    alt.LayerChart.from_dict(spec)


def test_a_missing_week_and_an_empty_denominator_are_gaps_and_never_zero() -> None:
    manila = drawn("csat").set_index(["unit", "week"]).loc["manila"]
    assert list(manila["value"].isna()) == [True, True, False, False, False]
    assert list(manila["value_text"].iloc[:3]) == ["– no data", "– no data", "50.0%"]


def test_the_week_not_over_is_marked() -> None:
    data = drawn("offered")
    assert set(data[data["so_far"]]["week"]) == {weeks_known[-1].isoformat()}
    assert all("(so far)" in line for line in data[data["so_far"]]["week_text"])


def test_the_csv_of_the_weeks_holds_plain_numbers_and_no_formula() -> None:
    rows = week_section.table_rows(found_of())
    lines = take_away.csv(rows, []).decode("utf-8-sig").split("\r\n")
    assert lines[0] == (
        "week,week_start,week_complete,time_zone,service_level_within_s,site,name,csat,csat_n,offered,simulated"
    )
    assert lines[1] == "2026-W40,2026-09-28,False,Europe/Berlin,20,manila,'@evil,1.0,400.0,1.0,False"
    assert lines[2].startswith("2026-W40,2026-09-28,False,Europe/Berlin,20,'=cmd(),**bold**,")
    assert lines[-2] == "2026-W36,2026-08-31,True,Europe/Berlin,20,'=cmd(),**bold**,,0.0,,False"
    assert take_away.csv_name("compare", rows, []) == "backstop-compare.csv"


def test_a_csv_of_simulated_sites_says_so_by_its_name_and_row_by_row() -> None:
    rows = week_section.table_rows(found_of())
    assert take_away.csv_name("compare", rows, ["manila"]) == "backstop-compare-demo.csv"
    back = pd.read_csv(io.BytesIO(take_away.csv(rows, ["manila"])))
    assert (back["simulated"] == (back["site"] == "manila")).all()
    assert back["simulated"].any()
