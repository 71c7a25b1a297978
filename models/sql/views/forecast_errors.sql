-- One row per site and day that is over and had a forecast.
create or replace view forecast_errors as
with known as (
    select
        site, date, mean, low, high, actual,
        plan_mean, plan_low, plan_high,
        case when plan_mean is not null then actual end as planned_actual,
        -- Of a forecast made afterwards there were no updates.
        case when (site, date) in (
            select (site, date) from private.forecast_version where counted_until is not null
        ) then actual end as updated_actual
    from forecasts
    where date < (select until_date from private.rolled_until) and actual is not null
)
select
    site,
    date,
    count(*) as n,
    sum(actual)::bigint as offered,
    sum(plan_mean) as plan_offered,
    sum(abs(planned_actual - plan_mean)) / nullif(sum(planned_actual), 0) as plan_wape,
    sum(plan_mean - planned_actual) / nullif(sum(planned_actual), 0) as plan_bias,
    avg((planned_actual between plan_low and plan_high)::int) as plan_coverage,
    sum(mean) filter (updated_actual is not null) as update_offered,
    sum(abs(updated_actual - mean)) / nullif(sum(updated_actual), 0) as update_wape,
    sum(mean - updated_actual) / nullif(sum(updated_actual), 0) as update_bias,
    avg((updated_actual between low and high)::int) as update_coverage
from known
group by site, date;
comment on view forecast_errors is 'One row per site and day that is over and has a forecast: how far contacts by quarter-hour were from the plan, and from the last update before each quarter-hour. Days that were over before there was a forecast have one made afterwards, from the days before them alone.';
comment on column forecast_errors.n is 'Quarter-hours compared: those with a forecast in which the site was not silent.';
comment on column forecast_errors.offered is 'Contacts offered in them.';
comment on column forecast_errors.plan_offered is 'Contacts the plan expected in them.';
comment on column forecast_errors.plan_wape is 'Sum of absolute errors of the plan over contacts offered (WAPE). On few contacts a quarter-hour chance alone makes it large.';
comment on column forecast_errors.plan_bias is 'Sum of errors of the plan over contacts offered: above 0 when too many were expected.';
comment on column forecast_errors.plan_coverage is 'Share of quarter-hours from the plan''s low to its high; to be set beside level in forecast_versions.';
comment on column forecast_errors.update_offered is 'Contacts expected by the last update before each quarter-hour; empty, like the three below, where there was none.';
comment on column forecast_errors.update_wape is 'The same as plan_wape of these.';
comment on column forecast_errors.update_bias is 'The same as plan_bias of these.';
comment on column forecast_errors.update_coverage is 'The same as plan_coverage of these.';
