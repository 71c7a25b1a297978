-- Volume by quarter-hour of UTC in [from_at, to_at): arrivals on the arrival clock, handling on the completion clock,
-- and what left the work to be done.
create or replace macro scan_quarters(from_at, to_at) as table
with counted as (
    -- The end of a contact that was never told is up to a week after its last event.
    from counts_within(from_at - interval 168 hours, to_at)
),
by_clock as (
    select
        time_bucket(interval 15 minutes, arrived_at) as starts_at, site, queue, channel, language,
        offered, answered, abandoned, left_queue, answered_in_target, answered_wait_ms, abandoned_wait_ms,
        campaign_offered
    from counted
    where arrived_at >= from_at and arrived_at < to_at
    union all by name
    select
        time_bucket(interval 15 minutes, handled_at) as starts_at, site, queue, channel, language,
        handled, handle_ms, transferred
    from counted
    where handled = 1 and handled_at >= from_at and handled_at < to_at
    union all by name
    select time_bucket(interval 15 minutes, closed_at) as starts_at, site, queue, channel, language, offered as closed
    from counted
    where offered = 1 and closed_at >= from_at and closed_at < to_at and closed_at < present()
)
select
    date, q.starts_at, site, queue, channel, language,
    coalesce(sum(offered), 0)::bigint as offered,
    coalesce(sum(answered), 0)::bigint as answered,
    coalesce(sum(abandoned), 0)::bigint as abandoned,
    coalesce(sum(left_queue), 0)::bigint as left_queue,
    coalesce(sum(answered_in_target), 0)::bigint as answered_in_target,
    coalesce(sum(answered_wait_ms), 0)::bigint as answered_wait_ms,
    coalesce(sum(abandoned_wait_ms), 0)::bigint as abandoned_wait_ms,
    coalesce(sum(campaign_offered), 0)::bigint as campaign_offered,
    coalesce(sum(handled), 0)::bigint as handled,
    coalesce(sum(handle_ms), 0)::bigint as handle_ms,
    coalesce(sum(transferred), 0)::bigint as transferred,
    coalesce(sum(closed), 0)::bigint as closed
from by_clock q
join reporting_calendar c on c.starts_at = q.starts_at
group by all;
