-- One row per contact that an agent handled and that was over in [from_at, to_at), inbound or not: how long it took. Where
-- the message of its completion was lost, its conversation is what lies between the answer and its after-contact work; a
-- completion proves a conversation whose answer was lost.
create or replace macro worked_within(from_at, to_at) as table
select
    site, contact_id, queue, channel, language, topic, customer, arrived_at, handled_at,
    round(talked_s * 1000)::bigint as talk_ms,
    round(coalesce(hold_s, 0) * 1000)::bigint as hold_ms,
    round(coalesce(wrap_up_s, 0) * 1000)::bigint as wrap_up_ms
from (
    select
        *,
        coalesce(
            talk_s,
            case
                when answered_at is not null and wrapped_up_at is not null and wrap_up_s is not null
                then not_negative(epoch(wrapped_up_at - answered_at) - wrap_up_s - coalesce(hold_s, 0))
            end
        ) as talked_s
    from contacts_within(from_at, to_at)
    where outcome not in ('excluded', 'abandoned', 'left_queue', 'left_menu')
        and handled_at >= from_at and handled_at < to_at
);
