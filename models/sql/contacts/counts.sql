with setting as (
    select
        max(value) filter (name = 'service_level_s')::double as target_s,
        max(value) filter (name = 'short_abandon_s')::double as short_s
    from private.setting
),
-- What a site calls its own service level, ours where it has not said.
own as (
    select
        site,
        in_house,
        coalesce(sl_definition, 'service_level') as own_definition,
        coalesce(sl_threshold_s, target_s) as own_target_s,
        coalesce(sl_short_s, short_s) as own_short_s
    from private.site
    cross join setting
),
judged as (
    select
        c.*,
        target_s,
        short_s,
        coalesce(own_definition, 'service_level') as own_definition,
        coalesce(own_target_s, target_s) as own_target_s,
        coalesce(own_short_s, short_s) as own_short_s,
        outcome <> 'excluded' as counts,
        outcome = 'answered' as is_answered,
        outcome = 'abandoned' as is_abandoned,
        outcome = 'answered' and handled_at is not null and handle_s is not null as is_handled,
        coalesce(o.in_house, false) as in_house,
        transferred_to_site in (select site from private.site where in_house) as to_in_house
    from {contacts} c
    cross join setting
    left join own o using (site)
    where coalesce(direction, 'inbound') = 'inbound'
)
select
    site,
    contact_id,
    queue,
    channel,
    language,
    topic,
    agent_id,
    customer,
    outcome,
    arrived_at,
    offered_at,
    answered_at,
    handled_at,
    completed_at,
    first_event_at,
    last_event_at,
    previous_contact_id is not null or initial_contact_id is not null as came_by_transfer,
    case
        when not counts or not was_offered then null
        when is_answered then coalesce(completed_at, wrapped_up_at, case when end_unknown then last_event_at + open_limit(channel) end)
        when outcome = 'unknown_end' then coalesce(completed_at, wrapped_up_at, last_event_at + open_limit(channel))
        else coalesce(abandoned_at, left_at)
    end as closed_at,
    (counts and was_offered)::int as offered,
    (is_answered)::int as answered,
    (is_abandoned)::int as abandoned,
    (outcome = 'left_queue')::int as left_queue,
    (outcome = 'left_queue' and left_reason = 'callback')::int as called_back,
    (outcome = 'left_menu')::int as left_menu,
    (outcome = 'waiting')::int as waiting,
    (is_answered and completed_at is null and wrapped_up_at is null and not end_unknown)::int as in_conversation,
    (outcome = 'unknown_end' and was_offered)::int as unknown_end,
    (not counts)::int as excluded,
    (counts and was_offered and campaign is not null)::int as campaign_offered,
    (is_answered and wait_s <= target_s)::int as answered_in_target,
    (is_abandoned and wait_s <= target_s)::int as abandoned_in_target,
    (is_abandoned and wait_s <= short_s)::int as abandoned_short,
    (is_answered and wait_s <= own_target_s)::int as answered_in_own_target,
    (is_abandoned and wait_s <= own_target_s)::int as abandoned_in_own_target,
    (is_abandoned and wait_s <= own_short_s)::int as abandoned_own_short,
    -- Its own service level: what its definition counts as met, and what it counts at all.
    case
        when is_answered and wait_s <= own_target_s then 1
        when is_abandoned and wait_s <= own_target_s and own_definition = 'sl_positive' then 1
        else 0
    end as own_level_good,
    case
        when is_answered then 1
        when outcome = 'left_queue' then (own_definition = 'sl_flowout')::int
        when not is_abandoned or own_definition = 'sl_answered_only' then 0
        when own_definition = 'sl_ignore_within_T' and wait_s <= own_target_s then 0
        when own_definition = 'sl_ignore_short' and wait_s <= own_short_s then 0
        else 1
    end as own_level_of,
    case when is_answered then round(wait_s * 1000)::bigint end as answered_wait_ms,
    case when is_abandoned then round(wait_s * 1000)::bigint end as abandoned_wait_ms,
    (is_answered and customer is not null)::int as answered_known_customer,
    -- Who was solved, as far as can be seen: an agent ended it, did not hand it on, and the customer is known.
    (is_answered and customer is not null and completed_at is not null and transfers = 0)::int as resolvable,
    (is_answered and first_agent_message_at >= first_customer_message_at)::int as first_responses,
    case
        when is_answered and first_agent_message_at >= first_customer_message_at
        then epoch_ms(first_agent_message_at) - epoch_ms(first_customer_message_at)
    end as first_response_ms,
    (is_answered and first_agent_message_at >= answered_at)::int as joined_responses,
    case
        when is_answered and first_agent_message_at >= answered_at
        then epoch_ms(first_agent_message_at) - epoch_ms(answered_at)
    end as joined_response_ms,
    (is_handled)::int as handled,
    case when is_handled then round(handle_s * 1000)::bigint end as handle_ms,
    case when is_handled then round(talk_s * 1000)::bigint end as talk_ms,
    case when is_handled then round(coalesce(hold_s, 0) * 1000)::bigint end as hold_ms,
    case when is_handled then round(coalesce(wrap_up_s, 0) * 1000)::bigint end as wrap_up_ms,
    (is_handled and transfers > 0)::int as transferred,
    (is_handled and transfers > 0 and transferred_to_site is not null and transferred_to_site <> site)::int
        as transferred_away,
    (is_handled and transfers > 0 and not in_house and coalesce(to_in_house, false))::int as bounced_back,
    (is_handled and resolved is not null)::int as claims,
    (is_handled and coalesce(resolved, false))::int as claimed_resolved
from judged;
