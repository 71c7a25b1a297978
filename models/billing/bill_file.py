"""Reading a provider's bill from CSV text: lines, and where it is itemised the contacts behind them.

What a column is called differs from provider to provider; a mapping says which is which, and usual names are known.
Every mistake is named with its line, what was expected and what stands there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, get_args
from zoneinfo import ZoneInfo

from models.billing.bill import BilledKind, BilledLine, Item
from models.billing.months import segments
from models.documents.near import did_you_mean
from models.terms.contract import Contract

LINE_COLUMNS = {
    "date": ("date", "day", "service_date", "service date"),
    "charge": ("charge", "description", "item", "service"),
    "quantity": ("quantity", "qty", "units", "count"),
    "rate": ("rate", "price", "unit_price", "unit price"),
    "amount": ("amount", "total", "net", "net amount", "line_total"),
    "kind": ("kind", "type"),
}
"""What a line is made of, each with names it usually has. quantity and amount are needed."""
ITEM_COLUMNS = {
    "contact_id": ("contact_id", "contact", "call_id", "id", "interaction_id"),
    "ended_at": ("ended_at", "ended", "end", "date", "day"),
    "seconds": ("seconds", "duration_s", "duration", "billed_seconds"),
    "minutes": ("minutes", "billed_minutes"),
    "charge": ("charge", "description", "service"),
}
"""What an item is made of. contact_id and ended_at are needed."""
CHARGE = "charge:"
"""Begins the part of a mapping that says what the provider calls a charge: `charge:THEIR NAME`."""
_NEEDED = {"quantity", "amount", "contact_id", "ended_at"}
MAX_PROBLEMS = 20
_LONGEST = 60
_MOST = Decimal(10) ** 11


class BillFileError(Exception):
    """A file that cannot be used; a line of text for each problem."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a file need not tell. charges: of the contract by name, with whether the length of a contact is paid.

    names: what the provider calls a charge, with the contract's name for it. time_zone: the contract's.
    """

    charges: Mapping[str, bool]
    time_zone: str
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def only(self) -> str | None:
        """The charge, when there is but one."""
        return next(iter(self.charges)) if len(self.charges) == 1 else None


def agreed_of(contract: Contract, month: date, mapping: Mapping[str, str]) -> Agreed:
    """What the contract says a file of this month may leave out; of the mapping what says of charges.

    Raises BillFileError for a month without terms, and for charges the contract does not have.
    """
    parts = segments(contract, month)
    if not parts:
        raise BillFileError(
            f"{contract.provider} has no terms in {month:%Y-%m}: the first begin {contract.terms[0].on}"
        )
    charges = {charge.name: charge.kind == "minute" for part in parts for charge in part.terms.charges}
    names = {key.removeprefix(CHARGE): value for key, value in mapping.items() if key.startswith(CHARGE)}
    if wrong := sorted(set(names.values()) - set(charges)):
        raise BillFileError(f"mapping: {', '.join(wrong)}: expected a charge of the contract: {', '.join(charges)}")
    return Agreed(charges, contract.time_zone, names)


def read_lines(text: str, agreed: Agreed, mapping: Mapping[str, str] | None = None) -> list[BilledLine]:
    """The lines of a bill. Raises BillFileError.

    mapping: of names in LINE_COLUMNS to columns of the file, or to "" where no column has it.
    """
    rows, columns = _rows(text, LINE_COLUMNS, mapping or {}, "lines")
    problems: list[str] = []
    found = []
    for number, row in rows:
        take = _Taken(number, row, columns, problems)
        kind = take.kind()
        charge = take.charge(agreed, must_be_agreed=False) if kind == "charge" else ""
        day, quantity = take.day(agreed.time_zone), take.number("quantity")
        rate, amount = take.number("rate", needed=False), take.number("amount")
        if quantity is not None and amount is not None:
            found.append(BilledLine(day, charge, quantity, rate, amount, kind))
    _refuse(problems, "lines")
    if not found:
        raise BillFileError("lines: expected one or more lines below the header, got none")
    return found


def read_items(text: str, agreed: Agreed, mapping: Mapping[str, str] | None = None) -> list[Item]:
    """The contacts of an itemised bill. mapping: of names in ITEM_COLUMNS to columns. Raises BillFileError."""
    rows, columns = _rows(text, ITEM_COLUMNS, mapping or {}, "items")
    problems: list[str] = []
    found = []
    for number, row in rows:
        take = _Taken(number, row, columns, problems)
        charge, contact = take.charge(agreed, must_be_agreed=True), take.text("contact_id")
        day = take.day(agreed.time_zone, column="ended_at", needed=True)
        seconds = take.number("seconds", needed=False)
        minutes = take.number("minutes", needed=False)
        by_length = agreed.charges.get(charge, False)
        length = seconds * 1000 if seconds is not None else minutes * 60_000 if minutes is not None else None
        if by_length and length is None:
            problems.append(f"line {number}: expected `seconds` or `minutes`, as {charge!r} is paid by length")
        if length is not None and length < 0:
            problems.append(f"line {number}: expected a length of 0 or more, got {length / 1000:f} s")
        if contact and day is not None:
            found.append(Item(day, charge, contact, int(length or 0) if by_length else 1))
    _refuse(problems, "items")
    return found


class _Taken:
    """Values of one row; what is wrong is added to the problems."""

    def __init__(self, line: int, row: Sequence[str], columns: Mapping[str, int], problems: list[str]) -> None:
        self._line, self._row, self._columns, self._problems = line, row, columns, problems

    def text(self, name: str, *, needed: bool = True) -> str:
        place = self._columns.get(name)
        value = self._row[place].strip() if place is not None and place < len(self._row) else ""
        if needed and not value:
            self._say(f"expected a value of `{name}`, got nothing")
        if len(value) > 200 or not value.isprintable():
            self._say(f"`{name}`: expected up to 200 printable characters")
            return ""
        return value

    def number(self, name: str, *, needed: bool = True) -> Decimal | None:
        value = self.text(name, needed=needed)
        if not value:
            return None
        try:
            found = Decimal(value)
            if found.is_finite() and abs(found) < _MOST:
                return found
        except InvalidOperation:
            pass
        self._say(f"`{name}`: expected a number such as 1234.50 (no thousands separators), got {value[:_LONGEST]!r}")
        return None

    def day(self, zone: str, *, column: str = "date", needed: bool = False) -> date | None:
        value = self.text(column, needed=needed)
        if not value:
            return None
        try:
            if len(value) <= 10:
                return date.fromisoformat(value)
            at = datetime.fromisoformat(value)
            return (at.astimezone(ZoneInfo(zone)) if at.tzinfo else at).date()
        except (ValueError, OverflowError):
            self._say(f"`{column}`: expected a day or an instant such as 2026-11-03, got {value[:_LONGEST]!r}")
            return None

    def kind(self) -> BilledKind:
        value = self.text("kind", needed=False).lower() or "charge"
        for kind in get_args(BilledKind):
            if value == kind:
                return kind  # type: ignore[no-any-return]
        # Many files say the unit in a column of this name.
        return "charge"

    def charge(self, agreed: Agreed, *, must_be_agreed: bool) -> str:
        told = self.text("charge", needed=False)
        value = agreed.names.get(told, told)
        if value in agreed.charges or (value and not must_be_agreed):
            return value
        if not value and agreed.only is not None:
            return agreed.only
        known = ", ".join(repr(name) for name in agreed.charges)
        self._say(f"`charge`: expected one of {known}, got {value[:_LONGEST]!r}{did_you_mean(value, agreed.charges)}")
        return ""

    def _say(self, problem: str) -> None:
        self._problems.append(f"line {self._line}: {problem}")


def _rows(
    text: str, known: Mapping[str, Sequence[str]], mapping: Mapping[str, str], what: str
) -> tuple[Iterator[tuple[int, list[str]]], dict[str, int]]:
    try:
        reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), dialect=_dialect(text), strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BillFileError(f"{what}: line {reader.line_num}: not CSV: {error}") from error
    if not rows:
        raise BillFileError(f"{what}: the file is empty; expected a header and lines below it")
    header = [cell.strip() for cell in rows[0][1]]
    if unknown := sorted(set(mapping) - set(known)):
        raise BillFileError(f"{what}: mapping of {', '.join(unknown)}: expected {', '.join(known)}")
    columns: dict[str, int] = {}
    lower = [name.lower() for name in header]
    for name, usual in known.items():
        wanted = mapping.get(name)
        if wanted == "":
            continue
        if wanted is not None:
            if wanted not in header:
                raise BillFileError(
                    f"{what}: no column {wanted!r} for `{name}`; the file has {', '.join(header)[:300]}"
                )
            columns[name] = header.index(wanted)
        elif place := next((lower.index(other) + 1 for other in usual if other in lower), 0):
            columns[name] = place - 1
    missing = [name for name in known if name in _NEEDED and name not in columns]
    if missing:
        raise BillFileError(
            f"{what}: no column for {', '.join(missing)}; the file has {', '.join(header)[:300]}: "
            "say which with the mapping"
        )
    return iter(rows[1:]), columns


def _dialect(text: str) -> Any:
    try:
        return csv.Sniffer().sniff(text.split("\n", 1)[0], delimiters=",;\t|")
    except csv.Error:
        return "excel"


def _refuse(problems: list[str], what: str) -> None:
    if problems:
        more = len(problems) - MAX_PROBLEMS
        shown = [f"{what}: {problem}" for problem in problems[:MAX_PROBLEMS]]
        raise BillFileError("\n".join(shown + ([f"{what}: and {more} more"] if more > 0 else [])))
