"""What the readiness part of the Fallback page asks: of 28 whole days of the reporting zone, and no more."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dashboard.literals import render
from dashboard.scope.scope import NONE

if TYPE_CHECKING:
    from datetime import date

    from dashboard.literals import Value
    from dashboard.queries import Status

WEEKS = 4
DAYS = 7 * WEEKS
PAUSE_HOURS = 3
"""An agent who takes contacts on either side of so many hours at most was there in between."""
BITS = 48
"""Hours in one number: two days. A column with gaps comes as floats, which are exact up to 53 bits."""

# Rows of two kinds: which hours each own agent took contacts in, as bits (of hours of UTC since 1970, BITS to a block),
# and what each took. An agent's states would tell when they were there to the minute, but reading four weeks of them
# takes most of a second among ten million contacts, and some sites tell none; a row for each hour takes three times as
# long as the bits.
_AGENTS = """
    with worked as materialized (
        select
            site, agent_id, coalesce(queue, $none) as queue, coalesce(language, $none) as language,
            coalesce(channel, 'voice') = 'voice' as calls,
            epoch(answered_at)::bigint // 3600 // $bits as block,
            bit_or(1::bigint << (epoch(answered_at)::bigint // 3600 % $bits)::bigint) as hours
        from contacts_within($from_at, $to_at)
        where site in (select site from sites where in_house) and agent_id is not null
            and coalesce(direction, 'inbound') = 'inbound'
            and answered_at >= $from_at and answered_at < $to_at
        group by all
    )
    select site, agent_id, null as queue, null as language, null as calls, block, bit_or(hours) as hours
    from worked
    group by site, agent_id, block
    union all
    select distinct site, agent_id, queue, language, calls, null, null
    from worked
"""
_VOLUME = """
    select
        coalesce(queue, $none) as queue, coalesce(language, $none) as language,
        coalesce(channel, 'voice') = 'voice' as calls,
        (isodow(local_at) - 1)::int as weekday, local_hour::int as hour,
        sum(offered)::bigint as contacts,
        coalesce(sum(offered) filter (not in_house), 0)::bigint as bought
    from day_quarters q
    join sites using (site)
    join reporting_calendar c on c.starts_at = q.starts_at
    where q.date >= $first and q.date < $today and c.starts_at >= $from_at and c.starts_at < $to_at
    group by all
    having sum(offered) > 0
"""
_MIX = """
    select
        provider, bool_or(in_house) as in_house, coalesce(queue, $none) as queue, coalesce(language, $none) as language,
        coalesce(topic, $none) as topic, sum(offered)::bigint as contacts
    from day_arrivals
    join sites using (site)
    where date >= $first and date < $today
    group by provider, queue, language, topic
    having sum(offered) > 0
"""
_PLANS = """
    select provider, owner, "where", updated, age_days, last_drill_on, last_drill_kind
    from exit_plans
"""


def span(now: Status) -> tuple[date, date]:
    """The first day looked at, and the first no more: today, which is not over."""
    return now.today - timedelta(days=DAYS), now.today


def questions(now: Status) -> dict[str, str]:
    """Everything this part asks, by name."""
    first, today = span(now)
    zone = ZoneInfo(now.reporting_zone)
    from_at, to_at = (datetime.combine(day, time(), zone) for day in (first, today))
    instants: dict[str, Value] = {"from_at": from_at, "to_at": to_at}
    days: dict[str, Value] = {"first": first, "today": today}
    return {
        "agents": render(_AGENTS, **instants, none=NONE, bits=BITS),
        "volume": render(_VOLUME, **instants, **days, none=NONE),
        "mix": render(_MIX, **days, none=NONE),
        "plans": _PLANS,
    }
