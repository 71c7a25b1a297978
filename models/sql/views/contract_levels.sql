-- One row per provider, month and service level: where it stands.
create or replace view contract_levels as
select
    b.provider, b.month, metric, target, worst, best, weight, value, n, counts, met, score, l.amount, state, needed,
    at_stake, save_by, b.currency
from private.expected_level l
join expected_bills b on b.build = l.build;
comment on view contract_levels is 'One row per provider, month and service level of its contract: where it stands, its part of the malus or bonus (amount), and while the month runs what is needed on the rest, what is at stake and until when it can be saved.';
