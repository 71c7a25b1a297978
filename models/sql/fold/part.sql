-- One row per contact touched by the events given: a partial fold that merges with any other.
-- Every column is a minimum, a maximum or a set, so order and repeats cannot change the result.
select
    site,
    subject as contact_id,
    min(occurred_at) as first_at,
    max(occurred_at) as last_at,
    min(struct_pack("at" := occurred_at, id := event_id, channel := channel, direction := direction, language := language, topic := topic, customer := customer)) filter (type = 'contact.started') as started,
    min(struct_pack("at" := occurred_at, id := event_id, channel := channel, direction := direction, queue := queue, language := language, topic := topic, campaign := campaign, priority := priority, customer := customer, initial_contact_id := initial_contact_id, previous_contact_id := previous_contact_id)) filter (type = 'contact.offered') as offered,
    min(struct_pack("at" := occurred_at, id := event_id, agent_id := agent_id, wait_s := wait_s)) filter (type = 'contact.answered') as answered,
    min(struct_pack("at" := occurred_at, id := event_id, wait_s := wait_s)) filter (type = 'contact.abandoned') as abandoned,
    min(struct_pack("at" := occurred_at, id := event_id, reason := reason, wait_s := wait_s)) filter (type = 'contact.left_queue') as left_queue,
    min(struct_pack("at" := occurred_at, id := event_id, reason := reason)) filter (type = 'contact.left_menu') as left_menu,
    max(struct_pack("at" := occurred_at, id := event_id, talk_s := talk_s, hold_s := hold_s, ended_by := ended_by)) filter (type = 'contact.completed') as completed,
    max(struct_pack("at" := occurred_at, id := event_id, wrap_up_s := wrap_up_s)) filter (type = 'contact.wrapped_up') as wrapped_up,
    max(struct_pack("at" := occurred_at, id := event_id, topic := topic, disposition := disposition, resolved := resolved)) filter (type = 'contact.classified') as classified,
    min(struct_pack("at" := occurred_at, id := event_id, reason := reason)) filter (type = 'contact.excluded') as excluded,
    list(distinct struct_pack(id := event_id, "at" := occurred_at, hold_s := hold_s)) filter (type = 'contact.held') as holds,
    list(distinct struct_pack(id := event_id, "at" := occurred_at, to_queue := to_queue, to_site := to_site, to_contact_id := to_contact_id, warm := warm)) filter (type = 'contact.transferred') as transfers,
    min(occurred_at) filter (type = 'chat.message' and sender = 'customer') as first_customer_message_at,
    min(occurred_at) filter (type = 'chat.message' and sender = 'agent') as first_agent_message_at,
    max(occurred_at) filter (type = 'chat.message') as last_message_at
from events_to_fold
where type in (
    'contact.started', 'contact.offered', 'contact.answered', 'contact.held', 'contact.transferred',
    'contact.abandoned', 'contact.left_queue', 'contact.left_menu', 'contact.completed',
    'contact.wrapped_up', 'contact.classified', 'contact.excluded', 'chat.message'
)
group by site, subject
