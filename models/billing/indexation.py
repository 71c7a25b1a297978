"""Prices after indexation (COLA): every change from its day on, compounded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from models.billing import amounts
from models.terms.contract import Terms


def factor(terms: Terms, day: date) -> Fraction:
    """By what all rates and fees of a day are multiplied: the product of 1 + change of what began by then.

    A minimum that is an amount of money is no price and stays what it is.
    """
    found = Fraction(1)
    for index in terms.indexation:
        if index.on <= day:
            found *= 1 + Fraction(index.change)
    return found


def indexed(price: Decimal | Fraction, by: Fraction) -> Decimal:
    """A rate or a fee at a factor, rounded half up to 6 places."""
    return amounts.rounded(Fraction(price) * by, amounts.RATE_PLACES)
