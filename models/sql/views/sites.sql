-- One row per site that is configured or has sent something.
create or replace view sites as
with seen as (
    select
        site,
        sum(accepted) as events,
        sum(repeats) as repeats,
        sum(refused) as refused,
        sum(simulated) > 0 as simulated,
        max(committed_at) as last_received_at,
        min(first_occurred_at) as first_event_at,
        max(last_occurred_at) as last_event_at
    from private.batch_site
    group by site
)
select
    site,
    coalesce(s.name, site) as name,
    coalesce(s.provider, site) as provider,
    coalesce(s.in_house, false) as in_house,
    coalesce(s.time_zone, (select value from private.setting where name = 'reporting_zone')) as time_zone,
    s.site is not null as configured,
    coalesce(seen.events, 0) as events,
    coalesce(seen.repeats, 0) as repeats,
    coalesce(seen.refused, 0) as refused,
    coalesce(seen.simulated, false) as simulated,
    seen.last_received_at,
    seen.last_event_at,
    seen.first_event_at,
    coalesce(s.system, 'cloudevents') as system
from private.site s
full join seen using (site);
comment on view sites is 'One row per site that is configured or has sent something, with what came in, when, and whether a simulator made it.';
comment on column sites.simulated is 'True when the site has sent events that a simulator made: its numbers are a demonstration.';
comment on column sites.system is 'Whose messages the site sends; cloudevents: those of the contract.';
