-- One row per site with contacts whose end has not been told.
create or replace view open_contacts as
select
    site,
    count(*) filter (outcome = 'waiting') as waiting,
    count(*) filter (outcome = 'answered' and not end_unknown) as in_conversation,
    count(*) filter (end_unknown) as end_unknown,
    min(arrived_at) filter (not end_unknown) as oldest_at
from contacts
where end_unknown
    or outcome = 'waiting'
    or (outcome = 'answered' and completed_at is null and wrapped_up_at is null)
group by site;
comment on view open_contacts is 'One row per site with contacts whose end has not been told: what figures of theirs can still change.';
comment on column open_contacts.end_unknown is 'Contacts that nothing more is expected of: their end never came. Not among waiting and in_conversation.';
comment on column open_contacts.oldest_at is 'Arrival of the oldest that waits or talks, UTC.';
