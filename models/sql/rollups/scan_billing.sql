-- What charges by contact and by minute are paid for, by the day of the bill (the end of the handling, in the contract's
-- time zone): contacts, and units as the charge counts them (contacts, or milliseconds rounded for each contact).
create or replace macro scan_billing(from_at, to_at) as table
with worked as (
    from worked_within(from_at, to_at)
),
-- When a provider's customer was last there before: what ended longer than 14 days before the end of this one is forgotten.
again as (
    select w.provider, w.site, w.contact_id, b.handled_at as before_at
    from (
        select distinct r.provider, w.site, w.contact_id, w.customer, coalesce(w.topic, '') as about, w.arrived_at
        from worked w
        join private.charge_rule r on r.site = w.site and r.repeat_hours is not null
        where w.customer is not null
    ) w
    asof join (
        select provider, customer, coalesce(topic, '') as about, handled_at
        from worked_within(from_at - interval 14 days, to_at)
        join (select distinct provider, site from private.charge_rule where repeat_hours is not null) rules using (site)
        where customer is not null
    ) b on b.provider = w.provider and b.customer = w.customer and b.about = w.about and w.arrived_at > b.handled_at
),
charged as (
    select
        w.site, w.contact_id, w.queue, w.channel, w.language, w.topic, w.arrived_at, w.handled_at,
        r.provider, r.charge, r.from_date, r.until_date, r.repeat_hours,
        case
            when r.time_zone = 'UTC' then w.handled_at
            else w.handled_at at time zone 'UTC' at time zone r.time_zone
        end::date as bill_date,
        w.talk_ms + w.hold_ms + w.wrap_up_ms as handle_ms,
        w.talk_ms is null as is_unproven,
        w.talk_ms < r.short_ms as is_short,
        case when list_contains(r.parts, 'talk') then w.talk_ms else 0 end
        + case when list_contains(r.parts, 'hold') then w.hold_ms else 0 end
        + case when list_contains(r.parts, 'wrap_up') then w.wrap_up_ms else 0 end as measured_ms,
        case
            when r.kind = 'contact' then 1
            when r.started_ms = 0 then greatest(r.minimum_ms, measured_ms)
            else greatest(r.minimum_ms, (measured_ms + r.started_ms - 1) // r.started_ms * r.started_ms)
        end as units
    from worked w
    join private.charge_rule r on r.site = w.site and r.kind in ('contact', 'minute')
        and (len(r.queues) = 0 or list_contains(r.queues, w.queue))
        and (len(r.channels) = 0 or list_contains(r.channels, w.channel))
        and (len(r.languages) = 0 or list_contains(r.languages, w.language))
        and (len(r.topics) = 0 or list_contains(r.topics, w.topic))
),
judged as (
    select
        c.*,
        coalesce(
            c.arrived_at <= a.before_at + to_hours(c.repeat_hours) and c.handled_at <= a.before_at + interval 14 days,
            false
        ) as is_repeated
    from charged c
    left join again a using (provider, site, contact_id)
    where bill_date >= from_date and (until_date is null or bill_date < until_date)
)
select
    date, bill_date, site, provider, charge, queue, channel, language, topic,
    coalesce(sum((not is_unproven and not is_short and not is_repeated)::int), 0)::bigint as contacts,
    coalesce(sum(units) filter (not is_unproven and not is_short and not is_repeated), 0)::bigint as units,
    coalesce(sum(handle_ms) filter (not is_unproven and not is_short and not is_repeated), 0)::bigint as handle_ms,
    coalesce(sum((not is_unproven and is_short)::int), 0)::bigint as short,
    coalesce(sum((not is_unproven and not is_short and is_repeated)::int), 0)::bigint as repeated,
    coalesce(sum(is_unproven::int), 0)::bigint as unproven
from judged
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, handled_at)
    and starts_at >= from_at - interval 15 minutes and starts_at < to_at
group by date, bill_date, site, provider, charge, queue, channel, language, topic;
