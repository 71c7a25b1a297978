-- Time of agents by state on the overlap clock, split at the borders of the days of the reporting zone.
create or replace macro scan_agents(from_at, to_at) as table
with days as (
    select date, min(starts_at) as day_at, max(starts_at) + interval 15 minutes as next_day_at
    from reporting_calendar
    where starts_at >= from_at - interval 15 minutes and starts_at < to_at
    group by date
),
spans as (
    select
        date, site, team, agent_id, state, slots,
        (epoch_us(least(ends_at, next_day_at)) - epoch_us(greatest(begins_at, day_at))) // 1000 as span_ms
    from agent_spans(from_at, to_at)
    join days on begins_at < next_day_at and ends_at > day_at
),
states as (
    select
        date, site, team,
        count(distinct agent_id)::bigint as agents,
        coalesce(sum(span_ms) filter (state = 'available'), 0)::bigint as available_ms,
        coalesce(sum(span_ms) filter (state = 'busy'), 0)::bigint as busy_ms,
        coalesce(sum(span_ms) filter (state = 'wrap_up'), 0)::bigint as wrapping_up_ms,
        coalesce(sum(span_ms) filter (state in ('break', 'lunch')), 0)::bigint as break_ms,
        coalesce(sum(span_ms) filter (state in ('training', 'meeting', 'other_work')), 0)::bigint as other_ms,
        coalesce(sum(span_ms * slots) filter (state in ('available', 'busy', 'wrap_up') and slots > 1), 0)::bigint as slot_ms
    from spans
    where span_ms > 0 and state <> 'offline'
    group by date, site, team
),
-- Contacts of agents who hold several at once: their time, and the time in which there was at least one.
held as (
    select date, site, agent_id, greatest(answered_at, day_at) as b, least(handled_at, next_day_at) as e
    from (
        from counts_within(from_at, to_at)
        where channel in ('chat', 'messaging') and handled = 1 and agent_id is not null and answered_at is not null
    )
    join days on answered_at < next_day_at and handled_at > day_at
),
islands as (
    select date, site, agent_id, b, e,
        sum(begins) over (partition by date, site, agent_id order by b, e rows unbounded preceding) as island
    from (
        select *,
            (coalesce(b > max(e) over (
                partition by date, site, agent_id order by b, e rows between unbounded preceding and 1 preceding
            ), true))::int as begins
        from held
        where e > b
    )
),
concurrent as (
    select date, site, sum(contact_ms)::bigint as chat_ms, sum(with_ms)::bigint as with_chat_ms
    from (
        select date, site, agent_id, island,
            sum(epoch_ms(e) - epoch_ms(b)) as contact_ms,
            epoch_ms(max(e)) - epoch_ms(min(b)) as with_ms
        from islands
        group by all
    )
    group by all
)
from states
union all by name
from concurrent;
