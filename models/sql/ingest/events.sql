-- Append the incoming events.
insert into private.event by name
select *, hash(type, subject, data) as content_hash, $batch as batch
from {incoming}
