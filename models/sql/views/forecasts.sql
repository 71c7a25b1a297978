-- One row per site and quarter-hour of a day that has a forecast.
create or replace view forecasts as
with planned as (
    select site, date, min(version) filter (method is not null) as plan_version
    from private.forecast_version
    group by site, date
    -- What was forecast before it turned out to be a holiday, say, no longer holds.
    having max(version) = max(version) filter (method is not null)
),
said as (
    select
        site, date, starts_at,
        max(version) as version,
        arg_max(mean, version) as mean,
        arg_max(low, version) as low,
        arg_max(high, version) as high,
        arg_max(silent, version) as silent,
        max(mean) filter (version = plan_version) as plan_mean,
        max(low) filter (version = plan_version) as plan_low,
        max(high) filter (version = plan_version) as plan_high
    from private.forecast_slot
    join planned using (site, date)
    group by site, date, starts_at
),
-- Joined before it is added up, so that only days are read that have a forecast.
counted as (
    select s.*, sum(offered)::bigint as offered
    from said s
    left join day_quarters using (site, date, starts_at)
    group by all
)
select
    site,
    date,
    starts_at,
    mean,
    low,
    high,
    plan_mean,
    plan_low,
    plan_high,
    case
        when starts_at + interval 15 minutes <= present() then
            case when offered > 0 then offered when not silent then 0 end
    end as actual,
    version
from counted;
comment on view forecasts is 'One row per site and quarter-hour of a day that has a forecast: contacts expected, planned and come. Only quarter-hours of hours in which contacts usually come.';
comment on column forecasts.date is 'Day of the reporting zone.';
comment on column forecasts.starts_at is 'Start of the quarter-hour, UTC.';
comment on column forecasts.mean is 'Contacts expected: of a quarter-hour to come now, of one that is over when it began.';
comment on column forecasts.low is 'Contacts that are reached with high probability (level in forecast_versions: from low to high).';
comment on column forecasts.high is 'Contacts that are hardly exceeded.';
comment on column forecasts.plan_mean is 'Contacts expected by the plan, the first forecast of the day: made the day before, where ingest ran.';
comment on column forecasts.plan_low is 'The low of the plan.';
comment on column forecasts.plan_high is 'The high of the plan.';
comment on column forecasts.actual is 'Contacts offered. Empty while it is not over, and where the site was silent: unknown is not zero.';
comment on column forecasts.version is 'The version of forecast_versions that mean, low and high are of.';
