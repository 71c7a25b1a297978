-- One row per notification of an alert and channel.
create or replace view alert_notifications as
select
    episode,
    event,
    channel,
    min("at") filter (attempt = 0) as due_at,
    count(distinct attempt) filter (attempt > 0) as attempts,
    max("at") filter (attempt > 0) as last_attempt_at,
    min("at") filter (ok) as sent_at,
    case when bool_or(ok) then 'sent' when bool_or(is_last) then 'given_up' else 'due' end as state,
    arg_max(detail, row(attempt, ok is not null)) as detail
from private.alert_sent
group by episode, event, channel;
comment on view alert_notifications is 'One row per notification of an alert: which event of which episode, to which channel (webhook or mail), and what became of it.';
comment on column alert_notifications.event is 'opened; told: it opened in quiet hours, which are over; cleared.';
comment on column alert_notifications.due_at is 'From when on it was to be sent.';
comment on column alert_notifications.state is 'sent; due: not yet, it is tried again; given_up: all attempts failed.';
comment on column alert_notifications.detail is 'What came of the last attempt.';
