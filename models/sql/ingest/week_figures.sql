-- Append the figures of weeks that are over where they differ from those recorded last, or none are recorded yet.
insert into private.week_figures by name
with asked as (
    select site, week_start from private.week_touched
    union
    select site, week_start
    from site_week
    anti join private.week_figures using (site, week_start)
    where $all_weeks and week_start < $this_week
),
now_known as (
    select
        site,
        week_start,
        coalesce(offered, 0)::bigint as offered,
        coalesce(answered, 0)::bigint as answered,
        coalesce(answered_in_target, 0)::bigint as answered_in_target,
        coalesce(abandoned, 0)::bigint as abandoned,
        coalesce(left_queue, 0)::bigint as left_queue,
        coalesce(left_menu, 0)::bigint as left_menu,
        -- Who waits when the week ends has an unknown end a day later, without anything having been told.
        (coalesce(waiting, 0) + coalesce(unknown_end, 0))::bigint as unknown_end,
        coalesce(excluded, 0)::bigint as excluded,
        coalesce(handled, 0)::bigint as handled,
        -- To the millisecond, since sums of the same numbers in another order differ in their last digits.
        round(answered_wait_s, 3) as answered_wait_s,
        round(abandoned_wait_s, 3) as abandoned_wait_s,
        round(handle_s, 3) as handle_s
    from asked
    left join site_week using (site, week_start)
),
last_known as (
    select * exclude (recorded_at)
    from private.week_figures
    qualify row_number() over (partition by site, week_start order by recorded_at desc) = 1
),
differing as (from now_known except from last_known)
select $now::timestamp as recorded_at, * from differing
