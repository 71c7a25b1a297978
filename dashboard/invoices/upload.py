"""A bill's files before they are sent: which column is what, which charges nobody knows, and every mistake.

Pure: the same reader that ingest uses, so that what is shown here is what will be kept.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.billing.bill_file import (
    CHARGE,
    ITEM_COLUMNS,
    LINE_COLUMNS,
    BillFileError,
    agreed_of,
    read_items,
    read_lines,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from models.billing.bill import BilledLine, Item
    from models.terms.contract import Contract

MAX_FILE_BYTES = 24 << 20
NEEDED = frozenset({"quantity", "amount", "contact_id", "ended_at"})
MOST_UNKNOWN = 30
"""Unknown names of charges to map; a file with more has the wrong column."""
TYPED = ("date", "charge", "quantity", "rate", "amount", "kind")


@dataclass(frozen=True)
class Table:
    """The header of a file and the text of it; problem: why it cannot be used at all."""

    text: str = ""
    header: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Read:
    """What was read, or all that is wrong with it, a line of text each."""

    lines: tuple[BilledLine, ...] = ()
    items: tuple[Item, ...] = ()
    problems: tuple[str, ...] = field(default=())


def table(data: bytes, what: str) -> Table:
    """A file as it was uploaded. what: `lines` or `items`."""
    if len(data) > MAX_FILE_BYTES:
        return Table(problem=f"{what}: too large: expected at most {MAX_FILE_BYTES:,} bytes, got {len(data):,}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Table(problem=f"{what}: line {line}: expected a text file in UTF-8; save it in this encoding")
    try:
        rows = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=True)
        header = next((row for row in rows if any(cell.strip() for cell in row)), [])
    except csv.Error as error:
        return Table(problem=f"{what}: not CSV: {error}")
    if not header:
        return Table(problem=f"{what}: the file is empty; expected a header and lines below it")
    return Table(text, tuple(cell.strip() for cell in header))


def guessed(header: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The column of each name, by what it usually is called; empty where none is."""
    lower = [name.lower() for name in header]
    places = {
        name: next((lower.index(other) for other in usual if other in lower), None) for name, usual in known.items()
    }
    return {name: "" if place is None else header[place] for name, place in places.items()}


def unknown_charges(text: str, column: str, kind: str, contract: Contract, month: date) -> list[str]:
    """What a file calls charges in this column that the contract does not have; kind: the column that says malus."""
    try:
        charges = agreed_of(contract, month, {}).charges
        rows = list(csv.DictReader(io.StringIO(text, newline=""), dialect=_dialect(text)))
    except (BillFileError, csv.Error):
        return []
    found: dict[str, None] = {}
    for row in rows:
        told = {str(name).strip(): value.strip() for name, value in row.items() if name and isinstance(value, str)}
        name = told.get(column, "")
        if name and name not in charges and told.get(kind, "").lower() not in ("minimum", "malus", "bonus"):
            found[name] = None
        if len(found) > MOST_UNKNOWN:
            break
    return list(found)[:MOST_UNKNOWN]


def read(
    contract: Contract, month: date, lines: str, mapping: Mapping[str, str], items: str = "",
    items_mapping: Mapping[str, str] | None = None,
) -> Read:  # fmt: skip
    """Read both files as ingest will. mapping: columns, and `charge:THEIR NAME`."""
    try:
        agreed = agreed_of(contract, month, mapping)
    except BillFileError as error:
        return Read(problems=tuple(str(error).splitlines()))
    columns = {name: column for name, column in mapping.items() if not name.startswith(CHARGE)}
    problems: list[str] = []
    found: list[BilledLine] = []
    contacts: list[Item] = []
    try:
        found = read_lines(lines, agreed, columns)
    except BillFileError as error:
        problems += str(error).splitlines()
    if items.strip():
        try:
            contacts = read_items(items, agreed, items_mapping or {})
        except BillFileError as error:
            problems += str(error).splitlines()
    outside = [line.day for line in found if line.day and line.day.replace(day=1) != month]
    if outside:
        problems.append(
            f"lines: {outside[0]} is not in {month:%Y-%m} ({len(outside):,} such): expected a bill of one month"
        )
    return Read(tuple(found), tuple(contacts), tuple(problems))


def typed_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Typed lines as a file: those without anything in them are left out, and numbers of lines are those seen."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(TYPED)
    for row in rows:
        writer.writerow(["" if row.get(name) is None else str(row[name]).strip() for name in TYPED])
    return out.getvalue()


def _dialect(text: str) -> Any:
    try:
        return csv.Sniffer().sniff(text.split("\n", 1)[0], delimiters=",;\t|")
    except csv.Error:
        return "excel"


__all__ = ["ITEM_COLUMNS", "LINE_COLUMNS", "Read", "Table", "guessed", "read", "table", "typed_csv", "unknown_charges"]
