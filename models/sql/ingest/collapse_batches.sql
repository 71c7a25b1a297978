-- One row per site and hour: batches come many times a second and nobody asks about each for long.
create or replace temp table collapsed_batches as
select
    max(batch) as batch,
    site,
    max(committed_at) as committed_at,
    sum(accepted)::bigint as accepted,
    sum(repeats)::bigint as repeats,
    sum(refused)::bigint as refused,
    sum(simulated)::bigint as simulated,
    sum(messages)::bigint as messages,
    sum(silent)::bigint as silent,
    sum(out_of_order)::bigint as out_of_order,
    min(first_occurred_at) as first_occurred_at,
    max(last_occurred_at) as last_occurred_at
from private.batch_site
group by site, date_trunc('hour', committed_at);
delete from private.batch_site;
insert into private.batch_site by name from collapsed_batches;
