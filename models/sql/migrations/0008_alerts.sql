-- Alerts. All of it is appended to; scope columns that are null stand for any.

-- Where a figure stands under its rule: of each rule and scope (JSON) the latest row counts. state: JSON, as
-- models/alerts/state.py writes it. The value and n seen last, n null while the feed was silent.
create table private.alert_state (
    "at" timestamp not null,
    rule varchar not null,
    scope varchar not null,
    state varchar not null,
    value double,
    n double
);

-- What happened to an episode: opened, told, cleared, or acknowledged by somebody (name, note). could_take: JSON, what
-- the company's own sites could take over when an alert opened at a provider's site.
create table private.alert_event (
    episode varchar not null,
    rule varchar not null,
    metric varchar not null,
    direction varchar not null,
    threshold double not null,
    site varchar,
    queue varchar,
    language varchar,
    channel varchar,
    event varchar not null,
    "at" timestamp not null,
    value double,
    n double,
    name varchar,
    note varchar,
    could_take varchar
);

-- What is to be sent where, written in the transaction of the event as attempt 0, and every attempt: one row before
-- it (ok is null), one after it. is_last: it was given up.
create table private.alert_sent (
    episode varchar not null,
    event varchar not null,
    channel varchar not null,
    attempt integer not null,
    "at" timestamp not null,
    ok boolean,
    is_last boolean not null default false,
    detail varchar not null
);
