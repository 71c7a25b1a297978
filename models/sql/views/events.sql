-- One row per accepted event, as received.
create or replace view events as
select * exclude (content_hash) from private.event;
comment on view events is 'One row per accepted event, as received; customer identifiers are hashed. Columns that do not belong to an event''s type are empty.';
