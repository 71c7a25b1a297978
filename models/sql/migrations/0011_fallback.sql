-- What people keep of the Fallback page: answers with all they rest on, decisions, and drills. Rows are only ever added.

-- An answer that was saved: facts (as models.fallback.facts.Facts writes them), every assumption with its source, and
-- the headline figures it came to, each as JSON. version, known_upto: the program, and the last batch of events in it.
create table private.scenario (
    scenario_id varchar not null,
    saved_at timestamp not null,
    name varchar not null,
    provider varchar not null,
    saved_by varchar not null,
    note varchar not null,
    facts varchar not null,
    assumed varchar not null,
    answer_summary varchar not null,
    version varchar not null,
    known_upto bigint not null
);
-- A row each time one is put aside (withdrawn) or taken back (restored); the newest counts.
create table private.scenario_state (
    scenario_id varchar not null,
    "at" timestamp not null,
    state varchar not null,
    name varchar not null
);
-- What was decided about a provider. None is changed: a later one may replace it. expected: figures as JSON.
create table private.decision (
    decision_id varchar not null,
    provider varchar not null,
    decided_on date not null,
    decided_by varchar not null,
    verdict varchar not null,
    why varchar not null,
    scenario_id varchar,
    expected varchar not null,
    noted_at timestamp not null,
    replaces varchar
);
-- A provider going dark, played through or for real. figures: as JSON.
create table private.drill (
    drill_id varchar not null,
    provider varchar not null,
    held_on date not null,
    held_by varchar not null,
    kind varchar not null,
    outcome varchar not null,
    figures varchar not null,
    noted_at timestamp not null
);
