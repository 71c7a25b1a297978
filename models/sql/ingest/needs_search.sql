-- How many touched contacts are not matched yet and may still have a version outside the time span:
-- those whose fresh events lack a beginning, and those that are in the store without one.
select count(*)
from (
    select site, subject as contact_id, bool_or(type in ('contact.started', 'contact.offered')) as begins
    from events_to_fold
    where type like 'contact.%' or type like 'chat.%'
    group by all
) touched
anti join current_versions using (site, contact_id)
where not begins or (site, contact_id) in (select (site, contact_id) from orphans)
