"""Loading a bill on the Invoices page: what is read of its files, every mistake that is named, and what is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dashboard import money
from dashboard.invoices import load_words as said
from dashboard.invoices import upload
from models.terms.contract import Contract
from tests.bill_store import CONTRACT, HOSTILE, ITEMS, LINES, OCTOBER, PROVIDER, Books, desk
from tests.test_dashboard_pages import markdown, opened, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

    from tests.dashboard_store import Server

pytestmark = pytest.mark.usefixtures("fresh_caches")


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    from models.documents.reading import load

    path = tmp_path_factory.mktemp("terms") / "south.toml"
    path.write_text(CONTRACT)
    return load(path, Contract, 1_000_000, exact=True).value


# --- files -------------------------------------------------------------------------------------------------


def test_usual_names_of_columns_are_guessed() -> None:
    table = upload.table(LINES.encode("utf-8-sig"), "lines")
    assert upload.guessed(table.header, upload.LINE_COLUMNS) == {
        "date": "date", "charge": "description", "quantity": "qty", "rate": "price", "amount": "net", "kind": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"date,amount\n\xff\xfe,1\n", "line 2: expected a text file in UTF-8"),
        (b'date,"amount\n', "not CSV"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(data: bytes, problem: str) -> None:
    assert problem in upload.table(data, "lines").problem


def test_every_mistake_of_both_files_is_named_with_its_line(contract: Contract) -> None:
    lines = "date,qty,net\n2026-10-05,1,2\n2026-10-06,x,2\n5 October,1,\n"
    read = upload.read(contract, OCTOBER, lines, {}, "contact_id,ended_at\nc1,\n")
    assert [problem.split(": ")[:2] for problem in read.problems] == [
        ["lines", "line 3"], ["lines", "line 4"], ["lines", "line 4"], ["items", "line 2"],
    ]  # fmt: skip
    assert "expected a number such as 1234.50" in read.problems[0]
    assert not read.lines


def test_a_line_of_another_month_is_a_mistake(contract: Contract) -> None:
    read = upload.read(contract, OCTOBER, "date,qty,net\n2026-09-30,1,2\n", {})
    assert read.problems == ("lines: 2026-09-30 is not in 2026-10 (1 such): expected a bill of one month",)


def test_a_month_without_terms_is_a_mistake(contract: Contract) -> None:
    (problem,) = upload.read(contract, OCTOBER.replace(year=2020), LINES, {}).problems
    assert "has no terms in 2020-10" in problem


def test_names_of_charges_the_contract_does_not_have_are_found_and_mapped(contract: Contract) -> None:
    lines = "what,qty,net,kind\nInbound,2,4.00,\nCalls,1,2.00,\nService,0,-1.00,malus\n"
    assert upload.unknown_charges(lines, "what", "kind", contract, OCTOBER) == ["Inbound"]
    read = upload.read(contract, OCTOBER, lines, {"charge": "what", "charge:Inbound": "Calls"})
    assert [(line.charge, line.amount) for line in read.lines] == [
        ("Calls", Decimal("4.00")), ("Calls", Decimal("2.00")), ("", Decimal("-1.00")),
    ]  # fmt: skip


def test_a_column_that_is_chosen_away_is_not_guessed_again(contract: Contract) -> None:
    lines = "date,qty,price,net\n2026-10-05,1,9.99,2.00\n"
    assert upload.read(contract, OCTOBER, lines, {"rate": ""}).lines[0].rate is None
    assert upload.read(contract, OCTOBER, lines, {}).lines[0].rate == Decimal("9.99")


def test_typed_lines_are_read_like_a_file(contract: Contract) -> None:
    rows = [
        {"date": "2026-10-05", "charge": "Calls", "quantity": "0.1", "rate": "0.3", "amount": "0.03", "kind": None},
        dict.fromkeys(upload.TYPED),
        {"date": None, "charge": None, "quantity": "0", "rate": None, "amount": "-5", "kind": "malus"},
    ]
    (first, second) = upload.read(contract, OCTOBER, upload.typed_csv(rows), {}).lines
    assert (first.quantity, first.rate, first.amount) == (Decimal("0.1"), Decimal("0.3"), Decimal("0.03"))
    assert (second.day, second.kind, second.amount) == (None, "malus", Decimal(-5))


# --- money -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0.1", "0.10 EUR"), ("1234567.5", "1,234,567.50 EUR"), ("-3", "−3.00 EUR"), ("0.0000", "0.00 EUR"),
        ("12.3450", "12.345 EUR"), ("100", "100.00 EUR"),
    ],
)  # fmt: skip
def test_an_amount_keeps_every_place_it_has(amount: str, shown: str) -> None:
    assert money.shown(Decimal(amount), "EUR") == shown


@pytest.mark.parametrize("typed", ["1,000", "NaN", "inf", "1e20", "x", "١٢x"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="expected a number"):
        money.typed(typed)


# --- the page ----------------------------------------------------------------------------------------------


@pytest.fixture
def form(tmp_path: Path, serve_file: Callable[[Path], Server]) -> AppTest:
    """The form over a store with a contract, and without bills."""
    with Books(tmp_path) as books:
        pass
    serve_file(books.path)
    app = opened("invoices", do="load")
    app.selectbox(key="inv-new-month").set_value("2026-10").run()
    return app


def given(app: AppTest, lines: str, items: str = "") -> AppTest:
    uploaders: Any = app.get("file_uploader")
    first, second = uploaders
    first.upload("lines.csv", lines.encode(), "text/csv")
    if items:
        second.upload("items.csv", items.encode(), "text/csv")
    return app.run()


def send(app: AppTest) -> AppTest:
    app.text_input(key="inv-new-number").set_value("B-9")
    app.text_input(key="inv-new-name").set_value("Ann")
    app.text_input(key="inv-new-total").set_value("36.07")
    return app.button(key="inv-send").click().run()


def test_a_bill_is_previewed_and_handed_in_as_it_was_uploaded(form: AppTest, tmp_path: Path) -> None:
    app = given(form, LINES.replace("Calls", HOSTILE[:60]), ITEMS)
    assert not app.exception
    assert "2 lines that add up to 36.00 EUR and 18 contacts." in texts(app)
    assert HOSTILE[:60] in texts(app)
    assert "<script>" not in markdown(app)
    (pick,) = [box for box in app.selectbox if box.key and box.key.startswith("inv-charge-0")]
    app = pick.set_value("Calls").run()
    with desk(tmp_path, [{"result": {"bill_id": "gone", "lines": 2, "items": 18}}]) as asked:
        _unwaited(app, lambda: send(app))
    (request,) = asked
    args = request["args"]
    assert request["command"] == "bills load"
    assert (args["provider"], args["month"], args["number"], args["name"]) == (PROVIDER, "2026-10-01", "B-9", "Ann")
    assert (args["total"], args["exchange_rate"]) == ("36.07", None)
    assert args["lines_csv"] == LINES.replace("Calls", HOSTILE[:60])
    assert args["items_csv"] == ITEMS
    assert args["mapping"]["quantity"] == "qty"
    assert args["mapping"][f"charge:{HOSTILE[:60]}"] == "Calls"


def test_nothing_is_sent_while_there_are_mistakes(form: AppTest, tmp_path: Path) -> None:
    app = given(form, "date,qty,net\n2026-10-05,many,2\n")
    with desk(tmp_path, []) as asked:
        app = send(app)
    assert [element.value for element in app.error] == [said.MISTAKES]
    assert "lines: line 2: `quantity`: expected a number such as 1234.50" in texts(app)
    assert asked == []


def test_what_is_missing_is_asked_for(form: AppTest) -> None:
    app = form.button(key="inv-send").click().run()
    assert [element.value for element in app.warning] == [said.LINES_NEEDED, said.NUMBER_NEEDED, said.NAME_NEEDED]


def test_what_ingest_refuses_is_shown_line_by_line(form: AppTest, tmp_path: Path) -> None:
    app = given(form, LINES)
    with desk(tmp_path, [{"error": "lines: first\nlines: **second**"}]):
        app = send(app)
    assert "lines: **second**" in texts(app)
    assert "**second**" not in markdown(app)
    assert app.query_params["do"] == "load"


def _unwaited(app: AppTest, act: Callable[[], Any]) -> None:
    """Without the wait for a check that nobody makes here."""
    from dashboard.invoices import load_section

    before = load_section.WAIT_S
    load_section.WAIT_S = 0
    try:
        act()
    finally:
        load_section.WAIT_S = before
    assert not app.exception
