"""Amounts as decimals: read from the store as text, shown with their currency, never by way of a binary float."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from dashboard import format as text

if TYPE_CHECKING:
    from collections.abc import Iterable

CENTS = 2
_MOST = Decimal(10) ** 11


def parsed(value: object) -> Decimal | None:
    """An amount as the store told it; None where there is none."""
    return None if value is None or text.is_missing(value) else Decimal(str(value))


def typed(value: str) -> Decimal | None:
    """An amount somebody typed, `1234.50`; None for nothing. Raises ValueError for what is no such number."""
    if not value.strip():
        return None
    try:
        found = Decimal(value.strip())
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or abs(found) >= _MOST:
        raise ValueError(f"expected a number such as 1234.50 (no thousands separators), got {value.strip()[:40]!r}")
    return found


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, exactly."""
    return sum(amounts, Decimal(0))


def places(amount: Decimal) -> int:
    """How many places it has, at least those of cents."""
    exponent = amount.normalize().as_tuple().exponent
    return max(CENTS, -exponent) if isinstance(exponent, int) else CENTS


def trimmed(value: Decimal | None, least: int = CENTS) -> Decimal | None:
    """The same without the zeros at its end that say nothing, but with so many places."""
    if value is None:
        return None
    exponent = value.normalize().as_tuple().exponent
    return value.quantize(Decimal(1).scaleb(-max(least, -exponent if isinstance(exponent, int) else 0)))


def number(amount: Decimal | None, *, signed: bool = False) -> str:
    """`1,234.50` with all the places it has, and a true minus; signed: also with its plus."""
    if amount is None:
        return text.NO_DATA
    said = f"{abs(amount):,.{places(amount)}f}"
    return f"−{said}" if amount < 0 else f"+{said}" if signed and amount > 0 else said


def shown(amount: Decimal | None, currency: str, *, signed: bool = False) -> str:
    """`1,234.50 EUR`."""
    return text.NO_DATA if amount is None else f"{number(amount, signed=signed)} {currency}"


def quantity(value: Decimal | None) -> str:
    """`12,345` or `12.5`: without places it does not need."""
    if value is None:
        return text.NO_DATA
    exponent = value.normalize().as_tuple().exponent
    said = f"{abs(value):,.{max(0, -exponent) if isinstance(exponent, int) else 0}f}"
    return f"−{said}" if value < 0 else said


def plain(value: str) -> str:
    """A number as somebody would type it: `98.8000` as `98.80`."""
    if not value:
        return ""
    amount = Decimal(value)
    return f"{amount:.{places(amount)}f}"


def column(amounts: Iterable[Decimal | None], least: int = CENTS) -> str:
    """The format of a table's column that shows all places any of its amounts has, at least so many."""
    most = least
    for amount in amounts:
        exponent = 0 if amount is None or text.is_missing(amount) else amount.normalize().as_tuple().exponent
        most = max(most, -exponent if isinstance(exponent, int) else 0)
    return f"%,.{most}f"
