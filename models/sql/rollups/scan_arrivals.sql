-- Sums on the arrival clock of contacts that arrived in [from_at, to_at), straight from the contacts.
create or replace macro scan_arrivals(from_at, to_at) as table
select
    date, site, queue, channel, language, topic, band,
    sum(offered)::bigint as offered,
    sum(answered)::bigint as answered,
    sum(abandoned)::bigint as abandoned,
    sum(left_queue)::bigint as left_queue,
    sum(called_back)::bigint as called_back,
    sum(left_menu)::bigint as left_menu,
    sum(waiting)::bigint as waiting,
    sum(unknown_end)::bigint as unknown_end,
    sum(excluded)::bigint as excluded,
    sum(campaign_offered)::bigint as campaign_offered,
    sum(answered_in_target)::bigint as answered_in_target,
    sum(abandoned_in_target)::bigint as abandoned_in_target,
    sum(abandoned_short)::bigint as abandoned_short,
    sum(answered_in_own_target)::bigint as answered_in_own_target,
    sum(abandoned_in_own_target)::bigint as abandoned_in_own_target,
    sum(abandoned_own_short)::bigint as abandoned_own_short,
    sum(own_level_good)::bigint as own_level_good,
    sum(own_level_of)::bigint as own_level_of,
    sum(answered_wait_ms)::bigint as answered_wait_ms,
    sum(abandoned_wait_ms)::bigint as abandoned_wait_ms,
    max(greatest(answered_wait_ms, abandoned_wait_ms))::bigint as longest_wait_ms,
    sum(answered_known_customer)::bigint as answered_known_customer,
    sum(first_responses)::bigint as first_responses,
    sum(first_response_ms)::bigint as first_response_ms,
    sum(joined_responses)::bigint as joined_responses,
    sum(joined_response_ms)::bigint as joined_response_ms
from counts_within(from_at, to_at)
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, arrived_at)
where arrived_at >= from_at and arrived_at < to_at
    and starts_at >= from_at - interval 15 minutes and starts_at < to_at
group by date, site, queue, channel, language, topic, band;
