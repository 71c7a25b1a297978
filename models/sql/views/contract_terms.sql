-- One row per provider and terms: what holds from a day on.
create or replace view contract_terms as
select
    provider,
    (terms ->> '$.from')::date as from_date,
    lead((terms ->> '$.from')::date) over (partition by provider order by (terms ->> '$.from')::date) as until_date,
    terms ->> '$.currency' as currency,
    terms
from (
    select provider, unnest((document -> '$.terms')::json[]) as terms
    from private.contract
);
comment on view contract_terms is 'One row per provider and terms: what holds from a day (from_date) until before another (until_date), as JSON.';
