-- One row per decision about a provider.
create or replace view decisions as
select
    d.decision_id, d.provider, d.decided_on, d.decided_by, d.verdict, d.why, d.scenario_id,
    d.expected::json as expected, d.noted_at, d.replaces, r.decision_id as replaced_by
from private.decision d
left join private.decision r on r.replaces = d.decision_id;
comment on view decisions is 'One row per decision about a provider: keep, watch, partial (bring part of its work home) or full, why, who decided and when, and what was expected of it. Decisions are never changed: where a later one holds instead, replaced_by names it.';
comment on column decisions.expected is 'Figures by name, as JSON: what later months are held against.';
comment on column decisions.scenario_id is 'The saved answer it rests on, in view scenarios.';
