-- One row per site with agents: how many are free and at work at an instant, and their time in the last 30 minutes.
-- {instant}: a literal.
select
    site,
    count(*) filter (state = 'available') as available,
    count(*) filter (state in ('available', 'busy', 'wrap_up')) as at_work,
    count(*) filter (recent_available_ms + recent_busy_ms + recent_wrapping_up_ms > 0) as recently_at_work,
    sum(recent_available_ms)::bigint as recent_available_ms,
    sum(recent_busy_ms)::bigint as recent_busy_ms,
    sum(recent_wrapping_up_ms)::bigint as recent_wrapping_up_ms
from agents_at({instant})
group by site;
