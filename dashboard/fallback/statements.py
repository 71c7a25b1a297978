"""The SQL of the Fallback page's questions. `$name`: a value; `{name}`: a part `questions` puts in, never a user's."""

from __future__ import annotations

KIND = "case when channel = 'voice' then 'voice' when channel in ('chat', 'messaging') then 'chat' else '' end"

SHARES = """
    shares as (
        select
            site, queue, channel, language,
            coalesce(sum(offered) filter (list_contains($topics, coalesce(topic, $none))), 0) / nullif(sum(offered), 0)
                as share
        from day_arrivals
        where date >= $since and date < $today and list_contains($sites, site)
            and (topic is not null or list_contains($topics, $none))
        group by site, queue, channel, language
    )
"""
QUARTERS = """
    {shares}
    select
        site, starts_at, {kind} as kind, coalesce(language, '') as language,
        sum(offered)::double as offered,
        coalesce(sum(offered{weight}) filter ({slice}), 0)::double as asked
    from day_quarters
    {join}
    where date >= $first and date <= $today and list_contains($both, site)
    group by all
    having sum(offered) > 0
"""
JOIN = """
    left join (
        select site as s_site, queue as s_queue, channel as s_channel, language as s_language, share from shares
    ) on s_site = site and s_queue is not distinct from queue and s_channel is not distinct from channel
        and s_language is not distinct from language
"""
BY_SITE = """
    select site, starts_at, sum(offered)::double as offered
    from day_quarters
    where date >= $first and date < $end and list_contains($sites, site)
    group by site, starts_at
    having sum(offered) > 0
"""
HANDLED = """
    select
        list_contains($own, site) as own, {kind} as kind, coalesce(language, '') as language,
        coalesce(topic, '') as topic,
        sum(handled)::double as handled, coalesce(sum(handle_ms), 0)::double as handle_ms,
        coalesce(sum(handled) filter ({slice}), 0)::double as asked,
        coalesce(sum(handle_ms) filter ({slice}), 0)::double as asked_ms,
        coalesce(sum(handled) filter ({coarse}), 0)::double as coarse
    from day_completions
    where date >= $since and date < $today and list_contains($both, site)
    group by all
"""
ARRIVED = """
    select
        list_contains($own, site) as own, {kind} as kind, coalesce(language, '') as language,
        coalesce(topic, '') as topic,
        sum(offered)::double as offered,
        coalesce(sum(answered_wait_ms), 0)::double + coalesce(sum(abandoned_wait_ms), 0)::double as waited_ms,
        coalesce(sum(abandoned), 0)::double as abandoned,
        coalesce(sum(offered) filter ({slice}), 0)::double as asked
    from day_arrivals
    where date >= $since and date < $today and list_contains($both, site)
    group by all
"""
RESOLVED = """
    select own, topic, {sums}
    from (
        select *, list_contains($own, site) as own
        from (select * replace (coalesce(topic, '') as topic) from day_repeats where {slice})
        where date >= $from_day and date < $final
    )
    group by own, topic
"""
AGENTS = """
    select site, {sums}, coalesce(sum(agents), 0)::double as agent_days
    from day_agents
    where date >= $since and date < $today and list_contains($own, site)
    group by site
"""
SIZES = """
    select
        (
            select coalesce(sum(offered), 0)::double from day_arrivals where date >= $since and date < $today
        ) as contacts,
        (
            select max(batch)::bigint from events where received_at >= $heard
        ) as batch
"""
INCIDENTS = """
    select incident_id, kind, severity, began_at
    from incidents
    where list_contains($sites, site) and began_at >= $from_at and began_at < $to_at
"""
COSTS = """
    select
        month, coalesce(topic, '') as topic, date >= $since as recent,
        coalesce(sum(contacts), 0)::double as contacts,
        sum(amount)::double as amount, count(*) filter (amount is null and contacts > 0)::bigint as unknown
    from cost_days
    where month >= $month and provider = $provider and not in_house and ({slice})
    group by all
"""
BILLS = """
    select month, until_date, own_total::double as own_total, trouble
    from expected_bills
    where provider = $provider and month >= $month
"""
UNITS = """
    select month, charge, sum(quantity)::double as quantity
    from expected_bill_lines
    where provider = $provider and month >= $month and kind <> 'minimum'
    group by month, charge
"""
FIGURES = """
    select site, kind, figure, amount::double as amount, currency
    from in_house_figures
    where from_date <= $today and (until_date is null or until_date > $today) and list_contains($own, site)
"""
CONTRACTS = "select document::varchar as document from contracts where provider = $provider"
PLANNED = """
    select date, sum(plan_mean)::double as planned
    from forecasts
    where date >= $first and date < $end and list_contains($sites, site)
    group by date
"""
SEEN = """
    select distinct (date_trunc('week', occurred_at))::date as week_start, site, agent_id
    from agent_changes
    where occurred_at >= $from_at and occurred_at < $to_at and list_contains($sites, site) {days}
"""
PRESENT = """
    with skills as materialized (
        select
            site as by_site, agent_id as agent, {kind} as kind, coalesce(language, '') as language,
            count(*)::double as answered, coalesce(sum(handle_ms), 0)::double as handle_ms
        from counts_within($asked_from, $to_at)
        where answered = 1 and agent_id is not null and list_contains($own, site)
        group by all
    ),
    parts as materialized (
        select
            by_site, agent, kind, language,
            row_number() over (partition by by_site, agent order by kind = '', handle_ms desc, kind, language) = 1
                and kind <> '' as is_main,
            kind <> '' and (answered >= $least or answered >= 0.03 * sum(answered) over (partition by by_site, agent))
                as is_able
        from skills
    ),
    -- People of a site who can do the same are counted together.
    people as materialized (
        select by_site, agent, list(
            struct_pack(kind := kind, language := language, is_main := is_main, is_able := is_able)
            order by kind, language
        ) as can
        from parts
        where is_main or is_able
        group by by_site, agent
    ),
    kinds as materialized (
        select by_site, can, (row_number() over ())::integer as number
        from (select distinct by_site, can from people)
    ),
    numbered as materialized (
        select by_site, agent, number from people join kinds using (by_site, can)
    ),
    spans as materialized (
        select site, agent_id, state, slots, begins_at, ends_at
        from agent_spans($from_at, $to_at)
        where list_contains($own, site)
    ),
    present_then as materialized (
        select
            site, number, starts_at,
            sum(epoch_us(least(ends_at, starts_at + interval 15 minutes)) - epoch_us(greatest(begins_at, starts_at)))
                / 900e6 as there
        from (
            select
                site, number, begins_at, ends_at,
                unnest(range(time_bucket(interval 15 minutes, begins_at), ends_at, interval 15 minutes)) as starts_at
            from spans
            left join numbered on by_site = site and agent = agent_id
            where ends_at > begins_at and state in ('available', 'busy', 'wrap_up')
        )
        group by all
    ),
    -- A quarter-hour of a day of the week, over all weeks; days on which anybody of the site was there.
    usually as materialized (
        select
            site, number, isodow(date) - 1 as weekday, (hour(local_at) * 4 + minute(local_at) // 15)::bigint as label,
            sum(there)::double as there
        from present_then
        join reporting_calendar using (starts_at)
        group by all
    ),
    days as (
        select site, isodow(date) - 1 as weekday, count(distinct date)::bigint as days
        from (select distinct site, starts_at from present_then)
        join reporting_calendar using (starts_at)
        group by all
    ),
    each_kind as (
        select number, unnest(can) as part from kinds
    ),
    known as (
        select site, 'main' as what, part.kind as kind, part.language as language, weekday, label, there
        from usually
        left join (from each_kind where part.is_main) using (number)
        union all
        select site, 'able' as what, part.kind as kind, part.language as language, weekday, label, there
        from usually
        join (from each_kind where part.is_able) using (number)
    )
    select
        site, what, kind, language, weekday, label, sum(there)::double as agents, any_value(days) as days,
        (select mode(slots) from spans where begins_at >= $slots_from and slots > 1)::bigint as slots
    from known
    join days using (site, weekday)
    group by all
"""
