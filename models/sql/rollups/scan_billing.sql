-- What charges by contact and by minute are paid for, by the day of the bill: contacts, and units as the charge counts them.
create or replace macro scan_billing(from_at, to_at) as table
select
    date, bill_date, site, provider, charge, queue, channel, language, topic,
    coalesce(sum((unpaid is null)::int), 0)::bigint as contacts,
    coalesce(sum(units) filter (unpaid is null), 0)::bigint as units,
    coalesce(sum(handle_ms) filter (unpaid is null), 0)::bigint as handle_ms,
    coalesce(sum((unpaid = 'short')::int), 0)::bigint as short,
    coalesce(sum((unpaid = 'repeat')::int), 0)::bigint as repeated,
    coalesce(sum((unpaid = 'unproven')::int), 0)::bigint as unproven
from charged_within(from_at, to_at)
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, handled_at)
    and starts_at >= from_at - interval 15 minutes and starts_at < to_at
group by date, bill_date, site, provider, charge, queue, channel, language, topic;
