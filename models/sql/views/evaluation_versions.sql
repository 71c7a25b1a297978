-- One row per version of a quality evaluation.
create or replace view evaluation_versions as
with derived as (select coalesce(max(last_batch), 0) as last_batch from private.rolled_up where kind = 'contacts'),
fresh as (
    select
        site, subject as contact_id, event_id, coalesce(revision, 0) as revision, occurred_at, content_hash,
        data->>'evaluator' as evaluator,
        data->>'evaluation_id' as evaluation_id,
        data->>'form' as form,
        (data->>'score')::double as score,
        (data->>'max_score')::double as max_score,
        coalesce((data->'critical_errors')::varchar[], []) as critical_errors,
        data->>'calibration_id' as calibration_id
    from private.event
    where batch > (select last_batch from derived) and type = 'contact.evaluated'
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
),
-- Of one id the highest revision counts, whichever came first. Told as what is kept and not beaten, and what is fresh
-- and beats what is kept: a question about a time of which nothing is fresh then passes all that is kept by.
ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from fresh),
kept_ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from private.evaluation)
select *, score / max_score as share_of_points
from (
    select kept.* exclude (batch, content_hash)
    from private.evaluation kept
    left join ranks on ranks.site = kept.site and ranks.event_id = kept.event_id
    where ranks.event_id is null or row(kept.revision, kept.occurred_at, kept.content_hash) >= ranks.place
    union all by name
    select fresh.* exclude (content_hash)
    from fresh
    left join kept_ranks on kept_ranks.site = fresh.site and kept_ranks.event_id = fresh.event_id
    where kept_ranks.event_id is null or row(fresh.revision, fresh.occurred_at, fresh.content_hash) > kept_ranks.place
);
comment on view evaluation_versions is 'One row per version of a quality evaluation; evaluations has the latest of each.';
