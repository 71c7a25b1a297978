-- One row per inbound contact: its share in each sum of the catalogue.
create or replace view contact_counts as from counts_within(timestamp '0001-01-01', timestamp '9999-01-01');
comment on view contact_counts is 'One row per inbound contact: its share in each sum. Excluded contacts count in nothing but excluded.';
comment on column contact_counts.closed_at is 'When it left the work to be done, UTC: its end, or when its end was given up on.';
comment on column contact_counts.in_conversation is '1 while it is answered and its end has not come, nor been given up on.';
comment on column contact_counts.answered_in_own_target is 'Answered within the threshold the site''s own service level uses.';
comment on column contact_counts.resolvable is '1 when a repeat can tell whether it was solved: answered, ended, not handed on, customer known.';
comment on column contact_counts.bounced_back is '1 when a bought site handed it on to one of the company''s own.';
comment on column contact_counts.came_by_transfer is 'True when it came out of another contact: a new queue visit, not a new issue.';
