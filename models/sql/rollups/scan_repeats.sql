-- Sums over the contacts that arrived in [from_at, to_at) of which a repeat can tell whether they were solved.
create or replace macro scan_repeats(from_at, to_at) as table
select
    date, site, queue, channel, language, topic, band,
    count(*)::bigint as resolvable,
    sum(repeated_1d)::bigint as repeated_1d,
    sum(repeated_7d)::bigint as repeated_7d,
    sum(repeated_30d)::bigint as repeated_30d
from repeats(from_at, to_at)
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
group by all;
