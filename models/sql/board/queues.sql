-- What queues_at and queues_open have in common.
with day as (
    select min(starts_at) as day_at
    from reporting_calendar
    where date = (select date from reporting_calendar where starts_at = time_bucket(interval 15 minutes, instant))
),
target as (select max(value)::double as target_s from private.setting where name = 'service_level_s'),
counted as (
    select
        *,
        arrived_at >= day_at as is_today,
        arrived_at > instant - interval 30 minutes as is_recent,
        epoch(instant - offered_at) as waiting_s,
        target_s
    from {counts}
    cross join day
    cross join target
)
select
    site,
    queue,
    language,
    channel,
    sum(waiting)::bigint as waiting,
    max(waiting_s) filter (waiting = 1) as longest_wait_s,
    count(*) filter (waiting = 1 and waiting_s > target_s) as waiting_over_target,
    sum(in_conversation)::bigint as in_conversation,
    count(*) filter (in_conversation = 1 and channel in ('chat', 'messaging')) as chats,
    coalesce(list(distinct agent_id) filter (in_conversation = 1 and channel in ('chat', 'messaging') and agent_id is not null), []) as chat_agents,
    coalesce(sum(offered) filter (is_today), 0)::bigint as offered,
    coalesce(sum(answered) filter (is_today), 0)::bigint as answered,
    coalesce(sum(answered_in_target) filter (is_today), 0)::bigint as answered_in_target,
    coalesce(sum(abandoned) filter (is_today), 0)::bigint as abandoned,
    coalesce(sum(left_queue) filter (is_today), 0)::bigint as left_queue,
    coalesce(sum(answered_wait_ms) filter (is_today), 0)::bigint as answered_wait_ms,
    coalesce(sum(offered) filter (is_recent), 0)::bigint as recent_offered,
    coalesce(sum(answered) filter (is_recent), 0)::bigint as recent_answered,
    coalesce(sum(answered_in_target) filter (is_recent), 0)::bigint as recent_answered_in_target,
    coalesce(sum(abandoned) filter (is_recent), 0)::bigint as recent_abandoned
from counted
where is_today or waiting = 1 or in_conversation = 1
group by site, queue, language, channel;
