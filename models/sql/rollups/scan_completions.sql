-- Sums on the completion clock of contacts whose handling ended in [from_at, to_at), straight from the contacts; and of how
-- many contacts left the work to be done then.
create or replace macro scan_completions(from_at, to_at) as table
with counted as (
    -- The end of a contact that was never told is up to a week after its last event.
    from counts_within(from_at - interval 168 hours, to_at)
),
by_clock as (
    select
        handled_at as at_, site, queue, channel, language, topic,
        handled, handle_ms, talk_ms, hold_ms, wrap_up_ms, transferred, transferred_away, bounced_back, claims,
        claimed_resolved
    from counted
    where handled = 1 and handled_at >= from_at and handled_at < to_at
    union all by name
    select closed_at as at_, site, queue, channel, language, topic, offered as closed
    from counted
    where offered = 1 and closed_at >= from_at and closed_at < to_at and closed_at < present()
)
select
    date, site, queue, channel, language, topic, band,
    coalesce(sum(handled), 0)::bigint as handled,
    sum(handle_ms)::bigint as handle_ms,
    sum((handle_ms / 1000.0 * handle_ms / 1000.0)::bigint)::bigint as handle_s2,
    sum(talk_ms)::bigint as talk_ms,
    sum(hold_ms)::bigint as hold_ms,
    sum(wrap_up_ms)::bigint as wrap_up_ms,
    coalesce(sum(transferred), 0)::bigint as transferred,
    coalesce(sum(transferred_away), 0)::bigint as transferred_away,
    coalesce(sum(bounced_back), 0)::bigint as bounced_back,
    coalesce(sum(claims), 0)::bigint as claims,
    coalesce(sum(claimed_resolved), 0)::bigint as claimed_resolved,
    coalesce(sum(closed), 0)::bigint as closed
from by_clock
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, at_)
    and starts_at >= from_at - interval 15 minutes and starts_at < to_at
group by date, site, queue, channel, language, topic, band;
