-- One row per contact that was over in [from_at, to_at) and charge by contact or minute that is for it: the day of the bill
-- (of the end of its handling, in the contract's time zone), its units as the charge counts them (1, or milliseconds rounded
-- for each contact), and why it is not paid, if so: short, repeat, unproven (its conversation is not known).
create or replace macro charged_within(from_at, to_at) as table
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
)
select
    c.site, c.contact_id, c.queue, c.channel, c.language, c.topic, c.handled_at, c.provider, c.charge, c.bill_date,
    c.units, c.handle_ms,
    case
        when is_unproven then 'unproven'
        when is_short then 'short'
        when c.arrived_at <= a.before_at + to_hours(c.repeat_hours) and c.handled_at <= a.before_at + interval 14 days
        then 'repeat'
    end as unpaid
from charged c
left join again a using (provider, site, contact_id)
where bill_date >= from_date and (until_date is null or bill_date < until_date);
