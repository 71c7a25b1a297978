"""From when own people could do the work: how many to hire, when they are ready, and what the contract allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from models.fallback.answer_parts import FromWhen, Problem
from models.fallback.assumptions import Assumptions
from models.fallback.day_answer import agents_added
from models.fallback.facts import Facts
from models.fallback.given import OutOfReasonError, number, whole
from models.fallback.hiring import Plan, capacity_by_week, headcount, least_hires, ready
from models.fallback.homecoming import Homecoming, homecoming
from models.fallback.week import INTERVAL_S, Week
from models.staffing import people_scheduled
from models.staffing.arrays import Floats, rounded_up

HORIZON_WEEKS = 260
"""How far ahead hiring is followed: five years."""
HELD_WEEKS = 26
"""So long those hired have to do, with nobody hired after them: time to see who leaves, and to hire again."""


def from_when(facts: Facts, assumed: Assumptions, week: Week | Problem) -> FromWhen | Problem:
    """Hiring against notice, decided today.

    need: people that are short with the band's high demand beyond those who are without it (in-house is then no worse
    than today; its own shortage is not this work's to pay for, and `short_anyway` tells it), by the larger of two
    counts: at the widest such gap of the days ahead, with shrinkage; and for all its hours, at the productive hours of
    a person, as nobody works from morning to night on seven days. hires: the fewest that cover it for half a year
    (HELD_WEEKS), in full classes one after another but the last. More would be ready some weeks sooner and stay for
    years; whoever wants that changes size and rhythm of the classes. Where the notice takes longer, hiring is put off
    so that people are ready for the day home: earlier they would be paid for nothing, and some would have left by then.
    """
    if isinstance(week, Problem):
        return week
    try:
        return _from_when(facts, assumed, week)
    except OutOfReasonError as error:
        return error.problem
    except ValueError as error:
        return Problem(f"From when cannot be worked out: {error}.")


def plan_of(assumed: Assumptions) -> Plan:
    """How people are hired. Pace rises in equal steps, from the first month's to full pace after `ramp_months`.

    Raises OutOfReasonError for an assumption out of bounds.
    """
    first, months, training = number(assumed, "first_pace"), whole(assumed, "ramp_months"), whole(
        assumed, "training_weeks"
    )  # fmt: skip
    leaves = number(assumed, "training_attrition")
    return Plan(
        recruiting_weeks=whole(assumed, "recruiting_weeks"),
        class_size=whole(assumed, "class_size"),
        classes_every_weeks=whole(assumed, "classes_every_weeks"),
        training_weeks=training,
        nesting_weeks=whole(assumed, "nesting_weeks"),
        ramp=ramp_of(first, months),
        training_attrition=leaves if training else 0.0,
        nesting_share=number(assumed, "nesting_share"),
        leaving=(*[number(assumed, "early_leaving")] * 4, number(assumed, "leaving")),
    )


def ramp_of(first: float, months: int) -> tuple[float, ...]:
    """Pace in month 1, 2, …: so many months below full pace, rising in equal steps, then 1."""
    return (*(first + (1 - first) * month / months for month in range(months)), 1.0)


def _from_when(facts: Facts, assumed: Assumptions, week: Week) -> FromWhen:
    expected, without = agents_added(week, slice(0, week.size))
    short, anyway = int(expected.max()), int(without.max())
    wide, _ = agents_added(week, slice(week.size, 2 * week.size))
    by_hours = _by_hours(assumed, wide, len(week.stretches))
    need = max(int(people_scheduled(float(wide.max()), week.shrinkage)), by_hours)
    plan, ending = plan_of(assumed), facts.contract.ending if facts.contract else None
    if not need:
        nobody: Floats = np.zeros(HORIZON_WEEKS)
        home = None if ending is None else homecoming(facts.today, 0, ending)
        return FromWhen(0, short, 0, (), nobody, nobody, 0, None, home, facts.today, short_anyway=anyway)
    hires = least_hires(plan, need, HORIZON_WEEKS - 1, HELD_WEEKS)
    first = None if hires is None else ready(capacity_by_week(plan, hires, HORIZON_WEEKS), need, HELD_WEEKS).first
    if hires is None or first is None:
        raise OutOfReasonError(
            f"No number of hires makes {need:,} experienced people within {HORIZON_WEEKS // 52} years: with classes of "
            f"{plan.class_size} every {plan.classes_every_weeks} weeks too few stay or come up to pace.",
            "class_size",
        )
    home_at: Homecoming | None = None if ending is None else homecoming(facts.today, first, ending)
    wait = 0 if home_at is None else home_at.idle_days // 7
    if wait and ending is not None:
        first, plan = first + wait, replace(plan, recruiting_weeks=plan.recruiting_weeks + wait)
        home_at = homecoming(facts.today, first, ending)
    able = capacity_by_week(plan, hires, HORIZON_WEEKS + wait)
    classes = tuple(plan.classes(hires))
    return FromWhen(
        need, short, hires, classes, able, headcount(classes, plan.course, able.size), first,
        ready(able, need, HELD_WEEKS).short_again, home_at, facts.today + timedelta(weeks=first), wait, by_hours,
        anyway,
    )  # fmt: skip


def _by_hours(assumed: Assumptions, gap: Floats, days: int) -> int:
    """People for all hours of a gap by quarter-hour, over so many days; 0 while nobody says what one works.

    Raises OutOfReasonError for hours out of bounds.
    """
    if assumed["hours"].value is None:
        return 0
    of_week = float(gap.sum()) * INTERVAL_S / 3600 * 7 / days
    return int(rounded_up(np.array(of_week * 52 / number(assumed, "hours"))))
