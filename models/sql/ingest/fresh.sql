-- Incoming events that the store does not have yet, each once. A repeat has the same site, id, time and content;
-- the same id with other content is kept, so that which of them counts never depends on which came first.
-- Only events of the incoming time span are looked at: a repeat has the same time as its first.
insert into private.event by name
with incoming as (
    select *, hash(type, subject, data) as content_hash
    from incoming_events
),
known as (
    select i.row_no
    from private.event e
    join incoming i using (site, event_id, occurred_at, content_hash)
    where e.occurred_at between $first_at and $last_at
),
kept as (
    select min(row_no) as row_no
    from incoming
    group by site, event_id, occurred_at, content_hash
)
select incoming.* exclude (row_no), $batch as batch
from incoming
semi join kept using (row_no)
anti join known using (row_no)
order by row_no
