-- What a week-by-week comparison over a year needs: the facts about contacts and agents that the contact fold leaves
-- out, each in a table of its own, and sums by day beside them. Derived by ingest/rollup/, never by a commit.

-- What each provider calls its service level; empty where it uses ours.
alter table private.site add column sl_definition varchar;
alter table private.site add column sl_threshold_s double;
alter table private.site add column sl_short_s double;

-- What figures are meant to reach, by the name of the metric. Replaced at start.
create table private.target (metric varchar not null, target double not null);

create table private.survey (
    site varchar not null,
    contact_id varchar not null,
    event_id varchar not null,
    revision bigint not null,
    occurred_at timestamp not null,
    content_hash ubigint not null,
    instrument varchar not null,
    score double not null,
    scale_min double not null,
    scale_max double not null,
    batch bigint not null
);

create table private.evaluation (
    site varchar not null,
    contact_id varchar not null,
    event_id varchar not null,
    revision bigint not null,
    occurred_at timestamp not null,
    content_hash ubigint not null,
    evaluator varchar not null,
    evaluation_id varchar not null,
    form varchar not null,
    score double not null,
    max_score double not null,
    critical_errors varchar[] not null,
    calibration_id varchar,
    batch bigint not null
);

create table private.agent_change (
    site varchar not null,
    agent_id varchar not null,
    event_id varchar not null,
    revision bigint not null,
    occurred_at timestamp not null,
    content_hash ubigint not null,
    state varchar not null,
    reason varchar,
    team varchar,
    slots bigint,
    batch bigint not null
);

create table private.chat_message (
    site varchar not null,
    contact_id varchar not null,
    event_id varchar not null,
    revision bigint not null,
    occurred_at timestamp not null,
    content_hash ubigint not null,
    sender varchar not null,
    agent_id varchar,
    batch bigint not null
);

create table private.incident (
    site varchar not null,
    incident_id varchar not null,
    event_id varchar not null,
    revision bigint not null,
    occurred_at timestamp not null,
    content_hash ubigint not null,
    kind varchar not null,
    severity varchar not null,
    description varchar,
    ended boolean not null,
    batch bigint not null
);

-- One row per run of the roll-up that did something: up to which contact version, batch and day everything is in it.
-- kind: contacts for what readers see live anyway, answers for what comes later. The last row of a kind counts.
create table private.rolled_up (
    build bigint not null,
    kind varchar not null,
    "at" timestamp not null,
    last_version bigint not null,
    last_batch bigint not null,
    until_date date not null,
    until_at timestamp not null,
    today_build bigint not null,
    settings varchar not null
);

-- Which build of a table holds a day; the highest counts. Days are those of the reporting zone.
create table private.rolled_day (build bigint not null, of_table varchar not null, date date not null);

-- Sums by day of the reporting zone: builds of days, as the macros scan_... make them.
create table private.day_arrivals (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    offered bigint,
    answered bigint,
    abandoned bigint,
    left_queue bigint,
    called_back bigint,
    left_menu bigint,
    waiting bigint,
    unknown_end bigint,
    excluded bigint,
    campaign_offered bigint,
    answered_in_target bigint,
    abandoned_in_target bigint,
    abandoned_short bigint,
    answered_in_own_target bigint,
    abandoned_in_own_target bigint,
    abandoned_own_short bigint,
    own_level_good bigint,
    own_level_of bigint,
    answered_wait_ms bigint,
    abandoned_wait_ms bigint,
    longest_wait_ms bigint,
    answered_known_customer bigint,
    first_responses bigint,
    first_response_ms bigint,
    joined_responses bigint,
    joined_response_ms bigint
);
create table private.today_arrivals (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    offered bigint,
    answered bigint,
    abandoned bigint,
    left_queue bigint,
    called_back bigint,
    left_menu bigint,
    waiting bigint,
    unknown_end bigint,
    excluded bigint,
    campaign_offered bigint,
    answered_in_target bigint,
    abandoned_in_target bigint,
    abandoned_short bigint,
    answered_in_own_target bigint,
    abandoned_in_own_target bigint,
    abandoned_own_short bigint,
    own_level_good bigint,
    own_level_of bigint,
    answered_wait_ms bigint,
    abandoned_wait_ms bigint,
    longest_wait_ms bigint,
    answered_known_customer bigint,
    first_responses bigint,
    first_response_ms bigint,
    joined_responses bigint,
    joined_response_ms bigint
);
create table private.day_completions (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    handled bigint,
    handle_ms bigint,
    handle_s2 bigint,
    talk_ms bigint,
    hold_ms bigint,
    wrap_up_ms bigint,
    transferred bigint,
    transferred_away bigint,
    bounced_back bigint,
    claims bigint,
    claimed_resolved bigint
);
create table private.today_completions (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    handled bigint,
    handle_ms bigint,
    handle_s2 bigint,
    talk_ms bigint,
    hold_ms bigint,
    wrap_up_ms bigint,
    transferred bigint,
    transferred_away bigint,
    bounced_back bigint,
    claims bigint,
    claimed_resolved bigint
);
create table private.day_waits (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    bin integer,
    answered_waits bigint,
    abandoned_waits bigint
);
create table private.today_waits (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    bin integer,
    answered_waits bigint,
    abandoned_waits bigint
);
create table private.day_quarters (
    build bigint not null,
    date date not null,
    starts_at timestamp,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    offered bigint,
    answered bigint,
    abandoned bigint,
    left_queue bigint,
    answered_in_target bigint,
    answered_wait_ms bigint,
    abandoned_wait_ms bigint,
    campaign_offered bigint,
    handled bigint,
    handle_ms bigint,
    transferred bigint,
    closed bigint
);
create table private.today_quarters (
    build bigint not null,
    date date not null,
    starts_at timestamp,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    offered bigint,
    answered bigint,
    abandoned bigint,
    left_queue bigint,
    answered_in_target bigint,
    answered_wait_ms bigint,
    abandoned_wait_ms bigint,
    campaign_offered bigint,
    handled bigint,
    handle_ms bigint,
    transferred bigint,
    closed bigint
);
create table private.day_agents (
    build bigint not null,
    date date not null,
    site varchar,
    team varchar,
    agents bigint,
    available_ms bigint,
    busy_ms bigint,
    wrapping_up_ms bigint,
    break_ms bigint,
    other_ms bigint,
    slot_ms bigint,
    chat_ms bigint,
    with_chat_ms bigint
);
create table private.day_turns (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    turns bigint,
    responses bigint,
    response_ms bigint,
    closings bigint,
    closing_ms bigint
);
create table private.day_surveys (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    csat_responses bigint,
    csat_satisfied bigint,
    csat_1 bigint,
    csat_2 bigint,
    csat_3 bigint,
    csat_4 bigint,
    csat_5 bigint,
    nps_responses bigint,
    nps_promoters bigint,
    nps_detractors bigint,
    ces_responses bigint,
    ces_agreed bigint,
    resolved_responses bigint,
    resolved_said bigint
);
create table private.day_evaluations (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    qa_provider_evaluations bigint,
    qa_provider_milli_points bigint,
    qa_provider_milli_max bigint,
    qa_provider_contacts bigint,
    qa_provider_critical bigint,
    qa_client_evaluations bigint,
    qa_client_milli_points bigint,
    qa_client_milli_max bigint,
    qa_client_contacts bigint,
    qa_client_critical bigint,
    qa_client_critical_customer bigint,
    qa_client_critical_business bigint,
    qa_client_critical_compliance bigint,
    calibrations bigint,
    calibration_gap_milli bigint,
    calibration_gap2_milli bigint,
    calibrations_agreed bigint
);
create table private.day_repeats (
    build bigint not null,
    date date not null,
    site varchar,
    queue varchar,
    channel varchar,
    language varchar,
    topic varchar,
    band varchar,
    resolvable bigint,
    repeated_1d bigint,
    repeated_7d bigint,
    repeated_30d bigint
);
create table private.day_teams (
    build bigint not null,
    date date not null,
    site varchar,
    team varchar,
    channel varchar,
    language varchar,
    topic varchar,
    team_answered bigint,
    team_transferred bigint,
    team_handled bigint,
    team_handle_ms bigint,
    team_resolvable bigint,
    team_repeated_7d bigint,
    team_csat_responses bigint,
    team_csat_satisfied bigint,
    team_evaluated bigint,
    team_critical bigint
);
