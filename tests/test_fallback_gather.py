"""What the Fallback page gathers, against a store of which every figure can be reckoned by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from dashboard.fallback import assume, gather
from dashboard.fallback import criteria_words as said
from dashboard.store import Reply, State, Store
from models.fallback.answer_parts import Problem
from models.fallback.facts import Facts, Slice
from models.fallback.week import week_of
from tests import fallback_gather_store as small

if TYPE_CHECKING:
    from dashboard.scope.opening import Opened
    from models.fallback.facts import Criterion, PoolDay
    from models.settings import Settings

Open = tuple[Store, "Opened", "Settings"]
TEN = 40
"""The label of 10:00."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Open:
    settings = small.settings_of(tmp_path_factory.mktemp("whole"))
    told = [
        *small.shifts(), small.incident("i1", date(2026, 11, 3), "critical"),
        small.incident("i2", date(2026, 11, 10), "high"), small.incident("i3", date(2026, 11, 11), "low"),
    ]  # fmt: skip
    small.written(settings, small.talks(), told)
    return (*small.page_of(settings), settings)


def gathered(of: Open, **asked: object) -> Facts:
    store, page, settings = of
    return gather.gathered(store, page, Slice.model_validate({"provider": small.PROVIDER, **asked}), settings)


def pool(facts: Facts, kind: str, day: int = 1) -> PoolDay:
    (found,) = [each for each in facts.days[day].pools if each.kind == kind]
    return found


def criterion(facts: Facts, name: str) -> Criterion:
    (found,) = [each for each in facts.criteria if each.name == name]
    return found


@pytest.fixture(scope="module")
def facts(whole: Open) -> Facts:
    return gathered(whole)


def test_a_day_to_come_is_the_mean_of_its_weekday_for_each_side(facts: Facts) -> None:
    calls, chats = pool(facts, "voice"), pool(facts, "chat")
    assert [day.day for day in facts.days] == [date(2026, 11, day) for day in range(20, 27)]
    assert (calls.own[TEN], calls.moved[TEN], sum(calls.moved)) == pytest.approx((2, 6, 6))
    assert (chats.own[TEN], sum(chats.moved)) == pytest.approx((2, 0))
    assert calls.moved_low[TEN] <= 6 <= calls.moved_high[TEN]
    assert facts.days[1].basis == (date(2026, 10, 24), date(2026, 10, 31), date(2026, 11, 7), date(2026, 11, 14))


def test_of_today_the_quarter_hours_that_are_over_are_told(facts: Facts) -> None:
    """13:00 at the desk: 52 quarter-hours."""
    assert [day.passed for day in facts.days] == [52, 0, 0, 0, 0, 0, 0]


def test_handle_times_are_by_topic_and_what_in_house_has_none_of_keeps_the_ratio(facts: Facts) -> None:
    """Billing takes 200 s against 300 s; the provider's mean of 400 s is 4/3 of its billing, so 200 x 4/3."""
    calls = pool(facts, "voice")
    assert (calls.own_aht_s, calls.moved_aht_provider_s) == pytest.approx((200, 400))
    assert calls.moved_aht_s == pytest.approx(200 * 4 / 3)
    assert facts.handle_s == pytest.approx(400)
    assert calls.patience_s is None


def test_an_agent_counts_where_most_of_the_work_is_and_is_able_for_all_of_it(facts: Facts) -> None:
    """Ann spends 400 s on calls and 200 s on chats a day, from 9:30 to 11:30."""
    calls, chats = pool(facts, "voice"), pool(facts, "chat")
    assert calls.agents == pytest.approx([1.0 if 38 <= label < 46 else 0.0 for label in range(96)])
    assert sum(chats.agents) == 0
    assert chats.able == pytest.approx(calls.agents)
    assert (calls.slots, chats.slots) == (1, 2)


def test_hours_and_a_share_make_the_demand_less(whole: Open) -> None:
    assert sum(pool(gathered(whole, share=0.5), "voice").moved) == pytest.approx(3)
    assert sum(pool(gathered(whole, first_hour=11), "voice").moved) == 0
    assert said.WHOLE_WORK in gathered(whole, share=0.5).missing


def test_the_work_of_the_weeks_before_is_as_long_as_it_takes_in_house(whole: Open, facts: Facts) -> None:
    """Six calls at 10:00 of 46 days, each 200 x 4/3 s in-house."""
    assert facts.worked is not None
    assert (facts.worked.first, facts.worked.last) == (small.FIRST, date(2026, 11, 19))
    assert facts.worked.contacts == 46 * 6
    assert facts.worked.agents == pytest.approx([6 * 200 * 4 / 3 / 900] * 46)
    half = gathered(whole, share=0.5).worked
    assert half is not None
    assert half.contacts == 46 * 3
    assert half.agents == pytest.approx([3 * 200 * 4 / 3 / 900] * 46)
    assert gathered(whole, first_hour=11).worked is None


def test_topics_scale_the_quarter_hours_by_their_share(whole: Open) -> None:
    """Two of six calls are about returns."""
    found = gathered(whole, topics=["returns"])
    assert sum(pool(found, "voice").moved) == pytest.approx(2)
    assert pool(found, "voice").moved_aht_provider_s == pytest.approx(600)
    assert said.TOPICS_IN_QUARTERS in found.missing


def test_months_cost_what_the_contract_says(facts: Facts) -> None:
    """27 days of October and 19 of November, six contacts each; 300 units at least are paid in a month."""
    october, november = facts.months
    assert (october.month, october.contacts, november.contacts) == (date(2026, 10, 1), 27 * 6, 19 * 6)
    assert (october.whole, november.whole) == (True, False)
    assert october.bill == pytest.approx(600)
    assert october.amount == pytest.approx(600)


def test_topics_are_told_per_month_most_contacts_first(facts: Facts) -> None:
    """28 days of 4 and of 2, times 365 / 12 / 28."""
    assert [each.topic for each in facts.topics] == ["billing", "returns"]
    assert [each.contacts for each in facts.topics] == pytest.approx([4 * 365 / 12, 2 * 365 / 12])
    billing, returns = facts.topics
    assert (billing.own_aht_s, billing.provider_aht_s, returns.own_aht_s) == (200 * 2 / 4 + 100 * 2 / 4, 300, None)
    assert billing.peak_erlangs == pytest.approx(4 * 150 / 900)


def test_in_house_people_cost_what_the_document_says(facts: Facts) -> None:
    cost = facts.own_cost
    assert (cost.annual, cost.hours, cost.hire, cost.lead, cost.span) == pytest.approx((57_500, 1200, 6000, 75_000, 10))
    assert (cost.direct_hour, cost.shrinkage, cost.overtime) == pytest.approx((31.25, 0.25, 1.5))
    assert cost.full_hour == pytest.approx((57_500 + 0.2 * 6000) / 1200)


def test_idle_hours_are_a_month_of_those_measured(facts: Facts) -> None:
    """Ann is there two hours a day and tells of no call: all of it is idle."""
    assert facts.free_hours == pytest.approx(2 * 365 / 12)
    assert facts.occupancy == 0


def test_a_level_of_the_contract_is_judged_by_the_end_of_its_interval_that_is_nearest_to_good(facts: Facts) -> None:
    found = criterion(facts, "service_level")
    assert facts.weeks == tuple(date(2026, 10, 5) + timedelta(weeks=n) for n in range(6))
    assert (found.direction, found.opens, found.clears, found.min_n) == ("below", 0.8, 0.9, 200)
    assert [(seen.value, seen.n) for seen in found.weeks] == [(1.0, 42)] * 6


def test_delivered_is_held_against_the_contracts_minimum(facts: Facts) -> None:
    """42 a week and 1.96 times its root, of seven days of 300 / 31, or of 300 / 30."""
    seen = criterion(facts, "delivered").weeks
    most = 42 + 1.959964 * 42**0.5
    assert seen[0].value == pytest.approx(most / (7 * 300 / 31), rel=1e-5)
    assert seen[-1].value == pytest.approx(most / (7 * 300 / 30), rel=1e-5)


def test_severe_incidents_of_four_weeks_are_counted_and_one_is_not_bad(facts: Facts) -> None:
    found = criterion(facts, "incidents")
    assert [seen.value for seen in found.weeks] == [0, 0, 0, 0, 1, 2]
    assert (found.opens, found.clears) == (1, 0)


def test_turnover_is_who_was_not_seen_for_two_weeks_of_those_of_four(facts: Facts) -> None:
    """Bob went on 25 October: of the weeks from 5 October to 1 November he is missing in those to 15 November."""
    assert [seen.value for seen in criterion(facts, "turnover").weeks] == [None, None, None, None, None, 0.5]


def test_what_cannot_be_compared_like_for_like_has_only_plain_figures(facts: Facts) -> None:
    """In-house has no returns, a third of the work: too little is left."""
    (found,) = [each for each in facts.compared if each.metric == "average_handle_time_s"]
    assert (found.provider, found.own) == pytest.approx((400, 150))
    assert found.difference is None
    assert found.comparable == pytest.approx(4 / 6)


def test_everything_in_it_can_be_kept_and_read_again(facts: Facts) -> None:
    assert Facts.model_validate_json(facts.model_dump_json(by_alias=True)) == facts
    assert facts.known_upto > 0
    assert facts.contract is not None


def test_what_is_measured_is_the_default_with_its_source(facts: Facts) -> None:
    found = assume.defaults(facts)
    assert (found["volume"].value, found["volume"].source) == (162, "measured: contacts of October 2026")
    assert found["price"].value == pytest.approx(600 / 162)
    assert (found["exit_fee"].value, found["training_weeks"].value, found["hours"].value) == (1234.5, 5, 1200)
    assert (found["people"].value, found["people"].source) == (None, "the gap at the peak")
    assert found["discount"].value == 0.08
    week = week_of(facts, found)
    assert not isinstance(week, Problem)
    assert week.voice is not None
    (calls,) = (each for each in week.voice.separate if each.name == pool(facts, "voice").language)
    added = float((calls.need_all - calls.need_own)[: week.size].sum())
    assert found["occupancy"].value == pytest.approx(float(week.moved[1].sum()) * 200 * 4 / 3 / 900 / added)
    assert found["occupancy"].source.startswith("worked out")


def test_an_unknown_provider_is_a_sentence_and_nothing_else(whole: Open) -> None:
    found = gathered(whole, provider="Nobody")
    assert found.missing == (said.NO_SITES,)
    assert (found.days, found.criteria, found.months) == ((), (), ())
    assert assume.defaults(found)["volume"].value is None


def test_own_work_cannot_come_home(whole: Open) -> None:
    assert gathered(whole, provider="Own").missing == (said.NO_SITES,)


def test_hostile_filters_are_values(whole: Open) -> None:
    found = gathered(whole, queues=["x'); select $sites --", "/*slice*/"], topics=["$none"], languages=["{slice}"])
    assert not any(sum(each.moved) for day in found.days for each in day.pools)
    assert said.NO_HANDLE_TIMES in found.missing


def test_a_store_that_is_away_says_so(whole: Open) -> None:
    _, page, settings = whole
    away = Store("quack:localhost:1", settings.store_path.with_name("nowhere.duckdb"), "nobody listens")
    found = gather.facts(away, page, Slice(provider=small.PROVIDER), settings)
    assert isinstance(found, Reply)
    assert found.state is State.UNREACHABLE


def test_facts_are_the_same_when_they_are_kept_for_a_moment(whole: Open, facts: Facts) -> None:
    store, page, settings = whole
    assert gather.facts(store, page, facts.slice, settings) == facts
