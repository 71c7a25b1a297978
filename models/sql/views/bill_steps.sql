-- One row per reason and charge for which a bill differs from what was expected.
create or replace view bill_steps as
select bill_id, step, reason, charge, quantity, amount, contacts
from private.bill_step
semi join (select bill_id, max(build) as build from private.bill_check group by bill_id) n using (bill_id, build);
comment on view bill_steps is 'One row per reason and charge for which a bill differs from what was expected: how much too much was billed (below 0: too little). Billed less all steps is what was expected. contacts: those it is about.';
