"""The list of contacts behind a number holds as many as the number counts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from dashboard import contact_measures
from dashboard.contact_filters import ContactFilters
from dashboard.contact_queries import condition
from ingest.store import Store
from models.metrics.catalogue import BY_NAME, CATALOGUE
from models.settings import load_settings, with_secrets
from tests.builders import T0, answered_call, event
from tests.rolled import commit, roll_up, standing_at
from tests.test_rollups import everything

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
SUMS = {
    "offered": "offered",
    "campaign_offered": "campaign_offered",
    "answered": "answered",
    "answered_in_target": "answered_in_target",
    "not_in_target": "answered + abandoned - answered_in_target",
    "not_in_own_target": "own_level_of - own_level_good",
    "service_level_n": "answered + abandoned",
    "abandoned": "abandoned",
    "abandoned_late": "abandoned - abandoned_short",
    "left_queue": "left_queue",
    "called_back": "called_back",
    "left_menu": "left_menu",
    "waiting": "waiting",
    "handled": "handled",
    "transferred": "transferred",
    "transferred_away": "transferred_away",
    "bounced_back": "bounced_back",
    "resolved": "claimed_resolved",
    "not_resolved": "claims - claimed_resolved",
    "repeated_1d": "repeated_1d",
    "repeated_7d": "repeated_7d",
    "repeated_30d": "repeated_30d",
    "unknown_customer": "answered - answered_known_customer",
    "csat_answered": "csat_responses",
    "csat_unsatisfied": "csat_responses - csat_satisfied",
    "nps_answered": "nps_responses",
    "nps_detractors": "nps_detractors",
    "ces_answered": "ces_responses",
    "ces_disagreed": "ces_responses - ces_agreed",
    "resolved_denied": "resolved_responses - resolved_said",
    "evaluated_client": "qa_client_contacts",
    "evaluated_provider": "qa_provider_contacts",
    "critical_client": "qa_client_critical",
    "critical_provider": "qa_provider_critical",
    "critical_customer": "qa_client_critical_customer",
    "critical_business": "qa_client_critical_business",
    "critical_compliance": "qa_client_critical_compliance",
    "first_responses": "first_responses",
    "unknown_end": "unknown_end",
    "excluded": "excluded",
}
COMPLETION = {"handled", "transferred", "transferred_away", "bounced_back", "resolved", "not_resolved"}
OTHERS = {"talking", "end_not_told", "critical_any", "calibrated", "chats", "worked"}
"""Lists that no sum counts."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    sites = {"north": {"reports": {"threshold_s": 4}}, "south": {"in_house": True}}
    folder = tmp_path_factory.mktemp("behind")
    opened = Store.open(
        with_secrets(load_settings(data_dir=folder, sites=sites, **standing_at(T0 + timedelta(days=3))))
    )
    commit(opened, everything(random.Random(5), 900, contacts=60))
    commit(
        opened,
        [
            event("offered", "waits", 71 * 3600),
            *answered_call("handed on", 3600),
            event("transferred", "handed on", 3700, to_site="south"),
        ],
    )
    roll_up(opened)
    yield opened
    opened.connection.close()


def counted(store: Store, **filters: Any) -> int:
    where = condition(ContactFilters(first=FIRST, last=LAST, **filters), "UTC")
    return int(store.connection.execute(f"select count(*) from contacts where {where}").fetchall()[0][0])


@pytest.mark.parametrize("measure", SUMS)
def test_a_list_is_as_long_as_the_number(store: Store, measure: str) -> None:
    clock = "completion" if measure in COMPLETION else "arrival"
    sums = ", ".join(f"coalesce(sum({name}), 0) as {name}" for name in SUMS[measure].split() if name.isidentifier())
    days = f"select site, {sums} from day_sums where date between date '{FIRST}' and date '{LAST}' group by site"
    rows = store.connection.execute(f"select site, {SUMS[measure]} from ({days})").fetchall()
    assert rows
    assert any(number for _, number in rows), "the events hold none: nothing was compared"
    for site, number in rows:
        assert counted(store, measure=measure, clock=clock, sites=(site,)) == number, site


def test_every_list_is_compared_or_named_as_without_a_sum() -> None:
    assert set(SUMS) | OTHERS == set(contact_measures.MEASURES)


def test_every_metric_has_a_list_on_its_clock() -> None:
    assert set(contact_measures.BEHIND) == set(BY_NAME)
    for metric in CATALOGUE:
        measure, clock = contact_measures.behind(metric.name)
        assert measure in contact_measures.MEASURES
        assert (clock == "completion") == (metric.clock == "completion")
        assert contact_measures.behind(f"{metric.name}_n")[0] in contact_measures.MEASURES
    assert contact_measures.behind("csat_n") == ("csat_answered", "arrival")


def test_a_team_is_the_one_the_agent_was_in_that_day(store: Store) -> None:
    rows = store.connection.execute(
        "select site, team, sum(team_answered) from day_teams where team is not null group by all order by all"
    ).fetchall()
    assert rows
    for site, team, number in rows:
        assert counted(store, measure="answered", sites=(site,), team=team) == number
    assert counted(store, team="nobody's") == 0


def test_lists_of_a_contact_that_is_the_only_one(tmp_path: Any) -> None:
    """Both sides score one contact to compare themselves, and find it has a critical error."""
    opened = Store.open(with_secrets(load_settings(data_dir=tmp_path, **standing_at(T0 + timedelta(days=3)))))
    scored = {"score": 50.0, "max_score": 100.0, "calibration_id": "k1"}
    commit(
        opened,
        [
            event("offered", "c1", channel="chat"),
            event("answered", "c1", 5, agent_id="ann"),
            event("offered", "c2", channel="voice"),
            event("contact.evaluated", "c1", 60, critical_errors=["business"], **scored),
            event("contact.evaluated", "c1", 61, evaluator="provider", **scored) | {"id": "c1/again"},
        ],
    )  # fmt: skip
    roll_up(opened)
    for measure in ("calibrated", "critical_any", "chats", "end_not_told"):
        expected = 2 if measure == "end_not_told" else 1
        assert counted(opened, measure=measure) == expected, measure
    assert counted(opened, measure="talking") == 0
    opened.close()


def test_the_list_behind_costs_is_as_long_as_what_they_are_shared_out_over(store: Store) -> None:
    rows = store.connection.execute(
        f"select site, sum(contacts) from day_work where date between date '{FIRST}' and date '{LAST}' group by site"
    ).fetchall()
    assert len(rows) == 2
    for site, number in rows:
        assert counted(store, measure="worked", clock="completion", sites=(site,)) == number
