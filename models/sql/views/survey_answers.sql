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
),
-- Of one id the highest revision counts, whichever came first; few are told again, so the others are passed by.
told_again as (
    select * exclude (batch, content_hash)
    from (
        from fresh
        union all by name
        from private.survey semi join fresh using (site, event_id)
    )
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
)
select
    *,
    case when scale_max > scale_min then (score - scale_min) / (scale_max - scale_min) end as share_of_scale
from (
    select * exclude (batch, content_hash) from private.survey anti join fresh using (site, event_id)
    union all by name
    from told_again
);
comment on view survey_answers is 'One row per answer to a survey question (csat, nps, ces, resolved), as told last.';
comment on column survey_answers.occurred_at is 'When the customer answered, UTC.';
comment on column survey_answers.share_of_scale is 'Where the answer lies on its own scale, 0 to 1.';
