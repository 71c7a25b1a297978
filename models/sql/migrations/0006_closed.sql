-- How many contacts left the work to be done that day: with how many came, what was open at the start of any week.
alter table private.day_completions add column closed bigint;
alter table private.today_completions add column closed bigint;
alter table private.week_sums add column closed bigint;
alter table private.open_week_sums add column closed bigint;
