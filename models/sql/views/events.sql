-- One row per accepted event, as received.
create or replace view events as
select * exclude (content_hash, data), data::json as data from private.event;
comment on view events is 'One row per accepted event; customer identifiers in data are hashed. Read a field with data->>''agent_id''.';
comment on column events.occurred_at is 'When it happened at the site, UTC.';
comment on column events.received_at is 'When Backstop read it, UTC.';
comment on column events.ignored_fields is 'Fields the contract does not know: not kept, only their names.';
