-- One row per site and quarter-hour of a day that has a forecast.
create or replace view staffing_plan as
with planned as (
    select site, date, min(version) filter (method is not null) as plan_version
    from private.forecast_version
    group by site, date
    having max(version) = max(version) filter (method is not null)
),
needed as (
    select
        site, date, starts_at,
        max(required) filter (version = plan_version) as planned,
        arg_max(p, version) as p
    from private.plan_slot p
    join planned using (site, date)
    group by site, date, starts_at
),
present_then as (
    select site, date, starts_at, arg_max(agents, version) as staffed
    from private.staffed_slot
    group by site, date, starts_at
)
select
    n.site,
    n.date,
    n.starts_at,
    p.required as required,
    n.planned,
    t.staffed,
    p.usual as usual,
    p.voice_required as voice_required,
    p.voice as voice,
    p.voice_aht_s as voice_aht_s,
    p.voice_patience_s as voice_patience_s,
    p.chat_required as chat_required,
    p.chat as chat,
    p.chat_aht_s as chat_aht_s,
    p.chat_patience_s as chat_patience_s,
    p.chat_slots as chat_slots,
    p.version as version
from needed n
left join present_then t using (site, date, starts_at);
comment on view staffing_plan is 'One row per site and quarter-hour of a day that has a forecast: agents that calls and chats take, those usually there, and those who were. Agents ready or at work, not people on the roster.';
comment on column staffing_plan.date is 'Day of the reporting zone.';
comment on column staffing_plan.starts_at is 'Start of the quarter-hour, UTC.';
comment on column staffing_plan.required is 'Agents it takes for what is expected (of a quarter-hour that is over: was when it began) by Erlang A: voice_required + chat_required. All calls of a site are taken as one queue that every agent serves: the fewest possible. E-mail and cases, which can wait, take none.';
comment on column staffing_plan.planned is 'The same by the plan, the first forecast of the day.';
comment on column staffing_plan.staffed is 'Agents who were available, busy or in wrap-up, by time; empty while it is not over, and where the site does not say.';
comment on column staffing_plan.usual is 'Mean of staffed at the same time of the same weekday of the 4 weeks before.';
comment on column staffing_plan.voice_required is 'Agents that calls take for the planned service level, abandonment and occupancy.';
comment on column staffing_plan.voice is 'Calls expected.';
comment on column staffing_plan.voice_aht_s is 'Mean handle time of the site''s calls of the 28 days before.';
comment on column staffing_plan.voice_patience_s is 'Mean patience of its callers: seconds waited by all per hang-up; empty where nobody hung up, who are taken to wait for ever.';
comment on column staffing_plan.chat_required is 'Agents that chats take, at chat_slots each.';
comment on column staffing_plan.chat is 'Chats and messages expected.';
comment on column staffing_plan.chat_aht_s is 'Mean handle time of its chats, held as many at once as they are.';
comment on column staffing_plan.chat_patience_s is 'Mean patience of its chatters.';
comment on column staffing_plan.chat_slots is 'Chats an agent who takes several holds at most, as most agents have it.';
comment on column staffing_plan.version is 'The version of forecast_versions these figures are of.';
