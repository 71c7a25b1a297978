"""What is kept of the Fallback page, asked for by the page over the socket and by people on the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from dashboard.desk import DeskError
from dashboard.fallback import commands as page
from dashboard.store import State
from dashboard.store import Store as DashboardStore
from ingest.cli import app
from ingest.fallback.scenarios import Assumption
from ingest.serving import serve
from ingest.store import Store
from ingest.upkeep import fallback
from ingest.upkeep.catalogue import DESK_COMMANDS
from ingest.upkeep.control import Control, desk_socket_path
from ingest.upkeep.work import Command
from models.fallback.assumptions import SPECS, Assumed
from models.fallback.facts import Facts
from models.settings import Settings
from tests.test_fallback_store import SUMMARY, TODAY, VIEWS, counts, do, facts, held, kept, rows, settings, store

__all__ = ["settings", "store"]

ASSUMED = {spec.name: Assumed(spec.default, spec.source) for spec in SPECS}


@contextmanager
def listening(store: Store) -> Iterator[None]:
    """What ingest does of it: the socket of the dashboard, and a loop that does what is asked for."""
    control = Control.start(desk_socket_path(store.settings), DESK_COMMANDS)
    ending = threading.Event()

    def loop() -> None:
        while not ending.wait(0.01):
            for request in control.pending():
                request.run(store, None)  # type: ignore[arg-type]

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(10)
        control.close()


@pytest.fixture
def desk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store, listening where the page asks."""
    monkeypatch.setenv("BACKSTOP_DATA_DIR", str(store.settings.data_dir))
    with listening(store):
        yield store


def test_the_page_saves_puts_aside_and_takes_back_an_answer(desk: Store) -> None:
    made = page.keep_scenario(
        name="All", facts=facts(), assumed=ASSUMED, saved_by="Ann",
        summary=SUMMARY | {"hires": np.int64(32), "npv": np.float64(12.5)},
    )  # fmt: skip
    ((found, summary, assumed),) = rows(desk, "select facts, summary, assumed from scenarios")
    assert Facts.model_validate_json(found) == facts()
    assert json.loads(summary) == SUMMARY
    assert {name: Assumed(**value) for name, value in json.loads(assumed).items()} == ASSUMED
    page.withdraw_scenario(scenario_id=made, name="Ben")
    with pytest.raises(DeskError, match="was withdrawn already by Ben"):
        page.withdraw_scenario(scenario_id=made, name="Cas")
    page.restore_scenario(scenario_id=made, name="Ben")
    assert rows(desk, "select scenario_id, withdrawn from scenarios") == [(made, False)]


def test_the_page_notes_decisions_and_drills(desk: Store) -> None:
    first = page.note_decision(
        provider="Acme", decided_on=TODAY, decided_by="Ann", verdict="watch", why="wait", expected=SUMMARY
    )
    second = page.note_decision(
        provider="Acme", decided_on=TODAY, decided_by="Ann", verdict="keep", why="better", replaces=first
    )
    assert dict(rows(desk, "select decision_id, replaced_by from decisions")) == {first: second, second: None}
    drill = page.note_drill(
        provider="Acme", held_on=TODAY, held_by="Ann", kind="for_real", outcome="fine", figures={"lost": 0.1}
    )
    assert rows(desk, "select drill_id, figures ->> '$.lost' from drills") == [(drill, "0.1")]
    with pytest.raises(DeskError, match="kind: expected one of simulated, for_real"):
        page.note_drill(provider="Acme", held_on=TODAY, held_by="Ann", kind="x", outcome="fine")


def test_an_endless_figure_is_named_and_nothing_is_sent(store: Store) -> None:
    with pytest.raises(DeskError, match="npv is no number, so it cannot be kept"):
        page.keep_scenario(name="All", facts=facts(), assumed=ASSUMED, saved_by="A", summary={"npv": float("nan")})
    endless = ASSUMED | {"price": Assumed(float("inf"), "said")}
    with pytest.raises(DeskError, match="price is no number"):
        page.keep_scenario(name="All", facts=facts(), assumed=endless, saved_by="A", summary={})
    assert counts(store) == (0, 0, 0, 0)


def test_the_page_says_when_ingest_is_not_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTOP_DATA_DIR", str(store.settings.data_dir))
    with pytest.raises(DeskError, match="ingest cannot be reached"):
        page.restore_scenario(scenario_id="x", name="Ann")


def test_what_is_kept_is_served_to_pages_and_analysts_alike_and_its_tables_to_nobody(store: Store) -> None:
    do(store, fallback.KEEP, kept())
    do(store, fallback.DRILL, held())
    tokens = {"dashboard": "dashboard-token-1", "analyst": "analyst-token-002"}
    served = serve(store.connection, host="localhost", port=0, tokens=tokens, memory_limit="500MB")
    try:
        for token in tokens.values():
            asking = DashboardStore(served.address, store.path, token)
            reply = asking.ask({view: f"from {view}" for view in VIEWS})
            assert (reply.state, [len(reply.frames[view]) for view in VIEWS]) == (State.LIVE, [1, 0, 1, 2])
            assert Facts.model_validate_json(reply.frames["scenarios"]["facts"][0]) == facts()
            hidden = asking.ask({"hidden": "from private.scenario"})
            assert 'schema "private" is not served' in hidden.tried[0]
    finally:
        served.stop()


# --- on the command line ----------------------------------------------------------------------------------


@pytest.fixture
def here(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The command line works on this store."""

    def run_here(_: Settings, command: Command[Any, Any], asked: Any, __: Any) -> Any:
        return do(store, command, asked)

    monkeypatch.setattr("ingest.upkeep.fallback_commands.run", run_here)
    monkeypatch.setattr("ingest.upkeep.fallback_commands.settings_of", lambda _: settings)
    return store


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_line_lists_and_shows_saved_answers(here: Store) -> None:
    assert run("scenarios", "list") == "no scenarios\n"
    known = kept().assumed | {"price": Assumption(3.8, "said\x1b[2J"), "shrinkage": Assumption(0.3, "own")}
    made = do(here, fallback.KEEP, kept(assumed=known)).id
    assert run("scenarios", "list") == f"{made}  2026-04-20  Acme  All of it  Ann\n"
    told = run("scenarios", "show", made)
    assert told.splitlines()[:9] == [
        "All of it, about Acme",
        "saved 2026-04-20 22:30 UTC by Ann, by Backstop 1.2.3, from what was known up to batch 17",
        "as agreed in March",
        "It came to",
        "  npv: 12.5",
        "  hires: 32",
        "  home_on: 2026-09-01",
        "  payback: not known",
        "  safe: True",
    ]
    assert "  What one costs at the provider: 3.8 (said[2J)\n" in told
    assert "  Shrinkage: 30 % (own)\n" in told
    assert "  Contacts a month: not said (measured)\n" in told
    in_full = json.loads(run("scenarios", "show", made, "--json"))
    assert Facts.model_validate_json(json.dumps(in_full["facts"])) == facts()
    assert run("scenarios", "withdraw", made, "--name", "Ben") == f"scenario {made} withdrawn\n"
    assert run("scenarios", "list") == "no scenarios\n"
    assert run("scenarios", "list", "--all").endswith("withdrawn\n")
    assert run("scenarios", "restore", made, "--name", "Ben") == f"scenario {made} restored\n"
    assert json.loads(run("scenarios", "list", "--json", "--provider", "Acme"))["scenario_id"] == made


def test_the_command_line_notes_and_lists_decisions_which_expect_what_their_answer_came_to(here: Store) -> None:
    assert run("decisions", "list") == "no decisions\n"
    scenario = do(here, fallback.KEEP, kept()).id
    note = ["decisions", "note", "--provider", "Acme", "--name", "Ann", "--verdict", "watch", "--why", "too early"]
    first = run(*note, "--scenario", scenario, "--on", "2026-04-01").split()[1]
    assert run("decisions", "list") == f"{first}  2026-04-01  Acme  watch  Ann    too early\n"
    assert json.loads(run("decisions", "list", "--json"))["expected"] == SUMMARY
    second = run(*note, "--replaces", first).split()[1]
    assert run("decisions", "list") == f"{second}  2026-04-21  Acme  watch  Ann    too early\n"
    assert "replaced" in run("decisions", "list", "--all")


def test_the_command_line_notes_and_lists_drills(here: Store) -> None:
    assert run("drills", "list") == "no drills\n"
    made = run("drills", "note", "--provider", "Acme", "--name", "Ann", "--outcome", "12 % lost").split()[1]
    do(here, fallback.DRILL, held(provider="Bolt", held_on=date(2026, 4, 1)))
    assert run("drills", "list").splitlines()[0] == f"{made}  {TODAY}  Acme  for real   Ann  12 % lost"
    assert run("drills", "list", "--provider", "Bolt").split()[1:4] == ["2026-04-01", "Bolt", "simulated"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["scenarios", "show", "x"], "there is no scenario 'x'; `backstop scenarios list` has those there are"),
        (["drills", "note", "--provider", "Acme", "--name", "A", "--outcome", "o", "--on", "today"],
         "--on: expected a day such as 2026-12-03, got 'today'"),
        (["decisions", "note", "--provider", "Acme", "--name", "A", "--why", "w", "--verdict", "sack"],
         "verdict: expected one of keep, watch, partial, full, got 'sack'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(here: Store, words: list[str], told: str) -> None:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert told in result.output.replace("\n", " ")
    assert counts(here) == (0, 0, 0, 0)
