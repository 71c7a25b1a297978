-- What changed in a month after it was closed: one row per charge that came to another amount.
create or replace view bill_corrections as
with closed as (
    select party, month, min(build) as first_build, max(build) as last_build
    from private.costed_month
    where is_closed and party <> ''
    group by all
    having count(*) > 1
),
sums as (
    select c.party, c.month, l.charge, l.kind, l.build = c.last_build as is_now, sum(l.amount) as amount
    from closed c
    join private.expected_line l on l.build in (c.first_build, c.last_build)
    group by all
    union all by name
    select c.party, c.month, 'service levels' as charge, 'effect' as kind, m.build = c.last_build as is_now, m.effect_on_bill as amount
    from closed c
    join private.costed_month m on m.build in (c.first_build, c.last_build)
)
select
    party as provider, month, charge, kind,
    coalesce(sum(amount) filter (not is_now), 0)::decimal(18, 4) as was,
    coalesce(sum(amount) filter (is_now), 0)::decimal(18, 4) as "is",
    ("is" - was)::decimal(18, 4) as correction
from sums
group by all
having was <> "is";
comment on view bill_corrections is 'What changed in a month after it was closed: amounts of a charge, and of the malus or bonus on the bill (kind effect), when the month was closed and now, in the contract''s currency.';
