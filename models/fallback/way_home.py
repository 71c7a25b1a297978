"""The way home month by month: what the provider is paid, what own people cost, and what is saved against staying.

The work moves as people come: until the day home as much of it as those hired can do of what all of them will, from
that day on all. Of what has moved own people do what they can, in this order: in time that is paid anyway and in which
they are idle, as far as it fits by the quarter-hour; those hired, who are paid in full from their first day on, in
training too; overtime, from the day home on, for what they cannot do. What nobody can do stays bought. Who leaves is
replaced as soon as too few are left.
"""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from datetime import date

from models.billing.months import last_day, next_month
from models.fallback.answer_parts import FromWhen, MonthCost
from models.fallback.slice_bill import Bill, Due
from models.staffing.arrays import Floats

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Way:
    """What the way rests on; money in the company's currency, hours of a month."""

    today: date
    months: int
    moves_on: date
    """First day on which some of the work moves, and from which both are paid for `dual_months`."""
    home_on: date
    """First day on which all of it is done by own people."""
    ends: bool
    """The contract ends then, and with it its minimum."""
    work_hours: float
    """Hours with customers that the slice takes in-house."""
    occupancy: float
    """Share of their time people are with customers; in idle time that is paid anyway an hour is an hour."""
    free_share: float
    """Of the work, what fits into time that is paid anyway."""
    overtime_hours: float
    """The most that those present can do."""
    overtime_cost: float
    """Of such an hour."""
    hours: float
    """Productive hours of one hired, at full pace."""
    annual: float
    """Of one hired, in a year, without leads."""
    leaving_cost: float
    """Replacing who leaves, for one hired in a year."""
    lead: float
    """Of a team lead in a year; a whole one for every `span` hired. 0: not known, or within `annual`."""
    span: float
    one_off: float
    dual_months: int


def months_of(way: Way, when: FromWhen, bill: Bill) -> tuple[MonthCost, ...]:
    """Month 0 is the one-off cost today; month 1 begins on the first day of a month after today."""
    found = [MonthCost(0, way.today, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, way.one_off, 0.0)]
    begins = way.today.replace(day=1)
    for number in range(1, way.months + 1):
        begins = next_month(begins)
        found.append(_month(way, when, bill, number, begins))
    return tuple(found)


def _month(way: Way, when: FromWhen, bill: Bill, number: int, begins: date) -> MonthCost:
    at_home = _part_after(way.home_on, begins)
    heads, able = (_mean(row, way.today, begins) for row in (when.headcount, when.capacity))
    moved = at_home + (1 - at_home) * (min(1.0, able / when.need) if when.need else 0.0)
    if at_home and able < when.need:
        # In proportion: most of those there are at full pace by then.
        heads, able = heads * when.need / able if able else float(when.need), float(when.need)
    idle = way.work_hours * way.free_share * moved
    rest = (way.work_hours * moved - idle) / way.occupancy
    by_hired = min(rest, able * way.hours)
    overtime = min(rest - by_hired, way.overtime_hours * at_home)
    free = way.free_share
    share = moved * min(1.0, free + (1 - free) * (by_hired + overtime) / rest if rest > 0 else 1.0)
    stay = bill(begins, 0.0).bill
    due = _due(way, bill, begins, share, at_home, stay)
    return MonthCost(
        number, begins, share, due.bill, due.stranded, idle, overtime, overtime * way.overtime_cost,
        _hired_cost(way, heads, replaced=at_home), 0.0, stay,
    )  # fmt: skip


def _due(way: Way, bill: Bill, begins: date, share: float, at_home: float, stay: float) -> Due:
    gone = share * _part_after(_months_later(way.moves_on, way.dual_months), begins)
    agreed = bill(begins, gone)
    if not way.ends:
        return agreed
    # From the day home on nothing is left of the contract: what own people cannot do is bought at what it cost.
    return Due(at_home * stay * (1 - gone) + (1 - at_home) * agreed.bill, (1 - at_home) * agreed.stranded)


def _hired_cost(way: Way, heads: float, *, replaced: float) -> float:
    leads = math.ceil(heads / way.span - 1e-9) if way.lead and heads else 0
    return (heads * (way.annual + way.leaving_cost * replaced) + leads * way.lead) / _MONTHS


def _part_after(day: date, begins: date) -> float:
    """Share of a month's days that are on this day or later."""
    days = last_day(begins).day
    return min(1.0, max(0.0, (days - (day - begins).days) / days))


def _mean(row: Floats, today: date, begins: date) -> float:
    """Of a row by weeks from today, over the weeks that begin in a month."""
    first, last = ((day - today).days / 7 for day in (begins, next_month(begins)))
    rows = row[math.ceil(first) : math.ceil(last)]
    return float(rows.mean()) if rows.size else float(row[-1])


def _months_later(day: date, months: int) -> date:
    count = day.month - 1 + months
    year, month = day.year + count // _MONTHS, count % _MONTHS + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
