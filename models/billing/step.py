"""A step of the bridge from what was billed to what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Reason = Literal[
    "arithmetic", "not_agreed", "rate", "not_itemised", "quantity", "twice", "unknown", "short", "abandoned", "repeat",
    "other_month", "unproven", "duration", "rounding", "left_out", "tier", "minimum", "malus", "bonus", "exchange",
    "unexplained",
]  # fmt: skip
REASONS: dict[Reason, str] = {
    "arithmetic": "the amount is not quantity times rate",
    "not_agreed": "the contract has no such charge on that day",
    "rate": "another price than agreed",
    "not_itemised": "the quantity is not the sum of the contacts listed",
    "quantity": "another quantity than ours, in a bill that does not list it",
    "twice": "the same contact again",
    "unknown": "we have no such contact of this work",
    "short": "contacts too short to be paid",
    "abandoned": "contacts nobody answered",
    "repeat": "the same customer about the same topic too soon after",
    "other_month": "contacts that ended in another month",
    "unproven": "contacts whose end we lack",
    "duration": "contacts of another length than ours",
    "rounding": "lengths and amounts rounded otherwise, and days of contacts about midnight",
    "left_out": "contacts we have that were not billed",
    "tier": "the price for another volume than billed",
    "minimum": "another amount missing to the minimum",
    "malus": "another malus",
    "bonus": "another bonus",
    "exchange": "another rate of exchange",
    "unexplained": "what none of these explains",
}
"""In the order in which the bill is corrected. Short ones go before abandoned ones, in the reverse of the order in
which the simulator's bills grow, so that each reason comes out to the cent as it was planted."""


@dataclass(frozen=True, slots=True)
class Step:
    """How much too much was billed for one reason and charge; below 0 when it was too little."""

    reason: Reason
    charge: str
    """Empty for what is not about one charge."""
    quantity: Decimal
    """Units too many, 0 where it is not about units."""
    amount: Decimal
    contacts: tuple[str, ...] = ()
    """The contacts it is about, in the order of the bill."""
