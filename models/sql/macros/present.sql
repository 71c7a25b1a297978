-- The present of the store's clock, UTC: models/clock.py in SQL. Not now(): a demonstration has a clock of its own.
create or replace macro present() as (
    select
        case
            when wall > since
                then coalesce(shows, since) + to_microseconds(((epoch_us(wall) - epoch_us(since)) * speed)::bigint)
            when since is not null then coalesce(shows, since) + (wall - since)
            else wall
        end
    from (
        select
            now() at time zone 'UTC' as wall,
            max(value) filter (name = 'clock_since')::timestamp as since,
            max(value) filter (name = 'clock_shows')::timestamp as shows,
            max(value) filter (name = 'clock_speed')::double as speed
        from private.setting
    )
);
