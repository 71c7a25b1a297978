-- One row per contact and survey question: the latest answer.
create or replace view surveys as
from survey_answers
qualify row_number() over (partition by site, contact_id, instrument order by occurred_at desc, event_id desc) = 1;
comment on view surveys is 'One row per contact and survey question (csat, nps, ces, resolved): the latest answer.';
comment on column surveys.share_of_scale is 'Where the answer lies on its own scale, 0 to 1.';
