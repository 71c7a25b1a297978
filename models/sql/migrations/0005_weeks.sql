-- Sums by week, added up from the days of all tables that know the same dimensions: builds of weeks that are over, of
-- which the latest counts, and builds of the weeks that are not, of which the last counts.
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
create table private.open_week_sums as from private.week_sums;
create table private.rolled_week (build bigint not null, week_start date not null);
-- open_from: first week that is not over.
create table private.rolled_open_weeks (build bigint not null, open_from date not null);
