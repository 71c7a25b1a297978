"""What the Volume page asks: sums by quarter-hour, day and week, and the contacts that are open now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.literals import render
from dashboard.scope import sums

if TYPE_CHECKING:
    from dashboard.scope.scope import Known, Scope

COLUMNS = ("offered", "answered", "abandoned", "left_queue", "transferred", "campaign_offered")
_QUARTERS = sums.DIMENSIONS["day_quarters"]

_HEAT = """
    with days as (
        select date from day_quarters where {where} group by date having sum(offered) > 0
    ),
    hours as (
        select isodow(date) as weekday, local_hour, count(*) / 4.0 as hours
        from reporting_calendar
        semi join days using (date)
        where starts_at < present()
        group by all
    ),
    volume as (
        select isodow(date) as weekday, local_hour, sum(offered) as offered
        from day_quarters
        join (select starts_at, local_hour from reporting_calendar) using (starts_at)
        where {where}
        group by all
    )
    select weekday, local_hour, hours, coalesce(offered, 0) as offered
    from hours
    left join volume using (weekday, local_hour)
    order by weekday, local_hour
"""

_BACKLOG = """
    with steps as (
        select starts_at, date, sum(offered) - sum(closed) as step
        from day_quarters
        where date < $end_day {rest}
        group by starts_at, date
    ),
    backlog as (select starts_at, date, sum(step) over (order by starts_at) as open from steps)
"""
_BY_QUARTER = """
    select starts_at, open from backlog
    where starts_at >= coalesce(
        (select max(starts_at) from backlog where date < $first_day), (select min(starts_at) from backlog)
    )
    order by starts_at
"""
_BY_DAY = """
    select date, max(open) as most, arg_max(open, starts_at) as at_end, min(open) as least
    from backlog group by date order by date
"""

_OPEN_NOW = """
    select
        case when age_h < 24 then 0 when age_h < 48 then 1 else 2 end as age,
        outcome = 'waiting' as waiting,
        count(*) as contacts,
        min(arrived_at) as oldest_at
    from (
        select *, epoch(present() - arrived_at) / 3600 as age_h
        from contacts_within(present() - interval 168 hours, present() + interval 24 hours)
        where was_offered and not end_unknown and coalesce(direction, 'inbound') = 'inbound'
            and (outcome = 'waiting' or (outcome = 'answered' and completed_at is null and wrapped_up_at is null))
    )
    {where}
    group by all
"""

_GAPS = """
    select site, starts_at, ends_at, minutes, running
    from feed_gaps
    where minutes >= 60 {rest}
    order by starts_at
"""


def intervals(scope: Scope, known: Known, grain: str, line: str) -> str:
    """Volume by quarter-hour, day or week; a row each for every site or provider unless all are together."""
    by = {"quarter": "starts_at", "day": "date", "week": "week_start"}[grain]
    keys = [by] if line == "all" else [by, line]
    return sums.question(scope, known, keys, COLUMNS, of="day_quarters" if grain == "quarter" else "day_sums")


def heat(scope: Scope, known: Known) -> str:
    """Offered contacts by weekday and hour of the reporting zone, and how many such hours there were."""
    where, values = scope.conditions(known, columns=_QUARTERS)
    return render(_HEAT.format(where=where), **values)


def backlog(scope: Scope, known: Known, *, by_day: bool) -> str:
    """Contacts offered and not closed, added up from the first day there is."""
    first, end = scope.span(known)
    rest, values = scope.besides_weeks(known, columns=_QUARTERS)
    statement = _BACKLOG.format(rest=f"and {rest}" if rest else "") + (_BY_DAY if by_day else _BY_QUARTER)
    values["end_day"] = end
    if not by_day:
        values["first_day"] = first
    return render(statement, **values)


def open_now(scope: Scope, known: Known) -> str:
    """Contacts waiting or in conversation at this moment, by age in hours: below 24, below 48, older."""
    rest, values = scope.besides_weeks(known)
    return render(_OPEN_NOW.format(where=f"where {rest}" if rest else ""), **values)


def gaps(scope: Scope, known: Known) -> str:
    """Stretches of the last 8 days of an hour and more in which a site was silent although it was open."""
    rest, values = scope.besides_weeks(known, columns=())
    return render(_GAPS.format(rest=f"and {rest}" if rest else ""), **values)
