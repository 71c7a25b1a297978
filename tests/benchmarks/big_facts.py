"""The SQL that makes the big store's facts, set by set. Chance is `u(n, k)`: the k-th number of contact n, a hash."""

from __future__ import annotations

MACROS = """
create or replace temp macro u(n, k) as
    (hash((n * 64 + k)::bigint + {seed} * 1099511627776) >> 11)::double / 9007199254740992.0;
create or replace temp macro drawn(n, k) as -ln(1 - u(n, k));
-- Sums of two: what takes about as long each time, with few very long ones.
create or replace temp macro spread(n, k) as (drawn(n, k) + drawn(n, k + 1)) / 2;
create or replace temp macro after(at_, s) as at_ + to_microseconds((s * 1000)::bigint * 1000)
"""

# Integer weights add up the same in any order. Nobody calls a closed site, but one in a hundred writes to it.
DEMAND = """
create or replace temp table demand as
with calendar as (
    select
        starts_at, local_at, local_hour as h, isodow(local_at) as dow,
        dayofyear(local_at) as doy,
        epoch(starts_at - $since) / epoch($now - $since) as gone
    from reporting_calendar
    where starts_at >= $since and starts_at < $now
),
weighted as (
    select
        starts_at, gone, site_no, p.*,
        round(1000000 * share * (1 + drift * (gone - 0.5))
            * (1 + 0.12 * cos(2 * pi() * (doy - 15) / 365.0) + case when doy between 325 and 358 then 0.35 else 0 end)
            * [1.25, 1.1, 1.0, 1.0, 0.95, 0.55, 0.4][dow]
            * case
                when h < 7 or h >= 22 or (dow >= 6 and (h < 8 or h >= 20)) then 0.01
                else [0.5, 0.8, 1.3, 1.7, 1.8, 1.5, 1.3, 1.4, 1.5, 1.5, 1.4, 1.2, 1.0, 0.8, 0.4][h - 6]
            end
            * (0.85 + 0.3 * u(epoch(starts_at)::bigint // 900, site_no))
        )::bigint as weight
    from calendar cross join place p
),
added_up as (
    select *, sum(weight) over (order by starts_at, site_no) as upto, sum(weight) over () as whole from weighted
)
select
    starts_at, site_no, site, agents, gone,
    wait * (0.3 + 1.4 * u(epoch(starts_at)::bigint // 900, site_no + 20)) as wait,
    ((upto - weight)::hugeint * $contacts // whole)::bigint as first_no,
    (upto::hugeint * $contacts // whole)::bigint as next_no
from added_up
"""

CONTACTS = """
insert into private.contact_version by name
with visit as (
    select unnest(range(first_no, next_no)) as n, starts_at, site_no, site, agents, gone, wait
    from demand where starts_at >= $from_at and starts_at < $to_at and next_no > first_no
),
drawn_1 as (
    select
        *,
        site || '-' || n as contact_id,
        after(starts_at, 900 * u(n, 0)) as arrived_at,
        case when u(n, 1) < 0.6 then 'voice' when u(n, 1) < 0.82 then 'chat' when u(n, 1) < 0.9 then 'messaging'
            else 'email' end as channel,
        case when u(n, 2) < [0.85, 0.8, 0.9, 0.6, 0.6, 0.2, 0.3, 0.1, 0.2, 0.05][site_no] then 'de'
            when u(n, 2) < [0.97, 0.95, 0.97, 0.9, 0.95, 0.98, 0.98, 0.95, 0.3, 0.97][site_no] then 'en'
            else 'fr' end as language,
        -- A quarter are of people with something going on in that week, of whom there are few.
        case when u(n, 3) < 0.04 then null
            when u(n, 3) < 0.29
            then epoch(starts_at)::bigint // 604800 * 10000000 + floor(u(n, 4) * $contacts / 330)::bigint
            else -1 - floor(u(n, 4) * $contacts / 3)::bigint end as customer_no
    from visit
    where after(starts_at, 900 * u(n, 0)) < $now
),
drawn_2 as (
    select
        *,
        floor(10 * pow(case when customer_no >= 0 then u(customer_no, 60) else u(n, 5) end, 1.1 + 0.06 * site_no))::int
            as topic_no,
        case when customer_no is not null then to_hex(hash(customer_no)) || to_hex(hash(customer_no + 1)) end
            as customer,
        channel = 'voice' and u(n, 6) < 0.03 as menu_only,
        case channel
            when 'voice' then 15.0 when 'chat' then 25.0 when 'messaging' then 240.0 else 9000.0 end
        * wait * case when u(n, 7) < 0.3 then 0.02 else drawn(n, 8) end as wait_s,
        case channel when 'voice' then 200.0 when 'chat' then 240.0 when 'messaging' then 3600.0 else 1e9 end
        * drawn(n, 9) as patience_s,
        site || '-a' || floor(u(n, 10) * agents)::int as agent_id
    from drawn_1
),
drawn_3 as (
    select
        *,
        ['orders', 'billing', 'billing', 'technical', 'orders', 'care', 'orders', 'care', 'billing', 'care']
            [topic_no + 1] as queue,
        case when menu_only then null
            when u(n, 11) < 0.015 and channel = 'voice' then 'left'
            when patience_s < wait_s then 'abandoned'
            else 'answered' end as ends,
        after(arrived_at, least(wait_s, patience_s)) as served_at,
        (180.0 + 35.0 * topic_no) * (1 + 0.1 * (site_no % 4) + 0.1 * gone * (site_no % 3))
        * case channel when 'voice' then 1.0 when 'chat' then 1.6 when 'messaging' then 3.0 else 0.9 end
        * spread(n, 12) as talk_s,
        case when channel = 'voice' and u(n, 14) < 0.15 then 45.0 * spread(n, 15) end as hold_s,
        u(n, 17) < 0.07 as handed_on,
        u(n, 18) < 0.003 as lost
    from drawn_2
),
placed as (
    select
        *,
        ends = 'answered' and served_at < $now as is_answered,
        after(served_at, talk_s + coalesce(hold_s, 0)) as ended_at,
        after(served_at, talk_s + coalesce(hold_s, 0) + 40 * spread(n, 19)) as free_at
    from drawn_3
),
-- What lies ahead of the present has not happened, and of some no end was told.
known as (
    select
        *,
        is_answered and not lost and ended_at < $now as is_completed,
        is_answered and not lost and free_at < $now and u(n, 21) < 0.97 as is_wrapped_up,
        channel in ('chat', 'messaging') as is_written
    from placed
)
select
    n + 1 as version, site, contact_id, arrived_at as first_at,
    case
        when is_wrapped_up then free_at
        when is_completed then ended_at
        when is_answered then served_at
        when ends is null then least(after(arrived_at, 35), $now)
        when served_at < $now then served_at
        else arrived_at
    end as last_at,
    case when menu_only then struct_pack("at" := arrived_at, id := contact_id || '.s', channel := channel,
        direction := 'inbound', language := language, topic := null::varchar, customer_id := customer,
        revision := 0::bigint) end as started,
    case when not menu_only then struct_pack("at" := arrived_at, id := contact_id || '.o', channel := channel,
        direction := case when u(n, 22) < 0.01 then 'outbound' else 'inbound' end, queue := queue,
        language := language, topic := case when u(n, 23) < 0.3 then $topics[topic_no + 1] end,
        campaign := case when u(n, 24) < 0.03 then 'campaign-' || epoch(starts_at)::bigint // 1209600 end,
        priority := null::bigint, customer_id := customer,
        initial_contact_id := case when u(n, 25) < 0.03 then site || '-' || greatest(0, n - 40) end,
        previous_contact_id := case when u(n, 25) < 0.03 then site || '-' || greatest(0, n - 40) end,
        revision := 0::bigint) end as offered,
    case when is_answered then struct_pack("at" := served_at, id := contact_id || '.a', agent_id := agent_id,
        wait_s := round(wait_s, 3), revision := 0::bigint) end as answered,
    case when ends = 'abandoned' and served_at < $now then struct_pack("at" := served_at, id := contact_id || '.b',
        wait_s := round(patience_s, 3), revision := 0::bigint) end as abandoned,
    case when ends = 'left' and served_at < $now then struct_pack("at" := served_at, id := contact_id || '.l',
        reason := case when u(n, 26) < 0.6 then 'callback' else 'voicemail' end,
        wait_s := round(least(wait_s, patience_s), 3), revision := 0::bigint) end as left_queue,
    case when menu_only and after(arrived_at, 35) < $now then struct_pack("at" := after(arrived_at, 35),
        id := contact_id || '.m', reason := 'self_served', revision := 0::bigint) end as left_menu,
    case when is_completed then struct_pack("at" := ended_at, id := contact_id || '.c', talk_s := round(talk_s, 3),
        hold_s := round(coalesce(hold_s, 0), 3), ended_by := case when u(n, 27) < 0.6 then 'customer' else 'agent' end,
        revision := 0::bigint) end as completed,
    case when is_wrapped_up then struct_pack("at" := free_at, id := contact_id || '.w',
        wrap_up_s := round(epoch(free_at - ended_at), 3), revision := 0::bigint) end as wrapped_up,
    case when is_wrapped_up then struct_pack("at" := free_at, id := contact_id || '.k',
        topic := $topics[case when u(n, 28) < 0.9 then topic_no else floor(10 * u(n, 29))::int end + 1],
        disposition := 'solved', resolved := u(n, 30) < 0.78 - 0.015 * topic_no, revision := 0::bigint)
        end as classified,
    case when u(n, 31) < 0.002 and is_completed then struct_pack("at" := ended_at, id := contact_id || '.x',
        reason := 'test', revision := 0::bigint) end as excluded,
    case when is_completed and hold_s is not null then [struct_pack("at" := ended_at, id := contact_id || '.h1',
        hold_s := round(hold_s, 3), revision := 0::bigint)] else [] end as holds,
    case when is_completed and handed_on then [struct_pack("at" := ended_at, id := contact_id || '.t',
        to_queue := queue, to_site := case when u(n, 32) < 0.4 then 'hamburg' end,
        to_contact_id := null::varchar, warm := u(n, 33) < 0.5, revision := 0::bigint)] else [] end as transfers,
    case when is_written and not menu_only then arrived_at end as first_customer_message_at,
    case when is_written and is_answered then least(after(served_at, least(20 * spread(n, 34), talk_s)), $now)
        end as first_agent_message_at,
    case when is_written and not menu_only then case when is_completed then ended_at when is_answered then served_at
        else arrived_at end end as last_message_at
from known
order by arrived_at
"""

_ENVELOPE = "0::bigint as revision, {at} as occurred_at, hash({id}) as content_hash, batch_of({at}) as batch"
BATCH_OF = "create or replace temp macro batch_of(at_) as 1 + epoch(at_ - timestamp '{since}')::bigint // 3600"

CHAT_MESSAGES = f"""
insert into private.chat_message by name
select
    site, contact_id, contact_id || '.g' || k as event_id, sender,
    case when sender = 'agent' then agent_id end as agent_id,
    {_ENVELOPE.format(at="said_at", id="contact_id || k")}
from (
    select
        site, contact_id, answered.agent_id as agent_id, k,
        case when k % 2 = 0 then 'customer' when k = 1 and version % 8 = 0 then 'bot' else 'agent' end as sender,
        case
            when k = 0 then first_customer_message_at
            when k = 1 then first_agent_message_at
            else first_agent_message_at
                + to_microseconds(epoch_us(last_message_at - first_agent_message_at) * (k - 1) // 5)
        end as said_at
    from private.contact_version, range(6) m(k)
    where version > $after and first_agent_message_at is not null and last_message_at > first_agent_message_at
)
"""

AGENT_CHANGES = f"""
insert into private.agent_change by name
select
    site, agent_id, agent_id || '.' || event_no as event_id, state, null::varchar as reason,
    site || '-team-' || (1 + substr(agent_id, length(site) + 3)::int % $teams) as team,
    case when written then 3 else 1 end as slots, {_ENVELOPE.format(at="changed_at", id="event_no")}
from (
    select
        site, answered.agent_id as agent_id, version * 2 + k as event_no, offered.channel <> 'voice' as written,
        case when k = 0 then 'busy' else 'available' end as state,
        case when k = 0 then answered."at" else coalesce(wrapped_up."at", completed."at") end as changed_at
    from private.contact_version, range(2) c(k)
    where version > $after and answered is not null
)
where changed_at is not null
order by changed_at
"""

# Every agent works four of seven days, eight hours from seven or from noon.
SHIFTS = f"""
insert into private.agent_change by name
select
    site, agent_id, agent_id || '.s' || shift_no || '.' || k as event_id, state, null::varchar as reason,
    site || '-team-' || (1 + agent_no % $teams) as team, 1::bigint as slots,
    {_ENVELOPE.format(at="changed_at", id="agent_id || shift_no || k")}
from (
    select
        site, site || '-a' || agent_no as agent_id, agent_no, epoch(day_at)::bigint // 86400 as shift_no, k,
        ['available', 'lunch', 'available', 'training', 'available', 'offline'][k + 1] as state,
        day_at + interval 7 hours + to_hours(5 * (agent_no % 2)) + to_minutes([0, 240, 270, 420, 440, 480][k + 1])
            as changed_at
    from (select date, min(starts_at) as day_at from reporting_calendar where starts_at >= $since group by date)
    cross join (select site, unnest(range(agents)) as agent_no from place) crew
    cross join range(6) change(k)
    where u(agent_no * 400 + dayofyear(date), length(site)) < 0.57
)
where changed_at < $now
order by changed_at
"""

SURVEYS = f"""
insert into private.survey by name
select
    site, contact_id, contact_id || '.v' as event_id, instrument,
    case instrument
        when 'csat' then 1 + round(4 * pow(draw, 0.45)) when 'nps' then round(10 * pow(draw, 0.35))
        when 'ces' then 1 + round(6 * pow(draw, 0.5)) else (draw < 0.74)::int end::double as score,
    case instrument when 'csat' then 1 when 'ces' then 1 else 0 end::double as scale_min,
    case instrument when 'csat' then 5 when 'nps' then 10 when 'ces' then 7 else 1 end::double as scale_max,
    {_ENVELOPE.format(at="told_at", id="contact_id || 'v'")}
from (
    select
        site, contact_id, u(version, 40) as draw,
        case when u(version, 41) < 0.6 then 'csat' when u(version, 41) < 0.8 then 'nps'
            when u(version, 41) < 0.9 then 'ces' else 'resolved' end as instrument,
        after(last_at, 600 + 20000 * drawn(version, 42)) as told_at
    from private.contact_version
    where version > $after and completed is not null and u(version, 43) < 0.12
)
where told_at < $now
"""

EVALUATIONS = f"""
insert into private.evaluation by name
select
    site, contact_id, contact_id || '.e' || side as event_id, evaluator, contact_id || '.e' || side as evaluation_id,
    'form-1' as form, round(100 * pow(u(version, 50 + side), 0.15), 1) as score, 100.0 as max_score,
    case when u(version, 52) < 0.04 then ['customer'] when u(version, 52) < 0.06 then ['compliance']
        when u(version, 52) < 0.08 then ['business'] else []::varchar[] end as critical_errors,
    case when both_sides then contact_id || '.k' end as calibration_id,
    {_ENVELOPE.format(at="scored_at", id="contact_id || 'e' || side")}
from (
    select
        version, site, contact_id, side, draw < 0.002 as both_sides,
        case when side = 0 then 'provider' else 'client' end as evaluator,
        after(last_at, 3600 + 200000 * drawn(version, 54 + side)) as scored_at
    from (
        select version, site, contact_id, last_at, u(version, 53) as draw
        from private.contact_version where version > $after and completed is not null
    )
    cross join range(2) s(side)
    where draw < 0.002 or (side = 0 and draw < 0.014) or (side = 1 and draw between 0.014 and 0.02)
)
where scored_at < $now
"""

_FACTS = (
    ("started", "started"), ("offered", "offered"), ("answered", "answered"), ("abandoned", "abandoned"),
    ("left_queue", "left_queue"), ("left_menu", "left_menu"), ("completed", "completed"),
    ("wrapped_up", "wrapped_up"), ("classified", "classified"), ("excluded", "excluded"),
    ("holds[1]", "held"), ("transfers[1]", "transferred"),
)  # fmt: skip

_SIDE = (
    ("survey", "contact.surveyed", "contact_id", "instrument := instrument, score := score, scale_min := scale_min, "
     "scale_max := scale_max"),
    ("evaluation", "contact.evaluated", "contact_id", "evaluator := evaluator, evaluation_id := evaluation_id, "
     "form := form, score := score, max_score := max_score, critical_errors := critical_errors"),
    ("agent_change", "agent.state_changed", "agent_id", "state := state, team := team, slots := slots"),
    ("chat_message", "chat.message", "contact_id", "sender := sender, agent_id := agent_id"),
)  # fmt: skip

_TOLD = "\n    union all\n    ".join(
    [
        f"select site, {fact}.id as event_id, 'contact.{wire}' as type, contact_id as subject, "
        f'{fact}."at" as occurred_at, '
        f"to_json({fact})::varchar as data from private.contact_version "
        f"where last_at >= $events_since and {fact} is not null"
        for fact, wire in _FACTS
    ]
    + [
        f"select site, event_id, '{wire}', {subject}, occurred_at, to_json(struct_pack({fields}))::varchar "
        f"from private.{table} where occurred_at >= $events_since"
        for table, wire, subject, fields in _SIDE
    ]
)

EVENTS = f"""
insert into private.event by name
select
    site, event_id, type, subject, occurred_at,
    occurred_at + to_milliseconds(100 + (hash(event_id) % 900)::bigint) as received_at,
    data, null::varchar[] as ignored_fields, hash(data) as content_hash, 'contacts.' || site as kafka_topic,
    0 as kafka_partition, 0::bigint as kafka_offset, batch_of(occurred_at) as batch, 0::bigint as revision
from (
    {_TOLD}
)
order by occurred_at
"""

# Counts are kept by hour once they are older. About nine events a contact, as a simulator says of its own.
BATCHES = """
insert into private.batch_site by name
select
    batch_of(starts_at) as batch, site,
    least(max(starts_at) + interval 15 minutes, $now) as committed_at,
    (9 * sum(next_no - first_no))::bigint as accepted, 0 as repeats, 0 as refused,
    min(starts_at) as first_occurred_at, least(max(starts_at) + interval 15 minutes, $now) as last_occurred_at,
    (9 * sum(next_no - first_no))::bigint as simulated, (9 * sum(next_no - first_no))::bigint as messages,
    0 as silent, 0 as out_of_order
from demand
where next_no > first_no
group by batch_of(starts_at), site
"""

# The side facts are written already, not to be read out of the events once more. Days are all still to be rolled up.
MARK = """
insert into private.rolled_up by name
select
    1 as build, 'contacts' as kind, $now as "at", 0 as last_version, max(batch) as last_batch,
    date '1900-01-01' as until_date, timestamp '1900-01-01' as until_at, -1 as today_build, '' as settings
from private.batch_site
"""
