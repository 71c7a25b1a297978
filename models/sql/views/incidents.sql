-- One row per incident a site reported, as last reported.
create or replace view incidents as
with derived as (select coalesce(max(last_batch), 0) as last_batch from private.rolled_up where kind = 'contacts'),
fresh as (
    select
        site, data->>'incident_id' as incident_id, event_id, coalesce(revision, 0) as revision, occurred_at,
        content_hash,
        data->>'kind' as kind,
        data->>'severity' as severity,
        data->>'description' as description,
        coalesce((data->>'ended')::boolean, false) as ended
    from private.event
    where batch > (select last_batch from derived) and type = 'site.incident_reported'
),
-- Of one id the highest revision counts, whichever came first; few are told again, so the others are passed by.
told_again as (
    select * exclude (batch, content_hash)
    from (
        from fresh
        union all by name
        from private.incident semi join fresh using (site, event_id)
    )
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
),
told as (
    select *, row(occurred_at, revision, event_id) as place
    from (
        select * exclude (batch, content_hash) from private.incident anti join fresh using (site, event_id)
        union all by name
        from told_again
    )
)
select
    site,
    incident_id,
    arg_max(kind, place) as kind,
    arg_max(severity, place) as severity,
    arg_max(description, place) as description,
    min(occurred_at) as began_at,
    min(occurred_at) filter (ended) as ended_at,
    count(*) as reports
from told
group by site, incident_id;
comment on view incidents is 'One row per incident a site reported, as last reported; ended_at is empty while it goes on. Instants are UTC.';
