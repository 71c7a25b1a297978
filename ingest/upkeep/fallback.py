"""Saved answers, decisions and drills for people: noting them, and seeing those there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ingest.decoding.messages import Decodes
from ingest.fallback import decisions, drills, scenarios
from ingest.fallback.checked import Figures
from ingest.fallback.decisions import Noted
from ingest.fallback.drills import Held
from ingest.fallback.scenarios import Assumption, Kept
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep.work import Command, Done, Work


class Turn(msgspec.Struct, frozen=True):
    """A saved answer to put aside or take back, and who does."""

    scenario_id: str
    name: str


class Listing(msgspec.Struct, frozen=True):
    """What to list, the newest first. everything: also what was withdrawn or replaced."""

    provider: str | None = None
    limit: int = 100
    everything: bool = False


class Scenario(msgspec.Struct, frozen=True):
    """A saved answer, as view `scenarios` has it, without what it rests on."""

    scenario_id: str
    saved_at: datetime
    name: str
    provider: str
    saved_by: str
    note: str
    version: str
    known_upto: int
    withdrawn: bool


class Show(msgspec.Struct, frozen=True):
    """A saved answer to show."""

    scenario_id: str


class Shown(msgspec.Struct, frozen=True):
    """A saved answer with what it came to and all it rests on; facts as `models.fallback.facts.Facts`."""

    scenario: Scenario
    summary: Figures
    assumed: dict[str, Assumption]
    facts: dict[str, Any]


class Decision(msgspec.Struct, frozen=True):
    """A decision, as view `decisions` has it."""

    decision_id: str
    provider: str
    decided_on: date
    decided_by: str
    verdict: str
    why: str
    scenario_id: str | None
    replaced_by: str | None
    noted_at: datetime
    expected: Figures


class Drill(msgspec.Struct, frozen=True):
    """A drill, as view `drills` has it."""

    drill_id: str
    provider: str
    held_on: date
    held_by: str
    kind: str
    outcome: str
    noted_at: datetime
    figures: Figures


def keep(store: Store, _: Callable[[], Decodes], asked: Kept) -> Work[Done]:
    """Save an answer. Raises StoreError."""
    yield from ()
    now = _now(store)
    with store.transaction():
        made = scenarios.keep(store.connection, asked, now)
    return Done(made, now)


def withdraw(store: Store, _: Callable[[], Decodes], asked: Turn) -> Work[Done]:
    """Put a saved answer aside. Raises StoreError."""
    yield from ()
    now = _now(store)
    with store.transaction():
        scenarios.turn(store.connection, asked.scenario_id, "withdrawn", asked.name, now)
    return Done(asked.scenario_id, now)


def restore(store: Store, _: Callable[[], Decodes], asked: Turn) -> Work[Done]:
    """Take a saved answer back. Raises StoreError."""
    yield from ()
    now = _now(store)
    with store.transaction():
        scenarios.turn(store.connection, asked.scenario_id, "restored", asked.name, now)
    return Done(asked.scenario_id, now)


def list_scenarios(store: Store, _: Callable[[], Decodes], asked: Listing) -> Work[list[Scenario]]:
    """The saved answers asked for."""
    yield from ()
    rows = store.connection.execute(
        f"select {', '.join(Scenario.__struct_fields__)} from scenarios "
        "where ($provider is null or provider = $provider) and ($everything or not withdrawn) "
        "order by saved_at desc, scenario_id limit $limit",
        msgspec.structs.asdict(asked),
    ).fetchall()
    return [Scenario(*row) for row in rows]


def show(store: Store, _: Callable[[], Decodes], asked: Show) -> Work[Shown]:
    """A saved answer in full. Raises StoreError for one there is not."""
    yield from ()
    rows = store.connection.execute(
        f"select {', '.join(Scenario.__struct_fields__)}, summary, assumed, facts from scenarios where scenario_id = ?",
        [asked.scenario_id],
    ).fetchall()
    if not rows:
        raise StoreError(
            f"there is no scenario {asked.scenario_id[:40]!r}; `backstop scenarios list` has those there are"
        )
    *about, summary, assumed, facts = rows[0]
    kept = msgspec.json.decode(assumed, type=dict[str, Assumption])
    return Shown(Scenario(*about), json.loads(summary), kept, json.loads(facts))


def decide(store: Store, _: Callable[[], Decodes], asked: Noted) -> Work[Done]:
    """Note a decision. Raises StoreError."""
    yield from ()
    return _noted(store, lambda today, now: decisions.note(store.connection, asked, today, now))


def list_decisions(store: Store, _: Callable[[], Decodes], asked: Listing) -> Work[list[Decision]]:
    """The decisions asked for."""
    yield from ()
    rows = store.connection.execute(
        f"select {', '.join(Decision.__struct_fields__)} from decisions "
        "where ($provider is null or provider = $provider) and ($everything or replaced_by is null) "
        "order by decided_on desc, noted_at desc, decision_id limit $limit",
        msgspec.structs.asdict(asked),
    ).fetchall()
    return [Decision(**_fields(Decision, row)) for row in rows]


def drill(store: Store, _: Callable[[], Decodes], asked: Held) -> Work[Done]:
    """Note a drill. Raises StoreError."""
    yield from ()
    return _noted(store, lambda today, now: drills.note(store.connection, asked, today, now))


def list_drills(store: Store, _: Callable[[], Decodes], asked: Listing) -> Work[list[Drill]]:
    """The drills asked for; none is ever withdrawn."""
    yield from ()
    rows = store.connection.execute(
        f"select {', '.join(Drill.__struct_fields__)} from drills where $provider is null or provider = $provider "
        "order by held_on desc, noted_at desc, drill_id limit $limit",
        {"provider": asked.provider, "limit": asked.limit},
    ).fetchall()
    return [Drill(**_fields(Drill, row)) for row in rows]


def _noted(store: Store, note: Callable[[date, datetime], str]) -> Done:
    """Have something of today written down at once or not at all. note: returns its id."""
    now = _now(store)
    with store.transaction():
        return Done(note(_today(store), now), now)


def _fields(of: type[msgspec.Struct], row: tuple[Any, ...]) -> dict[str, Any]:
    """A row by the names of a class whose last field is figures, in JSON."""
    return dict(zip(of.__struct_fields__, (*row[:-1], json.loads(row[-1])), strict=True))


def _now(store: Store) -> datetime:
    return store.settings.clock.now().replace(tzinfo=None)


def _today(store: Store) -> date:
    return store.settings.clock.now().astimezone(ZoneInfo(store.settings.reporting_zone)).date()


KEEP = Command("scenarios keep", Kept, Done, keep)
WITHDRAW = Command("scenarios withdraw", Turn, Done, withdraw)
RESTORE = Command("scenarios restore", Turn, Done, restore)
LIST = Command("scenarios list", Listing, list[Scenario], list_scenarios)
SHOW = Command("scenarios show", Show, Shown, show)
DECIDE = Command("decisions note", Noted, Done, decide)
DECISIONS = Command("decisions list", Listing, list[Decision], list_decisions)
DRILL = Command("drills note", Held, Done, drill)
DRILLS = Command("drills list", Listing, list[Drill], list_drills)
