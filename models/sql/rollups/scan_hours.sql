-- Time of agents that charges by hour and by agent are paid for, by state and by the day of the bill.
create or replace macro scan_hours(from_at, to_at) as table
with rules as (
    from private.charge_rule where kind in ('hour', 'fte')
),
days as (
    select date, min(starts_at) as day_at, max(starts_at) + interval 15 minutes as next_day_at
    from reporting_calendar
    where starts_at >= from_at - interval 15 minutes and starts_at < to_at
    group by date
),
bill_days as (
    select time_zone, local_date as bill_date, min(starts_at) as bill_at, max(starts_at) + interval 15 minutes as next_bill_at
    from private.quarter_hour
    semi join rules using (time_zone)
    where starts_at >= from_at - interval 26 hours and starts_at < to_at + interval 26 hours
    group by all
),
spans as (
    select site, state, begins_at, ends_at
    from agent_spans(from_at, to_at)
    semi join rules using (site)
)
select
    date, bill_date, s.site, provider, charge, state,
    sum(
        (epoch_us(least(ends_at, next_day_at, next_bill_at)) - epoch_us(greatest(begins_at, day_at, bill_at))) // 1000
    )::bigint as span_ms
from spans s
join rules r on r.site = s.site and list_contains(r.states, s.state)
join bill_days b on b.time_zone = r.time_zone and begins_at < next_bill_at and ends_at > bill_at
    and b.bill_date >= r.from_date and (r.until_date is null or b.bill_date < r.until_date)
join days d on begins_at < next_day_at and ends_at > day_at and day_at < next_bill_at and next_day_at > bill_at
where least(ends_at, next_day_at, next_bill_at) > greatest(begins_at, day_at, bill_at)
group by all;
