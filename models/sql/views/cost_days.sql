-- What each day, site, channel and topic cost, in the company's currency.
create or replace view cost_days as
select
    coalesce(nullif(c.party, ''), s.provider, c.site) as provider,
    c.party = '' as in_house,
    c.month, c.date, c.site, c.channel, c.topic, c.contacts, c.handle_ms, c.amount, c.labour, c.constant_amount
from private.cost_day c
semi join (
    select party, month, max(build) as build from private.costed_month group by all
) n using (party, month, build)
left join private.site s using (site);
comment on view cost_days is 'What each day, site, channel and topic cost in the company''s currency: of a provider the bill that is expected, shared out over its work; in-house the productive hours at their full cost. labour: the direct labour in it (in-house). Add up and divide; empty where nobody knows.';
