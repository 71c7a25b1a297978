"""A malus that good months pay back. Malus and earn-back are told apart, for an easy earn-back hides bad months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from models.billing.months import checked_month, next_month

State = Literal["none", "kept", "open", "paid back"]
"""none: no malus; kept: it stays; open: the months it depends on are not all known."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a month was, once it was settled."""

    month: date
    """Its first day."""
    malus: Decimal
    """0 or more."""
    all_met: bool
    """Whether every target was met."""


@dataclass(frozen=True, slots=True)
class EarnBack:
    """What became of a month's malus."""

    month: date
    malus: Decimal
    """Gross, before anything is paid back."""
    earned_back: Decimal
    """What of it was paid back."""
    state: State
    on: date | None
    """Month that paid it back."""


def earn_back(months: Sequence[Settled], within: int) -> list[EarnBack]:
    """Gross malus and earn-back of each month, oldest first.

    within: months after that must each meet every target; 0: a malus is never paid back. A month that is missing among
    them leaves it open. Raises ValueError for months given twice, below 0 of malus, or no first days of months.
    """
    known = {checked_month(settled.month): settled for settled in months}
    if len(known) < len(months):
        raise ValueError("expected each month once")
    found = []
    for month in sorted(known):
        malus = known[month].malus
        if malus < 0:
            raise ValueError(f"expected a malus of 0 or more for {month:%Y-%m}, got {malus}")
        state, on = _outcome(known, month, within) if malus else _NO_MALUS
        back = malus if state == "paid back" else Decimal(0)
        found.append(EarnBack(month, malus, back, state, on))
    return found


_NO_MALUS: tuple[State, None] = ("none", None)


def _outcome(known: dict[date, Settled], month: date, within: int) -> tuple[State, date | None]:
    if not within:
        return "kept", None
    after, is_open = month, False
    for _ in range(within):
        after = next_month(after)
        if after not in known:
            is_open = True
        elif not known[after].all_met:
            return "kept", None
    return ("open", None) if is_open else ("paid back", after)
