-- One row per run of the roll-up that is still known: how far the sums by day reach.
create or replace view rolled_up as
select kind, "at", until_date from private.rolled_up;
comment on view rolled_up is 'How old the sums by day are: contacts (volume, waits, handling) and answers (surveys, evaluations, agents, chats, and repeats and teams of the days in which something changed and the 9 before them), history (repeats and teams of the days before those).';
comment on column rolled_up."at" is 'When they were made, UTC.';
comment on column rolled_up.until_date is 'First day that was not over then.';
