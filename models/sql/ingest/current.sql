-- Current versions of the contacts asked for, looked for within the time span given.
select v.version
from private.contact_version v
semi join {wanted} w using (site, contact_id)
anti join private.contact_replaced r using (version)
where v.first_at <= $last_at and v.last_at >= $first_at
