-- One row per turn of a dispute about a bill.
create or replace view disputes as
select
    dispute_id, bill_id, "at", name, state, reasons, amount, note,
    row_number() over (partition by dispute_id order by "at" desc, rowid desc) = 1 as is_last
from private.dispute;
comment on view disputes is 'One row per turn of a dispute about a bill: how it began (open, with reasons and the amount disputed) and what became of it (accepted, partly accepted, rejected, withdrawn, with the amount credited).';
