"""At what price: the case in one formula, and month by month with all its steps."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np

from models.fallback.answer_parts import AtWhatPrice, FromWhen, Problem
from models.fallback.assumptions import Assumptions
from models.fallback.business_case import (
    Case,
    break_even_price,
    contacts_per_issue,
    outcome,
    present_value,
    tornado,
)
from models.fallback.day_answer import bounds_of
from models.fallback.facts import Facts
from models.fallback.given import OutOfReasonError, number, whole
from models.fallback.slice_bill import bill_of, is_whole
from models.fallback.way_home import Way, months_of
from models.fallback.week import Week
from models.fallback.when_answer import ramp_of

_MONTHS = 12


def at_what_price(
    facts: Facts, assumed: Assumptions, week: Week | Problem, when: FromWhen | Problem
) -> AtWhatPrice | Problem:
    """What bringing it home saves or costs, decided today."""
    try:
        case = case_of(assumed)
        if isinstance(when, Problem):
            return when
        return _price(facts, assumed, case, None if isinstance(week, Problem) else week, when)
    except OutOfReasonError as error:
        return error.problem
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        return Problem(f"The price cannot be worked out: {error}.")


def case_of(assumed: Assumptions) -> Case:
    """The case in one formula, its months counted from when own people are with customers: hiring is not waited for.

    Raises OutOfReasonError for an assumption that is missing or out of bounds.
    """
    return Case(
        volume=number(assumed, "volume"),
        price=number(assumed, "price"),
        handle_min=number(assumed, "handle_s") / 60,
        fcr_own=number(assumed, "fcr_own"),
        fcr_provider=number(assumed, "fcr_provider"),
        returning=number(assumed, "returning"),
        occupancy=number(assumed, "occupancy"),
        available_hours=number(assumed, "hours"),
        annual_cost=number(assumed, "annual_cost"),
        attrition=number(assumed, "attrition"),
        hire_cost=number(assumed, "hire_cost"),
        exit_fee=number(assumed, "exit_fee"),
        set_up=number(assumed, "set_up"),
        dual_months=whole(assumed, "dual_months"),
        ramp=ramp_of(number(assumed, "first_pace"), whole(assumed, "ramp_months")),
        discount=number(assumed, "discount"),
        months=whole(assumed, "months"),
    )


def payback(cash: list[float]) -> int | None:
    """First month after the decision in which all cash so far is not below 0, as in `business_case`."""
    so_far = 0.0
    for month, amount in enumerate(cash):
        so_far += amount
        if so_far >= 0 and month:
            return month
    return None


def _price(facts: Facts, assumed: Assumptions, case: Case, week: Week | None, when: FromWhen) -> AtWhatPrice:
    found = outcome(case)
    months = months_of(_way(facts, assumed, case, week, when), when, bill_of(facts, case.volume, case.price))
    cash = [each.cash for each in months]
    rate = (1 + case.discount) ** (1 / _MONTHS) - 1
    own = found.agents * (case.annual_cost + case.attrition * case.hire_cost) / _MONTHS
    return AtWhatPrice(
        case, found, break_even_price(case), tuple(tornado(case)), months, present_value(cash, rate), payback(cash),
        own / found.contacts if found.contacts else math.nan, case.price,
    )  # fmt: skip


def _way(facts: Facts, assumed: Assumptions, case: Case, week: Week | None, when: FromWhen) -> Way:
    own = facts.own_cost
    contacts = (
        case.volume
        * contacts_per_issue(case.fcr_own, case.returning)
        / contacts_per_issue(case.fcr_provider, case.returning)
    )
    work_hours = contacts * case.handle_min / 60
    # The lead's part of an agent's cost is taken out and paid by whole leads, where both are known.
    lead, span = own.lead or 0.0, own.span or 0.0
    lead = lead if span > 0 and lead / span <= case.annual_cost else 0.0
    home_on = when.home.home_on if when.home else max(when.people_ready, facts.today + timedelta(days=1))
    moves_on = home_on
    if when.need:
        moves_on = min(home_on, facts.today + timedelta(weeks=int(np.argmax(when.capacity > 0))))
    return Way(
        today=facts.today,
        months=case.months,
        moves_on=moves_on,
        home_on=home_on,
        ends=facts.contract is not None and is_whole(facts),
        work_hours=work_hours,
        occupancy=case.occupancy,
        free_share=min(_fits(week), facts.free_hours / work_hours) if work_hours else 1.0,
        overtime_hours=number(assumed, "overtime_share") * _paid_hours(facts, assumed),
        overtime_cost=_overtime_cost(facts, assumed, case),
        hours=case.available_hours / _MONTHS,
        annual=case.annual_cost - (lead / span if lead else 0.0),
        leaving_cost=case.attrition * case.hire_cost,
        lead=lead,
        span=span or 1.0,
        one_off=when.hires * case.hire_cost + case.exit_fee + case.set_up,
        dual_months=case.dual_months,
    )


def _fits(week: Week | None) -> float:
    """Of the contacts expected in the days ahead, the share that own people can take as they are."""
    if week is None:
        return 0.0
    found = [bounds_of(kind, slice(0, week.size)) for kind in week.kinds]
    whole = float(week.moved[1].sum())
    return sum(float(each.absorbable[0].sum()) for each in found if each) / whole if whole else 0.0


def _paid_hours(facts: Facts, assumed: Assumptions) -> float:
    """Paid hours of a month of people there now. From idle hours, which are 1 - occupancy of the productive ones."""
    idle = 1 - facts.occupancy if facts.occupancy is not None else 0.0
    productive = facts.free_hours / idle if idle > 0 else 0.0
    return productive / (1 - number(assumed, "shrinkage"))


def _overtime_cost(facts: Facts, assumed: Assumptions, case: Case) -> float:
    """Of an hour: pay of a paid hour times the multiple; of the full cost where pay is not known apart."""
    an_hour = facts.own_cost.direct_hour
    if an_hour is None:
        an_hour = case.annual_cost / case.available_hours
    return an_hour * number(assumed, "overtime")
