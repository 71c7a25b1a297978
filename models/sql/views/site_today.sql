-- One row per site with contacts since midnight of the reporting zone.
create or replace view site_today as
with here as (
    select min(starts_at) as from_at
    from reporting_calendar
    where date = (select date from reporting_calendar where starts_at = time_bucket(interval 15 minutes, present()))
)
select
    site,
    sum(offered)::bigint as offered,
    sum(answered)::bigint as answered,
    sum(answered_in_target)::bigint as answered_in_target,
    sum(abandoned)::bigint as abandoned,
    sum(left_queue)::bigint as left_queue,
    sum(left_menu)::bigint as left_menu,
    sum(unknown_end)::bigint as unknown_end,
    service_level(sum(answered_in_target), sum(answered), sum(abandoned)) as service_level,
    ratio(sum(abandoned), sum(offered)) as abandonment_rate,
    ratio(sum(answered_wait_ms) / 1000.0, sum(answered)) as average_speed_of_answer_s,
    max(greatest(answered_wait_ms, abandoned_wait_ms)) / 1000.0 as longest_wait_s
from counts_within((select from_at from here), timestamp '9999-01-01')
where arrived_at >= (select from_at from here)
group by site;
comment on view site_today is 'One row per site with contacts since midnight of the reporting zone.';
