-- One row per contact that arrived in [from_at, to_at) of which a repeat can tell whether it was solved, with the next
-- contact of the same customer about the same topic after its end, at any site and on any channel, within 30 days. A
-- contact that took longer than 8 days is looked after for 38 days from its arrival.
create or replace macro repeats(from_at, to_at) as table
with origin as (
    select *, coalesce(topic, '') as about, greatest(completed_at, arrived_at) as over_at
    from counts_within(from_at, to_at)
    where resolvable = 1
        and arrived_at >= from_at and arrived_at < to_at
),
later as (
    select customer as again, coalesce(topic, '') as about, offered_at as again_at, site as again_site, contact_id as again_id
    -- What counts_within calls offered and not come by transfer, of which nothing else is needed here.
    from contacts_within(from_at, to_at + interval 38 days)
    where was_offered and outcome <> 'excluded' and coalesce(direction, 'inbound') = 'inbound'
        and previous_contact_id is null and initial_contact_id is null
        and customer is not null and offered_at is not null
)
select
    o.* exclude (about, over_at, last_at),
    again_at, again_site, again_id,
    epoch(again_at - over_at) as again_after_s,
    coalesce(again_at <= least(over_at + interval 1 day, last_at), false)::int as repeated_1d,
    coalesce(again_at <= least(over_at + interval 7 days, last_at), false)::int as repeated_7d,
    coalesce(again_at <= least(over_at + interval 30 days, last_at), false)::int as repeated_30d
from (select *, arrived_at + interval 38 days as last_at from origin) o
asof left join later l on o.customer = l.again and o.about = l.about and o.over_at < l.again_at;
