-- One row per contract with a provider.
create or replace view contracts as
select
    provider,
    document ->> '$.reference' as reference,
    document ->> '$.time_zone' as time_zone,
    document ->> '$.owners.ours' as owner_ours,
    document ->> '$.owners.theirs' as owner_theirs,
    (document ->> '$.ending.notice_days')::integer as notice_days,
    document ->> '$.ending.to' as ends_to,
    (document ->> '$.ending.earliest')::date as earliest_end,
    (document ->> '$.ending.fee')::decimal(18, 4) as ending_fee,
    (document ->> '$.ending.assistance_days')::integer as assistance_days,
    (document ->> '$.tolerance')::decimal(18, 4) as tolerance,
    (document ->> '$.dispute_days')::integer as dispute_days,
    (document ->> '$.close_days')::integer as close_days,
    document
from private.contract;
comment on view contracts is 'One row per contract with a provider, as it was read when ingest started. document: all of it, as JSON.';
