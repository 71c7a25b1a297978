-- Outcomes by the team of the agent, of contacts that arrived in [from_at, to_at). An agent's team is the one told last
-- on the day or the day before.
create or replace macro scan_teams(from_at, to_at) as table
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
),
solved as (select site, contact_id, repeated_7d from repeats(from_at, to_at)),
asked as (
    select h.site, h.contact_id, arg_max(share_of_scale, row(s.occurred_at, s.event_id)) as share_of_scale
    from handled h
    join survey_answers s on s.site = h.site and s.contact_id = h.contact_id
    where instrument = 'csat' and share_of_scale between 0 and 1
        and s.occurred_at >= from_at - interval 1 day and s.occurred_at < to_at + interval 30 days
        and s.occurred_at >= arrived_at - interval 1 day and s.occurred_at < arrived_at + interval 30 days
    group by all
),
checked as (
    select site, contact_id, bool_or(len(critical_errors) > 0) as critical
    from (
        select e.*
        from handled h
        join evaluation_versions e on e.site = h.site and e.contact_id = h.contact_id
        where e.occurred_at >= from_at - interval 1 day and e.occurred_at < to_at + interval 90 days
            and e.occurred_at >= arrived_at - interval 1 day and e.occurred_at < arrived_at + interval 90 days
        qualify row_number() over (
            partition by e.site, e.contact_id, evaluator, evaluation_id
            order by e.occurred_at desc, e.revision desc, e.event_id desc
        ) = 1
    )
    group by all
)
select
    h.date, h.site, coalesce(t.team, y.team) as team, h.channel, h.language, h.topic,
    count(*)::bigint as team_answered,
    coalesce(sum(h.transferred), 0)::bigint as team_transferred,
    coalesce(sum(h.handled), 0)::bigint as team_handled,
    coalesce(sum(h.handle_ms), 0)::bigint as team_handle_ms,
    count(s.repeated_7d)::bigint as team_resolvable,
    coalesce(sum(s.repeated_7d), 0)::bigint as team_repeated_7d,
    count(a.share_of_scale)::bigint as team_csat_responses,
    count(*) filter (a.share_of_scale >= 0.75)::bigint as team_csat_satisfied,
    count(k.critical)::bigint as team_evaluated,
    count(*) filter (k.critical)::bigint as team_critical
from handled h
left join teams t on t.site = h.site and t.agent_id = h.agent_id and t.date = h.date
left join teams y on y.site = h.site and y.agent_id = h.agent_id and y.date = h.date - 1
left join solved s on s.site = h.site and s.contact_id = h.contact_id
left join asked a on a.site = h.site and a.contact_id = h.contact_id
left join checked k on k.site = h.site and k.contact_id = h.contact_id
group by all;
