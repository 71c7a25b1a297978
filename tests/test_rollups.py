"""Sums by day are what the contacts say, whatever came when, and however the runs that keep them fell or ended."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingest.rollup.changed import Kind
from ingest.rollup.passed import drop_passed
from ingest.rollup.rolling import Rolling
from ingest.rollup.rollups import Rollups
from ingest.store import Store
from ingest.transaction import transaction
from models.rollups import ROLLUPS, WEEK
from models.settings import Settings, load_settings, with_secrets
from tests.builders import T0, answered_call, event
from tests.costed import charge, contract_text, terms_text, write_documents
from tests.rolled import Event, commit, differences, empty, move_clock, roll_up, standing_at, weeks_differing

HOUR, DAY = 3600, 86_400
MIDNIGHT = 15 * HOUR
"""Seconds from T0, 9 o'clock, to the end of its day in UTC."""
NOW = T0 + timedelta(days=1)

BY_HOUR = terms_text(charge(kind="hour", rate=20, states=["busy", "training", "available"]))
CONTRACT = contract_text(
    terms_text(
        charge(kind="minute", rate=1, started_s=60, minimum_s=30, short_s=3)
        + charge(name="care", kind="contact", rate=2, queues=["care"], repeat_hours=48)
        + charge(name="agents", kind="fte", agents=2, fee=100, hours=160)
    ),
    terms_text(charge(kind="contact", rate=3, repeat_hours=168, channels=["voice", "chat"]), since="2026-03-02"),
    zone="America/New_York",
)

Opened = Callable[..., Store]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all tests that need no settings of their own. Its sites are paid for in every way there is."""
    folder = tmp_path_factory.mktemp("rolled")
    write_documents(folder / "terms", {"acme": CONTRACT, "bolt": contract_text(BY_HOUR, provider="Bolt")})
    sites = {"north": {"provider": "Acme"}, "south": {"provider": "Bolt"}}
    opened = Store.open(
        with_secrets(load_settings(data_dir=folder, terms_dir=folder / "terms", sites=sites, **standing_at(NOW)))
    )
    yield opened
    opened.connection.close()


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes by the passing of time alone is looked at in every run, not every quarter of an hour."""
    monkeypatch.setattr("ingest.rollup.rollups._LOOK_AT_PASSING_S", -1.0)


@pytest.fixture
def store(shared: Store) -> Store:
    move_clock(shared, NOW)
    return empty(shared)


@pytest.fixture
def opened(make_settings: Callable[..., Settings]) -> Iterator[Opened]:
    """Opens the store of this test, with the settings given; the one that was open is closed."""
    stores: list[Store] = []

    def open_again(now: datetime = NOW, **settings: Any) -> Store:
        for before in stores:
            before.close()
        stores[:] = [Store.open(make_settings(**standing_at(now), **settings))]
        return stores[0]

    yield open_again
    for last in stores:
        last.close()


def ask(store: Store, query: str) -> list[Any]:
    return store.connection.execute(query).fetchall()


def total(store: Store, *columns: str) -> tuple[Any, ...]:
    sums = ", ".join(f"sum({column})" for column in columns)
    (row,) = ask(store, f"select {sums} from day_sums")
    return tuple(row)


def at(source: str, body: Event) -> Event:
    return body | {"source": source}


# --- any sequence -----------------------------------------------------------------------------------------

INSTANTS = (
    -45 * DAY, -31 * DAY, -30 * DAY, -8 * DAY, -7 * DAY - 1, -7 * DAY, -DAY, -DAY + 0.001, -HOUR, 0, 5, 20, 20.001,
    900, 6 * HOUR, MIDNIGHT - DAY - 1, MIDNIGHT - DAY, MIDNIGHT - 0.001, MIDNIGHT, MIDNIGHT + 1, 23 * HOUR,
)  # fmt: skip
CHANNELS = ("voice", "chat", "messaging")
CUSTOMERS = (None, "jane", "jack")
TOPICS = (None, "billing", "delivery")
FACTS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "started": lambda r: {"channel": r.choice(CHANNELS)},
    "offered": lambda r: {
        "channel": r.choice(CHANNELS),
        "queue": r.choice(["main", "care"]),
        "customer_id": r.choice(CUSTOMERS),
        "topic": r.choice(TOPICS),
        "campaign": r.choice([None, "spring"]),
        "previous_contact_id": r.choice([None, None, None, "c0"]),
    },
    "answered": lambda r: {"agent_id": r.choice(["ann", "ben", None])},
    "completed": lambda r: {"hold_s": r.choice([None, 3.0])},
    "wrapped_up": lambda _: {},
    "abandoned": lambda r: {"wait_s": r.choice([None, 5.0, 5.001, 20.0])},
    "left_queue": lambda r: {"reason": r.choice(["callback", "overflow"])},
    "left_menu": lambda _: {},
    "held": lambda r: {"hold_s": r.choice([1.0, 2.5])},
    "transferred": lambda r: {"to_site": r.choice([None, "north", "south"])},
    "classified": lambda r: {"topic": r.choice(TOPICS), "resolved": r.choice([None, True, False])},
    "excluded": lambda _: {},
    "chat.message": lambda r: {"sender": r.choice(["customer", "agent", "bot"])},
    "contact.surveyed": lambda r: {
        "instrument": r.choice(["csat", "nps", "ces", "resolved"]),
        "score": r.choice([0.0, 6.0, 9.0, 10.0]),
        "scale_min": 0.0,
        "scale_max": 10.0,
    },
    "contact.evaluated": lambda r: {
        "evaluator": r.choice(["client", "provider"]),
        "evaluation_id": r.choice(["e1", "e2"]),
        "score": r.choice([50.0, 80.0]),
        "critical_errors": r.choice([[], ["customer"], ["business", "compliance"]]),
        "calibration_id": r.choice([None, "k1"]),
    },
    "agent.state_changed": lambda r: {
        "state": r.choice(["available", "busy", "wrap_up", "break", "meeting", "offline"]),
        "team": r.choice([None, "red", "blue"]),
        "slots": r.choice([None, 1, 3]),
    },
    "site.incident_reported": lambda r: {"incident_id": r.choice(["i1", "i2"]), "ended": r.choice([True, False])},
}
USUAL = ("offered", "offered", "answered", "completed", "chat.message", "agent.state_changed")


def told(r: random.Random, instants: tuple[float, ...], contacts: int) -> Event:
    """Any event of a few contacts and agents at two sites."""
    fact = r.choice([*FACTS, *USUAL])
    after_s, site = r.choice(instants), r.choice(["north", "south"])
    subject = r.choice(["ann", "ben"]) if fact.startswith("agent") else f"c{r.randrange(contacts)}"
    body = event(fact, subject, after_s, **FACTS[fact](r))
    return at(site, body | {"id": f"{subject}/{fact}/{after_s}/{r.randrange(2)}"})


def corrected(r: random.Random, body: Event, instants: tuple[float, ...]) -> Event:
    """The same fact told again with a higher revision: otherwise, and perhaps at another time."""
    fact = body["type"].removeprefix("contact.")
    fact = fact if fact in FACTS else body["type"]
    again = event(fact, body["subject"], r.choice(instants), **FACTS[fact](r))
    time = r.choice([body["time"], again["time"]])
    return body | {"data": again["data"], "time": time, "revision": body.get("revision", 0) + r.choice([1, 1, 2])}


def everything(r: random.Random, count: int, instants: tuple[float, ...] = INSTANTS, contacts: int = 12) -> list[Event]:
    """Events, some of them corrected and some repeated, in any order."""
    events = [told(r, instants, contacts) for _ in range(count)]
    events += [corrected(r, r.choice(events), instants) for _ in range(count // 5)]
    events += r.choices(events, k=count // 10)
    r.shuffle(events)
    return events


def calls_again(after_s: float) -> list[Event]:
    """Someone who calls about the same again an hour after he was helped, which no chance has to bring about."""
    return [
        at("south", event(fact, f"again/{after_s}/{s}", after_s + s + n * 60, **what))
        for s in (0, HOUR)
        for n, (fact, what) in enumerate((
            ("offered", {"channel": "voice", "queue": "main", "customer_id": "jane", "topic": "billing"}),
            ("answered", {"agent_id": "ann"}),
            ("completed", {}),
        ))
    ]  # fmt: skip


def a_run(store: Store, kind: Kind, steps: int | None = None) -> None:
    """A run that is cut short after so many steps, or is not."""
    asked = itertools.count()
    store.rollups.run(kind, lambda: steps is not None and next(asked) >= steps)


runs = st.tuples(st.sampled_from(["contacts", "answers", "history"]), st.sampled_from([None, None, 0, 1, 3]))


# A seed that fails is told; to look for a smaller one would take minutes and find none.
@hypothesis_settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(5, 120),
    between=st.lists(st.lists(runs, max_size=2), min_size=1, max_size=3),
    hours=st.sampled_from([0, 6, 16, 40, 9 * 24]),
)
def test_after_any_sequence_of_commits_and_runs_every_sum_is_what_the_contacts_say(
    shared: Store,
    seed: int,
    count: int,
    between: list[list[tuple[Kind, int | None]]],
    hours: int,
) -> None:
    store = empty(shared)
    move_clock(store, NOW)
    events = everything(random.Random(seed), count)
    for n, some in enumerate(between):
        commit(store, events[n :: len(between)])
        for kind, steps in some:
            a_run(store, kind, steps)
    move_clock(store, NOW + timedelta(hours=hours))
    roll_up(store)
    assert differences(store) == {}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_months_of_late_shuffled_and_corrected_events_leave_no_sum_wrong(shared: Store) -> None:
    r = random.Random(20)
    store = empty(shared)
    for day in range(0, 60, 12):
        now = T0 + timedelta(days=day, hours=r.randrange(20))
        move_clock(store, now)
        instants = tuple(
            day * DAY + r.choice([r.uniform(-7, 0), r.uniform(-60, 0), r.uniform(-1, 0)]) * DAY for _ in range(40)
        )
        events = everything(r, 120, instants, 40) + calls_again(day * DAY - 2 * HOUR)
        r.shuffle(events)
        commit(store, events[:80])
        a_run(store, r.choice(["contacts", "answers"]), r.choice([None, 1, 2]))
        commit(store, events[80:])
        if r.random() < 0.3:
            roll_up(store)
    roll_up(store)
    assert differences(store) == {}
    assert all(total(store, "offered", "handled", "turns", "resolvable", "csat_responses", "qa_client_contacts"))
    paid = ask(store, "select sum(units), sum(short), sum(repeated), sum(unproven) from day_billing")
    assert all(paid[0])
    assert all(
        ask(store, "select sum(span_ms), (select sum(contacts) - sum(issues) from day_issues) from day_hours")[0]
    )


# --- what days what is told changes -----------------------------------------------------------------------


def chat(*said: tuple[str, float], contact: str = "c1", ended_s: float | None = None) -> list[Event]:
    """A chat of which it is known who wrote when."""
    events = [
        event("offered", contact, 0, channel="messaging"),
        event("answered", contact, 1, agent_id="ann"),
        *(event("chat.message", contact, s, sender=who) | {"id": f"{contact}/m/{s}"} for who, s in said),
    ]
    return events + ([] if ended_s is None else [event("completed", contact, ended_s)])


def test_a_message_that_comes_late_between_others_changes_the_turns_of_its_day(store: Store) -> None:
    commit(store, chat(("customer", 10), ("agent", 20), ("customer", 30), ("agent", 100), ended_s=200))
    roll_up(store)
    assert total(store, "turns", "response_ms") == (2, 80_000)
    commit(store, [event("chat.message", "c1", 40, sender="agent") | {"id": "late"}])
    roll_up(store)
    assert total(store, "turns", "response_ms") == (2, 20_000)
    assert differences(store) == {}


def test_answers_rolled_up_before_their_contacts_are_not_lost(store: Store) -> None:
    commit(store, answered_call())
    roll_up(store)
    commit(store, [event("contact.surveyed", after_s=200)])
    store.rollups.run("answers")
    store.rollups.run("contacts")
    store.rollups.run("answers")
    assert total(store, "csat_responses") == (1,)
    assert differences(store) == {}


def test_a_late_end_takes_back_that_the_end_was_given_up_on(store: Store) -> None:
    commit(store, [event("offered"), event("answered", after_s=5)])
    move_clock(store, NOW + timedelta(days=3))
    roll_up(store)
    quarters = "select starts_at, closed from day_quarters where closed > 0"
    assert ask(store, quarters) == [(datetime(2026, 3, 3, 9, 0), 1)]
    commit(store, [event("completed", after_s=65)])
    roll_up(store)
    assert ask(store, quarters) == [(datetime(2026, 3, 2, 9, 0), 1)]
    assert differences(store) == {}


def test_a_contact_left_without_an_end_leaves_the_backlog_a_day_after_its_last_event(store: Store) -> None:
    commit(store, [event("offered", "c1"), event("offered", "c2"), event("answered", "c2", 5), *answered_call("c3")])
    backlog = "select sum(offered) - sum(closed) from day_quarters"
    for hours, left in ((1, 2), (24, 2), (25, 0), (60, 0)):
        move_clock(store, T0 + timedelta(hours=hours))
        roll_up(store)
        assert ask(store, backlog) == [(left,)], hours
        assert differences(store) == {}, hours
    assert total(store, "waiting", "unknown_end") == (0, 1)


def test_who_was_answered_after_giving_up_leaves_the_backlog_too(store: Store) -> None:
    move_clock(store, NOW + timedelta(days=3))
    roll_up(store)
    commit(store, [event("offered"), event("left_queue", after_s=30), event("answered", after_s=600)])
    roll_up(store)
    assert ask(store, "select sum(offered) - sum(closed) from day_quarters") == [(0,)]
    assert differences(store) == {}


def test_a_state_of_an_agent_corrected_to_another_day_leaves_the_day_it_was_told_of(store: Store) -> None:
    move_clock(store, NOW + timedelta(days=5))
    shift = [
        event("agent.state_changed", "ann", 0, state="busy") | {"id": "a"},
        event("agent.state_changed", "ann", HOUR, state="offline") | {"id": "b"},
    ]
    commit(store, shift)
    roll_up(store)
    later = [
        event("agent.state_changed", "ann", 3 * DAY, state="busy") | {"id": "a", "revision": 1},
        event("agent.state_changed", "ann", 3 * DAY + HOUR, state="offline") | {"id": "b", "revision": 1},
    ]
    commit(store, later)
    roll_up(store)
    assert ask(store, "select date, busy_ms from day_agents") == [(date(2026, 3, 5), 3_600_000)]
    assert differences(store) == {}


def test_a_repeat_of_a_contact_that_took_days_is_found_whenever_it_comes(store: Store) -> None:
    move_clock(store, NOW + timedelta(days=60))
    commit(store, [
        event("offered", "c1", customer_id="jane", channel="case"),
        event("answered", "c1", 60),
        event("completed", "c1", 6 * DAY),
    ])  # fmt: skip
    roll_up(store)
    assert total(store, "resolvable", "repeated_30d") == (1, 0)
    commit(store, [event("offered", "c2", 35 * DAY, customer_id="jane")])
    roll_up(store)
    assert total(store, "resolvable", "repeated_30d") == (1, 1)
    assert differences(store) == {}


def test_a_contact_is_never_its_own_repeat(store: Store) -> None:
    commit(store, [
        event("completed", "c1", -60),
        event("offered", "c1", 0, customer_id="jane"),
        event("answered", "c1", 5),
    ])  # fmt: skip
    roll_up(store)
    assert total(store, "resolvable", "repeated_1d") == (1, 0)


def test_the_last_night_of_a_year_is_rolled_up_though_the_calendar_ends_with_it(store: Store) -> None:
    there = (datetime(2019, 12, 31, 23, 50) - T0.replace(tzinfo=None)).total_seconds()
    commit(store, [event("offered", after_s=there)])
    roll_up(store)
    assert ask(store, "select date, sum(unknown_end) from day_arrivals group by all") == [(date(2019, 12, 31), 1)]
    assert differences(store) == {}


def test_a_present_that_the_calendar_does_not_reach_only_delays_the_sums(store: Store) -> None:
    commit(store, answered_call())
    move_clock(store, datetime(2031, 1, 1, 0, 0, 1, tzinfo=T0.tzinfo))
    roll_up(store)
    move_clock(store, NOW)
    roll_up(store)
    assert total(store, "offered") == (1,)


def test_what_passes_by_time_alone_is_seen_without_a_commit(store: Store) -> None:
    commit(store, [event("offered", after_s=-HOUR - 5), event("answered", after_s=-HOUR)])
    move_clock(store, T0 + timedelta(hours=20))  # The next day, 5 o'clock; the contact may still be open.
    roll_up(store)
    assert differences(store) == {}
    move_clock(store, T0 + timedelta(hours=23, seconds=1))
    roll_up(store)
    assert ask(store, "select sum(closed) from day_quarters where starts_at = timestamp '2026-03-03 08:00'") == [(1,)]
    assert differences(store) == {}


# --- facts beside the contacts ----------------------------------------------------------------------------

SIDE_FACTS: dict[str, tuple[str, str, list[dict[str, Any]], str]] = {
    "survey_answers": ("contact.surveyed", "c1", [{"score": 1.0}, {"score": 5.0}], "score"),
    "evaluation_versions": ("contact.evaluated", "c1", [{"score": 10.0}, {"score": 90.0}], "score"),
    "agent_changes": ("agent.state_changed", "ann", [{"state": "busy"}, {"state": "break"}], "state"),
    "chat_messages": ("chat.message", "c1", [{"sender": "customer"}, {"sender": "agent"}], "sender"),
    "incidents": ("site.incident_reported", "north", [{"severity": "low"}, {"severity": "high"}], "severity"),
}


@pytest.mark.parametrize("view", SIDE_FACTS)
@pytest.mark.parametrize("apart_s", [0, 3 * DAY], ids=["same time", "other time"])
@pytest.mark.parametrize("correction_first", [False, True], ids=["in order", "correction first"])
def test_a_fact_told_again_counts_once_and_the_higher_revision_wins_in_any_order(
    store: Store, view: str, apart_s: float, correction_first: bool
) -> None:
    fact, subject, (was, is_now), column = SIDE_FACTS[view]
    first = event(fact, subject, -4 * DAY, **was) | {"id": "x"}
    correction = event(fact, subject, -4 * DAY + apart_s, **is_now) | {"id": "x", "revision": 1}
    one, other = (correction, first) if correction_first else (first, correction)
    expected = [(is_now[column],)]
    commit(store, [one, one])
    roll_up(store)
    commit(store, [other])
    assert ask(store, f"select {column} from {view}") == expected, "as soon as it is committed"
    roll_up(store)
    assert ask(store, f"select {column} from {view}") == expected, "once it is kept"
    commit(store, [one, other])
    roll_up(store)
    assert ask(store, f"select {column} from {view}") == expected, "after repeats"
    assert differences(store) == {}


def test_the_later_version_of_an_evaluation_replaces_the_earlier_in_any_order(store: Store) -> None:
    versions = [
        event("contact.evaluated", "c1", s, score=score) | {"id": f"e/{s}"} for s, score in ((600, 40.0), (900, 90.0))
    ]
    for order in (versions, versions[::-1]):
        empty(store)
        commit(store, answered_call())
        for version in order:
            commit(store, [version])
            roll_up(store)
        assert total(store, "qa_client_evaluations", "qa_client_milli_points") == (1, 90_000)


# --- midnight, settings, ends -----------------------------------------------------------------------------


def test_at_midnight_today_becomes_a_day_without_a_number_changing(store: Store) -> None:
    commit(store, answered_call() + answered_call("c2", MIDNIGHT - 20) + [event("offered", "c3", HOUR)])
    for now, closed in (
        (MIDNIGHT - 0.001, []),
        (MIDNIGHT, [date(2026, 3, 2)]),
        (MIDNIGHT + DAY, [date(2026, 3, 2), date(2026, 3, 3)]),
    ):
        move_clock(store, T0 + timedelta(seconds=now))
        roll_up(store)
        assert total(store, "offered", "handled") == (3, 2)
        assert ask(store, "select distinct date from private.rolled_day where of_table = 'arrivals' order by 1") == [
            (day,) for day in closed
        ]
        assert differences(store) == {}


def test_a_run_that_is_stopped_anywhere_leaves_every_day_as_it_was_or_as_it_is(store: Store) -> None:
    commit(store, [body for n in range(4) for body in answered_call(f"c{n}", -n * DAY)])
    roll_up(store)
    commit(store, [body for n in range(4) for body in answered_call(f"d{n}", -n * DAY)])
    kinds: tuple[Kind, ...] = ("contacts", "answers")
    for steps, kind in itertools.product(range(5), kinds):
        a_run(store, kind, steps)
        offered = dict(ask(store, "select date, sum(offered) from day_arrivals group by all"))
        assert set(offered.values()) <= {1, 2}
        assert len(offered) == 4
    roll_up(store)
    assert total(store, "offered") == (8,)
    assert differences(store) == {}


class KilledError(Exception):
    """What ends a run in the tests, anywhere."""


@pytest.mark.parametrize("transactions", [1, 2, 5])
def test_a_run_that_is_killed_between_transactions_is_made_good_by_the_next(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, transactions: int
) -> None:
    store = opened()
    commit(store, [*answered_call("c0", -2 * DAY), *answered_call("c1"), event("contact.surveyed", "c1", 100)])
    store.rollups.run("contacts")
    commit(store, [*answered_call("c2", -DAY), *answered_call("c3", -2 * DAY), *answered_call("c4", DAY / 2)])
    rollups = store.rollups
    begun = itertools.count(1)

    def dies(connection: duckdb.DuckDBPyConnection) -> AbstractContextManager[None]:
        if next(begun) > transactions:
            raise KilledError
        return transaction(connection)

    with monkeypatch.context() as patched:
        patched.setattr("ingest.rollup.rollups.transaction", dies)
        with pytest.raises(KilledError):
            roll_up(store)
    again = opened()
    assert again.rollups is not rollups
    assert total(again, "offered")[0] in range(2, 6)
    roll_up(again)
    assert total(again, "offered", "csat_responses") == (5, 1)
    assert differences(again) == {}


def test_weeks_that_are_over_are_added_up_once_and_again_after_a_day_of_theirs_changed(store: Store) -> None:
    def sums_of_weeks() -> list[Any]:
        return ask(
            store,
            "select week_start, count(*), sum(offered) from private.week_sums semi join (select week_start, "
            "max(build) as build from private.rolled_week group by all) using (week_start, build) group by all "
            "order by all",
        )

    commit(store, [e for n in (0, 1, 8, 9, 15, 30) for e in answered_call(f"c{n}", -n * DAY)])
    assert ask(store, "from week_sums") == []
    store.rollups.run("contacts")
    over = sums_of_weeks()
    assert (
        sum(offered for *_, offered in over)
        == sum(offered for *_, offered in ask(store, f"select site, {WEEK} w, sum(offered) from day_sums group by all"))
        - ask(store, f"select sum(offered) from day_sums where {WEEK} = (select max({WEEK}) from day_sums)")[0][0]
    )
    assert weeks_differing(store) == []
    builds = ask(store, "from private.rolled_week")
    store.rollups.run("contacts")
    assert ask(store, "from private.rolled_week") == builds

    commit(store, answered_call("late", -9 * DAY))
    store.rollups.run("contacts", stopped=iter([False, True]).__next__)
    assert ask(store, "select sum(offered) from day_sums") == [(7,)]
    assert ask(store, "select sum(offered) from week_sums") == [(6,)], "a day was made, its week was not yet"
    assert sums_of_weeks() == over
    store.rollups.run("contacts")
    again = sums_of_weeks()
    assert sum(a[2] - b[2] for a, b in zip(again, over, strict=True)) == 1
    assert len(ask(store, "from private.rolled_week")) == len(builds) + 1
    assert weeks_differing(store) == []


def test_an_agent_that_nothing_more_is_told_of_goes_on(store: Store) -> None:
    commit(store, [event("agent.state_changed", "ann", DAY - 2 * HOUR, state="available", team="red")])
    roll_up(store)
    day = "select sum(available_ms) / 3600000 from day_agents"
    assert ask(store, day) == [(2.0,)]
    move_clock(store, NOW + timedelta(hours=6))
    roll_up(store)
    assert ask(store, day) == [(8.0,)]
    move_clock(store, NOW + timedelta(hours=40))
    roll_up(store)
    assert ask(store, day) == [(24.0,)], "no longer than a day"
    assert differences(store) == {}


def test_another_target_is_another_service_level_of_every_day(opened: Opened) -> None:
    store = opened()
    commit(store, answered_call("c1", wait_s=25) + answered_call("c2", -3 * DAY, wait_s=25))
    roll_up(store)
    assert total(store, "answered_in_target") == (0,)
    store = opened(service_level_s=25)
    roll_up(store)
    assert total(store, "answered_in_target") == (2,)
    assert differences(store) == {}


def test_another_reporting_zone_moves_contacts_to_other_days_and_leaves_none_behind(opened: Opened) -> None:
    store = opened()
    evening = [*answered_call("c1", 12 * HOUR), *answered_call("c2", 12 * HOUR - 400 * DAY)]
    states = [event("agent.state_changed", "ann", 12 * HOUR, state="busy"), event("contact.surveyed", "c1", 13 * HOUR)]
    commit(store, evening + states)
    roll_up(store)
    days = "select date from day_arrivals where offered > 0 order by date"
    assert ask(store, days) == [(date(2025, 1, 26),), (date(2026, 3, 2),)]
    store = opened(reporting_zone="Asia/Kolkata")
    roll_up(store)
    assert ask(store, days) == [(date(2025, 1, 27),), (date(2026, 3, 3),)]
    assert total(store, "offered", "handled", "csat_responses") == (2, 2, 1)
    assert differences(store) == {}


def test_another_meaning_of_a_topic_code_moves_contacts_of_every_day_to_it(opened: Opened) -> None:
    topics: dict[str, Any] = {"money": {}, "goods": {}}
    store = opened(topics=topics, sites={"north": {"topics": {"billing": "goods"}}})
    commit(store, answered_call() + answered_call("c2", -9 * DAY))
    roll_up(store)
    by_topic = "select topic, sum(offered), sum(resolvable) from day_sums group by all"
    assert ask(store, by_topic) == [("goods", 2, 2)]
    store = opened(topics=topics, sites={"north": {"topics": {"billing": "money"}}})
    roll_up(store)
    assert ask(store, by_topic) == [("money", 2, 2)]
    assert differences(store) == {}


def test_what_a_site_reports_and_whose_it_is_count_for_every_day_once_they_are_set(opened: Opened) -> None:
    store = opened()
    commit(store, [*answered_call(wait_s=25), event("transferred", after_s=50, to_site="home")])
    roll_up(store)
    assert total(store, "own_level_good", "bounced_back") == (0, 0)
    store = opened(sites={"north": {"reports": {"threshold_s": 30}}, "home": {"in_house": True}})
    roll_up(store)
    assert total(store, "own_level_good", "bounced_back") == (1, 1)
    assert differences(store) == {}


def test_deleting_builds_that_were_replaced_changes_no_number(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        commit(store, everything(random.Random(n), 40))
        roll_up(store)
    views = [*(f"day_{rollup.name}" for rollup in ROLLUPS), "site_week", "week_sums"]
    before = {view: sorted(ask(store, f"from {view}"), key=repr) for view in views}
    rows = ask(store, "select count(*) from private.day_arrivals")
    monkeypatch.setattr("ingest.rollup.rollups._LOOK_AT_PASSED_S", 0.0)
    monkeypatch.setattr("ingest.rollup.passed._PASSED_ROWS", 0)
    roll_up(store)
    assert ask(store, "select count(*) from private.day_arrivals") < rows
    assert {view: sorted(ask(store, f"from {view}"), key=repr) for view in views} == before
    commit(store, answered_call("c9"))
    roll_up(store)
    assert differences(store) == {}


def test_runs_after_which_nothing_came_do_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.rollup.rollups._LOOK_AT_PASSING_S", 900.0)
    commit(store, answered_call())
    roll_up(store)
    marks = ask(store, "from private.rolled_up")
    assert store.rollups.run("contacts").days == store.rollups.run("answers").days == 0
    assert ask(store, "from private.rolled_up") == marks


def test_a_reader_never_sees_a_day_half(store: Store) -> None:
    commit(store, answered_call())
    roll_up(store)
    reader = store.connection.cursor().execute("begin transaction")
    before = reader.execute("from site_week").fetchall()
    commit(store, answered_call("c2") + answered_call("c3", -DAY))
    roll_up(store)
    assert reader.execute("from site_week").fetchall() == before
    reader.execute("commit")
    assert reader.execute("select sum(offered) from site_week").fetchall() == [(3,)]
    reader.close()


def test_the_store_opened_again_goes_on_where_it_was(opened: Opened) -> None:
    store = opened()
    commit(store, answered_call())
    roll_up(store)
    builds = ask(store, "from private.rolled_day")
    store = opened()
    assert store.rollups.run("answers").days == 0
    assert ask(store, "from private.rolled_day") == builds


def test_ending_does_not_wait_for_a_run_that_takes_long(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.rollup.rolling._LOOK_S", 0.01)
    monkeypatch.setattr("ingest.rollup.rolling._FIRST_S", 0.0)
    store = opened()
    commit(store, answered_call())
    scanning = threading.Event()

    def endless(rollups: Rollups, *_: object) -> None:
        scanning.set()
        rollups._connection.execute("select sum(hash(a.range, b.range)) from range(10000000) a, range(10000000) b")

    with monkeypatch.context() as slow:
        slow.setattr(Rollups, "_roll_up", endless)
        began = time.monotonic()
        with Rolling(store.rollups, store.path, lambda: False):
            assert scanning.wait(30)
            slow.undo()
        assert time.monotonic() - began < 20
    roll_up(store)
    assert not differences(store)


def test_counts_of_events_by_quarter_hour_are_those_of_the_events_before_and_after_they_are_added_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_events = (
        "select site, epoch_us(occurred_at) // 900000000 as quarter, count(*) as events from private.event "
        "group by all order by all"
    )
    counted = (
        "select site, quarter, sum(events)::bigint from (select * from private.event_quarter union all "
        "select site, epoch_us(occurred_at) // 900000000, 1 from private.event where batch > "
        "(select max(last_batch) from private.rolled_up where kind = 'contacts')) group by all order by all"
    )
    run = store.connection.execute
    for n in range(4):
        # The second call repeats the first; what counts is what the store took in.
        commit(store, [*answered_call(f"c{n}", n * 1_000), *answered_call(f"c{n // 2}", n // 2 * 1_000)])
        if n != 2:
            store.rollups.run("contacts")
        assert run(counted).fetchall() == run(from_events).fetchall() != []
    monkeypatch.setattr("ingest.rollup.passed._PASSED_ROWS", 0)
    drop_passed(store.rollups._connection)
    assert run(counted).fetchall() == run(from_events).fetchall()
    rows, places = run("select count(*), count(distinct (site, quarter)) from private.event_quarter").fetchall()[0]
    assert rows == places
