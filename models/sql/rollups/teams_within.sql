-- Answered contacts that arrived in [from_at, to_at) with the team of their agent: the one told last on the day or the day
-- before.
create or replace macro teams_within(from_at, to_at) as table
with teams as (
    select site, agent_id, date, arg_max(team, row(c.occurred_at, c.event_id)) as team
    from agent_changes c
    join reporting_calendar on starts_at = time_bucket(interval 15 minutes, c.occurred_at)
    -- The day before can have 25 hours.
    where team is not null and c.occurred_at >= from_at - interval 25 hours and c.occurred_at < to_at
        and starts_at >= from_at - interval 25 hours - interval 15 minutes and starts_at < to_at
    group by all
),
handled as (
    select date, c.*
    from counts_within(from_at, to_at) c
    join reporting_calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
    where answered = 1 and agent_id is not null
        and arrived_at >= from_at and arrived_at < to_at
)
select h.*, coalesce(t.team, y.team) as team
from handled h
left join teams t on t.site = h.site and t.agent_id = h.agent_id and t.date = h.date
left join teams y on y.site = h.site and y.agent_id = h.agent_id and y.date = h.date - 1;
