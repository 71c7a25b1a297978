-- Contacts that were handled, by their day and by the issue they belong to. An issue is what one customer comes for about one
-- topic, each contact within 7 days after the end of the one before; it belongs to the site of its first contact. A contact
-- of an unknown customer, and one that is over more than 31 days after the first, is an issue of its own.
create or replace macro scan_issues(from_at, to_at) as table
with worked as (
    from worked_within(from_at - interval 39 days, to_at)
),
begun as (
    select
        *,
        customer is null or coalesce(
            arrived_at > lag(handled_at) over (partition by customer, topic order by handled_at, site, contact_id)
                + interval 7 days,
            true
        ) as begins
    from worked
),
owned as (
    select
        *,
        last_value(case when begins then handled_at end ignore nulls) over known as begun_at,
        last_value(case when begins then site end ignore nulls) over known as begun_site,
        begins or begun_at < handled_at - interval 31 days as is_first,
        case when is_first then site else begun_site end as owner_site,
        case when is_first then handled_at else begun_at end as issue_at
    from begun
    window known as (
        partition by customer, topic order by handled_at, site, contact_id rows unbounded preceding
    )
)
select
    c.date, i.date as issue_date, owner_site, site, channel, topic,
    sum(is_first::int)::bigint as issues,
    count(*)::bigint as contacts,
    coalesce(sum(talk_ms + hold_ms + wrap_up_ms), 0)::bigint as handle_ms
from owned
join reporting_calendar c on c.starts_at = time_bucket(interval 15 minutes, handled_at)
    and c.starts_at >= from_at - interval 15 minutes and c.starts_at < to_at
join reporting_calendar i on i.starts_at = time_bucket(interval 15 minutes, issue_at)
where handled_at >= from_at
group by c.date, i.date, owner_site, site, channel, topic;
