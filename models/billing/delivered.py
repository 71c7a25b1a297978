"""What came of a charge on a day, counted by SQL, and its quantity in the unit that is paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from models.billing import amounts

if TYPE_CHECKING:
    from models.terms.charge import Charge
    from models.terms.contract import Rounding

UNIT_MS = {"minute": 60_000, "hour": 3_600_000, "fte": 3_600_000}
"""Milliseconds of a unit by kind of charge; the others count contacts or resolutions."""

UNITS = {"contact": "contact", "minute": "minute", "hour": "hour", "fte": "hour", "resolution": "resolution"}
UNITS |= {"fixed": "contact", "baseline": "contact"}
"""The unit of the quantity, by kind of charge."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One day of one charge, already limited to its work and without what is not paid."""

    day: date
    """In the contract's time zone."""
    charge: str
    """Its name."""
    raw: int
    """contact, fixed, baseline: handled contacts; minute: milliseconds, each contact rounded as agreed; hour, fte:
    milliseconds in billable states (a day of 25 hours may have 25 of them); resolution: resolutions."""

    def __post_init__(self) -> None:
        if self.raw < 0:
            raise ValueError(f"expected 0 or more of {self.charge!r} on {self.day}, got {self.raw}")


@dataclass(frozen=True, slots=True)
class Level:
    """A metric over a month (or so much of it as is known) and how many cases it is a mean over."""

    value: Decimal | None
    n: int


def by_day(delivered: Iterable[Delivered], charge: str) -> dict[date, int]:
    """Raw counts of a charge, summed where a day comes more than once."""
    found: dict[date, int] = {}
    for row in delivered:
        if row.charge == charge:
            found[row.day] = found.get(row.day, 0) + row.raw
    return found


def units(kind: str, raw: int) -> Fraction:
    """Exact quantity of a raw count, in the unit of that kind of charge."""
    return Fraction(raw, UNIT_MS.get(kind, 1))


def quantities(charge: Charge, raw: Mapping[date, int], rounding: Rounding) -> dict[date, Decimal]:
    """Quantity of each day, as rounded for the bill, in order of days.

    Per day each is rounded by itself. Per month the sum so far is, and a day has what it grew by, so that the days
    sum to the rounded month.
    """
    found = {}
    seen, before = 0, Decimal(0)
    for day in sorted(raw):
        if rounding.per == "day":
            found[day] = amounts.quantity(units(charge.kind, raw[day]), rounding)
            continue
        seen += raw[day]
        upto = amounts.quantity(units(charge.kind, seen), rounding)
        found[day] = upto - before
        before = upto
    return found
