-- What a feed must tell to be trusted, and corrections: of facts told again with a higher revision, of closed weeks.
alter table private.event add column revision bigint default 0;
-- A new table and not new fields by ALTER, as DuckDB 1.5.5 cannot read its log again after those. Facts that are
-- there get no revision, which counts as 0.
create table private.contact_version_new (
    version bigint not null,
    site varchar not null,
    contact_id varchar not null,
    first_at timestamp not null,
    last_at timestamp not null,
    started struct("at" timestamp, id varchar, channel varchar, direction varchar, language varchar, topic varchar, customer_id varchar, revision bigint),
    offered struct("at" timestamp, id varchar, channel varchar, direction varchar, queue varchar, language varchar, topic varchar, campaign varchar, priority bigint, customer_id varchar, initial_contact_id varchar, previous_contact_id varchar, revision bigint),
    answered struct("at" timestamp, id varchar, agent_id varchar, wait_s double, revision bigint),
    abandoned struct("at" timestamp, id varchar, wait_s double, revision bigint),
    left_queue struct("at" timestamp, id varchar, reason varchar, wait_s double, revision bigint),
    left_menu struct("at" timestamp, id varchar, reason varchar, revision bigint),
    completed struct("at" timestamp, id varchar, talk_s double, hold_s double, ended_by varchar, revision bigint),
    wrapped_up struct("at" timestamp, id varchar, wrap_up_s double, revision bigint),
    classified struct("at" timestamp, id varchar, topic varchar, disposition varchar, resolved boolean, revision bigint),
    excluded struct("at" timestamp, id varchar, reason varchar, revision bigint),
    holds struct("at" timestamp, id varchar, hold_s double, revision bigint)[],
    transfers struct("at" timestamp, id varchar, to_queue varchar, to_site varchar, to_contact_id varchar, warm boolean, revision bigint)[],
    first_customer_message_at timestamp,
    first_agent_message_at timestamp,
    last_message_at timestamp
);
insert into private.contact_version_new by name from private.contact_version;
drop table private.contact_version;
alter table private.contact_version_new rename to contact_version;

-- messages: read from the topic, each of which can become several events; silent: those that say nothing the
-- contract has a fact for; out_of_order: events older than one of the same subject that was received before.
alter table private.batch_site add column messages bigint default 0;
alter table private.batch_site add column silent bigint default 0;
alter table private.batch_site add column out_of_order bigint default 0;

-- How many messages of the partition were still in the broker when the batch was committed.
alter table private.kafka_position add column messages_left bigint default 0;

alter table private.site add column system varchar default 'cloudevents';

-- Hours a site says it is open, in its own time zone; none of them past midnight. weekday: 1 for Monday.
create table private.opening_hours (
    site varchar not null,
    weekday utinyint not null,
    opens_minute usmallint not null,
    closes_minute usmallint not null
);

-- The company's topics, and what the sites' own codes mean. Replaced at start.
create table private.topic (topic varchar not null, name varchar not null);
create table private.topic_code (site varchar not null, code varchar not null, topic varchar not null);

-- One row per quarantined message that has been dealt with. how: replayed or dismissed.
create table private.refused_settled (
    kafka_topic_id varchar not null,
    kafka_partition integer not null,
    kafka_offset bigint not null,
    settled_at timestamp not null,
    how varchar not null,
    batch bigint not null
);

-- Weeks that had ended when events of theirs came in; recording their figures clears them.
create table private.week_touched (site varchar not null, week_start date not null);

-- Figures of weeks that are over, as they were known from recorded_at on; the first row is that of the closing.
create table private.week_figures (
    site varchar not null,
    week_start date not null,
    recorded_at timestamp not null,
    offered bigint not null,
    answered bigint not null,
    answered_in_target bigint not null,
    abandoned bigint not null,
    left_queue bigint not null,
    left_menu bigint not null,
    unknown_end bigint not null,
    excluded bigint not null,
    handled bigint not null,
    answered_wait_s double,
    abandoned_wait_s double,
    handle_s double
);

-- What retention removed: kind is event or message, before is the instant up to which.
create table private.retained (
    "at" timestamp not null,
    kind varchar not null,
    before timestamp not null,
    removed bigint not null
);
