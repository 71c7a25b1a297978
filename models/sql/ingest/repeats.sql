-- Which incoming events the store has already. A repeat has the same site, id, time, revision and content; the same id with
-- other content is kept, so that which of them counts never depends on which came first.
-- Only events of the incoming time span are looked at: a repeat has the same time as its first.
select i.row_no
from private.event e
join {incoming} i on
    e.site = i.site and e.event_id = i.event_id and e.occurred_at = i.occurred_at
    and e.revision = i.revision and e.content_hash = hash(i.type, i.subject, i.data)
where e.occurred_at between $first_at and $last_at
