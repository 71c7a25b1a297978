-- One row per site and topic code of the last weeks that means no topic of the company's.
create or replace view unmapped_topics as
-- As in contacts_within(), but counted before anything is joined and from nothing else of a contact.
with told as (
    select
        site,
        coalesce(classified.topic, offered.topic, started.topic) as code,
        count(*) as contacts,
        min(coalesce(offered."at", started."at", first_at)) as first_at,
        max(coalesce(offered."at", started."at", first_at)) as last_at
    from private.contact_version
    anti join private.contact_replaced using (version)
    -- What no longer comes needs no mapping, and a year of contacts is much to look through.
    where last_at >= present() - interval 28 days and exists (from private.topic)
    group by all
)
select site, code, contacts, first_at, last_at
from told
left join private.topic_code known using (site, code)
where code is not null and coalesce(known.topic, code) not in (select topic from private.topic);
comment on view unmapped_topics is 'One row per site and topic code, as sent in the last 28 days, that means none of the company''s topics. Empty when no topics are configured.';
comment on column unmapped_topics.first_at is 'Arrival of the first contact of these days with this code, UTC.';
