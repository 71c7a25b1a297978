-- One row per contact a bill lists.
create or replace view bill_items as
select bill_id, item, bill_date, charge, contact_id, raw from private.bill_item;
comment on view bill_items is 'One row per contact a bill lists. raw: billed milliseconds where a charge is by minute, else 1.';
