"""The Invoices page against a real store: bills whose every amount was reckoned by hand, and what users can do."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb
import pytest

from dashboard import desk as dashboard_desk
from dashboard.invoices import words as said
from tests.bill_store import HOSTILE, OCTOBER, PROVIDER, Books, desk
from tests.dashboard_store import Server
from tests.test_dashboard_pages import markdown, opened, texts

if TYPE_CHECKING:
    from pathlib import Path

    from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.usefixtures("fresh_caches")
Serve: TypeAlias = Callable[..., Server]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """October billed too much by 6.00, with a hostile number; September without a bill."""
    with Books(tmp_path_factory.mktemp("loaded")) as books:
        return books.path, books.load(HOSTILE[:80])


def page(**query: str | list[str]) -> AppTest:
    return opened("invoices", **query)


def frame(app: AppTest, column: str) -> Any:
    """The table that has this column."""
    (found,) = [element.value for element in app.dataframe if column in element.value.columns]
    return found


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def test_the_overview_says_what_is_in_question_and_until_when(loaded: tuple[Path, str], serve_file: Serve) -> None:
    serve_file(loaded[0])
    app = page()
    assert "6.00 EUR too much was billed in one bill not settled yet." in texts(app)
    assert "Next deadline to dispute: 2 Dec 2026 (12 days left)." in texts(app)
    assert "1 month that is over has no bill loaded." in texts(app)
    rows = frame(app, "days_left")
    assert rows["month"].tolist() == ["2026-10", "2026-09"]
    assert rows["state"].tolist() == ["▲ Too much billed", "○ No bill loaded"]
    assert rows["billed"].iloc[0] == Decimal(36)
    assert rows["expected"].tolist() == [Decimal(30), Decimal(8)]
    assert rows["difference"].iloc[0] == Decimal(6)
    assert rows["days_left"].iloc[0] == 12
    assert rows["number"].iloc[0] == HOSTILE[:80]
    assert "<script>" not in markdown(app)


def test_filters_come_from_the_address_and_go_back_to_it(loaded: tuple[Path, str], serve_file: Serve) -> None:
    serve_file(loaded[0])
    app = page(month="2026-09", other="x", state="no such")
    assert frame(app, "days_left")["month"].tolist() == ["2026-09"]
    assert texts(app).count("It was left out.") == 2
    app.multiselect(key="invoices-months").set_value([]).run()
    app.multiselect(key="invoices-states").set_value(["too much"]).run()
    assert not app.exception
    assert frame(app, "days_left")["month"].tolist() == ["2026-10"]
    assert dict(app.query_params) == {"state": "too much"}


def test_a_bill_shows_its_bridge_its_contacts_and_its_lines(loaded: tuple[Path, str], serve_file: Serve) -> None:
    serve_file(loaded[0])
    app = page(bill=loaded[1])
    assert [(one.label, one.value) for one in app.metric] == [
        (said.BILLED, "36.00 EUR"), (said.EXPECTED, "30.00 EUR"), (said.DIFFERENCE, "+6.00 EUR"),
    ]  # fmt: skip
    steps = frame(app, "reason")
    assert steps["reason"].tolist() == ["The same contact again", "Contacts nobody answered"]
    assert steps["amount"].tolist() == [Decimal(4), Decimal(2)]
    assert steps["quantity"].tolist() == [Decimal(2), Decimal(1)]
    assert steps["contacts"].tolist() == [2, 1]
    assert Decimal(36) - sum(steps["amount"]) == Decimal(30)
    assert "36.00 EUR billed − 6.00 of all reasons = 30.00 EUR expected, exactly." in texts(app)
    assert "It can be disputed until 2 Dec 2026 (12 days left)." in texts(app)
    contacts = frame(app, "contact")
    assert contacts["contact"].tolist() == ["c0", "c1"]
    assert contacts["link"].iloc[0] == "contacts?from=2026-10-01&to=2026-10-31&contact=c0&of=south"
    lines = frame(app, "billed_quantity")
    assert lines["day"].tolist() == ["2026-10-05", "2026-10-06"]
    assert lines["difference"].tolist() == [Decimal(4), Decimal(2)]
    assert HOSTILE[:80] in texts(app)
    assert "<script>" not in markdown(app)
    (chart,) = app.get("vega_lite_chart")
    assert "The same contact again (Calls): −4.00" in json.loads(chart.proto.spec)["description"]


def test_what_none_of_the_reasons_explains_is_said_loudly(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load(total=Decimal("36.07"))
    serve_file(books.path)
    app = page(bill=bill)
    assert any(said.SHORT["unexplained"] in element.value for element in app.error)
    assert "0.07 EUR too much cannot be explained" in texts(app)
    assert "The bill says 36.07 EUR at its end, but its lines add up to 36.00 EUR." in texts(app)
    assert "6.07 of all reasons = 30.00 EUR expected, exactly." in texts(app)


def test_a_bill_within_the_tolerance_says_so(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load(lines="date,quantity,amount\n2026-10-05,10,20.50\n2026-10-06,5,10.00\n", items="")
    serve_file(books.path)
    app = page(bill=bill)
    assert "0.50 EUR too much was billed, within the tolerance of the contract." in texts(app)
    assert "Nothing that was billed is in question." in texts(page())


def test_a_month_that_is_not_over_is_told_as_trouble(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        lines = "date,quantity,amount\n2026-11-05,1,2.00\n"
        bill = books.load(lines=lines, items="", month=OCTOBER.replace(month=11))
    serve_file(books.path)
    app = page(bill=bill)
    assert "November 2026 is not over" in texts(app)
    assert [element.value for element in app.warning] == [said.TROUBLE]
    assert frame(app, "billed_quantity")["billed"].tolist() == [Decimal(2)]


def test_a_bill_that_is_being_checked_says_so(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
    with duckdb.connect(str(books.path)) as connection:
        connection.execute("delete from private.bill_check")
    serve_file(books.path)
    assert [element.value for element in page(bill=bill).info] == [said.CHECKING]


def test_a_withdrawn_bill_is_kept_and_counts_no_more(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
        books.withdraw(bill, HOSTILE)
    serve_file(books.path)
    app = page()
    assert "Nothing that was billed is in question." in texts(app)
    assert set(frame(app, "days_left")["state"]) == {said.STATES["withdrawn"], said.STATES["no bill loaded"]}
    app = page(bill=bill)
    assert f"Withdrawn by Ann on 20 Nov 2026, 13:00: {HOSTILE}" in texts(app)
    assert "<script>" not in markdown(app)
    assert not [button for button in app.button if button.label == said.SEND_WITHDRAW]


def test_a_dispute_is_preset_with_reasons_and_amount(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
    serve_file(books.path)
    with desk(tmp_path, [{"result": {"id": "d", "at": "2026-11-20T12:00:00"}}]) as asked:
        app = page(bill=bill)
        assert app.multiselect(key=f"inv-reasons-{bill}").value == ["twice", "abandoned"]
        assert app.text_input(key=f"inv-amount-{bill}").value == "6.00"
        app = press(app, "inv-dispute-send")
        assert [element.value for element in app.warning] == [said.NAME_NEEDED]
        app.text_input(key=f"inv-name-dispute-{bill}").set_value(" Ann ")
        app.text_area(key=f"inv-note-dispute-{bill}").set_value("please credit")
        app = press(app, "inv-dispute-send")
        assert not app.exception
    args = {
        "bill_id": bill,
        "reasons": ["twice", "abandoned"],
        "amount": "6.00",
        "name": "Ann",
        "note": "please credit",
    }
    assert asked == [{"command": "bills dispute", "args": args}]


def test_an_amount_that_is_none_is_named_and_nothing_is_sent(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
    serve_file(books.path)
    with desk(tmp_path, []) as asked:
        app = page(bill=bill)
        app.text_input(key=f"inv-name-dispute-{bill}").set_value("Ann")
        app.text_input(key=f"inv-amount-{bill}").set_value("1,000")
        app = press(app, "inv-dispute-send")
        assert "Not done: expected a number such as 1234.50" in texts(app)
    assert asked == []


def test_an_outcome_is_noted_and_can_be_undone(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
        dispute = books.dispute(bill, HOSTILE, Decimal(6))
    serve_file(books.path)
    with desk(tmp_path, [{"result": {"id": dispute, "at": "2026-11-20T12:00:00"}}]) as asked:
        app = page(bill=bill)
        history = frame(app, "note")
        assert history["note"].tolist() == [HOSTILE]
        assert history["amount"].tolist() == [Decimal(6)]
        app.segmented_control(key=f"inv-outcome-{dispute}").set_value("partly accepted")
        app.text_input(key=f"inv-credited-{dispute}").set_value("4")
        app.text_input(key=f"inv-name-outcome-{dispute}").set_value("Ann")
        assert not press(app, "inv-outcome-send").exception
    expected = {"dispute_id": dispute, "state": "partly accepted", "amount": "4", "name": "Ann", "note": ""}
    assert asked == [{"command": "bills turn", "args": expected}]


def test_a_settled_dispute_shows_its_history_and_opens_again(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
        dispute = books.dispute(bill)
        books.turn(dispute, "rejected")
    serve_file(books.path)
    with desk(tmp_path, [{"error": "no, **thanks**"}]) as asked:
        app = page(bill=bill)
        assert frame(app, "note")["state"].tolist() == [said.TURNS["open"], said.TURNS["rejected"]]
        app.text_input(key=f"inv-name-again-{dispute}").set_value("Ann")
        app = press(app, "inv-again-send")
        assert "Not done: no, **thanks**" in texts(app)
        assert "**thanks**" not in markdown(app)
    assert asked[0]["args"]["state"] == "open"


def test_a_bill_is_withdrawn_with_name_and_reason(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
    serve_file(books.path)
    with desk(tmp_path, [{"result": {"id": bill, "at": "2026-11-20T12:00:00"}}]) as asked:
        app = page(bill=bill)
        app.text_input(key=f"inv-name-withdraw-{bill}").set_value("Ann")
        app = press(app, "inv-withdraw-send")
        assert [element.value for element in app.warning] == [said.WHY_NEEDED]
        app.text_area(key=f"inv-note-withdraw-{bill}").set_value("wrong file")
        assert not press(app, "inv-withdraw-send").exception
    assert asked == [{"command": "bills withdraw", "args": {"bill_id": bill, "name": "Ann", "note": "wrong file"}}]


def test_a_stopped_store_can_be_read_and_says_that_ingest_must_run(
    tmp_path: Path, serve_file: Serve
) -> None:  # fmt: skip
    with Books(tmp_path) as books:
        bill = books.load()
    serve_file(books.path).stop()
    app = page()
    assert said.STOPPED in texts(app)
    assert len(frame(app, "days_left")) == 2
    assert not [button for button in app.button if button.label == said.LOAD_A_BILL]
    app = page(bill=bill)
    assert len(frame(app, "reason")) == 2
    assert not [button for button in app.button if button.label == said.SEND_DISPUTE]
    assert not page(do="load").get("file_uploader")


def test_without_a_contract_the_page_says_how_to_describe_one(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path, agreed=False) as books:
        pass
    serve_file(books.path)
    app = page()
    assert [element.value for element in app.info] == [said.NO_CONTRACT_TITLE]
    assert app.code[0].value == said.NO_CONTRACT_COMMANDS


def test_without_a_bill_the_page_says_what_to_do(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        pass
    serve_file(books.path)
    app = page()
    assert [element.value for element in app.info] == [said.NO_BILLS_TITLE]
    assert frame(app, "days_left")["state"].tolist() == [said.STATES["no bill loaded"]] * 2
    app = press(app, "inv-first")
    assert len(app.get("file_uploader")) == 2


def test_what_changed_after_the_month_was_closed_is_told_apart(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
    with duckdb.connect(str(books.path)) as connection:
        # As if late events had made the 6th dearer by 2.00 when the month was closed already.
        of_month = f"where party = '{PROVIDER}' and month = date '{OCTOBER}'"
        connection.execute(
            "insert into private.costed_month select * replace (build + 100 as build) from private.costed_month "
            + of_month
        )
        connection.execute(
            "insert into private.expected_line select * replace (build + 100 as build, "
            "amount + if(bill_date = date '2026-10-06', 2, 0) as amount) from private.expected_line " + of_month
        )
    serve_file(books.path)
    (row,) = frame(page(bill=bill), "correction").to_dict("records")
    assert row == {"charge": "Calls", "was": Decimal(30), "is": Decimal(32), "correction": Decimal(2)}


def test_a_bill_of_a_provider_without_contract_can_still_be_seen(tmp_path: Path, serve_file: Serve) -> None:
    with Books(tmp_path) as books:
        bill = books.load()
    with duckdb.connect(str(books.path)) as connection:
        connection.execute("delete from private.contract")
    serve_file(books.path)
    app = page(bill=bill)
    assert not app.exception
    assert len(frame(app, "reason")) == 2


def test_what_is_too_large_for_ingest_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(dashboard_desk.DeskError, match="too large"):
        dashboard_desk.ask(tmp_path, "bills load", {"lines_csv": "x" * dashboard_desk.LONGEST_REQUEST})


def test_what_the_desk_is_told_ingest_understands(tmp_path: Path) -> None:
    """The arguments the page sends are those of ingest's classes, with decimals and days as text."""
    import msgspec

    from ingest.costing.bills import Received

    sent: dict[str, Any] = {
        "provider": PROVIDER, "month": "2026-10-01", "number": "1", "received": "2026-11-02", "name": "Ann",
        "lines_csv": "", "items_csv": "", "total": "36.07", "exchange_rate": None, "mapping": {}, "items_mapping": {},
    }  # fmt: skip
    read = msgspec.json.decode(json.dumps(sent), type=Received)
    assert (read.month, read.total) == (OCTOBER, Decimal("36.07"))
