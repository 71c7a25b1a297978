-- One row per site and topic code that means no topic of the company's.
create or replace view unmapped_topics as
select
    site,
    topic_code as code,
    count(*) as contacts,
    min(arrived_at) as first_at,
    max(arrived_at) as last_at
from contacts
anti join private.topic using (topic)
where topic_code is not null and exists (from private.topic)
group by site, topic_code;
comment on view unmapped_topics is 'One row per site and topic code, as sent, that means none of the company''s topics. Empty when no topics are configured.';
comment on column unmapped_topics.first_at is 'Arrival of the first contact with this code, UTC.';
