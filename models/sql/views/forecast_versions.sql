-- One row per forecast made for a site and day, and per reason why there was none.
create or replace view forecast_versions as
select
    version,
    site,
    date,
    made_at,
    counted_until,
    method,
    reason,
    basis,
    left_out,
    mean,
    low,
    high,
    level,
    factor,
    weight,
    method is not null
    and version = min(version) filter (method is not null) over (partition by site, date) as is_plan,
    version = max(version) over (partition by site, date) as is_latest
from private.forecast_version;
comment on view forecast_versions is 'One row per forecast made for a site and day of the reporting zone, or reason why there was none, in the order of version.';
comment on column forecast_versions.made_at is 'When it was made, UTC: after the day where ingest did not run then or knew too little; it rests on the days before it all the same.';
comment on column forecast_versions.counted_until is 'Contacts that had arrived by then are in it, UTC; empty when it rests on the days before alone.';
comment on column forecast_versions.method is 'How it was made; empty where there was no forecast.';
comment on column forecast_versions.reason is 'Why there was no forecast.';
comment on column forecast_versions.basis is 'The days whose mean it is.';
comment on column forecast_versions.left_out is 'Same weekdays it was not made from: holidays, and days on which the site fell silent for hours.';
comment on column forecast_versions.mean is 'Contacts expected on the whole day, those that have come included.';
comment on column forecast_versions.low is 'Contacts of the whole day that are reached with high probability (level: from low to high).';
comment on column forecast_versions.high is 'Contacts of the whole day that are hardly exceeded.';
comment on column forecast_versions.level is 'Share of counts that low to high is to hold.';
comment on column forecast_versions.factor is 'What the rest of the day was multiplied by, for what had arrived.';
comment on column forecast_versions.weight is 'How far the factor rests on the day itself, 0 to 1.';
comment on column forecast_versions.is_plan is 'True for the first forecast of the day, which is the plan.';
comment on column forecast_versions.is_latest is 'True for the last one.';
