-- Sums by week, of weeks that are over: builds of weeks, added up from the builds of days of all tables that know the
-- same dimensions. A build counts as long as it is younger than every build of a day of its week.
create table private.week_sums as
select build, date as week_start, * exclude (build, date)
from (
    from private.day_arrivals
    union all by name from private.day_completions
    union all by name from private.day_turns
    union all by name from private.day_surveys
    union all by name from private.day_evaluations
    union all by name from private.day_repeats
)
limit 0;
create table private.rolled_week (build bigint not null, week_start date not null);
