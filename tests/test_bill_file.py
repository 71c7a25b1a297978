"""Bills as CSV: read whatever their columns are called, and every mistake named with its line."""

from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.billing.bill import BilledLine, Item
from models.billing.bill_file import Agreed, BillFileError, read_items, read_lines

ONE = Agreed({"work": False}, "UTC")
TWO = Agreed({"work": False, "time": True}, "Europe/Berlin", {"Talk time": "time"})


def problems(text: str, agreed: Agreed = ONE, **mapping: str) -> list[str]:
    with pytest.raises(BillFileError) as caught:
        read_lines(text, agreed, mapping)
    return str(caught.value).splitlines()


def test_usual_names_of_columns_are_known() -> None:
    text = "Date,Unit,Qty,Unit price,Net amount\n2026-11-02,contact,10,1.90,19.00\n"
    assert read_lines(text, ONE) == [
        BilledLine(date(2026, 11, 2), "work", Decimal(10), Decimal("1.90"), Decimal("19.00"))
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_whatever_separates_columns_and_however_lines_end(separator: str) -> None:
    text = "\ufeff" + separator.join(["quantity", "amount"]) + "\r\n\r\n" + separator.join(["3", "6.00"]) + "\r\n"
    assert read_lines(text, ONE) == [BilledLine(None, "work", Decimal(3), None, Decimal("6.00"))]


def test_a_mapping_says_which_column_is_which_and_what_a_charge_is_called_here() -> None:
    text = "service,menge,summe\nTalk time,61.5,30.75\nwork,2,4\nSet-up,1,99\n"
    found = read_lines(text, TWO, {"charge": "service", "quantity": "menge", "amount": "summe"})
    # What the contract does not have is kept as it stands: the check says so.
    assert [(line.charge, line.quantity) for line in found] == [
        ("time", Decimal("61.5")), ("work", Decimal(2)), ("Set-up", Decimal(1)),
    ]  # fmt: skip


def test_a_line_may_be_a_minimum_a_malus_or_a_bonus() -> None:
    text = "kind,quantity,amount\ncharge,1,2\nminimum,1,100\nMalus,1,-5\nbonus,1,5\n"
    assert [(line.kind, line.charge, line.amount) for line in read_lines(text, ONE)] == [
        ("charge", "work", Decimal(2)),
        ("minimum", "", Decimal(100)),
        ("malus", "", Decimal(-5)),
        ("bonus", "", Decimal(5)),
    ]


def test_every_mistake_is_named_with_its_line_all_at_once() -> None:
    text = 'date,charge,quantity,amount\n02.11.2026,work,1,2\n2026-11-02,,"1,000",2\n2026-11-02,work,1,nan\n'
    assert problems(text, TWO) == [
        "lines: line 2: `date`: expected a day or an instant such as 2026-11-03, got '02.11.2026'",
        "lines: line 3: `charge`: expected one of 'work', 'time', got ''",
        "lines: line 3: `quantity`: expected a number such as 1234.50 (no thousands separators), got '1,000'",
        "lines: line 4: `amount`: expected a number such as 1234.50 (no thousands separators), got 'nan'",
    ]


def test_what_is_missing_from_the_file_is_said_with_what_it_has() -> None:
    assert problems("") == ["lines: the file is empty; expected a header and lines below it"]
    assert problems("quantity,amount\n") == ["lines: expected one or more lines below the header, got none"]
    (told,) = problems("menge,amount\n1,2\n")
    assert told == "lines: no column for quantity; the file has menge, amount: say which with the mapping"
    (told,) = problems("menge,amount\n1,2\n", quantity="Menge")
    assert told == "lines: no column 'Menge' for `quantity`; the file has menge, amount"
    (told,) = problems("quantity,amount\n1,2\n", colour="red")
    assert told.startswith("lines: mapping of colour: expected date, charge")


def test_many_mistakes_are_told_as_twenty_and_how_many_more() -> None:
    told = problems("quantity,amount\n" + "x,1\n" * 30)
    assert len(told) == 21
    assert told[-1] == "lines: and 10 more"


def test_items_belong_to_the_day_they_ended_on_in_the_contracts_zone() -> None:
    text = "contact_id,ended_at,seconds,charge\nc1,2026-11-01T23:30:00Z,61.5,time\nc2,2026-11-01,30,work\n"
    assert read_items(text, TWO) == [
        Item(date(2026, 11, 2), "time", "c1", 61_500),
        Item(date(2026, 11, 1), "work", "c2", 1),
    ]


def test_items_may_have_minutes_and_what_is_paid_by_length_must_have_one() -> None:
    minutes = Agreed({"time": True}, "UTC")
    assert read_items("call_id,day,minutes\nc1,2026-11-01,1.5\n", minutes)[0].raw == 90_000
    with pytest.raises(BillFileError, match=r"line 2: expected `seconds` or `minutes`, as 'time' is paid by length"):
        read_items("call_id,day\nc1,2026-11-01\n", minutes)
    with pytest.raises(BillFileError, match=r"line 2: expected a length of 0 or more, got -3 s"):
        read_items("call_id,day,seconds\nc1,2026-11-01,-3\n", minutes)


def test_an_item_of_a_charge_the_contract_does_not_have_is_refused_with_the_name_that_was_meant() -> None:
    with pytest.raises(BillFileError, match="did you mean 'work'"):
        read_items("call_id,day,charge\nc1,2026-11-01,wrok\n", TWO)


@given(st.text(max_size=200), st.sampled_from([ONE, TWO]))
def test_no_text_is_anything_but_read_or_refused(text: str, agreed: Agreed) -> None:
    for read in (read_lines, read_items):
        with contextlib.suppress(BillFileError):
            read(text, agreed)


@given(
    st.lists(
        st.tuples(
            st.dates(date(2000, 1, 1), date(2100, 1, 1)),
            st.decimals(0, 10**6, places=3),
            st.decimals(-(10**6), 10**6, places=2),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_what_is_written_is_read(rows: list[tuple[date, Decimal, Decimal]]) -> None:
    text = "date,quantity,amount\n" + "".join(f"{day},{quantity},{amount}\n" for day, quantity, amount in rows)
    assert [(line.day, line.quantity, line.amount) for line in read_lines(text, ONE)] == rows
