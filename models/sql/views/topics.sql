-- One row per topic of the company.
create or replace view topics as
select topic, name from private.topic;
comment on view topics is 'One row per topic of the company, as configured; without any, the sites'' own codes count as they are sent.';
comment on column topics.topic is 'Its code.';
