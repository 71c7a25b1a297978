-- One row per stretch of an agent in one state within [from_at, to_at), cut at its ends; the state at from_at is known
-- from up to 24 hours before, which is also how long a state lasts at most when nothing follows.
create or replace macro agent_spans(from_at, to_at) as table
select
    site, agent_id, team, state, slots,
    greatest(occurred_at, from_at) as begins_at,
    least(coalesce(next_at, present()), occurred_at + interval 24 hours, to_at, present()) as ends_at
from (
    select
        *, lead(occurred_at) over (partition by site, agent_id order by occurred_at, event_id) as next_at
    from agent_changes
    where occurred_at >= from_at - interval 24 hours and occurred_at < to_at + interval 24 hours
)
where occurred_at < to_at and coalesce(next_at, present()) > from_at
    and occurred_at + interval 24 hours > from_at;
