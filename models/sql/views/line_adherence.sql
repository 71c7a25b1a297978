-- One row per site and day with quarter-hours that are over and of which both sides are known.
create or replace view line_adherence as
select
    site,
    date,
    count(*) as n,
    sum(required)::bigint as required,
    sum(staffed) as staffed,
    1 - sum(abs(staffed - required)) / nullif(sum(required), 0) as adherence,
    avg((staffed between 0.95 * required and 1.05 * required)::int) filter (required > 0) as within_5_percent
from staffing_plan
where required is not null and staffed is not null
group by site, date;
comment on view line_adherence is 'One row per site and day: how closely the agents who were there followed those it took, by quarter-hour. A surplus at one time makes up for no shortage at another.';
comment on column line_adherence.date is 'Day of the reporting zone.';
comment on column line_adherence.n is 'Quarter-hours compared: those that are over, of which required and staffed are known (see staffing_plan).';
comment on column line_adherence.required is 'Agents it took, added up over them.';
comment on column line_adherence.staffed is 'Agents who were there, added up over them.';
comment on column line_adherence.adherence is '1 less the sum of absolute differences over the sum required; below 0 where they differ by more than that.';
comment on column line_adherence.within_5_percent is 'Share of those quarter-hours that took agents in which 95 to 105 % of them were there.';
