"""Exact numbers and the one place where they are rounded.

Prices are computed as fractions, for a third of a month's fee has no decimal; what leaves is Decimal.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.terms.contract import Rounding
    from models.terms.values import RoundingMode

RATE_PLACES = 6
"""Places of a rate after indexation or as a mean of rates of exchange; half up."""


def rounded(value: Fraction | Decimal, places: int, mode: RoundingMode = "half_up") -> Decimal:
    """The value with so many places: `half_up` and `half_even` to the nearest, `up` away from 0, `down` towards it."""
    exact = Fraction(value) * 10**places
    whole, rest = divmod(abs(exact.numerator), exact.denominator)
    match mode:
        case "half_up":
            more = 2 * rest >= exact.denominator
        case "half_even":
            more = 2 * rest > exact.denominator or (2 * rest == exact.denominator and whole % 2 == 1)
        case "up":
            more = rest > 0
        case "down":
            more = False
    whole += more
    return Decimal(-whole if exact < 0 else whole).scaleb(-places)


def amount(value: Fraction | Decimal, rounding: Rounding) -> Decimal:
    """An amount of money as the contract rounds it."""
    return rounded(value, rounding.amount_places, rounding.mode)


def quantity(value: Fraction | Decimal, rounding: Rounding) -> Decimal:
    """A quantity of a line as the contract rounds it."""
    return rounded(value, rounding.quantity_places, rounding.mode)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, 0 of none."""
    return sum(amounts, Decimal(0))
