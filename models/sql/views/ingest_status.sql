-- One row: what ingest last said of itself and when anything was last committed.
create or replace view ingest_status as
select
    l.state,
    l.detail,
    l."at" as since,
    (select max(committed_at) from private.batch_site) as last_commit_at,
    (select max(last_occurred_at) from private.batch_site) as last_event_at,
    (select value from private.setting where name = 'reporting_zone') as reporting_zone,
    (select value::double from private.setting where name = 'service_level_s') as service_level_s,
    coalesce((select value::double from private.setting where name = 'clock_speed'), 1) as clock_speed,
    exists (from private.setting where name = 'clock_shows') as clock_is_own,
    present() as asked_at
from (select * from private.ingest_log where state <> 'notice' order by "at" desc limit 1) l;
comment on view ingest_status is 'One row: what ingest last said of itself and when anything was last committed.';
comment on column ingest_status.clock_is_own is 'True when all instants are those of a clock that shows another time than the real one; for demonstrations only.';
comment on column ingest_status.clock_speed is 'How many times as fast as real time the clock of all instants runs; 1 but for demonstrations.';
