"""The catalogue of metrics is whole: one name each, sums there are, words for all, nothing of the field left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ingest.store import Store
from models.metrics.catalogue import BY_NAME, CATALOGUE, MISSING
from models.metrics.metric import Metric
from models.metrics.views import VIEWS
from models.rollups import ROLLUPS
from models.settings import load_settings, with_secrets
from tests.builders import answered_call
from tests.rolled import commit, roll_up

FIELD: dict[str, str | tuple[str, ...]] = {
    # B1, volume.
    "Offered": "offered",
    "Handled / answered": ("answered", "handled"),
    "Abandoned": "abandoned",
    "Short abandon": "abandonment_rate_net",
    "Flow-out": ("left_queue", "callback_rate"),
    "Contact rate": "contact_rate",
    # B2, accessibility.
    "sl_negative": "service_level",
    "sl_ignore_within_T": "sl_ignore_within_T",
    "sl_ignore_short": "sl_ignore_short",
    "sl_positive": "sl_positive",
    "sl_answered_only": "sl_answered_only",
    "sl_flowout": "sl_flowout",
    "Abandonment rate": ("abandonment_rate", "abandonment_rate_net"),
    "ASA": "average_speed_of_answer_s",
    "Average wait (all)": "average_wait_s",
    "Max wait": "longest_wait_s",
    "Callback": "callback_rate",
    # B3, handling and productivity.
    "AHT": ("average_handle_time_s", "average_talk_s", "average_hold_s", "average_wrap_up_s"),
    "Occupancy": "occupancy",
    "Utilisation": "utilisation",
    "Slot utilisation (chat)": "slot_utilisation",
    "Concurrency": "concurrency",
    "Adherence": "adherence",
    "Conformance": "conformance",
    "Shrinkage": "shrinkage",
    "Scheduled heads": "shrinkage",  # Required heads / (1 - shrinkage).
    "Line adherence": "line_adherence",
    "Transfer rate": ("transfer_rate", "transferred_away_rate", "bounce_back_rate"),
    "Attrition (agents)": "attrition",
    "Forecast error": "forecast_error",
    # B4, outcome and quality.
    "FCR": "first_contact_resolution",
    "Repeat contact": ("repeat_rate", "repeat_rate_1d", "repeat_rate_30d"),
    "Coverage of FCR": "known_customer_share",
    "Survey FCR": "survey_resolution",
    "CSAT (top-2-box)": ("csat", "csat_mean", "csat_response_rate"),
    "NPS": ("nps", "nps_response_rate"),
    "CES": ("ces", "ces_response_rate"),
    "QA score": ("qa_score_client", "qa_score_provider"),
    "Critical-error accuracy": (
        "critical_accuracy_client", "critical_accuracy_provider", "critical_accuracy_customer",
        "critical_accuracy_business", "critical_accuracy_compliance",
    ),
    "Calibration gap": ("calibration_gap", "calibration_agreement"),
    # B5, cost.
    "Cost per contact": "cost_per_contact",
    "Cost per handle minute": "cost_per_handle_minute",
    "Cost per resolution": "cost_per_resolution",
    "Cost of repeats": "cost_of_repeats",
    "Cost per productive hour": "cost_per_productive_hour",
    # B6, chat.
    "First response time": ("first_response_s", "first_response_joined_s"),
    "Average response time": ("average_response_s", "turns_answered"),
    "Chat service level": "service_level",
    "Chat abandonment": "abandonment_rate",
    "Conversation close time": "closing_s",
    "Concurrency for staffing": "concurrency",
}  # fmt: skip
"""Every metric of sections B1 to B6 of the reference, by its name there, and what it is called here."""

ELSEWHERE = {
    "Backlog": ("day_quarters", ("offered", "closed")),
    "Wait percentiles": ("day_waits", ("bin", "answered_waits", "abandoned_waits")),
    "Contract note: intervals meeting target": ("day_quarters", ("answered_in_target", "answered", "abandoned")),
}
"""Those that are no ratio of sums: the view and the columns they are read from."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(with_secrets(load_settings(data_dir=tmp_path_factory.mktemp("catalogue"))))
    commit(opened, answered_call())
    roll_up(opened)
    yield opened
    opened.connection.close()


def ask(store: Store, query: str) -> list[Any]:
    return store.connection.execute(query).fetchall()


def columns(store: Store, view: str) -> set[str]:
    return {row[0] for row in ask(store, f"describe {view}")}


def names(wanted: str | tuple[str, ...]) -> tuple[str, ...]:
    return (wanted,) if isinstance(wanted, str) else wanted


def test_no_two_metrics_have_the_same_name_or_the_same_label() -> None:
    both = (*CATALOGUE, *MISSING)
    assert len({metric.name for metric in both}) == len(both)
    assert len({metric.label for metric in both}) == len(both)
    assert list(BY_NAME.values()) == list(CATALOGUE)


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_every_sum_a_metric_needs_is_kept_by_day(store: Store, metric: Metric) -> None:
    source = "day_agents" if metric.clock == "overlap" else "day_sums"
    assert metric.sums
    assert set(metric.sums) <= columns(store, source)


def test_every_metric_of_the_field_is_here_or_is_listed_as_missing() -> None:
    known = set(BY_NAME) | {metric.name for metric in MISSING}
    assert {field: names(mine) for field, mine in FIELD.items() if not set(names(mine)) <= known} == {}


@pytest.mark.parametrize("field", ELSEWHERE)
def test_what_of_the_field_is_no_ratio_of_sums_can_be_read_from_a_view(store: Store, field: str) -> None:
    view, needed = ELSEWHERE[field]
    assert set(needed) <= columns(store, view)


def test_every_metric_of_ours_is_one_of_the_field_or_one_of_those_we_add() -> None:
    of_field = {name for mine in FIELD.values() for name in names(mine)}
    ours = {"left_menu", "unknown_end", "excluded", "campaign_share", "sl_own", "claimed_resolution"}
    assert set(BY_NAME) - of_field == ours
    assert {metric.name for metric in MISSING} <= of_field


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_a_metric_says_what_it_is(metric: Metric) -> None:
    assert metric.sentence.endswith(".")
    assert (metric.of is None) == (metric.denominator is None)
    assert set(re.findall(r"{(\w+)}", metric.sentence + metric.what + (metric.of or ""))) <= {"target", "short"}
    if metric.variant_of is not None:
        assert BY_NAME[metric.variant_of].variant_of is None
        assert BY_NAME[metric.variant_of].family == metric.family


def test_numbers_that_later_events_change_say_so() -> None:
    later = {"repeat_rate": 8, "repeat_rate_1d": 2, "repeat_rate_30d": 31, "first_contact_resolution": 8}
    assert {name: BY_NAME[name].final_after_days for name in later} == later
    surveys = ("csat", "nps", "ces", "qa_score_client", "calibration_gap")
    assert all(BY_NAME[name].final_after_days > 0 for name in surveys)


def test_every_view_of_metrics_has_the_metrics_as_columns_and_words_for_each(store: Store) -> None:
    for view in ("site_week", "site_day", "topic_week"):
        expected = {metric.name for metric in CATALOGUE if view != "topic_week" or metric.clock != "overlap"}
        assert expected <= columns(store, view), view
        comments = dict(ask(store, f"select column_name, comment from duckdb_columns() where table_name = '{view}'"))
        assert {name for name in expected if not comments[name]} == set(), view


def test_every_view_of_metrics_and_sums_says_what_a_row_is(store: Store) -> None:
    comments = dict(ask(store, "select view_name, comment from duckdb_views() where not internal"))
    views = {*VIEWS, "day_sums", *(f"day_{rollup.name}" for rollup in ROLLUPS)}
    assert {view for view in views if not comments[view]} == set()


def test_the_list_of_metrics_is_the_catalogue_and_what_is_missing_with_what_it_takes(store: Store) -> None:
    listed = {name: (sums, denominator, needs) for name, sums, denominator, needs in ask(
        store, "select metric, numerator, denominator, needs from metrics"
    )}  # fmt: skip
    expected = {metric.name: (metric.numerator, metric.denominator, None) for metric in CATALOGUE}
    expected |= {metric.name: (None, None, metric.needs) for metric in MISSING}  # type: ignore[misc]
    assert listed == expected


def test_the_definitions_that_are_listed_give_the_figures_of_the_week(store: Store) -> None:
    """An analyst who computes a metric as the list says gets what site_week shows."""
    summed = "(from day_sums union all by name select * exclude (team) from day_agents)"
    for name, numerator, denominator in ask(
        store, "select metric, numerator, denominator from metrics where needs is null"
    ):
        sums = {column: f"sum({column})" for column in BY_NAME[name].sums}
        if BY_NAME[name].largest:
            sums = {column: f"max({column})" for column in sums}

        def over(text: str, sums: dict[str, str] = sums) -> str:
            return re.sub(r"[a-z_][a-z0-9_]*", lambda word: sums.get(word[0], word[0]), text)

        computed = over(numerator) if denominator is None else f"ratio({over(numerator)}, {over(denominator)})"
        ((listed,),) = ask(store, f"select {computed} from {summed}")
        ((shown,),) = ask(store, f"select {name} from site_week")
        assert (listed or 0) == pytest.approx(shown or 0), name
