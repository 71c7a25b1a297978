-- Events by site and quarter-hour, so that whether a feed was silent is not counted from a month's events every time.
-- Counted together with what is read from the events by batch (rolled_up, kind contacts); later batches are not in it.
create table private.event_quarter (
    site varchar not null,
    -- Of occurred_at: quarter-hours since 1970, UTC.
    quarter bigint not null,
    events bigint not null
);
insert into private.event_quarter
select site, epoch_us(occurred_at) // 900000000, count(*)
from private.event
where batch <= (select coalesce(max(last_batch), 0) from private.rolled_up where kind = 'contacts')
group by all;
