-- One row per line of what a provider's bill ought to be.
create or replace view expected_bill_lines as
select party as provider, l.month, bill_date, charge, kind, unit, quantity, l.rate, amount, currency, terms_from, note
from private.expected_line l
join expected_bills b on b.build = l.build;
comment on view expected_bill_lines is 'One row per charge and day of what a provider''s bill ought to be; bill_date is empty for what is only known at the end of a month. Days are those of the contract''s time zone.';
