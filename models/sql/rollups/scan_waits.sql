-- How long contacts that arrived in [from_at, to_at) waited, as a histogram with bins 10 % wide.
create or replace macro scan_waits(from_at, to_at) as table
select
    date, site, queue, channel,
    wait_bin(greatest(answered_wait_ms, abandoned_wait_ms)) as bin,
    sum(answered)::bigint as answered_waits,
    sum(abandoned)::bigint as abandoned_waits
from counts_within(from_at, to_at)
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
where greatest(answered_wait_ms, abandoned_wait_ms) is not null
    and arrived_at >= from_at and arrived_at < to_at
    and starts_at >= from_at - interval 15 minutes and starts_at < to_at
group by all;
