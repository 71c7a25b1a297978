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
),
-- Of one id the highest revision counts, whichever came first; few are told again, so the others are passed by.
told_again as (
    select * exclude (batch, content_hash)
    from (
        from fresh
        union all by name
        from private.chat_message semi join fresh using (site, event_id)
    )
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
)
select * exclude (batch, content_hash) from private.chat_message anti join fresh using (site, event_id)
union all by name
from told_again;
comment on view chat_messages is 'One row per chat message: who wrote when. Its text is never kept.';
