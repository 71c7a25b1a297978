"""Saved answers, decisions and drills in the store: kept as given or refused with a sentence, never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ingest.decoding.messages import Decodes
from ingest.fallback.decisions import Noted
from ingest.fallback.drills import Held
from ingest.fallback.scenarios import LARGEST_FACTS, Assumption, Kept
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep import fallback
from ingest.upkeep.rebuild import rebuild
from ingest.upkeep.work import Command, finished
from models.documents.reading import read
from models.fallback.assumptions import SPECS
from models.fallback.facts import QUARTERS, Day, Facts, PoolDay, Slice
from models.settings import Settings
from models.terms.contract import Contract
from tests.costed import charge, contract_text, terms_text, write_documents
from tests.rolled import move_clock, standing_at

NOW = datetime(2026, 4, 20, 22, 30, tzinfo=UTC)
"""Already the 21st in the reporting zone."""
TODAY = date(2026, 4, 21)
HOSTILE = "<script>alert(1)</script> **bold** '); drop table private.scenario; --"
PLAN = '[exit_plan]\nowner = "Ann"\nwhere = "Intranet"\nupdated = 2025-04-01\n'
PER_CONTACT = terms_text(charge(kind="contact", rate="1.10"))
TEXTS = {"acme": contract_text(PER_CONTACT, head=PLAN), "bolt": contract_text(PER_CONTACT, provider="Bolt")}
FLAT = (0.0,) * QUARTERS
VIEWS = ("scenarios", "decisions", "drills", "exit_plans")
SUMMARY: dict[str, Any] = {"npv": 12.5, "hires": 32, "home_on": "2026-09-01", "payback": None, "safe": True}


def facts(provider: str = "Acme", **more: Any) -> Facts:
    """Facts with a pool of calls, and with the contract, whose amounts are decimal and of which a key is an alias."""
    pool = PoolDay(kind="voice", language="nl", own=FLAT, moved=(0.5, *FLAT[1:]), moved_low=FLAT, moved_high=FLAT,
                   agents=FLAT, able=FLAT)  # fmt: skip
    given: dict[str, Any] = {
        "asked_at": NOW, "today": TODAY, "zone": "Europe/Berlin", "currency": "EUR", "version": "1.2.3",
        "known_upto": 17, "slice": Slice(provider=provider), "provider_name": provider, "in_house_name": "Own",
        "service_level": 0.8, "threshold_s": 20.0, "max_abandonment": None, "max_occupancy": 0.85,
        "days": (Day(day=TODAY, pools=(pool,)),),
        "contract": read(TEXTS["acme"], "acme.toml", Contract, exact=True).value,
    } | more  # fmt: skip
    return Facts(**given)


def text(given: Facts) -> str:
    return given.model_dump_json(by_alias=True)


def assumed() -> dict[str, Assumption]:
    return {spec.name: Assumption(spec.default, spec.source) for spec in SPECS}


def kept(**more: Any) -> Kept:
    given: dict[str, Any] = {
        "name": "All of it", "saved_by": "Ann", "facts": text(facts()), "assumed": assumed(), "summary": SUMMARY,
        "note": "as agreed\nin March",
    } | more  # fmt: skip
    return Kept(**given)


def decided(**more: Any) -> Noted:
    given: dict[str, Any] = {
        "provider": "Acme", "decided_on": TODAY, "decided_by": "Ann", "verdict": "watch", "why": "too early",
    } | more  # fmt: skip
    return Noted(**given)


def held(**more: Any) -> Held:
    given: dict[str, Any] = {
        "provider": "Acme", "held_on": TODAY, "held_by": "Ann", "kind": "simulated", "outcome": "12 % lost",
    } | more  # fmt: skip
    return Held(**given)


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    sites = {
        "home": {"provider": "Own", "in_house": True},
        "north": {"provider": "Acme"},
        "south": {"provider": "Bolt"},
    }
    folder = write_documents(tmp_path / "terms", TEXTS)
    return make_settings(**standing_at(NOW), terms_dir=folder, sites=sites, reporting_zone="Europe/Berlin")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings)
    yield opened
    opened.connection.close()


def do(store: Store, command: Command[Any, Any], asked: Any) -> Any:
    """The answer, by way of JSON as over the socket."""
    given = msgspec.json.decode(msgspec.json.encode(asked), type=command.asked)
    return finished(command.work(store, _no_decoder, given), lambda _: None)


def _no_decoder() -> Decodes:
    raise AssertionError("nothing of this needs a decoder")


def rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.connection.execute(query).fetchall()


def counts(store: Store) -> tuple[Any, ...]:
    tables = ("scenario", "scenario_state", "decision", "drill")
    return rows(store, f"select {', '.join(f'(select count(*) from private.{table})' for table in tables)}")[0]


# --- scenarios --------------------------------------------------------------------------------------------


def test_a_saved_answer_is_kept_with_all_it_rests_on(store: Store) -> None:
    made = do(store, fallback.KEEP, kept()).id
    ((found, at, provider, note, summary, assumptions, version, upto, withdrawn),) = rows(
        store,
        "select facts, saved_at, provider, note, summary, assumed, version, known_upto, withdrawn from scenarios "
        f"where scenario_id = '{made}'",
    )
    assert Facts.model_validate_json(found) == facts()
    assert (at, provider, version, upto, withdrawn) == (NOW.replace(tzinfo=None), "Acme", "1.2.3", 17, False)
    assert note == "as agreed\nin March"
    assert json.loads(summary) == SUMMARY
    assert list(json.loads(assumptions)) == [spec.name for spec in SPECS]
    assert json.loads(assumptions)["training_weeks"] == {"value": 6, "source": SPECS[3].source}
    assert rows(store, "select facts ->> '$.contract.terms[0].from' from scenarios") == [("2026-01-01",)]


def test_an_answer_is_put_aside_and_taken_back_and_who_did_is_kept(store: Store) -> None:
    made, other = do(store, fallback.KEEP, kept()).id, do(store, fallback.KEEP, kept(name="Half")).id
    with pytest.raises(StoreError, match="was never withdrawn"):
        do(store, fallback.RESTORE, fallback.Turn(made, "Ben"))
    do(store, fallback.WITHDRAW, fallback.Turn(made, "Ben"))
    with pytest.raises(StoreError, match=f"scenario {made} was withdrawn already by Ben"):
        do(store, fallback.WITHDRAW, fallback.Turn(made, "Cas"))
    assert [one.scenario_id for one in do(store, fallback.LIST, fallback.Listing())] == [other]
    every = do(store, fallback.LIST, fallback.Listing("Acme", everything=True))
    assert {(one.scenario_id, one.withdrawn) for one in every} == {(made, True), (other, False)}
    do(store, fallback.RESTORE, fallback.Turn(made, "Cas"))
    assert rows(store, "select withdrawn, state_by from scenarios where state_by is not null") == [(False, "Cas")]
    do(store, fallback.WITHDRAW, fallback.Turn(made, "Ben"))
    assert counts(store) == (2, 3, 0, 0)
    with pytest.raises(StoreError, match="there is no scenario 'x'; `backstop scenarios list`"):
        do(store, fallback.WITHDRAW, fallback.Turn("x", "Ben"))
    with pytest.raises(StoreError, match="there is no scenario 'x'"):
        do(store, fallback.SHOW, fallback.Show("x"))


BROKEN = facts().model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"name": " \n "}, "name: expected 1 to 80 characters, got 0"),
        ({"saved_by": "x" * 81}, "saved_by: expected 1 to 80 characters, got 81"),
        ({"note": "x" * 2001}, "note: expected 0 to 2000 characters"),
        ({"facts": "no json"}, "facts: Invalid JSON"),
        ({"facts": "{}"}, r"facts.asked_at: Field required \(and \d+ more problems\)"),
        ({"facts": json.dumps(BROKEN | {"secret": 1})}, "facts.secret: Extra inputs are not permitted"),
        ({"facts": json.dumps(BROKEN | {"free_hours": -1})}, "facts.free_hours: Input should be greater than or equal"),
        ({"facts": json.dumps(BROKEN | {"known_upto": 2**70})}, "facts.known_upto: expected the number of a batch"),
        ({"facts": "[" * 100_000}, "facts: Invalid JSON"),
        ({"facts": " " * (LARGEST_FACTS + 1)}, "facts: 4,194,305 bytes, expected at most 4,194,304"),
        ({"facts": text(facts("Nobody"))}, "provider: 'Nobody' is nobody who runs a site for the company: "
         "expected one of Acme, Bolt"),
        ({"facts": text(facts("Own"))}, "provider: 'Own' is nobody"),
        ({"assumed": {}}, "assumed: recruiting_weeks, .*: expected all, so that the answer can be reckoned again"),
        ({"assumed": assumed() | {"luck": Assumption(1, "")}}, "assumed: 'luck' is no assumption"),
        ({"assumed": assumed() | {"hours": Assumption(1e300, "")}}, "assumed: hours: expected a number, at most"),
        ({"assumed": assumed() | {"hours": Assumption(1, "x" * 2001)}}, "assumed: source of hours: expected 0 to"),
        ({"summary": {str(n): n for n in range(101)}}, "summary: expected at most 100 figures, got 101"),
        ({"summary": {"": 1}}, "summary: name of a figure: expected 1 to 80"),
        ({"summary": {"npv": "x" * 2001}}, "summary: npv: expected 0 to 2000 characters"),
        ({"summary": {"npv": 10**400}}, "summary: npv: expected a number"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_what_is_wrong(store: Store, more: dict[str, Any], told: str) -> None:
    with pytest.raises(StoreError, match=told):
        do(store, fallback.KEEP, kept(**more))
    assert counts(store) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "more",
    [{"summary": {"npv": {"deep": 1}}}, {"summary": [1]}, {"assumed": {"hours": {"value": 1, "source": "", "x": 1}}}],
)
def test_figures_are_flat(more: dict[str, Any]) -> None:
    """What is nested never reaches the store: a request with it cannot be read."""
    asked = msgspec.to_builtins(kept()) | more
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(asked), type=Kept)


def test_what_people_write_stays_text_and_cannot_move_a_cursor(store: Store) -> None:
    do(store, fallback.KEEP, kept(name=f"A\x1b[2J\u202e {HOSTILE}"[:80], summary={"topics": HOSTILE}))
    ((name, summary),) = rows(store, "select name, summary ->> '$.topics' from scenarios")
    assert name == f"A[2J {HOSTILE}"[:78].strip()
    assert summary == HOSTILE


# --- decisions --------------------------------------------------------------------------------------------


def test_a_decision_stands_until_another_replaces_it(store: Store) -> None:
    scenario = do(store, fallback.KEEP, kept()).id
    first = do(store, fallback.DECIDE, decided(scenario_id=scenario, expected=SUMMARY, why="one\ntwo")).id
    second = do(store, fallback.DECIDE, decided(verdict="full", replaces=first)).id
    assert {(one.decision_id, one.verdict) for one in do(store, fallback.DECISIONS, fallback.Listing())} == {
        (second, "full")
    }
    replaced, standing = sorted(
        do(store, fallback.DECISIONS, fallback.Listing(everything=True)), key=lambda one: one.replaced_by is None
    )
    assert (replaced.replaced_by, replaced.expected, replaced.why) == (second, SUMMARY, "one\ntwo")
    assert (standing.replaced_by, standing.expected, standing.scenario_id) == (None, {}, None)
    assert replaced.scenario_id == scenario
    with pytest.raises(StoreError, match=f"was replaced already: expected the one that holds, {second}"):
        do(store, fallback.DECIDE, decided(replaces=first))
    assert counts(store) == (1, 0, 2, 0)


def test_a_decision_must_be_about_what_it_names(store: Store) -> None:
    scenario = do(store, fallback.KEEP, kept()).id
    first = do(store, fallback.DECIDE, decided()).id
    refused = [
        (decided(verdict="sack"), "verdict: expected one of keep, watch, partial, full, got 'sack'"),
        (decided(provider="Own"), "provider: 'Own' is nobody who runs a site"),
        (decided(provider="Bolt", scenario_id=scenario), f"scenario {scenario} is about Acme: expected one about Bolt"),
        (decided(scenario_id="x"), "there is no scenario 'x'"),
        (decided(provider="Bolt", replaces=first), f"decision {first} is about Acme: expected one about Bolt"),
        (decided(replaces="x"), "there is no decision 'x'; `backstop decisions list`"),
        (decided(why=""), "why: expected 1 to 4000 characters"),
        (decided(decided_by=""), "decided_by: expected 1 to 80"),
        (decided(decided_on=date(2026, 4, 22)), r"decided_on: expected a day from 2000-01-01 to today \(2026-04-21\)"),
        (decided(decided_on=date(1026, 4, 22)), "decided_on: expected a day"),
        (decided(expected={"npv": "x" * 2001}), "expected: npv: expected 0 to 2000 characters"),
    ]
    for asked, told in refused:
        with pytest.raises(StoreError, match=told):
            do(store, fallback.DECIDE, asked)
    do(store, fallback.WITHDRAW, fallback.Turn(scenario, "Ben"))
    with pytest.raises(StoreError, match=f"scenario {scenario} was withdrawn by Ben: restore it first"):
        do(store, fallback.DECIDE, decided(scenario_id=scenario))
    assert counts(store) == (1, 1, 1, 0)


# --- drills and exit plans --------------------------------------------------------------------------------


def test_drills_are_kept_and_the_last_one_stands_beside_the_exit_plan(store: Store) -> None:
    assert rows(store, "from exit_plans order by provider") == [
        ("Acme", "Ann", "Intranet", date(2025, 4, 1), 384, None, None),
        ("Bolt", None, None, None, None, None, None),
    ]
    do(store, fallback.DRILL, held(held_on=date(2026, 4, 1), kind="for_real", figures={"lost": 0.12}))
    do(store, fallback.DRILL, held(held_on=date(2026, 3, 1)))
    last = rows(store, "select last_drill_on, last_drill_kind from exit_plans where provider = 'Acme'")
    assert last == [(date(2026, 4, 1), "for_real")]
    found = do(store, fallback.DRILLS, fallback.Listing("Acme"))
    assert [(one.held_on.month, one.kind, one.figures) for one in found] == [
        (4, "for_real", {"lost": 0.12}),
        (3, "simulated", {}),
    ]
    assert do(store, fallback.DRILLS, fallback.Listing("Bolt")) == []
    move_clock(store, datetime(2025, 3, 1, tzinfo=UTC))
    assert rows(store, "select age_days from exit_plans where provider = 'Acme'") == [(0,)]


def test_a_drill_that_is_none_is_refused(store: Store) -> None:
    for asked, told in [
        (held(kind="dreamt"), "kind: expected one of simulated, for_real, got 'dreamt'"),
        (held(provider="Own"), "provider: 'Own' is nobody"),
        (held(outcome=""), "outcome: expected 1 to 4000"),
        (held(held_on=date(2026, 4, 22)), "held_on: expected a day"),
        (held(held_by="x" * 81), "held_by: expected 1 to 80"),
    ]:
        with pytest.raises(StoreError, match=told):
            do(store, fallback.DRILL, asked)
    assert counts(store) == (0, 0, 0, 0)


def test_of_several_contracts_with_a_provider_the_plan_updated_last_counts(store: Store) -> None:
    plans = [None, {"owner": "Old", "where": "a", "updated": "2025-01-01"},
             {"owner": "New", "where": "b", "updated": "2026-01-01"}]  # fmt: skip
    for plan in plans:
        document = json.dumps({"exit_plan": plan})
        store.connection.execute("insert into private.contract values ('Cargo', ?)", [document])
    assert rows(store, "select owner from exit_plans where provider = 'Cargo'") == [("New",)]


# --- kept for good ----------------------------------------------------------------------------------------


def test_a_rebuild_keeps_what_was_saved_decided_and_drilled(store: Store, settings: Settings) -> None:
    scenario = do(store, fallback.KEEP, kept()).id
    do(store, fallback.WITHDRAW, fallback.Turn(scenario, "Ben"))
    do(store, fallback.RESTORE, fallback.Turn(scenario, "Cas"))
    first = do(store, fallback.DECIDE, decided(scenario_id=scenario)).id
    do(store, fallback.DECIDE, decided(replaces=first))
    do(store, fallback.DRILL, held())
    before = [rows(store, f"from {view} order by all") for view in VIEWS]
    store.close()
    found = rebuild(settings, lambda _: None, replace=True)
    assert [relation for relation in found.compared if not relation.is_equal] == []
    again = Store.open(settings)
    try:
        assert [rows(again, f"from {view} order by all") for view in VIEWS] == before
        assert counts(again) == (1, 2, 2, 1)
    finally:
        again.close()
