-- A new version of every touched contact: its current version, if any, merged with its fresh events.
insert into private.contact_version by name
with parts_to_merge as (
    {lift}
    union all by name
    select * exclude (version) from current_versions
),
merged as (
    {merge}
)
select $version + row_number() over () as version, * from merged
