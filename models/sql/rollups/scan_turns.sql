-- Answers in chats: turns of customers that began in [from_at, to_at), and chats that ended in it.
-- Several messages of a customer in a row are one turn; what bots write stops no clock. After seven days of silence a
-- turn begins anew, and an end closes nothing that was said.
create or replace macro scan_turns(from_at, to_at) as table
with said as (
    select site, contact_id, sender, occurred_at, event_id
    from chat_messages
    where sender <> 'bot'
        and occurred_at >= from_at - interval 7 days and occurred_at < to_at + interval 7 days
),
alternating as (
    from said
    window w as (partition by site, contact_id order by occurred_at, event_id)
    qualify lag(sender) over w is distinct from sender or occurred_at - lag(occurred_at) over w > interval 7 days
),
turns as (
    select site, contact_id, occurred_at as turned_at, answered_at
    from (
        select
            *, lead(occurred_at) over (partition by site, contact_id order by occurred_at, event_id) as answered_at
        from alternating
    )
    where sender = 'customer' and occurred_at >= from_at and occurred_at < to_at
),
chats as (
    from counts_within(from_at, to_at)
    where excluded = 0 and channel in ('chat', 'messaging')
),
ended as (
    select c.*, max(occurred_at) as last_said_at
    from chats c
    join said s on s.site = c.site and s.contact_id = c.contact_id
    where completed_at >= from_at and completed_at < to_at and sender = 'customer'
        and occurred_at <= completed_at and occurred_at >= completed_at - interval 7 days
    group by all
),
counted as (
    select
        turned_at as "at", c.site, queue, channel, language, topic,
        1 as turns,
        (t.answered_at is not null and t.answered_at - turned_at <= interval 7 days)::int as responses,
        case
            when t.answered_at - turned_at <= interval 7 days then epoch_ms(t.answered_at) - epoch_ms(turned_at)
        end as response_ms
    from turns t
    join chats c on c.site = t.site and c.contact_id = t.contact_id
    union all by name
    select
        completed_at as "at", site, queue, channel, language, topic,
        1 as closings, epoch_ms(completed_at) - epoch_ms(last_said_at) as closing_ms
    from ended
)
select
    date, site, queue, channel, language, topic, band,
    coalesce(sum(turns), 0)::bigint as turns,
    coalesce(sum(responses), 0)::bigint as responses,
    coalesce(sum(response_ms), 0)::bigint as response_ms,
    coalesce(sum(closings), 0)::bigint as closings,
    coalesce(sum(closing_ms), 0)::bigint as closing_ms
from counted
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, "at")
group by all;
