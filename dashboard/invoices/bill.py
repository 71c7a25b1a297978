"""Bills as the page knows them: rows of the store with exact amounts, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboard import format as text
from dashboard import money, queries
from models.terms.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dashboard.store import Reply

NOT_LOADED = "no bill loaded"
TOO_MUCH, TOO_LITTLE = "too much", "too little"
UNSETTLED = frozenset({TOO_MUCH, TOO_LITTLE, "disputed"})
"""States in which a difference is not settled yet."""
STATES = (
    TOO_MUCH, TOO_LITTLE, "disputed", "not checked", "being checked", NOT_LOADED, "agrees", "dispute settled",
    "dispute withdrawn", "withdrawn",
)  # fmt: skip
"""Those of view `bills`, but that a bill that differs does so one way or the other; what needs doing first."""


@dataclass(frozen=True)
class Bill:
    """A bill, or with no id a month of which none was loaded. Amounts in `unit`, `total` in `currency`."""

    bill_id: str
    provider: str
    month: date
    state: str
    currency: str
    own_currency: str = ""
    number: str = ""
    received: date | None = None
    loaded_at: datetime | None = None
    loaded_by: str = ""
    items: int = 0
    total: Decimal | None = None
    exchange_rate: Decimal | None = None
    billed: Decimal | None = None
    expected: Decimal | None = None
    difference: Decimal | None = None
    in_own: bool = False
    within_tolerance: bool = False
    dispute_by: date | None = None
    trouble: str = ""
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_note: str = ""

    @property
    def unit(self) -> str:
        """Currency of what was billed, expected and differs."""
        return self.own_currency if self.in_own and self.own_currency else self.currency

    def days_left(self, today: date) -> int | None:
        """Days in which it can be disputed, the last one included as 0; None where there is nothing to dispute."""
        if self.state not in (TOO_MUCH, TOO_LITTLE) or self.dispute_by is None:
            return None
        return (self.dispute_by - today).days


@dataclass(frozen=True)
class Step:
    """A reason why a bill differs. contacts: how many; first_contacts: the first of them."""

    reason: str
    charge: str
    quantity: Decimal
    amount: Decimal
    contacts: int
    first_contacts: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """A turn of a dispute."""

    dispute_id: str
    at: datetime
    name: str
    state: str
    reasons: tuple[str, ...]
    amount: Decimal | None
    note: str


@dataclass(frozen=True)
class Sums:
    """What is not settled, in one currency."""

    currency: str
    too_much: Decimal
    bills: int
    too_little: Decimal
    bills_too_little: int


def bills(frame: pd.DataFrame) -> list[Bill]:
    """The bills of view `bills`."""
    return [_bill(row) for row in records(frame)]


def missing(expected: pd.DataFrame, loaded: Iterable[Bill]) -> list[Bill]:
    """Months that are over, with something to pay by the contract, of which no bill stands."""
    there = {(bill.provider, bill.month) for bill in loaded if bill.state != "withdrawn"}
    found = []
    for row in records(expected):
        total = money.parsed(row["total"])
        key = str(row["provider"]), day_of(row["month"])
        if day_of(row["until_date"]) is None and total and key[1] is not None and key not in there:
            found.append(Bill("", key[0], key[1], NOT_LOADED, str(row["currency"]), expected=total))
    return found


def unsettled(found: Iterable[Bill]) -> list[Sums]:
    """What was billed too much and too little, and is not settled, by currency."""
    by_unit: dict[str, list[Decimal]] = {}
    for bill in found:
        if bill.state in UNSETTLED and bill.difference:
            by_unit.setdefault(bill.unit, []).append(bill.difference)
    sums = []
    for unit, amounts in sorted(by_unit.items()):
        more, less = [a for a in amounts if a > 0], [a for a in amounts if a < 0]
        sums.append(Sums(unit, money.total(more), len(more), -money.total(less), len(less)))
    return sums


def next_deadline(found: Iterable[Bill], today: date) -> Bill | None:
    """The bill that must be disputed first, of those that still can be and for which it is worth it."""
    open_ = [bill for bill in found if bill.state == TOO_MUCH and (bill.days_left(today) or 0) >= 0]
    return min(open_, key=lambda bill: (bill.dispute_by or date.max, bill.provider), default=None)


def steps(frame: pd.DataFrame) -> list[Step]:
    """The bridge."""
    return [
        Step(
            str(row["reason"]), str(row["charge"]), Decimal(str(row["quantity"])), Decimal(str(row["amount"])),
            int(row["contacts"]), tuple(str(one) for one in row["first_contacts"]),
        )
        for row in records(frame)
    ]  # fmt: skip


def turns(frame: pd.DataFrame) -> list[Turn]:
    """The history of disputes, oldest first."""
    return [
        Turn(
            str(row["dispute_id"]), queries.instant(row["at"]), str(row["name"]), str(row["state"]),  # type: ignore[arg-type]
            tuple(str(one) for one in row["reasons"]), money.parsed(row["amount"]), str(row["note"]),
        )
        for row in records(frame)
    ]  # fmt: skip


def exact(bill: Bill, found: Sequence[Step]) -> bool:
    """Whether billed less all steps is expected, to the last place."""
    if bill.billed is None or bill.expected is None:
        return False
    return bill.billed - money.total(step.amount for step in found) == bill.expected


def contracts(reply: Reply) -> dict[str, Contract]:
    """The contracts by provider."""
    frame = reply.frames["contracts"]
    return {
        str(provider): Contract.model_validate_json(document)
        for provider, document in zip(frame["provider"], frame["document"], strict=True)
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def day_of(value: object) -> date | None:
    """A day out of a frame."""
    return None if text.is_missing(value) else pd.Timestamp(value).date()  # type: ignore[arg-type]


def _bill(row: Mapping[str, Any]) -> Bill:
    difference = money.parsed(row["difference"])
    state = str(row["state"])
    if state == "differs":
        state = TOO_MUCH if difference is None or difference > 0 else TOO_LITTLE
    month = day_of(row["month"])
    assert month is not None  # noqa: S101 - the table has none without
    return Bill(
        bill_id=str(row["bill_id"]), provider=str(row["provider"]), month=month, state=state,
        currency=str(row["currency"]), own_currency=_said(row["own_currency"]), number=str(row["number"]),
        received=day_of(row["received"]), loaded_at=queries.instant(row["loaded_at"]),
        loaded_by=_said(row["loaded_by"]),
        items=0 if text.is_missing(row["items"]) else int(row["items"]), total=money.parsed(row["total"]),
        exchange_rate=money.parsed(row["exchange_rate"]), billed=money.parsed(row["billed"]),
        expected=money.parsed(row["expected"]), difference=difference, in_own=_true(row["in_own"]),
        within_tolerance=_true(row["within_tolerance"]), dispute_by=day_of(row["dispute_by"]),
        trouble=_said(row["trouble"]), withdrawn_by=_said(row["withdrawn_by"]),
        withdrawn_at=queries.instant(row["withdrawn_at"]), withdrawn_note=_said(row["withdrawn_note"]),
    )  # fmt: skip


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""


def _true(value: object) -> bool:
    return not text.is_missing(value) and bool(value)
