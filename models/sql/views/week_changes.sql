-- One row per figure of a closed week that came out otherwise when it was recorded again.
create or replace view week_changes as
with figures as (
    from (select rowid as version, * from private.week_figures)
    unpivot include nulls (
        figure for measure in (columns(* exclude (version, site, week_start, recorded_at))::double)
    )
)
select
    site,
    week_start,
    measure,
    was,
    "is",
    since,
    closed_at
from (
    select
        site,
        week_start,
        measure,
        lag(figure) over versions as was,
        figure as "is",
        recorded_at as since,
        first_value(recorded_at) over versions as closed_at,
        row_number() over versions > 1 as is_later
    from figures
    window versions as (partition by site, week_start, measure order by recorded_at, version)
)
-- Sums of the same seconds in another order differ in their last digits.
where is_later and round(was, 3) is distinct from round("is", 3);
comment on view week_changes is 'One row per figure of a closed week that came out otherwise when it was recorded again: late events and corrections.';
comment on column week_changes.was is 'The figure before. Seconds or contacts.';
comment on column week_changes."is" is 'The figure from since on.';
comment on column week_changes.since is 'When the change was recorded, UTC.';
comment on column week_changes.closed_at is 'When the week''s figures were first recorded, UTC.';
