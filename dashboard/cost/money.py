"""Figures of cost: sums that know what is missing, amounts for each unit, rounded. The rest is in dashboard.money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.money import number as exact_number
from dashboard.money import parsed
from dashboard.money import shown as exact

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CENTS", "FINE", "cell", "number", "parsed", "per", "places", "price", "shown", "total"]
CENTS, FINE = 2, 4


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Their sum; None where one of them is unknown."""
    found = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        found += amount
    return found


def per(amount: Decimal | None, units: Decimal | float | None) -> Decimal | None:
    """The amount for each unit; None without an amount or units."""
    if amount is None or units is None or text.is_missing(units) or not units:
        return None
    return amount / Decimal(str(units))


def number(amount: Decimal | None, places: int = CENTS) -> str:
    """`1,234.50`, with a true minus."""
    if amount is None:
        return text.NO_DATA
    said = f"{amount:,.{places}f}"
    # What rounds to nothing has no sign.
    return said.lstrip("-") if not Decimal(said.replace(",", "")) else said.replace("-", "−")


def shown(amount: Decimal | None, currency: str, places: int = CENTS) -> str:
    """`1,234.50 EUR`."""
    return text.NO_DATA if amount is None else f"{number(amount, places)} {currency}"


def places(amount: Decimal) -> str:
    """An amount with the places it has, at least two: `0.56`, `0.0125`."""
    return exact_number(amount)


def price(amount: Decimal, currency: str) -> str:
    """`0.0125 EUR`."""
    return exact(amount, currency)


def cell(amount: Decimal | None, places: int = CENTS) -> float | None:
    """What a table's column of numbers is given: rounded as decimal first, so that nothing is left of a float."""
    return None if amount is None else float(round(amount, places))
