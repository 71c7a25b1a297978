-- One row per site and quarter-hour of the last 8 days, the running one too, from the site's first event on.
create or replace view feed_quarter_hours as
with clock as materialized (
    select now_at, time_bucket(interval 15 minutes, now_at) as running_at from (select present() as now_at)
),
fed as materialized (
    select
        site,
        time_zone,
        time_bucket(interval 15 minutes, first_event_at) as first_at,
        -- An event from a clock that is ahead does not count for later than it came.
        least(last_event_at, last_received_at) as heard_at,
        exists (from private.opening_hours o where o.site = s.site) as hours_told
    from sites s
    where first_event_at is not null
),
derived as (select coalesce(max(last_batch), 0) as last_batch from private.rolled_up where kind = 'contacts'),
counted as (
    select site, make_timestamp(quarter * 900000000) as starts_at, sum(events)::bigint as events
    from (
        select site, quarter, events from private.event_quarter
        union all
        select site, epoch_us(occurred_at) // 900000000, 1
        from private.event
        where batch > (select last_batch from derived)
    )
    where quarter >= (
        select epoch_us(running_at - case when exists (from fed where not hours_told) then interval 37 days else interval 9 days end)
            // 900000000
        from clock
    )
    group by site, quarter
),
calendar as materialized (
    select site, hours_told, first_at, heard_at, starts_at, local_at, coalesce(events, 0) as events
    from fed
    join private.quarter_hour using (time_zone)
    left join counted using (site, starts_at)
    where starts_at between (select running_at - interval 37 days from clock) and (select running_at from clock)
),
-- The same time of the same weekday in the site's own zone, one to four weeks later.
learned as (
    select site, local_at + to_days((7 * weeks)::integer) as local_at
    from (select distinct site, local_at from calendar where events > 0 and not hours_told)
    cross join range(1, 5) back(weeks)
    group by all
    having count(*) >= 3
),
judged as (
    select
        site,
        starts_at,
        local_at,
        events,
        starts_at < running_at as ended,
        case
            when hours_told
            then exists (
                from private.opening_hours o
                where o.site = calendar.site
                    and o.weekday = isodow(local_at)
                    and o.opens_minute <= hour(local_at) * 60 + minute(local_at)
                    and o.closes_minute >= hour(local_at) * 60 + minute(local_at) + 15
            )
            else l.site is not null
        end as expected,
        heard_at < now_at - interval 15 minutes as silent
    from calendar
    left join learned l using (site, local_at)
    cross join clock
    where starts_at >= first_at and starts_at >= running_at - interval 8 days
)
select
    site,
    starts_at,
    local_at,
    events,
    expected,
    ended,
    case
        when not ended and silent and expected
            and coalesce(lag(expected) over (partition by site order by starts_at), false)
        then 'unknown'
        when events > 0 then 'known'
        when not expected then 'closed'
        when ended then 'unknown'
    end as state
from judged;
comment on view feed_quarter_hours is 'One row per site and quarter-hour of the last 8 days: what the site sent, and whether nothing sent means closed or unknown. Unknown is never zero.';
comment on column feed_quarter_hours.starts_at is 'Start of the quarter-hour, UTC.';
comment on column feed_quarter_hours.local_at is 'Start of the quarter-hour in the site''s own time zone.';
comment on column feed_quarter_hours.events is 'Events that happened in it, whenever they came.';
comment on column feed_quarter_hours.expected is 'Whether the site was open throughout by its opening hours; without any: whether it sent something at this time of the week in 3 of the 4 weeks before.';
comment on column feed_quarter_hours.ended is 'False for the quarter-hour that is still running.';
comment on column feed_quarter_hours.state is 'known: events came; unknown: none came although they were expected; closed: none were expected; empty while the running one cannot be judged.';
