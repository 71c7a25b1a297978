"""The rules a bill was reckoned by, in words: the terms of its month, how it is rounded, what can be disputed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import agreed, money
from dashboard import format as text
from models.billing.months import segments

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from models.terms.contract import Contract, Terms

_MODES = {
    "half_up": "to the nearest, halves up", "half_even": "to the nearest, halves to even", "up": "up", "down": "down",
}  # fmt: skip


def in_words(contract: Contract, month: date) -> list[str]:
    """The rules of a month, a sentence or two each."""
    parts = segments(contract, month)
    found = []
    for part in parts:
        when = f"From {text.day(part.first)} to {text.day(part.last)}: " if len(parts) > 1 else ""
        found += [when + line for line in _terms(part.terms)]
    found.append(f"Days and months are those of {contract.time_zone}.")
    return [*found, _tolerance(contract, parts[-1].terms.currency)] if parts else found


def _terms(terms: Terms) -> Iterator[str]:
    yield from agreed.terms(terms)
    rounding = terms.rounding
    yield (
        f"A line is a {rounding.per} of a charge; quantities are rounded to {rounding.quantity_places} places, amounts "
        f"to {rounding.amount_places}, {_MODES[rounding.mode]}."
    )


def _tolerance(contract: Contract, currency: str) -> str:
    let_pass = f"Differences up to {money.shown(contract.tolerance, currency)} are let pass; a"
    return (
        f"{let_pass if contract.tolerance else 'A'} bill can be disputed for "
        f"{contract.dispute_days} days after it was received."
    )
