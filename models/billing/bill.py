"""A provider's bill, and what our store knows of the contacts it lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

BilledKind = Literal["charge", "minimum", "malus", "bonus"]
Unpaid = Literal["abandoned", "short", "repeat", "unproven"]


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of the bill, in the contract's currency."""

    day: date | None
    """None: the whole month; its quantity is priced as if it came on the month's last day."""
    charge: str
    quantity: Decimal
    rate: Decimal | None
    """None: not told."""
    amount: Decimal
    """A malus is below 0."""
    kind: BilledKind = "charge"


@dataclass(frozen=True, slots=True)
class Item:
    """A contact the bill lists."""

    day: date
    """Day of the line it belongs to."""
    charge: str
    contact_id: str
    raw: int
    """Of a charge by minute its billed milliseconds; of others one contact, whatever this is."""


@dataclass(frozen=True, slots=True)
class Known:
    """A contact of our store as far as a charge goes."""

    contact_id: str
    charge: str
    day: date | None
    """Day it ended, contract's zone, in whatever month; None when we lack its end."""
    raw: int
    """Billable milliseconds by the contract (each contact rounded as agreed); of others 1."""
    unpaid: Unpaid | None
    """Why the contract does not pay it: abandoned (not answered), short, repeat, unproven (we lack its end)."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A month's bill as it was received."""

    month: date
    """Its first day."""
    received: date
    lines: tuple[BilledLine, ...]
    items: tuple[Item, ...] = ()
    """Empty when it is not itemised; each charge is itemised or not by itself."""
    total: Decimal | None = None
    """What it says at the end, contract's currency; None: the sum of its lines."""
    exchange_rate: Decimal | None = None
    """The company's currency for one of the contract's, when it states one; differences are then in that currency."""
