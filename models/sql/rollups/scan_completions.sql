-- Sums on the completion clock of contacts whose handling ended in [from_at, to_at), straight from the contacts.
create or replace macro scan_completions(from_at, to_at) as table
select
    date, site, queue, channel, language, topic, band,
    sum(handled)::bigint as handled,
    sum(handle_ms)::bigint as handle_ms,
    sum((handle_ms / 1000.0 * handle_ms / 1000.0)::bigint)::bigint as handle_s2,
    sum(talk_ms)::bigint as talk_ms,
    sum(hold_ms)::bigint as hold_ms,
    sum(wrap_up_ms)::bigint as wrap_up_ms,
    sum(transferred)::bigint as transferred,
    sum(transferred_away)::bigint as transferred_away,
    sum(bounced_back)::bigint as bounced_back,
    sum(claims)::bigint as claims,
    sum(claimed_resolved)::bigint as claimed_resolved
from counts_within(from_at, to_at)
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, handled_at)
where handled = 1
    and handled_at >= from_at and handled_at < to_at
    and starts_at >= from_at - interval 15 minutes and starts_at < to_at
group by date, site, queue, channel, language, topic, band;
