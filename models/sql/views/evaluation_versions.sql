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
),
-- Of one id the highest revision counts, whichever came first; few are told again, so the others are passed by.
told_again as (
    select * exclude (batch, content_hash)
    from (
        from fresh
        union all by name
        from private.evaluation semi join fresh using (site, event_id)
    )
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
)
select *, score / max_score as share_of_points
from (
    select * exclude (batch, content_hash) from private.evaluation anti join fresh using (site, event_id)
    union all by name
    from told_again
);
comment on view evaluation_versions is 'One row per version of a quality evaluation; evaluations has the latest of each.';
