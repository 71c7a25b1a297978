"""From when hired people can do the work: the worked example to the figure, a class followed by hand, and laws."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fallback.hiring import Course, Plan, Ready, capacity, capacity_by_week, headcount, least_hires, ready

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "fallback_vectors.json"
PLAN = Plan(
    recruiting_weeks=5, class_size=12, classes_every_weeks=3, training_weeks=4, nesting_weeks=2,
    ramp=(0.55, 0.7, 0.85, 1), training_attrition=0.1, nesting_share=0.3, leaving=(0.05, 0.02),
)  # fmt: skip


@pytest.fixture(scope="module")
def case() -> dict[str, Any]:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))["ramp"]
    return found


def test_the_worked_example_comes_out_to_the_figure(case: dict[str, Any]) -> None:
    early, months, late = (float(number) for number in re.findall(r"\d+(?:\.\d+)?", case["monthly_attrition"]))
    course = Course(case["ramp"], [early / 100] * int(months) + [late / 100])
    classes = [(month - 1, size) for month, size in case["cohorts"]]
    periods = len(case["rows"])
    people, able = headcount(classes, course, periods), capacity(classes, course, periods)
    for at, (month, told_people, told_able) in enumerate(case["rows"]):
        assert at + 1 == month
        assert (people[at], able[at]) == pytest.approx((told_people, told_able), abs=0.005 + 1e-9)
    found = ready(able, 35)
    assert found.first == case["first_month_capacity_ge_35"] - 1
    # It decays: the last month of the example has less than 35 again.
    assert found.short_again == 11


def test_a_class_is_followed_week_by_week() -> None:
    """Recruited until week 5, trained to 9, nesting to 11; then months of 4 1/3 weeks."""
    able = capacity_by_week(replace(PLAN, leaving=(0.0,)), 12, 30)
    left = 12 * 0.9
    assert not able[:9].any()
    assert able[9:11] == pytest.approx([left * 0.3] * 2)
    assert able[11:16] == pytest.approx([left * 0.55] * 5)
    assert able[16] == pytest.approx(left * 0.7)
    assert able[24:] == pytest.approx([left] * 6)


def test_who_leaves_in_a_month_has_left_after_its_weeks() -> None:
    stay = PLAN.course.staying(4 + 53)
    assert stay[4] == pytest.approx(0.9)
    assert stay[4 + 52] / stay[4] == pytest.approx(0.95 ** (15 / 13) * 0.98 ** (12 - 15 / 13))


def test_the_last_class_takes_who_is_left_over() -> None:
    assert PLAN.classes(30) == [(5, 12), (8, 12), (11, 6)]


def test_the_fewest_hires_are_enough_and_one_fewer_is_not() -> None:
    hires = least_hires(PLAN, 20, 40)
    assert hires is not None
    assert ready(capacity_by_week(PLAN, hires, 41), 20).first is not None
    assert ready(capacity_by_week(PLAN, hires - 1, 41), 20).first is None
    assert least_hires(PLAN, 20, 8) is None
    assert least_hires(PLAN, 20, 3) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 80), st.integers(0, 30), st.floats(0.5, 60))
def test_more_hires_never_come_later_and_more_need_never_sooner(hires: int, more: int, need: float) -> None:
    some, others = capacity_by_week(PLAN, hires, 80), capacity_by_week(PLAN, hires + more, 80)
    assert (some <= others + 1e-9).all()
    first, second = ready(others, need).first, ready(some, need).first
    assert (999 if first is None else first) <= (999 if second is None else second)
    further = ready(some, need + more).first
    assert (999 if second is None else second) <= (999 if further is None else further)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10), st.integers(0, 10), st.floats(0, 0.5))
def test_slower_hiring_is_never_ready_sooner(weeks: int, more: int, leaving: float) -> None:
    fast = replace(PLAN, recruiting_weeks=weeks, leaving=(leaving,))
    for slow in (
        replace(fast, recruiting_weeks=weeks + more),
        replace(fast, nesting_share=0.0),
        replace(fast, leaving=(leaving + more / 30,)),
    ):
        one, other = (ready(capacity_by_week(plan, 24, 60), 12).first for plan in (fast, slow))
        assert (999 if one is None else one) <= (999 if other is None else other)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"ramp": (0.5, 0.9)}, "ramp: expected one that reaches 1, got one that ends at 0.9"),
        ({"ramp": ()}, "ramp: expected shares from 0 to 1"),
        ({"ramp": (0.9, 0.5, 1)}, "ramp: expected one that never falls"),
        ({"leaving": (1.0,)}, "leaving: expected shares from 0 to below 1"),
        ({"class_size": 0}, "class_size: expected a whole number of at least 1, got 0"),
        ({"training_weeks": -1}, "training_weeks: expected a whole number of at least 0, got -1"),
        ({"training_attrition": 1}, "training_attrition: expected a share from 0 to below 1, got 1"),
        ({"training_weeks": 0}, "training_attrition: expected 0 without training, got 0.1"),
        ({"nesting_share": 2}, "nesting_share: expected a share from 0 to 1, got 2"),
    ],
)
def test_plans_outside_reason_are_refused_with_what_was_expected(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        replace(PLAN, **change)


def test_no_hires_and_no_need_are_refused() -> None:
    with pytest.raises(ValueError, match="hires: expected a whole number of at least 1, got 0"):
        capacity_by_week(PLAN, 0, 10)
    with pytest.raises(ValueError, match="expected need to be a finite number above 0"):
        ready(np.ones(3), 0)
    with pytest.raises(ValueError, match="classes: expected at least one"):
        capacity([], PLAN.course, 5)
    with pytest.raises(ValueError, match="expected start of a class to be a finite number of at least 0, got -1"):
        capacity([(-1, 5)], PLAN.course, 5)


def test_who_has_to_do_for_a_while_is_ready_later_and_more_are_hired() -> None:
    able = np.array([0.0, 5, 4, 5, 5, 5, 3])
    assert ready(able, 5) == Ready(1, 2)
    assert ready(able, 5, 3) == Ready(3, 6)
    assert ready(able, 5, 4) == Ready(None, None)
    assert ready(able, 5, 8) == Ready(None, None)
    with pytest.raises(ValueError, match="held: expected a whole number of at least 1, got 0"):
        ready(able, 5, 0)
    hires = [least_hires(PLAN, 20, 60, held) for held in (1, 8, 16)]
    assert hires == sorted(hires, key=lambda each: each or 0)
