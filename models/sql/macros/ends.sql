-- Whether another fact of the same id and a higher revision says that this one is not so.
create or replace macro corrected(id, revision, other_id, other_revision) as
    coalesce(other_id = id and coalesce(other_revision, 0) > coalesce(revision, 0), false);
-- How long after its last event a contact without an end may still be open. Written channels wait for days.
create or replace macro open_limit(channel) as
    case when channel in ('messaging', 'email', 'case') then interval 168 hours else interval 24 hours end;
