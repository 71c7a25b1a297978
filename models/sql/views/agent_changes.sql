-- One row per change of an agent's state.
create or replace view agent_changes as
with derived as (select coalesce(max(last_batch), 0) as last_batch from private.rolled_up where kind = 'contacts'),
fresh as (
    select
        site, subject as agent_id, event_id, coalesce(revision, 0) as revision, occurred_at, content_hash,
        data->>'state' as state,
        data->>'reason' as reason,
        data->>'team' as team,
        (data->>'slots')::bigint as slots
    from private.event
    where batch > (select last_batch from derived) and type = 'agent.state_changed'
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
),
-- Of one id the highest revision counts, whichever came first. Told as what is kept and not beaten, and what is fresh
-- and beats what is kept: a question about a time of which nothing is fresh then passes all that is kept by.
ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from fresh),
kept_ranks as (select site, event_id, row(revision, occurred_at, content_hash) as place from private.agent_change)
select kept.* exclude (batch, content_hash)
from private.agent_change kept
left join ranks on ranks.site = kept.site and ranks.event_id = kept.event_id
where ranks.event_id is null or row(kept.revision, kept.occurred_at, kept.content_hash) >= ranks.place
union all by name
select fresh.* exclude (content_hash)
from fresh
left join kept_ranks on kept_ranks.site = fresh.site and kept_ranks.event_id = fresh.event_id
where kept_ranks.event_id is null or row(fresh.revision, fresh.occurred_at, fresh.content_hash) > kept_ranks.place;
comment on view agent_changes is 'One row per change of an agent''s state: the agent is in it until the next one, at most 24 hours.';
comment on column agent_changes.slots is 'Contacts the agent may hold at once.';
