with told as (
{told}
),
standing as (
    select
        * replace (
            case
                when not corrected(abandoned_id, abandoned_revision, left_queue_id, left_queue_revision) then abandoned_at
            end as abandoned_at,
            case
                when not corrected(left_queue_id, left_queue_revision, abandoned_id, abandoned_revision) then left_queue_at
            end as left_queue_at,
            -- Of each id the first: the list is ordered by id and then by revision, highest first.
            list_filter(holds, lambda h, i: i = 1 or h.id <> holds[i - 1].id) as holds,
            list_filter(transfers, lambda t, i: i = 1 or t.id <> transfers[i - 1].id) as transfers
        )
    from told
),
facts as (
    select
        *,
        coalesce(offered_channel, started_channel) as channel,
        coalesce(classified_topic, offered_topic, started_topic) as topic_code,
        coalesce(offered_at, started_at, first_at) as arrived_at,
        offered_at is not null or answered_at is not null or abandoned_at is not null or left_queue_at is not null
            as was_offered,
        coalesce(completed_hold_s, list_sum(list_transform(holds, lambda h: h.hold_s))) as hold_total_s,
        completed_at is null and wrapped_up_at is null and excluded_at is null
        and (answered_at is not null or (abandoned_at is null and left_queue_at is null and left_menu_at is null))
        and last_at < {present} - open_limit(channel) as end_unknown
    from standing
)
select
    site,
    contact_id,
    channel,
    coalesce(offered_direction, started_direction) as direction,
    offered_queue as queue,
    coalesce(offered_language, started_language) as language,
    coalesce(known.topic, topic_code) as topic,
    offered_campaign as campaign,
    offered_priority as priority,
    coalesce(offered_customer_id, started_customer_id) as customer,
    offered_initial_contact_id as initial_contact_id,
    offered_previous_contact_id as previous_contact_id,
    case
        when excluded_at is not null then 'excluded'
        when answered_at is not null then 'answered'
        when abandoned_at is not null then 'abandoned'
        when left_queue_at is not null then 'left_queue'
        when left_menu_at is not null then 'left_menu'
        when completed_at is not null or wrapped_up_at is not null then 'unknown_end'
        when end_unknown and (offered_at is not null or started_at is not null) then 'unknown_end'
        when offered_at is not null then 'waiting'
        when started_at is not null then 'in_menu'
        else 'unknown_start'
    end as outcome,
    coalesce(case when left_queue_at is not null then left_queue_reason end, left_menu_reason) as left_reason,
    excluded_reason,
    was_offered,
    answered_agent_id as agent_id,
    arrived_at,
    started_at,
    offered_at,
    answered_at,
    abandoned_at,
    coalesce(left_queue_at, left_menu_at) as left_at,
    completed_at,
    wrapped_up_at,
    coalesce(wrapped_up_at, completed_at) as handled_at,
    case
        when answered_at is not null then coalesce(answered_wait_s, elapsed_s(offered_at, answered_at))
        when abandoned_at is not null then coalesce(abandoned_wait_s, elapsed_s(offered_at, abandoned_at))
        when left_queue_at is not null then coalesce(left_queue_wait_s, elapsed_s(offered_at, left_queue_at))
    end as wait_s,
    case
        when completed_at is not null
        then coalesce(completed_talk_s, not_negative(epoch(completed_at - answered_at) - coalesce(hold_total_s, 0)))
    end as talk_s,
    hold_total_s as hold_s,
    case when wrapped_up_at is not null then coalesce(wrapped_up_wrap_up_s, elapsed_s(completed_at, wrapped_up_at)) end as wrap_up_s,
    talk_s + coalesce(hold_total_s, 0) + coalesce(wrap_up_s, 0) as handle_s,
    completed_ended_by as ended_by,
    classified_disposition as disposition,
    classified_resolved as resolved,
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
