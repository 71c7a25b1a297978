-- What agents handled, by the day of the reporting zone in which it was over: what cost is shared out by.
create or replace macro scan_work(from_at, to_at) as table
select
    date, site, channel, topic, language,
    count(*)::bigint as contacts,
    coalesce(sum(talk_ms + hold_ms + wrap_up_ms), 0)::bigint as handle_ms
from worked_within(from_at, to_at)
join reporting_calendar on starts_at = time_bucket(interval 15 minutes, handled_at)
    and starts_at >= from_at - interval 15 minutes and starts_at < to_at
group by date, site, channel, topic, language;
