-- Sums of the survey answers about contacts that arrived in [from_at, to_at).
create or replace macro scan_surveys(from_at, to_at) as table
select
    date, site, queue, channel, language, topic, band,
    count(*) filter (instrument = 'csat')::bigint as csat_responses,
    count(*) filter (instrument = 'csat' and share_of_scale >= 0.75)::bigint as csat_satisfied,
    count(*) filter (instrument = 'csat' and five = 1)::bigint as csat_1,
    count(*) filter (instrument = 'csat' and five = 2)::bigint as csat_2,
    count(*) filter (instrument = 'csat' and five = 3)::bigint as csat_3,
    count(*) filter (instrument = 'csat' and five = 4)::bigint as csat_4,
    count(*) filter (instrument = 'csat' and five = 5)::bigint as csat_5,
    count(*) filter (instrument = 'nps')::bigint as nps_responses,
    count(*) filter (instrument = 'nps' and share_of_scale >= 0.9)::bigint as nps_promoters,
    count(*) filter (instrument = 'nps' and share_of_scale <= 0.6)::bigint as nps_detractors,
    count(*) filter (instrument = 'ces')::bigint as ces_responses,
    count(*) filter (instrument = 'ces' and share_of_scale >= 0.666)::bigint as ces_agreed,
    count(*) filter (instrument = 'resolved')::bigint as resolved_responses,
    count(*) filter (instrument = 'resolved' and share_of_scale >= 0.5)::bigint as resolved_said
from surveyed_within(from_at, to_at)
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
group by all;
