-- Current versions of the touched contacts that are not matched yet, whenever they were.
insert into current_versions
select v.*
from private.contact_version v
semi join (
    select site, subject as contact_id
    from events_to_fold
    anti join current_versions on current_versions.site = events_to_fold.site and contact_id = subject
) unmatched using (site, contact_id)
anti join private.contact_replaced r using (version)
