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

-- What in-house cost comes to, figure by figure; replaced at start. Amounts in the currency of the document.
create table private.in_house_figure (
    site varchar not null,
    from_date date not null,
    kind varchar not null,
    figure varchar not null,
    amount decimal(18, 6) not null,
    currency varchar not null
);

-- One row per time a month of a party was computed and came out another way, or was closed; the highest build counts.
-- party: a provider with a contract, or '' for the company's own sites. month: its first day. source_build: the newest
-- build of days it was made from; terms: digest of the documents.
create table private.costed_month (
    build bigint not null,
    party varchar not null,
    month date not null,
    computed_at timestamp not null,
    until_date date,
    is_closed boolean not null,
    terms varchar not null,
    digest varchar not null,
    currency varchar not null,
    subtotal decimal(18, 4),
    minimum decimal(18, 4),
    effect decimal(18, 4),
    effect_on_bill decimal(18, 4),
    claim_by date,
    total decimal(18, 4),
    own_total decimal(18, 4),
    constant_total decimal(18, 4),
    rate decimal(18, 6),
    notes varchar[] not null,
    trouble varchar
);
-- Up to which build of days a month was computed, whether or not it came out another way. Appended; the newest counts.
create table private.costed_upto (
    party varchar not null, month date not null, source_build bigint not null, terms varchar not null, "at" timestamp not null
);
-- What became of each month's malus where a contract lets it be earned back.
create table private.earn_back (
    party varchar not null,
    month date not null,
    malus decimal(18, 4) not null,
    earned_back decimal(18, 4) not null,
    state varchar not null,
    by_month date
);
create table private.expected_line (
    build bigint not null,
    party varchar not null,
    month date not null,
    bill_date date,
    charge varchar not null,
    kind varchar not null,
    unit varchar not null,
    quantity decimal(18, 6) not null,
    rate decimal(18, 6),
    amount decimal(18, 4) not null,
    terms_from date not null,
    note varchar not null
);
create table private.expected_level (
    build bigint not null,
    party varchar not null,
    month date not null,
    metric varchar not null,
    target decimal(18, 6) not null,
    worst decimal(18, 6) not null,
    best decimal(18, 6) not null,
    weight decimal(9, 6) not null,
    value decimal(18, 6),
    n bigint not null,
    counts boolean not null,
    met boolean,
    score decimal(18, 6),
    amount decimal(18, 4),
    state varchar,
    needed decimal(18, 6),
    at_stake decimal(18, 4),
    save_by date
);
create table private.cost_day (
    build bigint not null,
    party varchar not null,
    month date not null,
    date date not null,
    site varchar,
    channel varchar,
    topic varchar,
    contacts bigint not null,
    handle_ms bigint not null,
    amount decimal(18, 6),
    labour decimal(18, 6),
    constant_amount decimal(18, 6)
);
create table private.issue_cost (
    build bigint not null,
    party varchar not null,
    month date not null,
    issue_month date not null,
    owner_site varchar,
    site varchar,
    channel varchar,
    topic varchar,
    issues bigint not null,
    contacts bigint not null,
    amount decimal(18, 6)
);

-- Bills as they were received. One that turns out to be wrong is withdrawn, never deleted.
create table private.bill (
    bill_id varchar not null,
    loaded_at timestamp not null,
    loaded_by varchar not null,
    provider varchar not null,
    month date not null,
    number varchar not null,
    received date not null,
    currency varchar not null,
    total decimal(18, 4),
    exchange_rate decimal(18, 6)
);
create table private.bill_withdrawn (bill_id varchar not null, "at" timestamp not null, name varchar not null, note varchar not null);
create table private.bill_line (
    bill_id varchar not null,
    line bigint not null,
    bill_date date,
    charge varchar not null,
    kind varchar not null,
    quantity decimal(18, 6) not null,
    rate decimal(18, 6),
    amount decimal(18, 4) not null
);
create table private.bill_item (
    bill_id varchar not null,
    item bigint not null,
    bill_date date not null,
    charge varchar not null,
    contact_id varchar not null,
    raw bigint not null
);
-- One row per time a bill was checked and came out another way; the highest build counts.
create table private.bill_check (
    build bigint not null,
    bill_id varchar not null,
    checked_at timestamp not null,
    expected_build bigint not null,
    billed decimal(18, 4),
    expected decimal(18, 4),
    in_own boolean,
    within_tolerance boolean,
    dispute_by date,
    trouble varchar,
    digest varchar not null
);
create table private.bill_step (
    build bigint not null,
    bill_id varchar not null,
    step bigint not null,
    reason varchar not null,
    charge varchar not null,
    quantity decimal(18, 6) not null,
    amount decimal(18, 4) not null,
    contacts varchar[] not null
);
-- What was said of a bill to its provider, and what came of it. A dispute has one row when it begins and one for each turn.
create table private.dispute (
    dispute_id varchar not null,
    bill_id varchar not null,
    "at" timestamp not null,
    name varchar not null,
    state varchar not null,
    reasons varchar[] not null,
    amount decimal(18, 4),
    note varchar not null
);
