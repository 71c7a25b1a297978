-- One row per contact that arrived in [from_at, to_at) and survey question: the latest answer given within 30 days; a day
-- before the arrival counts too, as surveys have clocks of their own, and some only dates.
create or replace macro surveyed_within(from_at, to_at) as table
select c.*, instrument, share_of_scale, 1 + round(share_of_scale * 4)::integer as five
from counts_within(from_at, to_at) c
join survey_answers s on s.site = c.site and s.contact_id = c.contact_id
where arrived_at >= from_at and arrived_at < to_at and excluded = 0
    and s.occurred_at >= from_at - interval 1 day and s.occurred_at < to_at + interval 30 days
    and s.occurred_at >= arrived_at - interval 1 day and s.occurred_at < arrived_at + interval 30 days
    and share_of_scale between 0 and 1
qualify row_number() over (
    partition by c.site, c.contact_id, instrument order by s.occurred_at desc, s.event_id desc
) = 1;
