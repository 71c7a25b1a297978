-- One row per site with contacts whose end has not been told.
create or replace view open_contacts as
select
    site,
    count(*) filter (outcome = 'waiting') as waiting,
    count(*) filter (outcome = 'answered' and not end_unknown) as in_conversation,
    count(*) filter (end_unknown) as end_unknown,
    min(arrived_at) filter (not end_unknown) as oldest_at
from (
    select site, outcome, end_unknown, arrived_at
    from contacts_within(present() - interval 168 hours, timestamp '9999-01-01')
    where end_unknown
        or outcome = 'waiting'
        or (outcome = 'answered' and completed_at is null and wrapped_up_at is null)
    union all
    -- Of what said nothing for longer than any open_limit() only the missing end is left to tell: end_unknown, from the
    -- instants alone, as many are looked at.
    select site, 'unknown_end' as outcome, true as end_unknown, null::timestamp as arrived_at
    from private.contact_version
    anti join private.contact_replaced using (version)
    where first_at >= present() - interval 28 days and last_at < present() - interval 168 hours
        and completed."at" is null and wrapped_up."at" is null and excluded."at" is null
        and (
            answered."at" is not null
            or (abandoned."at" is null and left_queue."at" is null and left_menu."at" is null)
        )
)
group by site;
comment on view open_contacts is 'One row per site with contacts whose end has not been told: what figures of theirs can still change.';
comment on column open_contacts.end_unknown is 'Contacts that nothing more is expected of: they came in the last 28 days and their end never did. Not among waiting and in_conversation.';
comment on column open_contacts.oldest_at is 'Arrival of the oldest that waits or talks, UTC.';
