-- Current versions of the contacts that the fresh events touch, looked for within the time span given.
create or replace temp table current_versions as
select v.*
from private.contact_version v
semi join (select site, subject as contact_id from events_to_fold) touched using (site, contact_id)
anti join private.contact_replaced r using (version)
where v.first_at <= $last_at and v.last_at >= $first_at
