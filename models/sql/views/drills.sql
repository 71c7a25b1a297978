-- One row per drill: a provider going dark.
create or replace view drills as
select drill_id, provider, held_on, held_by, kind, outcome, figures::json as figures, noted_at
from private.drill;
comment on view drills is 'One row per drill of a provider going dark, with what came of it in words and in figures (JSON). kind: simulated (reckoned on the Fallback page) or for_real (work was really taken away).';
