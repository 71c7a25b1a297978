-- One row per site: whether it is the company's own, and whether its feed is silent, for how long and how it came lately.
select
    site,
    s.in_house,
    f.state = 'unknown' as silent,
    case
        when f.state = 'unknown' then epoch(present() - least(s.last_event_at, s.last_received_at))
        else 0
    end as silent_s,
    -- Who is closed is not expected to send.
    if(f.open_now or f.hours = 'unknown', f.events_by_minute, []) as events_by_minute
from sites s
join feed f using (site);
