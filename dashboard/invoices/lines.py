"""A bill's lines held against the lines that were expected: by day and charge, in the contract's currency."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from dashboard import money
from dashboard.invoices.bill import day_of, records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    import pandas as pd

MONTH_KINDS = ("minimum", "malus", "bonus")
"""What is settled once a month, and is of no charge."""


@dataclass(frozen=True)
class Compared:
    """A charge of a day (None: of the month), billed and expected. charge: a name, or one of MONTH_KINDS as kind."""

    day: date | None
    charge: str
    kind: str
    billed_quantity: Decimal
    expected_quantity: Decimal
    billed: Decimal
    expected: Decimal

    @property
    def difference(self) -> Decimal:
        """What was billed too much; below 0 when it was too little."""
        return self.billed - self.expected


_Key = tuple["date | None", str, str]


def compared(lines: pd.DataFrame, expected: pd.DataFrame, effect: Decimal = Decimal(0)) -> list[Compared]:
    """The lines of both sides. A charge the bill tells for the month alone is compared for the month.

    effect: the malus (below 0) or bonus that must be on the bill.
    """
    billed, owed = _sums(lines), _sums(expected)
    if effect:
        kind = "malus" if effect < 0 else "bonus"
        owed[None, "", kind] = (Decimal(0), effect)
    by_month = {charge for day, charge, kind in billed if day is None and kind == "charge"}
    billed, owed = _merged(billed, by_month), _merged(owed, by_month)
    nothing = (Decimal(0), Decimal(0))
    found = [
        Compared(
            *key, billed.get(key, nothing)[0], owed.get(key, nothing)[0], billed.get(key, nothing)[1],
            owed.get(key, nothing)[1],
        )
        for key in {**billed, **owed}
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.day is None, str(one.day), one.kind != "charge", one.kind, one.charge))


def _sums(frame: pd.DataFrame) -> dict[_Key, tuple[Decimal, Decimal]]:
    found: dict[_Key, tuple[Decimal, Decimal]] = {}
    for row in records(frame):
        kind = str(row["kind"]) if row["kind"] in MONTH_KINDS else "charge"
        # What is settled once a month is of no day, whichever the bill gives it.
        key = (None, "", kind) if kind != "charge" else (day_of(row["bill_date"]), str(row["charge"]), kind)
        _add(found, key, money.parsed(row["quantity"]) or Decimal(0), Decimal(str(row["amount"])))
    return found


def _merged(
    sums: dict[_Key, tuple[Decimal, Decimal]], by_month: Iterable[str]
) -> dict[_Key, tuple[Decimal, Decimal]]:  # fmt: skip
    found: dict[_Key, tuple[Decimal, Decimal]] = {}
    for (day, charge, kind), (quantity, amount) in sums.items():
        _add(found, (None if charge in by_month else day, charge, kind), quantity, amount)
    return found


def _add(found: dict[_Key, tuple[Decimal, Decimal]], key: _Key, quantity: Decimal, amount: Decimal) -> None:
    before = found.get(key, (Decimal(0), Decimal(0)))
    found[key] = before[0] + quantity, before[1] + amount
