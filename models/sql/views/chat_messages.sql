-- One row per chat message: who wrote when. Its text is never kept.
create or replace view chat_messages as
with derived as (select coalesce(max(last_batch), 0) as last_batch from private.rolled_up where kind = 'contacts'),
fresh as (
    select
        site, subject as contact_id, event_id, coalesce(revision, 0) as revision, occurred_at, content_hash,
        data->>'sender' as sender,
        data->>'agent_id' as agent_id
    from private.event
    where batch > (select last_batch from derived) and type = 'chat.message'
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
),
-- Of one id the highest revision counts, whichever came first. Told as what is kept and not beaten, and what is fresh
-- and beats what is kept: a question about a time of which nothing is fresh then passes all that is kept by.
ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from fresh),
kept_ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from private.chat_message)
select kept.* exclude (batch, content_hash)
from private.chat_message kept
left join ranks on ranks.site = kept.site and ranks.event_id = kept.event_id
where ranks.event_id is null or row(kept.revision, kept.occurred_at, kept.content_hash) >= ranks.place
union all by name
select fresh.* exclude (content_hash)
from fresh
left join kept_ranks on kept_ranks.site = fresh.site and kept_ranks.event_id = fresh.event_id
where kept_ranks.event_id is null or row(fresh.revision, fresh.occurred_at, fresh.content_hash) > kept_ranks.place;
comment on view chat_messages is 'One row per chat message: who wrote when. Its text is never kept.';
