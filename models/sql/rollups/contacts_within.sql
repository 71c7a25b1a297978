-- One row per contact (one queue visit) with events in [from_at, to_at), as all its events so far say. Every instant of
-- a contact lies between its first and its last event.
create or replace macro contacts_within(from_at, to_at) as table
with standing_facts as (
    select
        v.* replace (
            standing(v.abandoned, v.left_queue) as abandoned,
            standing(v.left_queue, v.abandoned) as left_queue,
            -- Of each id the first: the list is ordered by id and then by revision, highest first.
            list_filter(v.holds, lambda h, i: i = 1 or h.id <> v.holds[i - 1].id) as holds,
            list_filter(v.transfers, lambda t, i: i = 1 or t.id <> v.transfers[i - 1].id) as transfers
        ),
        coalesce(offered.channel, started.channel) as channel,
        coalesce(classified.topic, offered.topic, started.topic) as topic_code
    from (
        -- Bounded here, where the table is read, so that a span asked for by a query of its own is skipped to as well.
        select * from private.contact_version where last_at >= from_at and first_at < to_at
    ) v
    anti join private.contact_replaced r using (version)
),
facts as (
    select
        *,
        coalesce(offered."at", started."at", first_at) as arrived_at,
        offered is not null or answered is not null or abandoned is not null or left_queue is not null
            as was_offered,
        coalesce(completed.hold_s, list_sum(list_transform(holds, lambda h: h.hold_s))) as hold_total_s,
        completed is null and wrapped_up is null and excluded is null
        and (answered is not null or (abandoned is null and left_queue is null and left_menu is null))
        and last_at < present() - open_limit(channel) as end_unknown
    from standing_facts
)
select
    site,
    contact_id,
    channel,
    coalesce(offered.direction, started.direction) as direction,
    offered.queue as queue,
    coalesce(offered.language, started.language) as language,
    coalesce(known.topic, topic_code) as topic,
    offered.campaign as campaign,
    offered.priority as priority,
    coalesce(offered.customer_id, started.customer_id) as customer,
    offered.initial_contact_id as initial_contact_id,
    offered.previous_contact_id as previous_contact_id,
    case
        when excluded is not null then 'excluded'
        when answered is not null then 'answered'
        when abandoned is not null then 'abandoned'
        when left_queue is not null then 'left_queue'
        when left_menu is not null then 'left_menu'
        when completed is not null or wrapped_up is not null then 'unknown_end'
        when end_unknown and (offered is not null or started is not null) then 'unknown_end'
        when offered is not null then 'waiting'
        when started is not null then 'in_menu'
        else 'unknown_start'
    end as outcome,
    coalesce(left_queue.reason, left_menu.reason) as left_reason,
    excluded.reason as excluded_reason,
    was_offered,
    answered.agent_id as agent_id,
    arrived_at,
    started."at" as started_at,
    offered."at" as offered_at,
    answered."at" as answered_at,
    abandoned."at" as abandoned_at,
    coalesce(left_queue."at", left_menu."at") as left_at,
    completed."at" as completed_at,
    wrapped_up."at" as wrapped_up_at,
    coalesce(wrapped_up."at", completed."at") as handled_at,
    case
        when answered is not null then coalesce(answered.wait_s, elapsed_s(offered."at", answered."at"))
        when abandoned is not null then coalesce(abandoned.wait_s, elapsed_s(offered."at", abandoned."at"))
        when left_queue is not null then coalesce(left_queue.wait_s, elapsed_s(offered."at", left_queue."at"))
    end as wait_s,
    case
        when completed is not null
        then coalesce(completed.talk_s, not_negative(epoch(completed."at" - answered."at") - coalesce(hold_total_s, 0)))
    end as talk_s,
    hold_total_s as hold_s,
    case
        when wrapped_up is not null
        then coalesce(wrapped_up.wrap_up_s, elapsed_s(completed."at", wrapped_up."at"))
    end as wrap_up_s,
    talk_s + coalesce(hold_total_s, 0) + coalesce(wrap_up_s, 0) as handle_s,
    completed.ended_by as ended_by,
    classified.disposition as disposition,
    classified.resolved as resolved,
    coalesce(len(transfers), 0) as transfers,
    transfers[1].to_queue as transferred_to_queue,
    transfers[1].to_site as transferred_to_site,
    first_customer_message_at,
    first_agent_message_at,
    last_message_at,
    last_at as last_event_at,
    topic_code,
    coalesce(end_unknown, false) as end_unknown,
    -- With last_event_at the bounds of every instant of the contact, and plain columns: a scan skips what they rule out.
    first_at as first_event_at
from facts
left join (select site, code as topic_code, topic from private.topic_code) known using (site, topic_code);
