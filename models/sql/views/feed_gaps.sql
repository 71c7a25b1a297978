-- One row per stretch of the last 8 days in which a site sent nothing although it was open.
create or replace view feed_gaps as
with quarters as materialized (from feed_quarter_hours),
-- What goes on is told to the minute: from the last event, or from the opening when that was later.
going_on as materialized (
    select
        q.site,
        greatest(
            least(s.last_event_at, s.last_received_at),
            min(q.starts_at),
            max(q.starts_at) filter (not q.expected) + interval 15 minutes
        ) as starts_at
    from quarters q
    join sites s using (site)
    group by q.site, s.last_event_at, s.last_received_at
    having bool_or(q.state = 'unknown' and not q.ended)
),
numbered as (
    select
        site,
        q.starts_at,
        q.starts_at - to_minutes(15 * row_number() over (partition by site order by q.starts_at)) as stretch
    from quarters q
    left join going_on g using (site)
    where q.state = 'unknown' and q.ended
        and (g.starts_at is null or q.starts_at + interval 15 minutes <= g.starts_at)
),
gaps as (
    select site, min(starts_at) as starts_at, max(starts_at) + interval 15 minutes as ends_at, false as running
    from numbered
    group by site, stretch
    union all
    select site, starts_at, present(), true from going_on
)
select site, starts_at, ends_at, round(epoch(ends_at - starts_at) / 60)::bigint as minutes, running
from gaps;
comment on view feed_gaps is 'One row per stretch of the last 8 days in which a site sent nothing although it was open: its figures of that time are unknown, not zero.';
comment on column feed_gaps.starts_at is 'Start of the first quarter-hour without events, UTC; of a gap that goes on, the last event.';
comment on column feed_gaps.ends_at is 'End of the last quarter-hour without events, UTC; of a gap that goes on, the present.';
comment on column feed_gaps.running is 'True while it goes on.';
