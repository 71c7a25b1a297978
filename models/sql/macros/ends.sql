-- Of two facts of one id the one of the higher revision stands: what a source corrected is no longer said.
create or replace macro standing(fact, other) as
    case
        when other.id = fact.id and coalesce(other.revision, 0) > coalesce(fact.revision, 0) then null
        else fact
    end;
-- How long after its last event a contact without an end may still be open. Written channels wait for days.
create or replace macro open_limit(channel) as
    case when channel in ('messaging', 'email', 'case') then interval 168 hours else interval 24 hours end;
