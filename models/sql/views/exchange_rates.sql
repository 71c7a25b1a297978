-- Rates of exchange as given.
create or replace view exchange_rates as
select on_date, currency, rate from private.exchange_rate;
comment on view exchange_rates is 'Rates of exchange as given: how much of the company''s currency one of the other is.';
