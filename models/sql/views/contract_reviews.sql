-- One row per date a provider and the company meet.
create or replace view contract_reviews as
select provider, (review ->> '$.on')::date as on_date, review ->> '$.about' as about
from (
    select provider, unnest((document -> '$.reviews')::json[]) as review
    from private.contract
);
comment on view contract_reviews is 'One row per date a provider and the company meet, by the contract.';
