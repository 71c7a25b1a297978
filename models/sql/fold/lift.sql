-- One row per event that says something about a contact: the fold of that one event, to be merged with others.
with typed as (
    select site, subject, type, event_id, occurred_at, json_transform(data, '{fields}') as d
    from events_to_fold
    where type in (
        'contact.started', 'contact.offered', 'contact.answered', 'contact.held', 'contact.transferred',
        'contact.abandoned', 'contact.left_queue', 'contact.left_menu', 'contact.completed',
        'contact.wrapped_up', 'contact.classified', 'contact.excluded', 'chat.message'
    )
)
select
    site,
    subject as contact_id,
    occurred_at as first_at,
    occurred_at as last_at,
    case when type = 'contact.started' then struct_pack("at" := occurred_at, id := event_id, channel := d.channel, direction := d.direction, language := d.language, topic := d.topic, customer_id := d.customer_id) end as started,
    case when type = 'contact.offered' then struct_pack("at" := occurred_at, id := event_id, channel := d.channel, direction := d.direction, queue := d.queue, language := d.language, topic := d.topic, campaign := d.campaign, priority := d.priority, customer_id := d.customer_id, initial_contact_id := d.initial_contact_id, previous_contact_id := d.previous_contact_id) end as offered,
    case when type = 'contact.answered' then struct_pack("at" := occurred_at, id := event_id, agent_id := d.agent_id, wait_s := d.wait_s) end as answered,
    case when type = 'contact.abandoned' then struct_pack("at" := occurred_at, id := event_id, wait_s := d.wait_s) end as abandoned,
    case when type = 'contact.left_queue' then struct_pack("at" := occurred_at, id := event_id, reason := d.reason, wait_s := d.wait_s) end as left_queue,
    case when type = 'contact.left_menu' then struct_pack("at" := occurred_at, id := event_id, reason := d.reason) end as left_menu,
    case when type = 'contact.completed' then struct_pack("at" := occurred_at, id := event_id, talk_s := d.talk_s, hold_s := d.hold_s, ended_by := d.ended_by) end as completed,
    case when type = 'contact.wrapped_up' then struct_pack("at" := occurred_at, id := event_id, wrap_up_s := d.wrap_up_s) end as wrapped_up,
    case when type = 'contact.classified' then struct_pack("at" := occurred_at, id := event_id, topic := d.topic, disposition := d.disposition, resolved := d.resolved) end as classified,
    case when type = 'contact.excluded' then struct_pack("at" := occurred_at, id := event_id, reason := d.reason) end as excluded,
    case when type = 'contact.held' then [struct_pack(id := event_id, "at" := occurred_at, hold_s := d.hold_s)] end as holds,
    case when type = 'contact.transferred' then [struct_pack(id := event_id, "at" := occurred_at, to_queue := d.to_queue, to_site := d.to_site, to_contact_id := d.to_contact_id, warm := d.warm)] end as transfers,
    case when type = 'chat.message' and d.sender = 'customer' then occurred_at end as first_customer_message_at,
    case when type = 'chat.message' and d.sender = 'agent' then occurred_at end as first_agent_message_at,
    case when type = 'chat.message' then occurred_at end as last_message_at
from typed
