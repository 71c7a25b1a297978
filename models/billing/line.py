"""A line of a bill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

LineKind = Literal[
    "contact", "minute", "hour", "resolution", "fee", "overage", "arc", "rrc", "absence", "minimum",
]  # fmt: skip
LINE_KINDS: dict[LineKind, str] = {
    "contact": "handled contacts",
    "minute": "minutes of handled contacts",
    "hour": "productive hours",
    "resolution": "contacts that were resolved",
    "fee": "a day's part of a monthly fee",
    "overage": "contacts beyond those included",
    "arc": "contacts above the dead band of a baseline (additional resource charge)",
    "rrc": "contacts missing below the dead band of a baseline (reduced resource credit)",
    "absence": "hours of full-time agents that were not delivered",
    "minimum": "what is missing to the minimum",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One charge of one day, or of a month (`day` None) where it is only known at its end."""

    day: date | None
    charge: str
    """Name of the charge; "minimum" for the minimum."""
    kind: LineKind
    unit: str
    """Of the quantity: contact, minute, hour, resolution or day."""
    quantity: Decimal
    rate: Decimal | None
    """Price of a unit after indexation; None where several apply or it is no price of a unit."""
    amount: Decimal
    currency: str
    terms_from: date
    """First day of the terms it follows from."""
    note: str = ""
