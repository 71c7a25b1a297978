-- One row per contact (one queue visit), as all its events so far say.
create or replace view contacts as from contacts_within(timestamp '0001-01-01', timestamp '9999-01-01');
comment on view contacts is 'One row per contact (one queue visit), as all its events so far say. Instants are UTC.';
comment on column contacts.arrived_at is 'Instant of the arrival clock: entry to the queue, else to the menu. UTC.';
comment on column contacts.handled_at is 'Instant of the completion clock: end of after-contact work, else of the conversation. UTC.';
comment on column contacts.outcome is 'answered, abandoned, left_queue, left_menu, excluded, unknown_end; still open: waiting, in_menu; unknown_start when only late parts came.';
comment on column contacts.wait_s is 'Seconds in queue, as the platform measured them or else between the instants; empty while waiting.';
comment on column contacts.customer is 'Keyed hash of the customer identifier; equal hashes are the same customer at any site.';
comment on column contacts.topic is 'Topic code of the company; the code as sent where the site''s is not mapped to one.';
comment on column contacts.topic_code is 'Topic code as the site sent it.';
comment on column contacts.end_unknown is 'True when no end was told: nothing more came for 24 hours (messaging, email and case: 7 days) after the last event.';
comment on column contacts.first_event_at is 'First event of the contact, UTC. Bound it and last_event_at to keep a question about some days from reading all contacts.';
