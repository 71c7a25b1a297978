"""How far the break-even price moves when one input is lower or higher, others as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.fallback.business_case import DRIVERS, break_even_price, varied

if TYPE_CHECKING:
    from models.fallback.business_case import Case

BY = 0.1
"""As a tornado varies them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The break-even price with the input lower, and higher; None where no price makes it even."""

    driver: str
    low: float | None
    high: float | None

    @property
    def swing(self) -> float:
        """How far apart they are; endless where one of them is no price."""
        return float("inf") if self.low is None or self.high is None else abs(self.high - self.low)


def moved(case: Case, by: float = BY) -> list[Moved]:
    """For each input but the price itself, what moves it most first; those that do not move it are left out."""
    found = []
    for driver, field in DRIVERS.items():
        if field == "price":
            continue
        low, high = (break_even_price(varied(case, field, factor)) for factor in (1 - by, 1 + by))
        found.append(Moved(driver, low, high))
    return sorted((one for one in found if one.swing > 0), key=lambda one: one.swing, reverse=True)
