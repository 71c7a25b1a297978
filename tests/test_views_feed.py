"""The views of a feed's health, with rows and expectations worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.dashboard_store import Site, add_quarter_hours, add_sites, create
from tests.feed_store import (
    QUARTER,
    add_events,
    add_hours,
    add_position,
    add_refused,
    every,
    insert,
    receive,
    settle,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 11, 18, 14, 7, tzinfo=UTC)
"""A Wednesday, 15:07 in Berlin."""
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALWAYS = range(1, 8)
Store = duckdb.DuckDBPyConnection


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One site, Berlin, and a clock that stands still."""
    with create(tmp_path / "store.duckdb") as connection:
        add_sites(connection, [Site("berlin", "Berlin")])
        add_quarter_hours(connection, {2026})
        at(connection, NOW)
        yield connection


def at(connection: Store, now: datetime) -> None:
    """Let the store's clock show this instant."""
    connection.execute(f"create or replace macro present() as timestamp '{now:%Y-%m-%d %H:%M:%S}'")


def rows(connection: Store, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def one(connection: Store, columns: str) -> tuple[Any, ...]:
    (row,) = rows(connection, f"select {columns} from feed where site = 'berlin'")
    return row


def state(connection: Store, site: str = "berlin") -> str:
    ((found,),) = rows(connection, f"select state from feed where site = '{site}'")
    return str(found)


def gaps(connection: Store) -> list[tuple[str, str, int, bool]]:
    """Start and end as weekday, hour and minute of UTC, minutes, whether it goes on."""
    found = rows(connection, "select starts_at, ends_at, minutes, running from feed_gaps order by starts_at")
    return [(f"{a:%a %H:%M}", f"{b:%a %H:%M}", minutes, running) for a, b, minutes, running in found]


# --- gaps ---------------------------------------------------------------------------------------------------


def test_a_site_without_events_has_no_quarter_hours_and_no_gaps(store: Store) -> None:
    add_hours(store, "berlin", ALWAYS, 0, 24)
    assert rows(store, "from feed_quarter_hours") == []
    assert rows(store, "from feed_gaps") == []


def test_whole_quarter_hours_without_events_in_opening_hours_are_a_gap_and_closed_ones_are_not(store: Store) -> None:
    add_hours(store, "berlin", [2, 3], 8, 10)  # Tuesday and Wednesday 8 to 10, 7 to 9 UTC
    first = datetime(2026, 11, 17, 7, 3, tzinfo=UTC)
    # Events from 7:03 to 8:14 and at 8:45; Wednesday 7:00 to 9:00 throughout.
    wednesday = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
    add_events(store, "berlin", [*every(MINUTE, first, first + 72 * MINUTE), first + 102 * MINUTE])
    add_events(store, "berlin", every(MINUTE, wednesday, wednesday + 2 * HOUR))
    assert gaps(store) == [("Tue 08:15", "Tue 08:45", 30, False)]
    states = dict(
        rows(
            store,
            "select strftime(starts_at, '%a %H:%M'), state from feed_quarter_hours order by starts_at",
        )
    )
    assert states["Tue 07:00"] == "known"
    assert states["Tue 08:15"] == states["Tue 08:30"] == "unknown"
    assert states["Tue 08:45"] == "known"
    assert states["Tue 09:00"] == states["Wed 06:45"] == states["Wed 14:00"] == "closed"
    assert "Tue 06:45" not in states


def test_nothing_is_unknown_before_the_first_event_and_nothing_is_looked_at_before_eight_days(store: Store) -> None:
    add_hours(store, "berlin", ALWAYS, 0, 24)
    add_events(store, "berlin", [NOW - 30 * DAY, *every(MINUTE, NOW - HOUR, NOW)])
    ((first, quarters),) = rows(store, "select min(starts_at), count(*) from feed_quarter_hours")
    assert first == datetime(2026, 11, 10, 14, 0)
    assert quarters == 8 * 96 + 1
    assert gaps(store) == [("Tue 14:00", "Wed 13:00", 8 * 24 * 60 - 60, False)]


def test_the_running_gap_is_told_from_the_last_event_once_it_is_over_15_minutes(store: Store) -> None:
    add_hours(store, "berlin", ALWAYS, 0, 24)
    add_events(store, "berlin", every(MINUTE, NOW - 2 * HOUR, NOW - 14 * MINUTE))
    assert gaps(store) == []  # the last event was at 13:52, exactly 15 minutes ago
    assert state(store) == "ok"
    at(store, NOW + MINUTE)
    assert gaps(store) == [("Wed 13:52", "Wed 14:08", 16, True)]
    assert state(store) == "unknown"
    at(store, NOW + 40 * MINUTE)
    assert gaps(store) == [("Wed 13:52", "Wed 14:47", 55, True)]


def test_a_gap_that_began_with_the_opening_is_told_from_the_opening(store: Store) -> None:
    add_hours(store, "berlin", [3], 15, 20)  # from 14:00 UTC
    add_events(store, "berlin", [*every(MINUTE, NOW - DAY, NOW - DAY + HOUR), NOW - 12 * MINUTE])
    at(store, NOW + 5 * MINUTE)
    assert state(store) == "quiet"
    assert gaps(store) == []
    at(store, NOW + 9 * MINUTE)
    assert gaps(store) == [("Wed 14:00", "Wed 14:16", 16, True)]


def test_opening_hours_that_begin_within_a_quarter_hour_count_from_the_next(store: Store) -> None:
    insert(store, "opening_hours", site="berlin", weekday=3, opens_minute=9 * 60 + 5, closes_minute=10 * 60 + 10)
    add_events(store, "berlin", [NOW - DAY])
    assert gaps(store) == [("Wed 08:15", "Wed 09:00", 45, False)]


def test_hours_are_learned_from_three_of_the_four_weeks_before_at_the_same_local_time(store: Store) -> None:
    """Berlin's clocks went back on 25 October: 9:00 there was 7:00 UTC before and is 8:00 UTC since."""
    nine = {weeks: datetime(2026, 11, 18, 8, 0, tzinfo=UTC) - weeks * 7 * DAY for weeks in range(1, 5)}
    nine[4] -= HOUR
    add_events(store, "berlin", [nine[1], nine[2], nine[4]])
    ten = {weeks: start + HOUR for weeks, start in nine.items()}
    add_events(store, "berlin", [ten[1], ten[2]])
    expected = rows(store, "select starts_at from feed_quarter_hours where expected")
    assert expected == [(datetime(2026, 11, 18, 8, 0),)]
    assert gaps(store) == [("Wed 08:00", "Wed 08:15", 15, False)]
    assert one(store, "hours") == ("learned",)


@pytest.mark.parametrize(
    ("sunday", "quarters"), [(datetime(2026, 3, 29, tzinfo=UTC), 92), (datetime(2026, 10, 25, tzinfo=UTC), 100)]
)
def test_a_day_of_23_or_25_hours_has_as_many_quarter_hours(store: Store, sunday: datetime, quarters: int) -> None:
    add_hours(store, "berlin", ALWAYS, 0, 24)
    at(store, sunday + DAY + 12 * HOUR)
    add_events(store, "berlin", [sunday - 2 * DAY, *every(QUARTER, sunday + DAY, sunday + DAY + 12 * HOUR)])
    of_sunday = f"from feed_quarter_hours where local_at::date = date '{sunday:%Y-%m-%d}'"
    assert rows(store, f"select count(*), count(*) filter (state = 'unknown') {of_sunday}") == [(quarters, quarters)]
    assert [minutes for *_, minutes, _ in gaps(store)] == [3 * 24 * 60 - 15]


def test_a_site_has_the_days_of_its_own_zone(store: Store) -> None:
    add_sites(store, [Site("manila", "Manila")], zone="Asia/Manila")
    add_quarter_hours(store, {2026}, "Asia/Manila")
    add_hours(store, "manila", [3], 9, 10)  # 1:00 to 2:00 UTC
    add_events(store, "manila", [NOW - DAY])
    assert gaps(store) == [("Wed 01:00", "Wed 02:00", 60, False)]


def test_history_that_is_loaded_fills_a_gap_and_does_not_end_the_silence(store: Store) -> None:
    add_hours(store, "berlin", ALWAYS, 0, 24)
    add_events(store, "berlin", every(MINUTE, NOW - 3 * HOUR, NOW - 2 * HOUR))
    assert gaps(store) == [("Wed 12:06", "Wed 14:07", 121, True)]
    late = every(MINUTE, NOW - 2 * HOUR, NOW - HOUR)
    add_events(store, "berlin", late, delay_s=3600 + 60)
    assert gaps(store) == [("Wed 13:06", "Wed 14:07", 61, True)]


def test_a_clock_that_is_ahead_does_not_hide_that_a_site_fell_silent(store: Store) -> None:
    add_hours(store, "berlin", ALWAYS, 0, 24)
    came = every(MINUTE, NOW - 3 * HOUR, NOW - 30 * MINUTE)
    add_events(store, "berlin", [moment + 50 * MINUTE for moment in came], delay_s=-3000)
    assert state(store) == "unknown"
    assert gaps(store) == [("Wed 13:36", "Wed 14:07", 31, True)]
    assert one(store, "clock_skew_s") == (-3000,)


# --- feed ---------------------------------------------------------------------------------------------------


def test_a_configured_site_that_never_sent_has_no_feed_and_no_figures(store: Store) -> None:
    assert one(store, "state, hours, messages_left, lateness_p50_s, clock_skew_s, repeats_24h, refused_24h") == (
        "no_feed", "unknown", None, None, None, None, None,
    )  # fmt: skip
    assert one(store, "events_by_minute") == ([0] * 60,)


def test_a_store_without_sites_has_no_feed(tmp_path: Path) -> None:
    with create(tmp_path / "empty.duckdb") as connection:
        assert rows(connection, "from feed") == []


def test_events_are_counted_by_the_minute_they_came(store: Store) -> None:
    minutes = [NOW - 30 * MINUTE - timedelta(seconds=1), *every(timedelta(seconds=20), NOW - 5 * MINUTE, NOW)]
    add_events(store, "berlin", minutes, delay_s=1)
    rate, by_minute = one(store, "events_per_minute, events_by_minute")
    assert rate == 15 / 5
    assert by_minute == [0] * 29 + [1] + [0] * 25 + [3] * 5


def test_lateness_leaves_out_history_and_counts_it(store: Store) -> None:
    delays = [*range(1, 101)]
    for seconds in delays:
        came = NOW - 10 * MINUTE
        add_events(store, "berlin", [came - timedelta(seconds=seconds)], delay_s=seconds)
    add_events(store, "berlin", [NOW - 5 * MINUTE - 7 * DAY], delay_s=7 * 86_400)  # exactly 7 days: still late
    add_events(store, "berlin", [NOW - 400 * DAY + HOUR - MINUTE] * 3, delay_s=400 * 86_400 - 3600)
    p50, p95, skew, history, events = one(
        store, "lateness_p50_s, lateness_p95_s, clock_skew_s, history_events_1h, events_1h"
    )
    assert (p50, p95, skew, history, events) == (51, 96, 1, 3, 104)


def test_only_history_gives_no_lateness(store: Store) -> None:
    add_events(store, "berlin", [NOW - 30 * DAY], delay_s=30 * 86_400 - 60)
    assert one(store, "lateness_p50_s, clock_skew_s, history_events_1h") == (None, None, 1)


def test_a_feed_is_late_when_half_of_its_latest_20_events_came_5_minutes_late(store: Store) -> None:
    come = every(timedelta(seconds=10), NOW - 30 * MINUTE, NOW - 20 * MINUTE)
    add_events(store, "berlin", [moment - HOUR for moment in come], delay_s=3600)  # caught up an hour in ten minutes
    assert state(store) == "quiet"
    latest = every(MINUTE, NOW - 20 * MINUTE, NOW)
    add_events(store, "berlin", latest[:11], delay_s=1)
    assert one(store, "lateness_now_s, lateness_p95_s") == (1, 3600)
    assert state(store) == "ok"
    add_events(store, "berlin", [NOW - 5 * MINUTE - timedelta(seconds=300)] * 9, delay_s=300)
    assert state(store) == "ok"
    add_events(store, "berlin", [NOW - 4 * MINUTE - timedelta(seconds=301)] * 11, delay_s=301)
    assert one(store, "lateness_now_s") == (301,)
    assert state(store) == "late"


def test_a_feed_is_late_while_over_a_thousand_of_its_messages_wait_in_the_broker(store: Store) -> None:
    add_events(store, "berlin", [NOW - MINUTE])
    add_position(store, "contacts.berlin", 1000)
    assert state(store) == "ok"
    add_position(store, "contacts.berlin", 1001, batch=2)
    assert state(store) == "late"
    add_position(store, "contacts.berlin", 0, batch=3)
    assert state(store) == "ok"


def test_messages_left_are_those_of_the_last_commit_of_each_partition_of_the_topic_there_is_now(store: Store) -> None:
    add_sites(store, [Site("north", "North"), Site("up-north", "Up north")])
    for partition, left in ((0, 7), (1, 5)):
        add_position(store, "contacts.berlin", 900, batch=1, partition=partition)
        add_position(store, "contacts.berlin", left, batch=2, partition=partition)
    add_position(store, "contacts.north", 500, batch=1, topic_id="gone")
    add_position(store, "contacts.north", 3, batch=2, topic_id="new")
    add_position(store, "contacts.up-north", 11, batch=2)
    assert dict(rows(store, "select site, messages_left from feed")) == {"berlin": 12, "north": 3, "up-north": 11}


def test_counts_are_those_of_24_hours(store: Store) -> None:
    receive(store, "berlin", NOW - 24 * HOUR, repeats=1, out_of_order=2, silent=3, refused=4, messages=10)
    receive(store, "berlin", NOW - HOUR, repeats=10, out_of_order=20, silent=30, refused=40, messages=100)
    receive(store, "berlin", NOW - 25 * HOUR, repeats=1000, out_of_order=1000, silent=1000, refused=1000)
    assert one(store, "repeats_24h, out_of_order_24h, silent_24h, refused_24h, messages_24h") == (11, 22, 33, 44, 110)


def test_a_site_is_refusing_from_one_in_a_hundred_until_they_are_settled(store: Store) -> None:
    add_events(store, "berlin", every(timedelta(seconds=1), NOW - 99 * timedelta(seconds=1), NOW), delay_s=0)
    add_refused(store, "berlin", 1, NOW - MINUTE)
    assert state(store) == "ok"  # 1 of 100 is not over 1 %
    add_refused(store, "berlin", 2, NOW - MINUTE)
    assert state(store) == "refusing"
    settle(store, 2, NOW, "dismissed")
    assert state(store) == "ok"
    add_refused(store, "berlin", 3, NOW - 2 * HOUR)
    assert state(store) == "ok"


def test_silence_outside_opening_hours_is_closed_and_without_known_hours_quiet(store: Store) -> None:
    add_events(store, "berlin", [NOW - HOUR])
    assert (state(store), one(store, "hours")) == ("quiet", ("unknown",))
    add_hours(store, "berlin", [3], 8, 12)
    assert (state(store), one(store, "hours")) == ("closed", ("configured",))
    add_events(store, "berlin", [NOW - MINUTE])
    assert state(store) == "ok"
