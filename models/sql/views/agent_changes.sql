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
),
-- Of one id the highest revision counts, whichever came first; few are told again, so the others are passed by.
told_again as (
    select * exclude (batch, content_hash)
    from (
        from fresh
        union all by name
        from private.agent_change semi join fresh using (site, event_id)
    )
    qualify row_number() over (partition by site, event_id order by revision desc, occurred_at desc, content_hash desc) = 1
)
select * exclude (batch, content_hash) from private.agent_change anti join fresh using (site, event_id)
union all by name
from told_again;
comment on view agent_changes is 'One row per change of an agent''s state: the agent is in it until the next one, at most 24 hours.';
comment on column agent_changes.slots is 'Contacts the agent may hold at once.';
