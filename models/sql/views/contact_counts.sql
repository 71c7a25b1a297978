-- One row per contact that counts: its share in each sum, on the arrival clock.
create or replace view contact_counts as
select
    site,
    queue,
    channel,
    language,
    topic,
    arrived_at,
    (was_offered)::int as offered,
    (outcome = 'answered')::int as answered,
    (outcome = 'answered' and wait_s <= target_s)::int as answered_in_target,
    (outcome = 'abandoned')::int as abandoned,
    (outcome = 'left_queue')::int as left_queue,
    (outcome = 'left_menu')::int as left_menu,
    (outcome = 'waiting')::int as waiting,
    (outcome = 'unknown_end' and was_offered)::int as unknown_end,
    case when outcome = 'answered' then wait_s end as answered_wait_s,
    case when outcome = 'abandoned' then wait_s end as abandoned_wait_s
from contacts
cross join (select value::double as target_s from private.setting where name = 'service_level_s') target
where outcome <> 'excluded' and coalesce(direction, 'inbound') = 'inbound';
comment on view contact_counts is 'One row per inbound contact that counts: its share in each sum, on the arrival clock.';
