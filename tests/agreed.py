"""Contracts to bill by, as short as a test can say them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from models.billing import Delivered, Line, expected
from models.terms.contract import Contract, Terms

JUNE = date(2026, 6, 1)


def terms(*charges: dict[str, Any], on: date = date(2026, 1, 1), **more: Any) -> Terms:
    """Terms in euros; a charge without a name is called work."""
    named = [{"name": "work", **charge} for charge in charges]
    return Terms.model_validate({"from": on, "currency": "EUR", "charges": named, **more})


def contract(*parts: Terms, **more: Any) -> Contract:
    whole: dict[str, Any] = {
        "version": 1,
        "provider": "Acme",
        "owners": {"ours": "Ann", "theirs": "Bob"},
        "ending": {"notice_days": 90},
        "terms": parts,
    }
    return Contract.model_validate(whole | more)


def agreed(*charges: dict[str, Any], **more: Any) -> Contract:
    """A contract with one set of terms."""
    return contract(terms(*charges, **more))


def came(*raw: int, charge: str = "work", first: date = JUNE) -> list[Delivered]:
    """So much on each day from the first on."""
    return [Delivered(first + timedelta(days=number), charge, count) for number, count in enumerate(raw)]


def amounts(lines: Iterable[Line], kind: str | None = None) -> list[str]:
    return [str(line.amount) for line in lines if kind in (None, line.kind)]


def owed(agreement: Contract, *raw: int, month: date = JUNE) -> Decimal:
    """What a month costs when so much came on its first days."""
    return sum((line.amount for line in expected(agreement, month, came(*raw, first=month))), Decimal(0))


PER_CONTACT: dict[str, Any] = {"kind": "contact", "rate": "3.60"}
STEPS: list[dict[str, Any]] = [
    {"upto": "50000", "rate": "3.80"}, {"upto": "100000", "rate": "3.40"}, {"rate": "3.10"},
]  # fmt: skip


def tiered(kind: str, steps: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"kind": "contact", "tiers": {"kind": kind, "steps": steps or STEPS}}


def beside(*values: Any) -> tuple[Any, ...]:
    """Figures side by side, in which a decimal may equal a whole number."""
    return values
