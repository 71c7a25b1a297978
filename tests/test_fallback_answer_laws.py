"""Laws every whole answer obeys, and that what is out of reason is said beside the assumption it is about."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fallback.answer import Answer, AtWhatPrice, DayAnswer, FromWhen, Problem, answer
from models.fallback.assumptions import SPECS
from models.fallback.facts import TopicWork
from tests.fallback_answer_facts import assumed, contract, facts, pool, row, week

CONTACTS = st.floats(0.1, 60)
SMALL = {"first": 40, "end": 44}


def first_day(found: Answer) -> DayAnswer:
    assert not isinstance(found.days, Problem)
    return found.days[0]


def of_pool(own: float, moved: float, agents: float, **given: Any) -> Any:
    rows: dict[str, Any] = {"own": row(own, **SMALL), "moved": row(moved, **SMALL), "agents": row(agents, **SMALL)}
    return pool(**rows, **given)


@settings(max_examples=25, deadline=None)
@given(CONTACTS, CONTACTS, st.floats(0, 40), st.floats(0, 40))
def test_more_demand_never_needs_fewer_people(own: float, moved: float, more: float, agents: float) -> None:
    some, others = (
        answer(facts(week(of_pool(own, each, agents, moved_aht_s=300))), assumed()) for each in (moved, moved + more)
    )
    assert first_day(some).people[0] <= first_day(others).people[0]
    assert isinstance(some.when, FromWhen)
    assert isinstance(others.when, FromWhen)
    assert some.when.need <= others.when.need
    assert some.when.hires <= others.when.hires


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(CONTACTS, CONTACTS, st.floats(0, 30), st.integers(60, 900)), min_size=1, max_size=4))
def test_one_pool_of_all_never_needs_more_and_never_fits_less(rows: list[tuple[float, float, float, int]]) -> None:
    pools = [
        of_pool(own, moved, agents, language=f"l{at}", own_aht_s=aht)
        for at, (own, moved, agents, aht) in enumerate(rows)
    ]
    found = first_day(answer(facts(week(*pools)), assumed()))
    assert found.people[0] >= found.people[1]
    assert (found.gap[0] >= found.gap[1]).all()
    assert found.absorbable[0] <= found.absorbable[1] + 1e-9 <= found.moved + 2e-9


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1200), st.integers(0, 600), st.sampled_from(["any_day", "month_end", "quarter_end", "year_end"]))
def test_a_longer_notice_never_brings_the_day_forward(notice: int, more: int, to: str) -> None:
    small = week(of_pool(20, 12, 10))
    soon, late = (
        answer(facts(small, contract=contract(days, to=to)), assumed()).when
        for days in (notice, min(1461, notice + more))
    )
    assert isinstance(soon, FromWhen)
    assert isinstance(late, FromWhen)
    assert soon.home is not None
    assert late.home is not None
    assert soon.home.home_on <= late.home.home_on
    for each in (soon, late):
        assert each.home is not None
        assert each.people_ready <= each.home.home_on
        assert each.capacity[each.ready_week] >= each.need


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 20), st.floats(0, 20), st.booleans())
def test_a_dearer_provider_never_makes_coming_home_worse(one: float, other: float, agreed: bool) -> None:
    low, high = sorted((one, other))
    asked = facts(week(of_pool(20, 12, 10)), contract=contract(30) if agreed else None)
    cheap, dear = (answer(asked, assumed(price=price)).price for price in (low, high))
    assert isinstance(cheap, AtWhatPrice)
    assert isinstance(dear, AtWhatPrice)
    assert cheap.outcome.npv <= dear.outcome.npv + 1e-6
    assert cheap.npv <= dear.npv + 1e-6


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([spec.name for spec in SPECS]), st.sampled_from([-1.0, 0.0, 0.37, 1.0, 1e9, math.nan, None]))
def test_whatever_is_assumed_gets_an_answer_or_a_sentence(name: str, value: float | None) -> None:
    topics = (TopicWork(topic="a", name="A", contacts=500, amount=3000, own_aht_s=300, peak_erlangs=3),)
    found = answer(facts(week(of_pool(20, 12, 10)), contract=contract(30), topics=topics), assumed(**{name: value}))
    for part in (found.days, found.when, found.price, found.part):
        if isinstance(part, Problem):
            assert len(part.text) > 20
            assert part.text.endswith(".")
            if name in found.problems:
                assert part.assumption == name
                assert part.text == found.problems[name]
    if isinstance(found.price, AtWhatPrice):
        assert math.isfinite(found.price.npv)
        assert all(0 <= month.share_home <= 1 for month in found.price.months)


@pytest.mark.parametrize(
    ("name", "value", "parts"),
    [
        ("shrinkage", 1.0, ("days", "when", "price", "part")),
        ("annual_cost", -1.0, ("price", "part")),
        ("price", None, ("price", "part")),
        ("handle_s", -5.0, ("days", "when", "price", "part")),
        ("leaving", 1.0, ("when", "price")),
        ("first_pace", 0.0, ("when", "price")),
    ],
)
def test_what_is_out_of_reason_is_said_of_the_parts_that_rest_on_it(
    name: str, value: float | None, parts: tuple[str, ...]
) -> None:
    found = answer(facts(), assumed(**{name: value}))
    for part in ("days", "when", "price", "part"):
        got = getattr(found, part)
        assert isinstance(got, Problem) == (part in parts), part
        if part in parts:
            assert (got.text, got.assumption) == (found.problems[name], name)


def test_people_who_all_leave_before_they_are_of_use_never_cover_the_need() -> None:
    found = answer(facts(), assumed(early_leaving=0.99, leaving=0.99, class_size=1, classes_every_weeks=52)).when
    assert isinstance(found, Problem)
    assert found.assumption == "class_size"
    assert found.text.startswith("No number of hires")


def test_without_demand_there_is_a_sentence_and_no_need() -> None:
    nothing = answer(facts(week(pool(moved=row(0)))), assumed())
    for part in (nothing.days, nothing.when, nothing.price, nothing.part):
        assert isinstance(part, Problem)
        assert "None of this work is expected" in part.text
    assert isinstance(answer(facts(()), assumed()).days, Problem)


def test_with_nobody_there_nothing_fits_and_all_have_to_be_hired() -> None:
    found = first_day(answer(facts(week(pool(agents=row(0), own=row(0)))), assumed()))
    assert found.absorbable == (0, 0)
    assert found.voice is not None
    assert (found.gap[0] == found.voice.need_all[0]).all()
    assert (found.voice.separate[0].service_level_all == 0).all()


def test_with_room_to_spare_nobody_is_hired_and_home_waits_for_the_notice_alone() -> None:
    found = answer(facts(week(pool(agents=row(60))), contract=contract(30), free_hours=1e6), assumed())
    assert isinstance(found.when, FromWhen)
    assert (found.when.need, found.when.hires, found.when.ready_week) == (0, 0, 0)
    assert not found.when.capacity.any()
    assert found.when.home is not None
    assert found.when.home.home_on == date(2026, 7, 2)
    assert isinstance(found.price, AtWhatPrice)
    assert found.price.months[-1].share_home == 1
    assert found.price.months[-1].hired == found.price.months[-1].overtime == 0


def test_without_a_handle_time_it_is_asked_for_and_taken_once_given() -> None:
    unknown = week(pool(own=row(0), own_aht_s=None, moved_aht_s=None, moved_aht_provider_s=None))
    asked = facts(unknown, own_handle_s=None)
    missing = answer(asked, assumed(handle_s=None)).days
    assert isinstance(missing, Problem)
    assert missing.assumption == "handle_s"
    short, long = (first_day(answer(asked, assumed(handle_s=seconds))).people[0] for seconds in (120, 600))
    assert short < long


def test_a_longer_handle_time_assumed_than_measured_takes_more_people() -> None:
    measured, longer = (first_day(answer(facts(), assumed(handle_s=seconds))).people[0] for seconds in (312, 500))
    assert measured < longer


def test_nothing_that_staffing_is_planned_for_is_said() -> None:
    found = answer(facts(service_level=None, max_abandonment=None, max_occupancy=None), assumed()).days
    assert isinstance(found, Problem)
    assert "expected a service level" in found.text
