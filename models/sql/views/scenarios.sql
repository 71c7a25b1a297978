-- One row per answer of the Fallback page that was saved.
create or replace view scenarios as
select
    s.scenario_id, s.saved_at, s.name, s.provider, s.saved_by, s.note, s.facts::json as facts,
    s.assumed::json as assumed, s.answer_summary::json as summary, s.version, s.known_upto,
    coalesce(t.state = 'withdrawn', false) as withdrawn, t.name as state_by, t."at" as state_at
from private.scenario s
left join (
    select * from private.scenario_state
    qualify row_number() over (partition by scenario_id order by "at" desc, rowid desc) = 1
) t using (scenario_id);
comment on view scenarios is 'One row per answer of the Fallback page that was saved, with all it rests on, so that it can be reckoned again: the facts as they were known then (facts), every assumption with its source (assumed), and what it came to in figures (summary), each as JSON.';
comment on column scenarios.version is 'Of the program that saved it.';
comment on column scenarios.known_upto is 'The last batch of events that is in the facts.';
comment on column scenarios.withdrawn is 'True once somebody put it aside; state_by and state_at say who did so, or took it back, and when (UTC).';
