-- One row per provider with a contract: its exit plan, and when it was last drilled.
create or replace view exit_plans as
with planned as (
    select
        provider,
        document ->> '$.exit_plan.owner' as owner,
        document ->> '$.exit_plan.where' as "where",
        (document ->> '$.exit_plan.updated')::date as updated
    from private.contract
    -- A provider may have a contract for each site.
    qualify row_number() over (partition by provider order by updated desc nulls last, owner) = 1
),
drilled as (
    select provider, held_on, kind
    from private.drill
    qualify row_number() over (partition by provider order by held_on desc, noted_at desc, rowid desc) = 1
)
select
    p.provider, p.owner, p."where", p.updated,
    case when p.updated is not null then greatest(present()::date - p.updated, 0) end as age_days,
    d.held_on as last_drill_on, d.kind as last_drill_kind
from planned p
left join drilled d using (provider);
comment on view exit_plans is 'One row per provider with a contract: who answers for the plan to leave it, where that is written (where) and when it was last brought up to date, as the contract''s document says, and the last drill. owner, where, updated are empty without a plan; of several contracts the plan updated last counts.';
comment on column exit_plans.age_days is 'Days since the plan was brought up to date.';
