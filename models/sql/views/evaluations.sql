-- One row per quality evaluation, in its latest version.
create or replace view evaluations as
from evaluation_versions
qualify row_number() over (
    partition by site, contact_id, evaluator, evaluation_id order by occurred_at desc, revision desc, event_id desc
) = 1;
comment on view evaluations is 'One row per quality evaluation, in its latest version.';
comment on column evaluations.evaluator is 'provider or client: on whose side the evaluator stands.';
comment on column evaluations.calibration_id is 'Shared by evaluations of one contact made to compare evaluators.';
comment on column evaluations.critical_errors is 'Classes (customer, business, compliance) in which a critical error was found.';
