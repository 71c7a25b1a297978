"""What a definition of a number holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "seconds", "contacts", "points", "score", "ratio"]
Clock = Literal["arrival", "completion", "overlap"]
Better = Literal["higher", "lower"]
Family = Literal["volume", "accessibility", "handling", "outcome", "chat"]

CLOCKS: dict[Clock, str] = {
    "arrival": "arrival: a contact counts when it entered the queue",
    "completion": "completion: a contact counts when its handling ended",
    "overlap": "overlap: time counts where it was spent, split at the borders of days",
}
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_NOT_SUMS = {"greatest", "least", "coalesce", "sqrt", "nullif"}


@dataclass(frozen=True)
class Metric:
    """One number. `numerator` and `denominator` are SQL over sums (columns of `day_sums` and `day_agents`).

    Without a denominator the number is the numerator itself; with one it is their ratio, and no data where the
    denominator is empty or 0. `n`: SQL of the number of contacts it rests on. `of`: what the denominator counts, in
    words; `what`: what the numerator counts. `final_after_days`: until then later contacts and answers change it.
    """

    name: str
    label: str
    family: Family
    unit: Unit
    sentence: str
    numerator: str
    denominator: str | None
    what: str
    of: str | None
    clock: Clock
    better: Better | None = None
    n: str | None = None
    final_after_days: int = 0
    largest: bool = False
    """True when it is the largest of a column instead of its sum."""
    variant_of: str | None = None

    @property
    def sql(self) -> str:
        """The number as SQL over columns that are already summed."""
        if self.denominator is None:
            return self.numerator
        return f"ratio({self.numerator}, {self.denominator})"

    @property
    def n_sql(self) -> str:
        """The number of contacts it rests on, as SQL over summed columns."""
        return self.n or self.denominator or self.numerator

    @property
    def sums(self) -> tuple[str, ...]:
        """The columns it needs summed."""
        names: dict[str, None] = {}
        for part in (self.numerator, self.denominator, self.n):
            names |= dict.fromkeys(_NAME.findall(part or ""))
        return tuple(name for name in names if name not in _NOT_SUMS)


@dataclass(frozen=True)
class Missing:
    """A number of the field that the events cannot carry, and what it would take."""

    name: str
    label: str
    needs: str
