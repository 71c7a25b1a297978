-- One row per site with contacts since midnight of the reporting zone.
create or replace view site_today as
with here as (
    select value as time_zone, (present() at time zone 'UTC' at time zone value)::date as local_date
    from private.setting
    where name = 'reporting_zone'
),
today as (select min(starts_at) as from_at from private.quarter_hour semi join here using (time_zone, local_date))
select
    site,
    sum(offered) as offered,
    sum(answered) as answered,
    sum(answered_in_target) as answered_in_target,
    sum(abandoned) as abandoned,
    sum(left_queue) as left_queue,
    sum(left_menu) as left_menu,
    sum(unknown_end) as unknown_end,
    service_level(sum(answered_in_target), sum(answered), sum(abandoned)) as service_level,
    ratio(sum(abandoned), sum(offered)) as abandonment_rate,
    ratio(sum(answered_wait_s), sum(answered)) as average_speed_of_answer_s,
    max(greatest(answered_wait_s, abandoned_wait_s)) as longest_wait_s
from contact_counts
where arrived_at >= (select from_at from today)
group by site;
comment on view site_today is 'One row per site with contacts since midnight of the reporting zone.';
