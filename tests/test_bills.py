"""Bills in the store: taken in whole or not at all, checked again when more is known, disputed, never deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ingest.cli import app
from ingest.costing.bills import Received
from ingest.migrate import StoreError
from ingest.store import Store
from ingest.upkeep import bills
from ingest.upkeep.rebuild import rebuild
from ingest.upkeep.work import Command, finished
from models.settings import Settings
from tests.costed import charge, computed, contract_text, terms_text, write_documents
from tests.rolled import commit, move_clock, standing_at
from tests.test_costing_months import calls

PER_CONTACT = terms_text(charge(kind="contact", rate=2))
IN_APRIL = datetime(2026, 4, 20, 12, tzinfo=UTC)
LINES = "date,quantity,rate,amount\n2026-03-02,4,2,8\n"
ITEMS = "contact_id,ended_at\nc0-0,2026-03-02\nc0-1,2026-03-02\nc0-2,2026-03-02\nc0-2,2026-03-02\n"


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Path) -> Settings:
    texts = {
        "acme": contract_text(PER_CONTACT, head="tolerance = 1\ndispute_days = 10\n"),
        "bolt": contract_text(PER_CONTACT, provider="Bolt"),
    }
    folder = write_documents(tmp_path / "terms", texts)
    sites = {"north": {"provider": "Acme"}, "south": {"provider": "Bolt"}}
    return make_settings(**standing_at(IN_APRIL), terms_dir=folder, sites=sites)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """Three contacts of 2 March at north, at 2.00 each."""
    opened = Store.open(settings)
    commit(opened, calls(3, 0))
    computed(opened)
    yield opened
    opened.connection.close()


def do(store: Store, command: Command[Any, Any], asked: Any) -> Any:
    return finished(command.work(store, lambda: pytest.fail("no decoder is needed"), asked), lambda _: None)


def loaded(store: Store, lines: str = LINES, items: str = "", **more: Any) -> str:
    given: dict[str, Any] = {
        "provider": "Acme",
        "month": date(2026, 3, 1),
        "number": "A-1",
        "received": date(2026, 4, 5),
        "name": "Ann",
    }
    given.update(lines_csv=lines, items_csv=items, **more)
    done = do(store, bills.LOAD, Received(**given))
    computed(store)
    return str(done.bill_id)


def shown(store: Store, bill_id: str) -> bills.Shown:
    found: bills.Shown = do(store, bills.SHOW, bills.Show(bill_id))
    return found


def test_a_bill_is_held_against_what_was_expected_reason_by_reason(store: Store) -> None:
    found = shown(store, loaded(store, items=ITEMS))
    assert [found.bill.billed, found.bill.expected, found.bill.difference] == [8, 6, 2]
    assert (found.bill.state, found.bill.dispute_by) == ("differs", date(2026, 4, 15))
    assert [[step.reason, step.quantity, step.amount, step.contacts] for step in found.steps] == [
        ["twice", 1, 2, ["c0-2"]]
    ]


def test_a_difference_within_the_tolerance_agrees(store: Store) -> None:
    lines = "date,quantity,rate,amount\n2026-03-02,3,2,7\n"
    assert shown(store, loaded(store, lines)).bill.state == "agrees"
    lines = lines.replace(",7", ",7.01")
    assert shown(store, loaded(store, lines, number="A-2")).bill.state == "differs"


def test_a_contact_of_another_provider_and_one_nobody_knows_are_unknown(store: Store) -> None:
    commit(store, [body | {"source": "south"} for body in calls(1, 1)])
    items = ITEMS.replace("c0-2,2026-03-02\nc0-2", "c1-0,2026-03-03\nnobody")
    found = shown(store, loaded(store, items=items))
    steps = {step.reason: (step.amount, step.contacts) for step in found.steps}
    assert steps["unknown"][1] == ["c1-0", "nobody"]
    assert steps["left_out"][1] == ["c0-2"]
    assert found.bill.difference == sum(step.amount for step in found.steps)
    assert found.bill.expected == 6


def test_a_bill_is_checked_again_when_more_is_known(store: Store) -> None:
    bill_id = loaded(store)
    assert shown(store, bill_id).bill.difference == 2
    commit(store, calls(1, 0, first=3))
    computed(store)
    assert shown(store, bill_id).bill.difference == 0
    assert shown(store, bill_id).steps == []


def test_a_bill_of_a_running_month_waits_for_its_end(store: Store) -> None:
    move_clock(store, datetime(2026, 3, 31, 12, tzinfo=UTC))
    bill_id = loaded(store, received=date(2026, 3, 31))
    found = shown(store, bill_id).bill
    assert (found.state, found.billed) == ("not checked", None)
    assert "March 2026 is not over" in str(found.trouble)
    move_clock(store, IN_APRIL)
    computed(store)
    assert shown(store, bill_id).bill.state == "differs"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"provider": "Nobody"}, "no contract with 'Nobody': expected one of: Acme, Bolt"),
        ({"month": date(2026, 3, 2)}, "expected the first day of a month"),
        ({"month": date(2025, 3, 1)}, "Acme has no terms in 2025-03: the first begin 2026-01-01"),
        ({"month": date(2026, 2, 1)}, "2026-03-02 is not in 2026-02"),
        ({"number": " \n "}, "number: expected 1 to 80 characters"),
        ({"name": ""}, "name: expected 1 to 80 characters"),
        ({"mapping": {"charge:theirs": "ours"}}, "mapping: ours: expected a charge of the contract: work"),
        ({"lines": "quantity\n1\n"}, "no column for amount"),
        ({"items": "contact_id,ended_at\nc1,never\n"}, "items: line 2: `ended_at`"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_and_nothing_of_it_is_kept(
    store: Store, more: dict[str, Any], told: str
) -> None:
    with pytest.raises(StoreError, match=told):
        loaded(store, **more)
    for table in ("bill", "bill_line", "bill_item"):
        assert store.connection.execute(f"select count(*) from private.{table}").fetchall() == [(0,)]


def test_a_bill_is_loaded_once_unless_it_was_withdrawn_which_is_kept(store: Store) -> None:
    first = loaded(store)
    with pytest.raises(StoreError, match="was loaded already; withdraw it first"):
        loaded(store)
    do(store, bills.WITHDRAW, bills.Withdraw(first, "Ann", "wrong file"))
    second = loaded(store)
    states = {bill.bill_id: bill.state for bill in do(store, bills.LIST, bills.Listing())}
    assert states == {first: "withdrawn", second: "differs"}
    with pytest.raises(StoreError, match="was withdrawn by Ann"):
        do(store, bills.WITHDRAW, bills.Withdraw(first, "Bob"))
    with pytest.raises(StoreError, match="was withdrawn by Ann"):
        do(store, bills.DISPUTE, bills.Dispute(first, "Bob"))


def test_a_dispute_is_kept_with_every_turn_it_takes(store: Store) -> None:
    bill_id = loaded(store, items=ITEMS)
    made = do(store, bills.DISPUTE, bills.Dispute(bill_id, "Ann", ["twice"], Decimal("2.00"), "see the list")).id
    assert shown(store, bill_id).bill.state == "disputed"
    with pytest.raises(StoreError, match="the dispute is open already: expected its outcome"):
        do(store, bills.TURN, bills.Turn(made, "open", "Bob"))
    do(store, bills.TURN, bills.Turn(made, "partly accepted", "Bob", Decimal("1.50")))
    assert shown(store, bill_id).bill.state == "dispute settled"
    with pytest.raises(StoreError, match="the dispute is partly accepted already: expected open"):
        do(store, bills.TURN, bills.Turn(made, "rejected", "Bob"))
    do(store, bills.TURN, bills.Turn(made, "open", "Ann", note="noted by mistake"))
    assert shown(store, bill_id).bill.state == "disputed"
    turns = store.connection.execute("select state, name, amount, is_last from disputes order by all").fetchall()
    assert len(turns) == 3
    with pytest.raises(StoreError, match="reasons: greed: expected some of"):
        do(store, bills.DISPUTE, bills.Dispute(bill_id, "Ann", ["greed"]))
    with pytest.raises(StoreError, match="there is no dispute 'x'"):
        do(store, bills.TURN, bills.Turn("x", "rejected", "Ann"))


def test_what_people_write_cannot_move_a_cursor_or_turn_text_around(store: Store) -> None:
    loaded(store, number="A\x1b[2J-\u202e1", name="Ann\n\tLee")
    ((number, name),) = store.connection.execute("select number, loaded_by from bills").fetchall()
    assert (number, name) == ("A[2J-1", "Ann Lee")


def test_a_rebuild_keeps_bills_disputes_and_what_months_came_to(store: Store, settings: Settings) -> None:
    bill_id = loaded(store, items=ITEMS)
    do(store, bills.DISPUTE, bills.Dispute(bill_id, "Ann", ["twice"], Decimal(2)))
    store.close()
    found = rebuild(settings, lambda _: None, replace=True)
    assert [relation for relation in found.compared if not relation.is_equal] == []
    again = Store.open(settings)
    try:
        assert shown(again, bill_id).bill.state == "disputed"
        assert [step.contacts for step in shown(again, bill_id).steps] == [["c0-2"]]
        # Months are computed again from the sums made anew, and come out as they were.
        assert computed(again) == 0
        assert again.connection.execute("select sum(amount) from cost_days").fetchall() == [(6,)]
    finally:
        again.close()


# --- on the command line ----------------------------------------------------------------------------------


def test_the_command_line_loads_shows_and_disputes_a_bill(
    store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.connection.execute("checkpoint")
    lines, items = tmp_path / "march.csv", tmp_path / "items.csv"
    lines.write_text(LINES.replace("quantity", "Menge"), "utf-8")
    items.write_text(ITEMS, "utf-8")
    given: list[Any] = []

    def here(_: Settings, command: Command[Any, Any], asked: Any, __: Any) -> Any:
        given.append(asked)
        return do(store, command, asked)

    monkeypatch.setattr("ingest.upkeep.bill_commands.run", here)
    monkeypatch.setattr("ingest.upkeep.bill_commands.settings_of", lambda _: settings)
    runner = CliRunner()

    def run(*words: str) -> str:
        result = runner.invoke(app, ["bills", *words])
        assert result.exit_code == 0, result.output
        return result.output

    load = ["load", str(lines), "--provider", "Acme", "--month", "2026-03", "--name", "Ann", "--items", str(items)]
    told = run(*load, "--column", "quantity=Menge", "--received", "2026-04-05")
    bill_id = told.split()[1]
    assert told == f"bill {bill_id} loaded: 1 lines, 4 contacts\n"
    assert "not checked yet" in run("list")
    computed(store)
    assert "+2.00" in run("list")
    assert run("show", bill_id).splitlines() == [
        "bill march of Acme for March 2026, received 2026-04-05",
        "          8.00 EUR  billed",
        "         -2.00 EUR  the same contact again (work), 1 contacts",
        "          6.00 EUR  expected",
        "can be disputed until 2026-04-15",
    ]
    dispute_id = run("dispute", bill_id, "--name", "Ann", "--reason", "twice", "--amount", "2").split()[1]
    assert run("settle", dispute_id, "--state", "accepted", "--name", "Bob") == f"dispute {dispute_id}: accepted\n"
    assert "dispute settled" in run("list")
    assert run("withdraw", bill_id, "--name", "Ann") == f"bill {bill_id} withdrawn\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--month", "March"], "--month: expected a month such as 2026-11, got 'March'"),
        (["--total", "1,000"], "--total: expected a number such as 1234.50, got '1,000'"),
        (["--received", "today"], "--received: expected a day such as 2026-12-03"),
        (["--column", "amount"], "--column: expected NAME=COLUMN, got 'amount'"),
        (["--items", "nowhere.csv"], "nowhere.csv: cannot be read: No such file or directory"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, words: list[str], told: str) -> None:
    lines = tmp_path / "march.csv"
    lines.write_text(LINES, "utf-8")
    given = ["bills", "load", str(lines), "--provider", "Acme", "--month", "2026-03", "--name", "Ann", *words]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 2
    assert told in result.output.replace("\n", " ")
