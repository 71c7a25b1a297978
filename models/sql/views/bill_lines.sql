-- One row per line of a bill, as it was loaded.
create or replace view bill_lines as
select bill_id, line, bill_date, charge, kind, quantity, rate, amount from private.bill_line;
comment on view bill_lines is 'One row per line of a bill, as it was loaded.';
