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
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
),
-- Of one id the highest revision counts, whichever came first. Told as what is kept and not beaten, and what is fresh
-- and beats what is kept: a question about a time of which nothing is fresh then passes all that is kept by.
ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from fresh),
kept_ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from private.incident),
told as (
    select *, row(occurred_at, revision, event_id) as place
    from (
        select kept.* exclude (batch, content_hash)
        from private.incident kept
        left join ranks on ranks.site = kept.site and ranks.event_id = kept.event_id
        where ranks.event_id is null or row(kept.revision, kept.occurred_at, kept.content_hash) >= ranks.place
        union all by name
        select fresh.* exclude (content_hash)
        from fresh
        left join kept_ranks on kept_ranks.site = fresh.site and kept_ranks.event_id = fresh.event_id
        where kept_ranks.event_id is null or row(fresh.revision, fresh.occurred_at, fresh.content_hash) > kept_ranks.place
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
