-- One row per change of what ingest is doing, and per notice.
create or replace view ingest_log as
select "at", state, detail from private.ingest_log;
comment on view ingest_log is 'One row per change of what ingest is doing, and per notice it left, with the reason.';
comment on column ingest_log."at" is 'When, UTC.';
comment on column ingest_log.state is 'consuming, waiting_for_broker, stopped and the like; notice: the state went on.';
