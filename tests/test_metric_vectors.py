"""The worked examples of the field, as published: the same contacts, and the numbers everybody gets who counts so.

They are facts and stand here in full. What of them our events cannot carry (shrinkage, adherence, cost) is listed in
the catalogue as missing and has no vector here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ingest.store import Store
from models.metrics.catalogue import MISSING
from models.settings import load_settings, with_secrets
from tests.builders import T0, event
from tests.rolled import Event, commit, roll_up, standing_at

NOON = T0 + timedelta(hours=3)
DAY = T0.replace(hour=0)


def at(clock: str, day: int = 0) -> float:
    """Seconds from T0 to a time of its day, or of a day after."""
    return (datetime.fromisoformat(f"2026-03-02T{clock}").replace(tzinfo=UTC) - T0).total_seconds() + day * 86_400


def state(site: str, agent: str, clock: str, name: str, day: int = 0) -> Event:
    body = event("agent.state_changed", agent, at(clock, day), state=name)
    return body | {"source": site, "id": f"{agent}/{day}/{clock}/{name}"}


def of(site: str, *events: Event) -> list[Event]:
    return [body | {"source": site} for body in events]


def many(site: str, name: str, count: int, end: str, wait_s: float) -> list[Event]:
    """So many contacts that were answered or given up after so long."""
    pairs = (
        (event("offered", f"{name}{n}", n / 10), event(end, f"{name}{n}", n / 10 + wait_s, wait_s=wait_s))
        for n in range(count)
    )
    return of(site, *(body for pair in pairs for body in pair))


def told() -> Iterator[Event]:
    """Everything told in the vectors, each at a site of its own."""
    # ICMI: A 1000, of them within 20 s 860; B 60, of them within 20 s 20, and of those within 5 s 10.
    yield from many("icmi", "in", 860, "answered", 15.0)
    yield from many("icmi", "late", 140, "answered", 45.0)
    yield from many("icmi", "short", 10, "abandoned", 4.0)
    yield from many("icmi", "soon", 10, "abandoned", 12.0)
    yield from many("icmi", "gave", 40, "abandoned", 50.0)
    # 1,092 calls at 66.4 % and 74 at 50 %.
    yield from many("pooled", "a", 725, "answered", 10.0)
    yield from many("pooled", "b", 367, "answered", 30.0)
    yield from many("pooled", "c", 37, "answered", 10.0)
    yield from many("pooled", "d", 37, "answered", 30.0)
    # Offered 07:28, answered 07:32, ended 07:50, work after it until 07:52.
    yield from of(
        "interval",
        event("offered", "c1", at("07:28:00")),
        event("answered", "c1", at("07:32:00"), agent_id="ann"),
        event("completed", "c1", at("07:50:00")),
        event("wrapped_up", "c1", at("07:52:00")),
    )
    yield state("interval", "ann", "07:32:00", "busy")
    yield state("interval", "ann", "07:50:00", "wrap_up")
    yield state("interval", "ann", "07:52:00", "offline")
    # Exactly on a border.
    yield from of("border", event("offered", "c1", at("07:30:00.000")), event("abandoned", "c1", at("07:30:10")))
    # Agents.
    yield state("split", "ann", "05:23:00", "busy")
    yield state("split", "ann", "06:15:00", "offline")
    yield state("midnight", "ann", "23:00:00", "busy", day=-1)
    yield state("midnight", "ann", "01:30:00", "offline")
    yield state("zero", "ann", "08:00:00", "busy") | {"id": "1"}
    yield state("zero", "ann", "08:00:00", "break") | {"id": "2"}
    yield state("zero", "ann", "08:10:00", "offline")
    yield state("open", "ann", "11:00:00", "available")
    # As if a state began before the one before it had ended: busy said to last 08:00 to 09:00, available from 08:30.
    yield state("overlapping", "ann", "08:00:00", "busy")
    yield state("overlapping", "ann", "08:30:00", "available")
    yield state("overlapping", "ann", "09:00:00", "offline")
    # A, three days later B, five days after that C, all one customer's and about one thing.
    for name, day in (("a", -40), ("b", -37), ("c", -32)):
        yield from of(
            "chain",
            event("offered", name, day * 86_400, customer_id="jane", topic="x"),
            event("answered", name, day * 86_400 + 5),
            event("completed", name, day * 86_400 + 60),
        )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(with_secrets(load_settings(data_dir=tmp_path_factory.mktemp("vectors"), **standing_at(NOON))))
    commit(opened, told())
    roll_up(opened)
    yield opened
    opened.connection.close()


def ask(store: Store, query: str, *bound: Any) -> list[Any]:
    return store.connection.execute(query, list(bound)).fetchall()


def minutes(store: Store, site: str, clock: str, to: str, day: int = 0) -> dict[str, float]:
    """Minutes of agents by state within a span of the day."""
    start = DAY.replace(tzinfo=None) + timedelta(days=day)
    times = (map(int, time.split(":")) for time in (clock, to))
    from_at, to_at = (start + timedelta(hours=hour, minutes=minute) for hour, minute in times)
    return dict(
        ask(
            store,
            "select state, sum(epoch(ends_at - begins_at)) / 60 from agent_spans($1::timestamp, $2::timestamp) "
            "where site = $3 group by state",
            from_at,
            to_at,
            site,
        )
    )


# --- service level (ICMI; Cisco, Genesys, Amazon and Talkdesk name the same) ------------------------------


@pytest.mark.parametrize(
    ("metric", "percent"),
    [
        ("sl_answered_only", 86.00),
        ("service_level", 81.13),
        ("sl_ignore_within_T", 82.69),
        ("sl_positive", 83.02),
        ("sl_ignore_short", 81.90),
        ("sl_flowout", 81.13),  # Nobody flowed out.
    ],
)
def test_icmi_gets_six_service_levels_out_of_the_same_calls(store: Store, metric: str, percent: float) -> None:
    ((share,),) = ask(store, f"select {metric} from site_week where site = 'icmi'")
    assert round(100 * share, 2) == percent


def test_short_abandons_credited_to_the_numerator_can_be_computed_from_the_sums(store: Store) -> None:
    query = (
        "select ratio(sum(answered_in_target) + sum(abandoned_short), sum(answered) + sum(abandoned)) "
        "from day_sums where site = 'icmi'"
    )
    ((share,),) = ask(store, query)
    assert round(100 * share, 2) == 82.08


def test_icmi_abandonment_and_waits(store: Store) -> None:
    (found,) = ask(
        store,
        "select abandonment_rate, abandonment_rate_net, average_speed_of_answer_s, average_wait_s, longest_wait_s "
        "from site_week where site = 'icmi'",
    )
    # ASA: (860 * 15 + 140 * 45) / 1000; all waits: (19,200 + 10 * 4 + 10 * 12 + 40 * 50) / 1060.
    assert found == pytest.approx((60 / 1060, 50 / 1050, 19.2, 21_360 / 1060, 50.0), rel=1e-12)


def test_two_groups_at_66_4_and_50_percent_are_65_4_percent_together_not_58(store: Store) -> None:
    ((share,),) = ask(store, "select service_level from site_week where site = 'pooled'")
    assert round(100 * share, 1) == 65.4


# --- intervals --------------------------------------------------------------------------------------------


def half_hours(store: Store, site: str) -> dict[str, dict[str, int]]:
    names = ("offered", "answered", "answered_in_target", "handled", "handle_ms", "abandoned")
    sums = ", ".join(f"sum({name})::bigint" for name in names)
    rows = ask(
        store,
        f"select strftime(time_bucket(interval 30 minutes, starts_at), '%H:%M'), {sums} "
        "from day_quarters where site = $1 group by 1 order by 1",
        site,
    )
    return {time: dict(zip(names, values, strict=True)) for time, *values in rows}


def test_a_call_across_half_hours_is_offered_where_it_arrived_and_handled_where_it_ended(store: Store) -> None:
    found = half_hours(store, "interval")
    assert list(found) == ["07:00", "07:30"]
    # Arrival clock: service level 0 of 1 in 07:00 and none in 07:30.
    assert found["07:00"]["handled"] == 0
    assert (found["07:00"]["offered"], found["07:00"]["answered"], found["07:00"]["answered_in_target"]) == (1, 1, 0)
    assert (found["07:30"]["offered"], found["07:30"]["answered"]) == (0, 0)
    # Completion clock: talk 18 min and work 2 min.
    assert (found["07:30"]["handled"], found["07:30"]["handle_ms"]) == (1, 20 * 60_000)


def test_the_agent_of_that_call_was_at_it_for_twenty_minutes_of_the_second_half_hour(store: Store) -> None:
    assert minutes(store, "interval", "07:00", "07:30") == {}
    assert minutes(store, "interval", "07:30", "08:00") == {"busy": 18, "wrap_up": 2, "offline": 8}


def test_a_call_offered_on_the_border_belongs_to_what_begins_there(store: Store) -> None:
    assert list(half_hours(store, "border")) == ["07:30"]


@pytest.mark.parametrize(
    ("clock", "to", "expected"),
    [("05:00", "05:30", 7), ("05:30", "06:00", 30), ("06:00", "06:30", 15), ("06:30", "07:00", None)],
)
def test_a_state_from_05_23_to_06_15_is_split_into_7_30_and_15_minutes(
    store: Store, clock: str, to: str, expected: int | None
) -> None:
    assert minutes(store, "split", clock, to).get("busy") == expected


def test_a_state_across_midnight_is_split_there(store: Store) -> None:
    assert minutes(store, "midnight", "22:00", "24:00", day=-1) == {"busy": 60}
    assert minutes(store, "midnight", "00:00", "02:00") == {"busy": 90, "offline": 30}
    days = ask(store, "select date, sum(busy_ms) from day_agents where site = 'midnight' group by 1 order by 1")
    assert days == [(date(2026, 3, 1), 3_600_000), (date(2026, 3, 2), 5_400_000)]


def test_a_state_that_ends_as_it_begins_takes_no_time(store: Store) -> None:
    assert minutes(store, "zero", "08:00", "09:00") == {"break": 10, "offline": 50}
    assert ask(store, "select busy_ms, break_ms from day_agents where site = 'zero'") == [(0, 600_000)]


def test_a_state_that_is_open_counts_until_now(store: Store) -> None:
    assert minutes(store, "open", "11:00", "11:30") == {"available": 30}
    assert minutes(store, "open", "11:30", "24:00") == {"available": 30}
    assert ask(store, "select available_ms from day_agents where site = 'open'") == [(3_600_000,)]


def test_states_never_overlap_as_the_next_one_ends_the_last(store: Store) -> None:
    assert minutes(store, "overlapping", "08:00", "09:00") == {"busy": 30, "available": 30}
    ((occupancy,),) = ask(store, "select occupancy from site_week where site = 'overlapping'")
    assert occupancy == 0.5


# --- first-contact resolution ----------------------------------------------------------------------------


def test_of_three_calls_in_a_chain_within_a_week_of_each_other_only_the_last_is_resolved(store: Store) -> None:
    found = ask(store, "select sum(resolvable), sum(repeated_1d), sum(repeated_7d), sum(repeated_30d) from day_repeats")
    assert found == [(3, 0, 2, 2)]  # At the level of contacts 1/3.


# --- days -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "quarters"),
    [
        ("Europe/Berlin", "2025-03-30", 92),
        ("Europe/Berlin", "2025-10-26", 100),
        ("America/New_York", "2025-03-09", 92),
        ("America/New_York", "2025-11-02", 100),
        ("Asia/Manila", "2025-03-30", 96),
        ("Asia/Kolkata", "2025-10-26", 96),
    ],
)
def test_days_of_a_reporting_zone_have_as_many_quarter_hours_as_its_clocks(
    tmp_path_factory: pytest.TempPathFactory, zone: str, day: str, quarters: int
) -> None:
    folder = tmp_path_factory.mktemp("days")
    noon = datetime(2025, 6, 1, tzinfo=UTC)
    opened = Store.open(with_secrets(load_settings(data_dir=folder, reporting_zone=zone, **standing_at(noon))))
    try:
        found = ask(
            opened,
            "select count(*), max(utc_offset_s) - min(utc_offset_s) from reporting_calendar where date = $1",
            day,
        )
        assert found == [(quarters, 0 if quarters == 96 else 3600)]
    finally:
        opened.connection.close()


def test_what_the_events_cannot_carry_is_listed_as_missing() -> None:
    assert {"shrinkage", "adherence", "conformance", "utilisation"} <= {metric.name for metric in MISSING}
