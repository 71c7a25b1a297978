-- One row per site: whether its feed can be trusted now.
create or replace view feed as
with clock as materialized (select present() as now_at),
known as materialized (from sites),
came as (
    select
        site,
        received_at,
        (epoch_us(now_at) - epoch_us(received_at)) // 60000000 as minutes_ago,
        epoch_us(received_at) - epoch_us(occurred_at) as late_us,
        late_us > 604800000000 as history
    from private.event, clock
    where received_at > (select now_at - interval 1 hour from clock)
        and received_at <= now_at
),
hour as (
    select
        site,
        count(*) as events,
        count(*) filter (minutes_ago < 5) as events_5_minutes,
        count(*) filter (history) as history_events,
        quantile_disc(late_us, [0.5, 0.95]) filter (not history) as late_us,
        list_median(arg_max(late_us, received_at, 20) filter (not history)) as latest_us,
        min(late_us) filter (not history) as skew_us
    from came
    group by site
),
minutes as (
    select site, list(coalesce(events, 0) order by minutes_ago desc) as events_by_minute
    from (select site, minutes_ago from known cross join range(60) m(minutes_ago))
    left join (select site, minutes_ago, count(*) as events from came group by all) using (site, minutes_ago)
    group by site
),
day as (
    select
        site,
        sum(messages)::bigint as messages,
        sum(repeats)::bigint as repeats,
        sum(out_of_order)::bigint as out_of_order,
        sum(silent)::bigint as silent,
        sum(refused)::bigint as refused
    from private.batch_site
    where committed_at >= (select now_at - interval 24 hours from clock)
    group by site
),
refusals as (
    select site, count(*) as messages
    from quarantine
    where settled_at is null and received_at > (select now_at - interval 1 hour from clock)
    group by site
),
positions as (
    select kafka_topic, sum(messages_left)::bigint as messages_left
    from (
        select kafka_topic, max(batch) as batch, arg_max(messages_left, batch) as messages_left, kafka_topic_id
        from private.kafka_position
        group by kafka_topic, kafka_topic_id, kafka_partition
        -- A topic made anew has another id; what was left in the one before is gone.
        qualify kafka_topic_id = arg_max(kafka_topic_id, max(batch)) over (partition by kafka_topic)
    )
    group by kafka_topic
),
backlog as (
    select substr(kafka_topic, length(prefix) + 1) as site, messages_left
    from positions
    cross join (
        select coalesce(max(value), 'contacts.') as prefix from private.setting where name = 'topic_prefix'
    )
),
hours as (
    select
        site,
        bool_or(state = 'unknown') filter (not ended) as silent,
        bool_or(expected) filter (not ended) as open_now
    from feed_quarter_hours
    where starts_at >= (select now_at - interval 30 minutes from clock)
    group by site
),
told as (
    select
        site,
        s.name,
        s.system,
        case
            when exists (from private.opening_hours o where o.site = s.site) then 'configured'
            when s.first_event_at <= now_at - interval 21 days then 'learned'
            else 'unknown'
        end as hours,
        coalesce(h.open_now, false) as open_now,
        coalesce(h.silent, false) as silent_while_open,
        least(s.last_event_at, s.last_received_at) as heard_at,
        s.first_event_at,
        s.last_event_at,
        s.last_received_at,
        coalesce(n.events_5_minutes, 0) / 5.0::double as events_per_minute,
        m.events_by_minute,
        coalesce(n.events, 0) as events_1h,
        coalesce(n.history_events, 0) as history_events_1h,
        n.late_us[1] / 1e6 as lateness_p50_s,
        n.late_us[2] / 1e6 as lateness_p95_s,
        n.latest_us / 1e6 as lateness_now_s,
        n.skew_us / 1e6 as clock_skew_s,
        b.messages_left,
        d.messages as messages_24h,
        d.repeats as repeats_24h,
        d.out_of_order as out_of_order_24h,
        d.silent as silent_24h,
        d.refused as refused_24h,
        coalesce(r.messages, 0) as refused_open_1h,
        now_at
    from known s
    cross join clock
    left join hour n using (site)
    left join minutes m using (site)
    left join day d using (site)
    left join refusals r using (site)
    left join backlog b using (site)
    left join hours h using (site)
)
select
    site,
    name,
    system,
    case
        when refused_open_1h > 0.01 * (events_1h + refused_open_1h) then 'refusing'
        when first_event_at is null then 'no_feed'
        when silent_while_open then 'unknown'
        when heard_at < now_at - interval 15 minutes then if(open_now or hours = 'unknown', 'quiet', 'closed')
        when lateness_now_s > 300 or messages_left > 1000 then 'late'
        else 'ok'
    end as state,
    * exclude (site, name, system, silent_while_open, heard_at, now_at)
from told;
comment on view feed is 'One row per site: whether its feed can be trusted now, how much and how late it sends, and what was wrong with it in the last 24 hours.';
comment on column feed.state is 'ok; late: half of the latest 20 events came over 5 minutes after they happened, or over 1,000 messages wait in the broker; unknown: open, but nothing for 15 minutes; closed; quiet: nothing for 15 minutes and too early or too little history to say what it means; no_feed: never an event; refusing: over 1 % of the last hour could not be used.';
comment on column feed.hours is 'How it is known when the site is open: configured, learned from the last 4 weeks, or unknown for want of 3 weeks of events.';
comment on column feed.events_per_minute is 'Events accepted per minute, mean of the last 5 minutes.';
comment on column feed.events_by_minute is 'Events accepted in each of the last 60 minutes, oldest first.';
comment on column feed.lateness_p50_s is 'Median of received_at - occurred_at over the last hour, without history loaded.';
comment on column feed.lateness_p95_s is '95th percentile of received_at - occurred_at over the last hour, without history loaded.';
comment on column feed.lateness_now_s is 'Median of received_at - occurred_at of the latest 20 events of the last hour, without history loaded.';
comment on column feed.history_events_1h is 'History loaded: events of the last hour that came over 7 days after they happened.';
comment on column feed.clock_skew_s is 'Least received_at - occurred_at of the last hour; negative: the site''s clock is ahead at least so far.';
comment on column feed.messages_left is 'Messages left in the broker when the site''s partitions were last committed; empty when its topic was never read.';
comment on column feed.repeats_24h is 'Messages of the last 24 hours that told again what was known; empty, like the other counts of 24 hours, when nothing came in them. Counts are kept by hour.';
comment on column feed.out_of_order_24h is 'Events of the last 24 hours older than one of the same subject that came before.';
comment on column feed.silent_24h is 'Messages of the last 24 hours that say nothing the contract has a fact for.';
comment on column feed.refused_24h is 'Messages of the last 24 hours that could not be used.';
