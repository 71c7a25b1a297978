-- One row per quarter-hour of UTC: the day, week and part of the day it belongs to in the reporting zone.
create or replace view reporting_calendar as
select
    starts_at,
    local_at,
    local_date as date,
    week_start,
    local_hour,
    utc_offset_s,
    case
        when local_hour < 6 then 'night'
        when local_hour < 12 then 'morning'
        when local_hour < 18 then 'afternoon'
        else 'evening'
    end as band
from private.quarter_hour
semi join (select value as time_zone from private.setting where name = 'reporting_zone') using (time_zone);
comment on view reporting_calendar is 'One row per quarter-hour of UTC: the day, week (from Monday) and part of the day it belongs to in the reporting zone. Join on time_bucket(interval 15 minutes, instant).';
comment on column reporting_calendar.band is 'night from 0, morning from 6, afternoon from 12, evening from 18 o''clock.';
