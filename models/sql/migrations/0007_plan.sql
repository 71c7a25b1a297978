-- The plan of each day: forecasts of offered contacts, the agents they take and who was there, by quarter-hour. Made by
-- ingest/planning/, never by a commit; appended only, so that what was known when can be told.

-- One row per forecast made for a site and day of the reporting zone, and per reason why there is none. counted_until:
-- what had arrived by then is in it; empty where it rests on the days before alone. basis: the days it is the mean of.
-- left_out: days of that weekday it might have been the mean of, had they been like the others. mean, low, high: of the
-- whole day.
create table private.forecast_version (
    version bigint not null,
    site varchar not null,
    date date not null,
    made_at timestamp not null,
    counted_until timestamp,
    method varchar,
    reason varchar,
    basis date[] not null,
    left_out date[] not null,
    mean double,
    low double,
    high double,
    level double,
    factor double,
    weight double
);

-- One row per version and quarter-hour that was still to come, or that had passed with nobody counting (silent).
create table private.forecast_slot (
    version bigint not null,
    site varchar not null,
    date date not null,
    starts_at timestamp not null,
    mean double not null,
    low double not null,
    high double not null,
    silent boolean not null
);

-- One row per version and quarter-hour that was still to come: agents it takes, and what that was computed from.
-- Patience is empty where nobody hung up, an AHT where nothing was handled.
create table private.plan_slot (
    version bigint not null,
    site varchar not null,
    date date not null,
    starts_at timestamp not null,
    voice double not null,
    voice_aht_s double,
    voice_patience_s double,
    voice_required bigint,
    chat double not null,
    chat_aht_s double,
    chat_patience_s double,
    chat_slots bigint,
    chat_required bigint,
    required bigint,
    usual double
);

-- One row per quarter-hour that is over, again when it turns out otherwise: agents ready or at work, by time. The highest
-- version counts.
create table private.staffed_slot (
    version bigint not null,
    site varchar not null,
    date date not null,
    starts_at timestamp not null,
    agents double not null
);
