-- Outcomes by the team of the agent, of contacts that arrived in [from_at, to_at).
create or replace macro scan_teams(from_at, to_at) as table
with handled as (from teams_within(from_at, to_at)),
solved as (select site, contact_id, repeated_7d from repeats(from_at, to_at)),
asked as (select site, contact_id, share_of_scale from surveyed_within(from_at, to_at) where instrument = 'csat'),
checked as (
    select site, contact_id, bool_or(len(critical_errors) > 0) as critical
    from evaluated_within(from_at, to_at)
    group by all
)
select
    h.date, h.site, h.team, h.channel, h.language, h.topic,
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
left join solved s on s.site = h.site and s.contact_id = h.contact_id
left join asked a on a.site = h.site and a.contact_id = h.contact_id
left join checked k on k.site = h.site and k.contact_id = h.contact_id
group by all;
