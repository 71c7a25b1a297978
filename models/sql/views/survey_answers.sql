-- One row per answer to a survey question, as told last.
create or replace view survey_answers as
with derived as (select coalesce(max(last_batch), 0) as last_batch from private.rolled_up where kind = 'contacts'),
fresh as (
    select
        site, subject as contact_id, event_id, coalesce(revision, 0) as revision, occurred_at, content_hash,
        data->>'instrument' as instrument,
        (data->>'score')::double as score,
        (data->>'scale_min')::double as scale_min,
        (data->>'scale_max')::double as scale_max
    from private.event
    where batch > (select last_batch from derived) and type = 'contact.surveyed'
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
),
-- Of one id the highest revision counts, whichever came first. Told as what is kept and not beaten, and what is fresh
-- and beats what is kept: a question about a time of which nothing is fresh then passes all that is kept by.
ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from fresh),
kept_ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from private.survey)
select
    *,
    case when scale_max > scale_min then (score - scale_min) / (scale_max - scale_min) end as share_of_scale
from (
    select kept.* exclude (batch, content_hash)
    from private.survey kept
    left join ranks on ranks.site = kept.site and ranks.event_id = kept.event_id
    where ranks.event_id is null or row(kept.revision, kept.occurred_at, kept.content_hash) >= ranks.place
    union all by name
    select fresh.* exclude (content_hash)
    from fresh
    left join kept_ranks on kept_ranks.site = fresh.site and kept_ranks.event_id = fresh.event_id
    where kept_ranks.event_id is null or row(fresh.revision, fresh.occurred_at, fresh.content_hash) > kept_ranks.place
);
comment on view survey_answers is 'One row per answer to a survey question (csat, nps, ces, resolved), as told last.';
comment on column survey_answers.occurred_at is 'When the customer answered, UTC.';
comment on column survey_answers.share_of_scale is 'Where the answer lies on its own scale, 0 to 1.';
