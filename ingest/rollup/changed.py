"""Which days must be made again: those of what was told since, those that time alone changes, and those before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Literal

from models.rollups import ROLLUPS, Rollup

Kind = Literal["contacts", "answers", "history"]
KINDS: tuple[Kind, ...] = ("contacts", "answers", "history")
"""What is brought up to date together: what today moves; what is told later, and days lately; days long before.

A contact that comes today can be the repeat of one weeks ago, so every answer to `answers` would make weeks of repeats
again. `history` has the days further back than NEAR_DAYS, and is run seldom.
"""

NEAR_DAYS = 9
"""Repeats within 7 days of these days are kept up with, those within 30 days of days before them later."""
_CHUNK_DAYS = 28
_SHORT_GAP_DAYS = 3
OF_STATES = [rollup for rollup in ROLLUPS if rollup.name in ("agents", "hours")]
"""Sums of time agents were in a state, which go on while nothing is told."""

DAYS_OF_VERSIONS = """
    with spans as (
        select distinct
            time_bucket(interval 15 minutes, first_at) as first_at,
            time_bucket(interval 15 minutes, last_at) as last_at,
            -- What is left without an end is given up on later, which is when it leaves the work to be done. That may
            -- have counted until now although the end is told now.
            time_bucket(
                interval 15 minutes,
                last_at + greatest(open_limit(offered.channel), open_limit(started.channel))
            ) as given_up_at
        from private.contact_version
        where version > $after
    ),
    days as (
        -- The calendar may end before the contact is given up on: it has the years of events only.
        select distinct f.date as first_day, coalesce(g.date, l.date) as last_day
        from spans
        join reporting_calendar f on f.starts_at = first_at
        join reporting_calendar l on l.starts_at = last_at
        left join reporting_calendar g on g.starts_at = given_up_at
    )
    select distinct unnest(range(first_day, last_day + interval 1 day, interval 1 day))::date from days
"""
# A state, and that before it, may reach 24 hours on: into the day after, and the one after that where it has 23 hours.
DAYS_OF_AGENTS = """
    with fresh as (select site, event_id, revision, occurred_at from private.agent_change where batch > $after),
    told as (
        select occurred_at from fresh
        union all
        -- What is corrected may have been told of another day.
        select occurred_at
        from private.event
        semi join (from fresh where revision > 0) using (site, event_id)
        where type = 'agent.state_changed'
    )
    select distinct (date + days::integer)::date
    from told
    join reporting_calendar on starts_at = time_bucket(interval 15 minutes, occurred_at)
    cross join range(3) after(days)
"""
# A message among others leaves its contact as it was, and changes who answered when.
DAYS_OF_MESSAGES = """
    with fresh as (select distinct site, contact_id from private.chat_message where batch > $after),
    days as (
        select distinct f.date as first_day, l.date as last_day
        from private.contact_version v
        semi join fresh using (site, contact_id)
        join reporting_calendar f on f.starts_at = time_bucket(interval 15 minutes, v.first_at)
        join reporting_calendar l on l.starts_at = time_bucket(interval 15 minutes, v.last_at)
        where v.last_at >= (select min(occurred_at) from private.chat_message where batch > $after)
    )
    select distinct unnest(range(first_day, last_day + interval 1 day, interval 1 day))::date from days
"""
# All days there are sums of: those of another zone may have none now.
DAYS_KEPT = "select distinct date from private.rolled_day"
# Days of the contacts that new answers are about.
DAYS_OF_ANSWERS = """
    with fresh as (
        select site, contact_id, occurred_at from private.survey where batch > $after
        union all
        select site, contact_id, occurred_at from private.evaluation where batch > $after
    )
    select distinct date
    from private.contact_version v
    join fresh f on f.site = v.site and f.contact_id = v.contact_id
    join reporting_calendar
        on starts_at = time_bucket(interval 15 minutes, coalesce(v.offered."at", v.started."at", v.first_at))
    where v.last_at >= (select min(occurred_at) - interval 97 days from fresh)
"""
# What an agent was told to be in goes on without anything having been told: for 24 hours, and so into the next day.
DAYS_OF_STANDING_AGENTS = """
    select distinct date
    from reporting_calendar
    where starts_at between present() - interval 24 hours and present()
        and exists (from private.agent_change where occurred_at > present() - interval 48 hours)
"""
# A contact that waits has an unknown end a day later, without anything having been told. Today's sums are made again
# when these are looked for, for what time alone changes in them.
DAYS_STILL_WAITING = """
    select distinct d.date
    from private.day_arrivals d
    join private.rolled_now n on n.of_table = 'arrivals' and n.build = d.build and n.date = d.date
    where d.waiting > 0 and d.date < $today
"""


def parts_of(kind: Kind, days: set[date], today: date, *, anew: bool) -> list[tuple[list[Rollup], set[date]]]:
    """Which sums are to be made again of which days, when something of `days` changed."""
    of_kind = [each for each in ROLLUPS if each.has_today == (kind == "contacts")]
    if kind == "contacts":
        # Today's have tables of their own.
        return [(of_kind, {day for day in days if day < today})]
    parts = []
    for ahead, back in sorted({(each.looks_ahead_days, each.looks_back_days) for each in of_kind}):
        rollups = [each for each in of_kind if (each.looks_ahead_days, each.looks_back_days) == (ahead, back)]
        after = {day + timedelta(days=n) for day in days for n in range(back + 1)}
        near = _with_days_before(after, ahead if anew else min(ahead, NEAR_DAYS), today)
        if kind == "answers":
            parts.append((rollups, near))
        elif ahead > NEAR_DAYS:
            long_before = {day - timedelta(days=NEAR_DAYS + 1) for day in days}
            parts.append((rollups, _with_days_before(long_before, ahead - NEAR_DAYS - 1, today)))
    return parts


def _with_days_before(days: Iterable[date], before: int, today: date) -> set[date]:
    """Those days, and those before them on which what changed may count; none that nothing can have happened on yet.

    A site whose clock is ahead may already tell of tomorrow.
    """
    found = {day - timedelta(days=n) for day in days for n in range(before + 1)}
    return {day for day in found if day <= today + timedelta(days=1)}


def chunks(days: Iterable[date]) -> Iterator[list[date]]:
    """Stretches of days, none too long. A short gap is rolled up with them: a day more costs less than a scan more."""
    chunk: list[date] = []
    for day in sorted(days):
        if chunk and ((day - chunk[-1]).days > _SHORT_GAP_DAYS or (day - chunk[0]).days >= _CHUNK_DAYS):
            yield chunk
            chunk = []
        chunk += [chunk[-1] + timedelta(days=n) for n in range(1, (day - chunk[-1]).days)] if chunk else []
        chunk.append(day)
    if chunk:
        yield chunk
