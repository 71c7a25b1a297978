"""Bills as the store keeps them: taken in, withdrawn, disputed. Nothing of them is ever deleted or changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from ingest.arrow import insert_arrow
from ingest.migrate import StoreError
from ingest.written import written
from models.billing.bill import Bill, BilledLine, Item
from models.billing.bill_file import CHARGE, BillFileError, agreed_of, read_items, read_lines
from models.billing.months import segments
from models.billing.step import REASONS
from models.terms.contract import Contract

LONGEST_NAME, LONGEST_NOTE = 80, 2000
STATES = ("open", "accepted", "partly accepted", "rejected", "withdrawn")
"""Of a dispute: it begins open and ends with one of the others."""
_FINE, _MONEY = pa.decimal128(18, 6), pa.decimal128(18, 4)


class Received(msgspec.Struct, frozen=True):
    """A bill as it was handed in. mapping: of lines_csv; `charge:THEIR NAME` maps a charge. total: what it says."""

    provider: str
    month: date
    number: str
    received: date
    lines_csv: str
    name: str
    items_csv: str = ""
    total: Decimal | None = None
    exchange_rate: Decimal | None = None
    mapping: dict[str, str] = {}
    items_mapping: dict[str, str] = {}


def take_in(
    connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], given: Received, now: datetime
) -> str:
    """Keep a bill; returns its id. Use within a transaction. Raises StoreError, which says all that is wrong."""
    contract = contracts.get(given.provider)
    if contract is None:
        known = ", ".join(contracts) or "no provider has one"
        raise StoreError(f"no contract with {given.provider!r}: expected one of: {known}")
    if given.month.day != 1:
        raise StoreError(f"month: expected the first day of a month, got {given.month}")
    number, name = written("number", given.number, 1, LONGEST_NAME), written("name", given.name, 1, LONGEST_NAME)
    twice = connection.execute(
        "select bill_id from private.bill anti join private.bill_withdrawn using (bill_id) "
        "where provider = ? and number = ?",
        [given.provider, number],
    ).fetchone()
    if twice:
        raise StoreError(
            f"bill {number} of {given.provider} was loaded already; withdraw it first to load it again, or give "
            "another number"
        )
    columns = {key: value for key, value in given.mapping.items() if not key.startswith(CHARGE)}
    try:
        agreed = agreed_of(contract, given.month, given.mapping)
        lines = read_lines(given.lines_csv, agreed, columns)
        items = read_items(given.items_csv, agreed, given.items_mapping) if given.items_csv.strip() else []
    except BillFileError as error:
        raise StoreError(str(error)) from error
    outside = next((line.day for line in lines if line.day and line.day.replace(day=1) != given.month), None)
    if outside:
        raise StoreError(f"lines: {outside} is not in {given.month:%Y-%m}: expected a bill of one month")
    bill_id = token_hex(6)
    connection.execute(
        "insert into private.bill values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            bill_id, now, name, given.provider, given.month, number, given.received,
            segments(contract, given.month)[-1].terms.currency, given.total, given.exchange_rate,
        ],
    )  # fmt: skip
    _write_lines(connection, bill_id, lines)
    _write_items(connection, bill_id, items)
    return bill_id


def withdraw(connection: duckdb.DuckDBPyConnection, bill_id: str, name: str, note: str, now: datetime) -> None:
    """A bill was loaded by mistake, or is replaced. Raises StoreError when there is none such."""
    standing(connection, bill_id)
    values = [bill_id, now, written("name", name, 1, LONGEST_NAME), written("note", note, 0, LONGEST_NOTE, lines=True)]
    connection.execute("insert into private.bill_withdrawn values (?, ?, ?, ?)", values)


def dispute(
    connection: duckdb.DuckDBPyConnection, bill_id: str, reasons: list[str], amount: Decimal | None, name: str,
    note: str, now: datetime,
) -> str:  # fmt: skip
    """Note that a bill is disputed. Returns the dispute's id. Raises StoreError."""
    standing(connection, bill_id)
    if unknown := sorted(set(reasons) - set(REASONS)):
        raise StoreError(f"reasons: {', '.join(unknown)}: expected some of {', '.join(REASONS)}")
    dispute_id = token_hex(6)
    row = [dispute_id, bill_id, now, written("name", name, 1, LONGEST_NAME), "open", reasons, amount]
    note = written("note", note, 0, LONGEST_NOTE, lines=True)
    connection.execute("insert into private.dispute values (?, ?, ?, ?, ?, ?, ?, ?)", [*row, note])
    return dispute_id


def turn(
    connection: duckdb.DuckDBPyConnection, dispute_id: str, state: str, amount: Decimal | None, name: str, note: str,
    now: datetime,
) -> None:  # fmt: skip
    """Note what became of a dispute; to set one right that ended, note `open` again. Raises StoreError."""
    rows = connection.execute(
        'select bill_id, state from private.dispute where dispute_id = ? order by "at" desc, rowid desc limit 1',
        [dispute_id],
    ).fetchall()
    if not rows:
        raise StoreError(f"there is no dispute {dispute_id[:40]!r}")
    if state not in STATES:
        raise StoreError(f"state: expected one of {', '.join(STATES)}, got {state[:40]!r}")
    ((bill_id, before),) = rows
    if (before == "open") == (state == "open"):
        raise StoreError(f"the dispute is {before} already: expected {'its outcome' if before == 'open' else 'open'}")
    row = [dispute_id, bill_id, now, written("name", name, 1, LONGEST_NAME), state, [], amount]
    note = written("note", note, 0, LONGEST_NOTE, lines=True)
    connection.execute("insert into private.dispute values (?, ?, ?, ?, ?, ?, ?, ?)", [*row, note])


def standing(connection: duckdb.DuckDBPyConnection, bill_id: str) -> None:
    """Raises StoreError unless there is such a bill that was not withdrawn."""
    rows = connection.execute(
        'select w."at", w.name from private.bill left join private.bill_withdrawn w using (bill_id) where bill_id = ?',
        [bill_id],
    ).fetchall()
    if not rows:
        raise StoreError(f"there is no bill {bill_id[:40]!r}; `backstop bills list` has those there are")
    if rows[0][0] is not None:
        raise StoreError(f"bill {bill_id} was withdrawn by {rows[0][1]} at {rows[0][0]:%Y-%m-%d %H:%M} UTC")


def kept(connection: duckdb.DuckDBPyConnection, bill_id: str) -> tuple[str, Bill]:
    """A bill as it was taken in, and its provider."""
    ((provider, month, received, total, rate),) = connection.execute(
        "select provider, month, received, total, exchange_rate from private.bill where bill_id = ?", [bill_id]
    ).fetchall()
    lines = connection.execute(
        "select bill_date, charge, quantity, rate, amount, kind from private.bill_line where bill_id = ? order by line",
        [bill_id],
    ).fetchall()
    items = connection.execute(
        "select bill_date, charge, contact_id, raw from private.bill_item where bill_id = ? order by item", [bill_id]
    ).fetchall()
    return provider, Bill(
        month, received, tuple(BilledLine(*line) for line in lines), tuple(Item(*item) for item in items), total, rate
    )


def _write_lines(connection: duckdb.DuckDBPyConnection, bill_id: str, lines: list[BilledLine]) -> None:
    columns: dict[str, Any] = {
        "bill_id": pa.array([bill_id] * len(lines), pa.string()),
        "line": pa.array(range(1, len(lines) + 1), pa.int64()),
        "bill_date": pa.array([line.day for line in lines], pa.date32()),
        "charge": pa.array([line.charge for line in lines], pa.string()),
        "kind": pa.array([line.kind for line in lines], pa.string()),
        "quantity": pa.array([line.quantity for line in lines], _FINE),
        "rate": pa.array([line.rate for line in lines], _FINE),
        "amount": pa.array([line.amount for line in lines], _MONEY),
    }
    insert_arrow(connection, "private.bill_line", pa.table(columns))


def _write_items(connection: duckdb.DuckDBPyConnection, bill_id: str, items: list[Item]) -> None:
    if not items:
        return
    columns: dict[str, Any] = {
        "bill_id": pa.array([bill_id] * len(items), pa.string()),
        "item": pa.array(range(1, len(items) + 1), pa.int64()),
        "bill_date": pa.array([item.day for item in items], pa.date32()),
        "charge": pa.array([item.charge for item in items], pa.string()),
        "contact_id": pa.array([item.contact_id for item in items], pa.string()),
        "raw": pa.array([item.raw for item in items], pa.int64()),
    }
    insert_arrow(connection, "private.bill_item", pa.table(columns))
