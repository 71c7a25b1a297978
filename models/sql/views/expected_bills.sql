-- One row per provider and month: what its bill ought to be, as far as is known now.
create or replace view expected_bills as
select
    party as provider, month, until_date, is_closed, computed_at, currency, subtotal, minimum, effect, effect_on_bill,
    claim_by, total, own_total, constant_total, rate, notes, trouble, build,
    (select value from private.setting where name = 'currency') as own_currency
from private.costed_month
where party <> ''
qualify row_number() over (partition by party, month order by build desc) = 1;
comment on view expected_bills is 'One row per provider and month (its first day): what its bill ought to be by the contract, as far as is known now. effect: malus (below 0) or bonus; effect_on_bill: what of it the bill must show. own_total: in the company''s currency; constant_total: at the rate of the first month.';
comment on column expected_bills.until_date is 'Last day that is known, empty when the month is over.';
comment on column expected_bills.is_closed is 'True when the contract''s days for late events have passed: what changes later is a correction.';
comment on column expected_bills.claim_by is 'Last day to claim the malus, where the contract has it claimed apart from the bill.';
