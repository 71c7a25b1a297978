-- One row per episode of an alert.
create or replace view alerts as
with told as (
    select
        episode,
        any_value(rule) as rule,
        any_value(site) as site,
        any_value(queue) as queue,
        any_value(language) as language,
        any_value(channel) as channel,
        any_value(metric) as metric,
        any_value(direction) as direction,
        any_value(threshold) filter (event = 'opened') as threshold,
        min("at") filter (event = 'opened') as opened_at,
        any_value(value) filter (event = 'opened') as value,
        any_value(n) filter (event = 'opened') as n,
        min("at") filter (event = 'cleared') as cleared_at,
        any_value(note) filter (event = 'cleared') as cleared_note,
        any_value(value) filter (event = 'cleared') as cleared_value,
        any_value(n) filter (event = 'cleared') as cleared_n,
        min("at") filter (event = 'acknowledged') as acknowledged_at,
        arg_min(name, "at") filter (event = 'acknowledged') as acknowledged_by,
        arg_min(note, "at") filter (event = 'acknowledged') as note,
        any_value(could_take) filter (event = 'opened') as could_take
    from private.alert_event
    group by episode
),
standing as (
    select
        state->>'$.episode.id' as episode,
        state->>'$.condition' as condition,
        "at" as seen_at,
        value,
        n
    from (
        select state::json as state, "at", value, n
        from private.alert_state
        qualify row_number() over (partition by rule, scope order by rowid desc) = 1
    )
    where state->>'$.episode.id' is not null
)
select
    episode,
    t.rule,
    t.site,
    t.queue,
    t.language,
    t.channel,
    t.metric,
    t.direction,
    t.threshold,
    t.opened_at,
    t.value,
    t.n,
    t.cleared_at,
    t.cleared_note,
    t.acknowledged_at,
    t.acknowledged_by,
    t.note,
    t.could_take,
    case when t.cleared_at is not null then 'cleared' else coalesce(s.condition, 'open') end as state,
    case when t.cleared_at is not null then t.cleared_value else coalesce(s.value, t.value) end as last_value,
    case when t.cleared_at is not null then t.cleared_n else coalesce(s.n, t.n) end as last_n,
    coalesce(t.cleared_at, s.seen_at, t.opened_at) as last_at
from told t
left join standing s using (episode);
comment on view alerts is 'One row per episode of an alert: from when a figure was beyond its threshold for long enough until it was well again for long enough. Instants are UTC.';
comment on column alerts.episode is 'Id of the episode, in every notification of it.';
comment on column alerts.queue is 'Queue the rule is about, empty for all together; so are language and channel.';
comment on column alerts.direction is 'On which side of the threshold the figure is bad: above or below.';
comment on column alerts.threshold is 'The threshold when it opened, in the unit of the metric; shares as 0 to 1.';
comment on column alerts.value is 'The figure when it opened.';
comment on column alerts.n is 'Contacts (for occupancy and available_agents: agents) behind the figure when it opened.';
comment on column alerts.cleared_at is 'When it ended; empty while it goes on.';
comment on column alerts.cleared_note is 'Why it ended when not because the figure was well again.';
comment on column alerts.acknowledged_at is 'When somebody said that it is being looked after.';
comment on column alerts.note is 'What who acknowledged it had to say.';
comment on column alerts.could_take is 'JSON: what the company''s own sites could take over when it opened at a provider''s site; empty for others.';
comment on column alerts.state is 'open; clearing: the figure is well again, but not yet for long enough; unknown: the feed of the site is silent, or ingest is reading what it missed; cleared.';
comment on column alerts.last_value is 'The figure as it was seen last, at last_at; when it cleared, that.';
