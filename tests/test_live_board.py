"""The board of any instant is what a replay of the events up to that instant says, counted in plain Python."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from ingest.decoding.decoder import Decoder
from ingest.receipts import Batch, Partition
from ingest.store import Store
from models.settings import load_settings, with_secrets
from tests.builders import KEY, records
from tests.builders import event as an_event
from tests.rolled import roll_up, standing_at
from tests.second_count import Counting, Event, contacts_of, told_last
from tests.test_second_count import the_demo
from tests.worlds import events, played, store_all

ZONE = ZoneInfo("Europe/Berlin")
DAYS = 9
INSTANTS = 50
Row = tuple[str, str | None, str | None, str | None]
"""Site, queue, language, channel."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The demo company's events of some days, and a store that took them in long after."""
    played_world, batches = played(the_demo(), DAYS, seed=11)
    now = datetime.fromtimestamp(played_world.end_ms / 1000, UTC) + timedelta(days=8)
    settings = load_settings(data_dir=tmp_path_factory.mktemp("board"), reporting_zone=str(ZONE), **standing_at(now))
    store = Store.open(with_secrets(settings))
    store_all(store, Decoder(KEY, 3600, 1_000_000), played_world, batches)
    roll_up(store)
    yield told_last(events(batches)), store.connection
    store.close()


def instants(told: list[Event]) -> list[datetime]:
    """Random ones, more of them by day, as people call then; some are the very instant of an event."""
    rng = random.Random(3)
    times = [_at(event) for event in told]
    first, last = min(times), max(times)
    chosen = [first + timedelta(seconds=rng.random() * (last - first).total_seconds()) for _ in range(15)]
    chosen += [rng.choice(times) for _ in range(15)]
    # Somebody waits just before they give up.
    lost = [_at(event) for event in told if event["type"] == "contact.abandoned"]
    return [*chosen, *(rng.choice(lost) - timedelta(milliseconds=500) for _ in range(INSTANTS - 30))]


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"]).astimezone(UTC)


def replayed(told: list[Event], at: datetime) -> dict[Row, Counter[str]]:
    """Sums by row from the events up to an instant."""
    counting = Counting(ZONE, at)
    found: dict[Row, Counter[str]] = defaultdict(Counter)
    today = at.astimezone(ZONE).date()
    # A contact that said nothing for a week is neither open nor of today.
    near = [event for event in told if at - timedelta(days=9) < _at(event) <= at]
    for contact in contacts_of(near, counting).values():
        births = [born["data"] for born in (contact.offered, contact.first("started")) if born]
        said = {name: next((b[name] for b in births if b.get(name)), None) for name in ("language", "channel")}
        queue = contact.offered["data"].get("queue") if contact.offered else None
        here = found[contact.site, queue, said["language"], said["channel"]]
        course = contact.course
        outcome, wait = course["outcome"], course["wait_s"]
        if outcome == "waiting":
            here["waiting"] += 1
        elif course["is_open"]:
            here["in_conversation"] += 1
        spans = [""] if contact.arrived_at.astimezone(ZONE).date() == today else []
        spans += ["recent_"] if contact.arrived_at > at - timedelta(minutes=30) else []
        for span in spans:
            here[f"{span}offered"] += contact.counts
            here[f"{span}answered"] += outcome == "answered"
            here[f"{span}abandoned"] += outcome == "abandoned"
            here[f"{span}answered_in_target"] += outcome == "answered" and wait is not None and wait <= 20
    return found


SUMS = (
    "waiting", "in_conversation", "offered", "answered", "abandoned", "answered_in_target", "recent_offered",
    "recent_answered", "recent_abandoned", "recent_answered_in_target",
)  # fmt: skip


def shown(connection: duckdb.DuckDBPyConnection, at: datetime) -> dict[Row, dict[str, int]]:
    """Sums by row as the two questions of the live desk give them."""
    instant = at.replace(tzinfo=None)
    day, week = instant - timedelta(hours=26), instant - timedelta(hours=168)
    rows = connection.execute(
        f"select site, queue, language, channel, {', '.join(f'sum({name})' for name in SUMS)} from ("
        "from queues_at($day::timestamp, timestamp '2100-01-01', $at::timestamp) union all "
        "from queues_at($week::timestamp, $day::timestamp, $at::timestamp)) group by all",
        {"day": day, "week": week, "at": instant},
    ).fetchall()
    return {row[:4]: dict(zip(SUMS, row[4:], strict=True)) for row in rows}


def test_the_board_of_any_instant_is_a_replay_up_to_it(world: Any) -> None:
    told, connection = world
    seen: Counter[str] = Counter()
    for at in instants(told):
        expected = {row: +counted for row, counted in replayed(told, at).items() if +counted}
        found = {row: +Counter(sums) for row, sums in shown(connection, at).items()}
        assert {row: sums for row, sums in found.items() if sums} == expected, at
        for counted in expected.values():
            seen += counted
    assert set(SUMS) <= set(seen), "every figure should have been more than nothing somewhere"


def test_who_is_open_for_over_a_day_is_the_same_found_the_quick_way(tmp_path: Path) -> None:
    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    store = Store.open(with_secrets(load_settings(data_dir=tmp_path, **standing_at(now))))
    told: list[Event] = []
    for n, hours in enumerate((3, 25, 27, 30, 60, 100, 167, 169, 200)):
        for channel in ("voice", "messaging", "email"):
            for upto in ("offered", "answered", "completed", "abandoned"):
                contact, at = f"{channel}-{upto}-{n}", now - timedelta(hours=hours)
                facts = ["offered", *(["answered"] if upto in ("answered", "completed") else [])]
                facts += [upto] if upto in ("completed", "abandoned") else []
                for place, fact in enumerate(facts):
                    when = (at + timedelta(seconds=10 * place)).isoformat()
                    more: dict[str, Any] = {"channel": channel} if fact == "offered" else {}
                    told.append(an_event(fact, contact, **more) | {"time": when})
    decoder = Decoder(KEY, 10**9, 1_000_000)
    store.commit(Batch(decoder.decode(records(told), now), {Partition("contacts.north", "t", 0): len(told)}, now))
    bounds = "(timestamp '{}', timestamp '{}', timestamp '{}')".format(
        *((now - timedelta(hours=hours)).replace(tzinfo=None) for hours in (168, 26, 0))
    )
    quick, slow = (
        store.connection.execute(
            f"select * from {name}{bounds} where waiting + in_conversation > 0 order by all"
        ).fetchall()
        for name in ("queues_open", "queues_at")
    )
    store.close()
    assert quick == slow
    assert sum(row[4] for row in quick) > 3, "some should wait"


def test_the_longest_wait_is_that_of_who_came_first_of_those_who_wait(world: Any) -> None:
    told, connection = world
    compared = 0
    for at in instants(told):
        waits = [
            (at - _at(contact.offered)).total_seconds()
            for contact in contacts_of(
                [e for e in told if at - timedelta(days=9) < _at(e) <= at], Counting(ZONE, at)
            ).values()
            if contact.course["outcome"] == "waiting" and contact.offered
        ]
        instant = at.replace(tzinfo=None)
        longest = connection.execute(
            "select max(longest_wait_s) from queues_at($at::timestamp - interval 168 hours, timestamp '2100-01-01', "
            "$at::timestamp)",
            {"at": instant},
        ).fetchall()[0][0]
        assert longest == (pytest.approx(max(waits), abs=1e-3) if waits else None), at
        compared += bool(waits)
    assert compared > 5


def test_agents_of_any_instant_are_in_the_state_they_told_last(world: Any) -> None:
    told, connection = world
    changes = [event for event in told if event["type"] == "agent.state_changed"]
    seen: Counter[str] = Counter()
    for at in instants(told):
        last: dict[tuple[str, str], Event] = {}
        for event in changes:
            key = event["source"], event["subject"]
            if at - timedelta(hours=24) < _at(event) <= at and (
                key not in last or (_at(event), event["id"]) > (_at(last[key]), last[key]["id"])
            ):
                last[key] = event
        expected = {key: event["data"]["state"] for key, event in last.items()}
        rows = connection.execute(
            "select site, agent_id, state from agents_at($at::timestamp) where state is not null",
            {"at": at.replace(tzinfo=None)},
        ).fetchall()
        assert {(site, agent): state for site, agent, state in rows} == expected, at
        seen += Counter(expected.values())
    assert {"available", "busy", "wrap_up", "break"} <= set(seen)


def test_an_agents_time_of_the_last_half_hour_is_what_was_told_of_it(world: Any) -> None:
    told, connection = world
    for at in instants(told)[::5]:
        since = at - timedelta(minutes=30)
        expected: Counter[tuple[str, str]] = Counter()
        by_agent: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in told:
            if event["type"] == "agent.state_changed" and at - timedelta(hours=49) < _at(event) <= at:
                by_agent[event["source"], event["subject"]].append(event)
        for (site, _), mine in by_agent.items():
            mine.sort(key=lambda e: (_at(e), e["id"]))
            for event, after in zip(mine, [*mine[1:], None], strict=True):
                ends = min(_at(after) if after else at, _at(event) + timedelta(hours=24))
                spent = (ends - max(_at(event), since)).total_seconds()
                if spent > 0:
                    expected[site, event["data"]["state"]] += round(spent * 1000)
        rows = connection.execute(
            "select site, sum(recent_available_ms), sum(recent_busy_ms), sum(recent_wrapping_up_ms) "
            "from agents_at($at::timestamp) group by site",
            {"at": at.replace(tzinfo=None)},
        ).fetchall()
        for site, *times in rows:
            for state, time in zip(("available", "busy", "wrap_up"), times, strict=True):
                assert time == pytest.approx(expected[site, state], abs=200), (at, site, state)
