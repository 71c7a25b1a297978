-- One row per quality evaluation, in its latest version, of contacts that arrived in [from_at, to_at), made within 90
-- days; the day before the arrival counts too, as forms have clocks of their own, and some only dates.
create or replace macro evaluated_within(from_at, to_at) as table
select c.site, queue, channel, language, topic, arrived_at, e.* exclude (site)
from counts_within(from_at, to_at) c
join evaluation_versions e on e.site = c.site and e.contact_id = c.contact_id
where arrived_at >= from_at and arrived_at < to_at and excluded = 0
    and e.occurred_at >= from_at - interval 1 day and e.occurred_at < to_at + interval 90 days
    and e.occurred_at >= arrived_at - interval 1 day and e.occurred_at < arrived_at + interval 90 days
qualify row_number() over (
    partition by c.site, c.contact_id, evaluator, evaluation_id
    order by e.occurred_at desc, e.revision desc, e.event_id desc
) = 1;
