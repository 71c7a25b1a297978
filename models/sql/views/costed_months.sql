-- One row per month of a provider or of the own sites: how far its cost is known, and what is not.
create or replace view costed_months as
select
    nullif(m.party, '') as provider, m.party = '' as in_house, m.month, m.until_date, m.is_closed, m.own_total,
    m.constant_total, m.notes, m.trouble, m.computed_at, u."at" as looked_at,
    (select value from private.setting where name = 'currency') as own_currency
from private.costed_month m
left join (select party, month, max("at") as "at" from private.costed_upto group by all) u using (party, month)
qualify row_number() over (partition by m.party, m.month order by m.build desc) = 1;
comment on view costed_months is 'One row per month of a provider with a contract, and of the company''s own sites (in_house, provider empty): what it cost in the company''s currency as far as is known, up to which day (until_date, empty when it is over), whether it is closed, what nobody knows (notes, trouble), when that changed last (computed_at) and was looked at last (looked_at).';
