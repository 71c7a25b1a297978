-- One row per agent of whom something was told on that day of the reporting zone or in the 24 hours before an instant: the
-- state at the instant (null once more than 24 hours old), since when, and milliseconds in the states that count for
-- occupancy, that day and in the last 30 minutes.
create or replace macro agents_at(instant) as table
with day as (
    select min(starts_at) as day_at
    from reporting_calendar
    where date = (select date from reporting_calendar where starts_at = time_bucket(interval 15 minutes, instant))
),
since as (select least(day_at, instant - interval 30 minutes) as since_at from day),
changes as (
    select site, agent_id, team, state, slots, occurred_at, event_id
    from agent_changes
    -- A day of 25 hours, and what was told 24 hours before it.
    where occurred_at > instant - interval 49 hours and occurred_at <= instant
),
-- Of what was told before the day, the last is in force when it begins: fewer to put in order.
begun as (
    select unnest(last)
    from (
        select arg_max(c, row(occurred_at, event_id)) as last
        from (
            select struct_pack(site, agent_id, team, state, slots, occurred_at, event_id) as c, site, agent_id, occurred_at, event_id
            from changes
            cross join since
            where occurred_at < since_at
        )
        group by site, agent_id
    )
),
told as (
    select
        *,
        least(
            coalesce(lead(occurred_at) over (partition by site, agent_id order by occurred_at, event_id), instant),
            occurred_at + interval 24 hours
        ) as ends_at
    from (
        from begun
        union all by name
        select c.* from changes c cross join since where occurred_at >= since_at
    )
),
spans as (
    select
        *,
        greatest(epoch_ms(ends_at) - epoch_ms(greatest(occurred_at, day_at)), 0) as day_ms,
        greatest(epoch_ms(ends_at) - epoch_ms(greatest(occurred_at, instant - interval 30 minutes)), 0) as recent_ms
    from told
    cross join day
    where ends_at > least(day_at, instant - interval 30 minutes) or ends_at = instant
)
select
    site,
    agent_id,
    arg_max(team, row(occurred_at, event_id)) filter (team is not null) as team,
    case when max(ends_at) = instant then arg_max(state, row(occurred_at, event_id)) end as state,
    max(occurred_at) as since,
    coalesce(arg_max(slots, row(occurred_at, event_id)), 1) as slots,
    coalesce(sum(day_ms) filter (state = 'available'), 0)::bigint as available_ms,
    coalesce(sum(day_ms) filter (state = 'busy'), 0)::bigint as busy_ms,
    coalesce(sum(day_ms) filter (state = 'wrap_up'), 0)::bigint as wrapping_up_ms,
    coalesce(sum(recent_ms) filter (state = 'available'), 0)::bigint as recent_available_ms,
    coalesce(sum(recent_ms) filter (state = 'busy'), 0)::bigint as recent_busy_ms,
    coalesce(sum(recent_ms) filter (state = 'wrap_up'), 0)::bigint as recent_wrapping_up_ms
from spans
group by site, agent_id;
