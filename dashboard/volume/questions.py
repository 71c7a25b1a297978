"""What the Volume page asks: sums by quarter-hour, day and week, and the contacts that are open now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dashboard.literals import render
from dashboard.scope import sums

if TYPE_CHECKING:
    from datetime import datetime

    from dashboard.scope.scope import Known, Scope

COLUMNS = ("offered", "answered", "abandoned", "left_queue", "transferred", "campaign_offered")
_QUARTERS = sums.DIMENSIONS["day_quarters"]

_HEAT = """
    with quarters as (
        select starts_at, date, sum(offered) as offered
        from day_quarters
        where {where}
        group by starts_at, date
    ),
    days as (
        select date from quarters group by date having sum(offered) > 0
    )
    select
        isodow(date) as weekday, local_hour, count(*) / 4.0 as hours, coalesce(sum(offered), 0) as offered
    from reporting_calendar
    semi join days using (date)
    left join quarters using (starts_at, date)
    where starts_at < present()
    group by weekday, local_hour
    order by weekday, local_hour
"""

_BACKLOG = """
    with before as (
        select coalesce(sum(offered), 0) - coalesce(sum(closed), 0) as open
        from week_sums
        where week_start < $first_day {rest}
        having count(*) > 0
    ),
    steps as (
        select starts_at, date, sum(offered) - sum(closed) as step
        from day_quarters
        where date >= $first_day and date < $end_day {rest}
        group by starts_at, date
    ),
    backlog as (
        select starts_at, date, coalesce((select open from before), 0) + sum(step) over (order by starts_at) as open
        from steps
    )
"""
_BY_QUARTER = """
    select min(starts_at) - interval 15 minutes as starts_at, (select open from before) as open
    from reporting_calendar
    where date = $first_day and exists (from before)
    having count(*) > 0
    union all
    select starts_at, open from backlog
    order by starts_at
"""
_BY_DAY = """
    select $first_day - 1 as date, open as most, open as at_end, open as least from before
    union all
    select date, max(open) as most, arg_max(open, starts_at) as at_end, min(open) as least
    from backlog
    group by date
    order by date
"""

_OPEN_NOW = """
    select
        case when age_h < 24 then 0 when age_h < 48 then 1 else 2 end as age,
        outcome = 'waiting' as waiting,
        count(*) as contacts,
        min(arrived_at) as oldest_at
    from (
        select *, epoch(present() - arrived_at) / 3600 as age_h
        from open_within($since, $until)
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
    """Contacts offered and not closed: by week until the first one in view, from then on by quarter-hour.

    The first row is what was open before.
    """
    first, end = scope.span(known)
    rest, values = scope.besides_weeks(known, columns=_QUARTERS)
    statement = _BACKLOG.format(rest=f"and {rest}" if rest else "") + (_BY_DAY if by_day else _BY_QUARTER)
    return render(statement, first_day=first, end_day=end, **values)


def open_now(scope: Scope, known: Known, now: datetime) -> str:
    """Contacts waiting or in conversation at this moment, by age in hours: below 24, below 48, older.

    now: about, UTC; it bounds what is read, and the question stays the same for an hour.
    """
    rest, values = scope.besides_weeks(known)
    hour = now.replace(minute=0, second=0, microsecond=0)
    values |= {"since": hour - timedelta(hours=168), "until": hour + timedelta(hours=25)}
    return render(_OPEN_NOW.format(where=f"where {rest}" if rest else ""), **values)


def gaps(scope: Scope, known: Known) -> str:
    """Stretches of the last 8 days of an hour and more in which a site was silent although it was open."""
    rest, values = scope.besides_weeks(known, columns=())
    return render(_GAPS.format(rest=f"and {rest}" if rest else ""), **values)
