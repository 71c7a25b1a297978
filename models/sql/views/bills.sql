-- One row per bill of a provider that was loaded: what it says, what was expected, and where it stands.
create or replace view bills as
select
    b.bill_id, b.provider, b.month, b.number, b.received, b.currency, b.total, b.exchange_rate, b.loaded_at, b.loaded_by,
    c.checked_at, c.billed, c.expected, (c.billed - c.expected)::decimal(18, 4) as difference, c.in_own, c.within_tolerance,
    c.dispute_by, c.trouble,
    case
        when w.bill_id is not null then 'withdrawn'
        when d.state = 'open' then 'disputed'
        when d.state is not null then 'dispute ' || case when d.state = 'withdrawn' then 'withdrawn' else 'settled' end
        when c.bill_id is null then 'being checked'
        when c.trouble is not null then 'not checked'
        when c.within_tolerance then 'agrees'
        else 'differs'
    end as state,
    w.name as withdrawn_by, w."at" as withdrawn_at, w.note as withdrawn_note,
    (select count(*) from private.bill_item i where i.bill_id = b.bill_id) as items
from private.bill b
left join private.bill_withdrawn w using (bill_id)
left join (
    select * from private.bill_check qualify row_number() over (partition by bill_id order by build desc) = 1
) c using (bill_id)
left join (
    select bill_id, arg_max(state, ("at", rowid)) as state from private.dispute group by bill_id
) d using (bill_id);
comment on view bills is 'One row per bill of a provider that was loaded: what it says, what was expected by the contract (expected, in the contract''s currency, or the company''s where the bill states a rate: in_own), and where it stands. state: being checked, not checked (trouble says why), agrees, differs, disputed, dispute settled, dispute withdrawn, withdrawn.';
