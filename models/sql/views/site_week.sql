-- One row per site and week (Monday to Sunday) of the reporting zone.
create or replace view site_week as
with zone as (select value as time_zone from private.setting where name = 'reporting_zone'),
calendar as (select starts_at, week_start from private.quarter_hour semi join zone using (time_zone)),
arrived as (
    select
        site,
        week_start,
        sum(offered) as offered,
        sum(answered) as answered,
        sum(answered_in_target) as answered_in_target,
        sum(abandoned) as abandoned,
        sum(left_queue) as left_queue,
        sum(left_menu) as left_menu,
        sum(waiting) as waiting,
        sum(unknown_end) as unknown_end,
        sum(answered_wait_s) as answered_wait_s,
        sum(abandoned_wait_s) as abandoned_wait_s,
        max(greatest(answered_wait_s, abandoned_wait_s)) as longest_wait_s
    from contact_counts
    join calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
    group by site, week_start
),
handled as (
    select site, week_start, count(*) as handled, sum(handle_s) as handle_s, sum(talk_s) as talk_s
    from contacts
    join calendar on starts_at = time_bucket(interval 15 minutes, handled_at)
    where outcome = 'answered' and handle_s is not null and coalesce(direction, 'inbound') = 'inbound'
    group by site, week_start
),
ignored as (
    select site, week_start, count(*) as excluded
    from contacts
    join calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
    where outcome = 'excluded'
    group by site, week_start
)
select
    site,
    week_start,
    coalesce(offered, 0) as offered,
    coalesce(answered, 0) as answered,
    coalesce(answered_in_target, 0) as answered_in_target,
    coalesce(abandoned, 0) as abandoned,
    coalesce(left_queue, 0) as left_queue,
    coalesce(left_menu, 0) as left_menu,
    coalesce(waiting, 0) as waiting,
    coalesce(unknown_end, 0) as unknown_end,
    coalesce(excluded, 0) as excluded,
    service_level(answered_in_target, answered, abandoned) as service_level,
    ratio(abandoned, offered) as abandonment_rate,
    ratio(answered_wait_s, answered) as average_speed_of_answer_s,
    longest_wait_s,
    coalesce(handled, 0) as handled,
    ratio(handle_s, handled) as average_handle_time_s,
    answered_wait_s,
    abandoned_wait_s,
    handle_s,
    talk_s
from arrived
full join handled using (site, week_start)
full join ignored using (site, week_start);
comment on view site_week is 'One row per site and week (Monday to Sunday) of the reporting zone. Volume, service level and waits on the arrival clock, handle time on the completion clock.';
comment on column site_week.service_level is 'answered_in_target / (answered + abandoned): abandoned contacts count against. Empty when nobody was answered or gave up.';
comment on column site_week.abandonment_rate is 'abandoned / offered. Empty when nothing was offered.';
