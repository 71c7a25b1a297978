"""A bill that is being loaded: what was given so far, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass
class Draft:
    """What was given so far."""

    provider: str
    month: date
    number: str = ""
    received: date | None = None
    total: Decimal | None = None
    rate: Decimal | None = None
    name: str = ""
    lines: str = ""
    items: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    items_mapping: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    """What is wrong with files and numbers, shown at once."""
