-- One row per site, queue and channel in which someone waits or talks at this moment.
create or replace view queue_now as
select
    site,
    queue,
    channel,
    count(*) filter (outcome = 'waiting') as waiting,
    epoch(present() - min(offered_at) filter (outcome = 'waiting')) as longest_wait_s,
    count(*) filter (outcome = 'answered') as in_conversation
-- open_limit() is at most 168 hours: what said nothing for longer has an unknown end.
from contacts_within(present() - interval 168 hours, timestamp '9999-01-01')
where not end_unknown
    and (outcome = 'waiting' or (outcome = 'answered' and completed_at is null and wrapped_up_at is null))
group by site, queue, channel;
comment on view queue_now is 'One row per site, queue and channel in which someone waits or talks at this moment; contacts whose end is unknown are left out.';
