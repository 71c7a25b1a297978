-- Sums of the contacts of a span at an instant, by site, queue, language and channel. {queues}: queues_at or queues_open;
-- {from_at}, {to_at}, {instant}: literals, so that what a span rules out is skipped.
select
    site, queue, language, channel, waiting, longest_wait_s, waiting_over_target, in_conversation, offered, answered,
    answered_in_target, abandoned, recent_offered, recent_answered, recent_answered_in_target, recent_abandoned
from {queues}({from_at}, {to_at}, {instant});
