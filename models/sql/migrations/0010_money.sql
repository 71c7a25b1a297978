-- What a contact costs: agreed terms, what is paid for by day, what a month is expected to cost, and bills.

-- Documents as they were read at start; replaced at start.
create table private.contract (provider varchar not null, document varchar not null);
create table private.in_house_cost (
    site varchar not null,
    from_date date not null,
    until_date date,
    currency varchar not null,
    document varchar not null
);
create table private.exchange_rate (on_date date not null, currency varchar not null, rate decimal(18, 6) not null);

-- One row per charge, site and terms: what the sums by day need to know of a contract. Replaced at start.
-- Days are those of the contract's time zone. Empty lists: everything.
create table private.charge_rule (
    provider varchar not null,
    charge varchar not null,
    site varchar not null,
    kind varchar not null,
    time_zone varchar not null,
    from_date date not null,
    until_date date,
    queues varchar[] not null,
    channels varchar[] not null,
    languages varchar[] not null,
    topics varchar[] not null,
    short_ms bigint not null,
    repeat_hours integer,
    parts varchar[] not null,
    started_ms bigint not null,
    minimum_ms bigint not null,
    states varchar[] not null
);

-- Builds of days, as the macros scan_... make them. bill_date: the day of the bill, in the contract's time zone.
create table private.day_billing (
    build bigint not null,
    date date not null,
    bill_date date,
    site varchar,
    provider varchar,
    charge varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    contacts bigint,
    units bigint,
    handle_ms bigint,
    short bigint,
    repeated bigint,
    unproven bigint
);
create table private.day_hours (
    build bigint not null,
    date date not null,
    bill_date date,
    site varchar,
    provider varchar,
    charge varchar,
    state varchar,
    span_ms bigint
);
create table private.day_issues (
    build bigint not null,
    date date not null,
    issue_date date,
    owner_site varchar,
    site varchar,
    channel varchar,
    topic varchar,
    issues bigint,
    contacts bigint,
    handle_ms bigint
);
create table private.day_work (
    build bigint not null,
    date date not null,
    site varchar,
    channel varchar,
    topic varchar,
    language varchar,
    contacts bigint,
    handle_ms bigint
);
