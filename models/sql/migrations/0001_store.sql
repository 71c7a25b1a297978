-- Base tables. No indexes: commits must not wait for checkpoints, and repeats are found by bounded anti joins.
-- Everything here is private; readers get the views of the main schema.
create schema private;

-- One row per accepted event. data is its JSON in the contract's own form, customer identifiers hashed.
create table private.event (
    site varchar not null,
    event_id varchar not null,
    type varchar not null,
    subject varchar not null,
    occurred_at timestamp not null,
    received_at timestamp not null,
    data varchar not null,
    ignored_fields varchar[],
    content_hash ubigint not null,
    kafka_topic varchar not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    batch bigint not null
);

-- One row per version of a contact's fold. A version is current until private.contact_replaced names it.
create table private.contact_version (
    version bigint not null,
    site varchar not null,
    contact_id varchar not null,
    first_at timestamp not null,
    last_at timestamp not null,
    started struct("at" timestamp, id varchar, channel varchar, direction varchar, language varchar, topic varchar, customer_id varchar),
    offered struct("at" timestamp, id varchar, channel varchar, direction varchar, queue varchar, language varchar, topic varchar, campaign varchar, priority bigint, customer_id varchar, initial_contact_id varchar, previous_contact_id varchar),
    answered struct("at" timestamp, id varchar, agent_id varchar, wait_s double),
    abandoned struct("at" timestamp, id varchar, wait_s double),
    left_queue struct("at" timestamp, id varchar, reason varchar, wait_s double),
    left_menu struct("at" timestamp, id varchar, reason varchar),
    completed struct("at" timestamp, id varchar, talk_s double, hold_s double, ended_by varchar),
    wrapped_up struct("at" timestamp, id varchar, wrap_up_s double),
    classified struct("at" timestamp, id varchar, topic varchar, disposition varchar, resolved boolean),
    excluded struct("at" timestamp, id varchar, reason varchar),
    holds struct("at" timestamp, id varchar, hold_s double)[],
    transfers struct("at" timestamp, id varchar, to_queue varchar, to_site varchar, to_contact_id varchar, warm boolean)[],
    first_customer_message_at timestamp,
    first_agent_message_at timestamp,
    last_message_at timestamp
);

create table private.contact_replaced (version bigint not null);

-- One row per message that could not be used, with its bytes.
create table private.refused (
    site varchar not null,
    code varchar not null,
    reason varchar not null,
    received_at timestamp not null,
    message blob,
    message_key blob,
    kafka_topic varchar not null,
    kafka_topic_id varchar not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    batch bigint not null
);

-- One row per committed batch and site: what came in. Older rows are added up by hour.
create table private.batch_site (
    batch bigint not null,
    site varchar not null,
    committed_at timestamp not null,
    accepted bigint not null,
    repeats bigint not null,
    refused bigint not null,
    first_occurred_at timestamp,
    last_occurred_at timestamp
);

-- One row per committed batch and partition: where to read on.
create table private.kafka_position (
    batch bigint not null,
    kafka_topic varchar not null,
    kafka_topic_id varchar not null,
    kafka_partition integer not null,
    next_offset bigint not null
);

-- One row per change of what ingest is doing.
create table private.ingest_log (
    "at" timestamp not null,
    state varchar not null,
    detail varchar not null
);

-- One row per configured or seen site; replaced at start.
create table private.site (
    site varchar not null,
    name varchar not null,
    provider varchar not null,
    in_house boolean not null,
    time_zone varchar not null
);

-- One row per time zone and quarter-hour: UTC start and the local calendar it belongs to.
create table private.quarter_hour (
    time_zone varchar not null,
    starts_at timestamp not null,
    local_at timestamp not null,
    local_date date not null,
    local_hour utinyint not null,
    week_start date not null,
    utc_offset_s integer not null
);

create table private.setting (name varchar not null, value varchar not null);
