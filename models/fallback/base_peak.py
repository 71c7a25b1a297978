"""Which base of a load to keep in-house and which peak to buy: the load-duration curve and the cost of a seat.

Methods 4.3. A seat of one's own costs money used or not, a bought hour only when used, so a seat is worth keeping as
long as it is used for more of the time than the price of the one is of the other (critical fractile). That the provider
takes the peaks alone, at the same price and without a minimum, is an assumption to be checked with them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.staffing.arrays import Floats, above, at_least


@dataclass(frozen=True, slots=True)
class Split:
    """A base of own seats, and all above it bought. Costs are of the whole row of loads, in the currency given."""

    base: int
    """Own seats, used or not."""
    peak: float
    """Agents to be bought at the busiest time."""
    share_at_base: float
    """Share of time in which the load is the base or more."""
    share_above: float
    """Share of time in which it would use one seat more in full."""
    own_hours: float
    """Hours worked in-house; paid are base times all hours."""
    bought_hours: float
    cost: float

    @property
    def own_share(self) -> float:
        """Of hours worked, those in-house."""
        return self.own_hours / (self.own_hours + self.bought_hours)


@dataclass(frozen=True, slots=True)
class BasePeak:
    """The cheapest split, beside keeping nothing and keeping everything."""

    best: Split
    critical_share: float
    """Share of time from which an own seat is cheaper: own cost of an hour / bought cost of an hour."""
    use: float
    """Share of paid own hours that are worked; NaN without a base."""
    all_bought: float
    all_own: float
    """Cost of seats for the highest load all the time."""


def duration_curve(load: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    """Loads, highest first, and the share of time in which the load is at least that: two rows of the same length.

    Raises ValueError for an empty row and for loads that are negative or not finite.
    """
    loads = np.sort(_loads(load))[::-1]
    reached = np.searchsorted(-loads, -loads, side="right") / loads.size
    return loads, reached


def split_at(load: Sequence[float] | Floats, base: int, own_cost: float, bought_cost: float, hours: float) -> Split:
    """What keeping so many seats costs. load: agents by interval; hours: length of one; costs: of an hour.

    Raises ValueError for negative numbers, and for a bought hour that costs nothing.
    """
    loads = _loads(load)
    at_least("base", base)
    _costs(own_cost, bought_cost, hours)
    own, bought = (float(part.sum()) * hours for part in (np.minimum(loads, base), np.maximum(loads - base, 0)))
    return Split(
        base, max(0.0, float(loads.max()) - base), float((loads >= base).mean()), float((loads >= base + 1).mean()),
        own, bought, base * loads.size * hours * own_cost + bought * bought_cost,
    )  # fmt: skip


def seat_use(load: Sequence[float] | Floats, seat: int) -> float:
    """Share of the time in which the last of so many seats works: min(1, load - (seat - 1)) where that is above 0.

    Raises ValueError as `split_at` does for the load.
    """
    return float(np.clip(_loads(load) - (seat - 1), 0, 1).mean())


def base_peak(load: Sequence[float] | Floats, *, own_cost: float, bought_cost: float, hours: float = 0.25) -> BasePeak:
    """The cheapest split into whole seats; of equally cheap ones the one that keeps more.

    The last seat of a base b works min(1, load - (b - 1)) of an hour where the load is above b - 1: for whole loads the
    share of time with b or more. It pays while that is at least own_cost / bought_cost. Arguments and errors as of
    `split_at`; ValueError also for a load that is 0 throughout.
    """
    loads = _loads(load)
    _costs(own_cost, bought_cost, hours)
    highest = math.ceil(float(loads.max()))
    if not highest:
        raise ValueError("load: expected some load, got 0 in every interval")
    critical = own_cost / bought_cost
    # Falls from seat to seat, so that the number of those worth it is the base.
    used = np.array([seat_use(loads, seat) for seat in range(1, highest + 1)])
    base = int((used >= critical - 1e-12).sum())
    best = split_at(loads, base, own_cost, bought_cost, hours)
    paid = base * loads.size * hours
    all_bought, all_own = (split_at(loads, seats, own_cost, bought_cost, hours).cost for seats in (0, highest))
    return BasePeak(best, critical, best.own_hours / paid if paid else math.nan, all_bought, all_own)


def _loads(load: Sequence[float] | Floats) -> Floats:
    loads = at_least("load", load)
    if loads.ndim != 1 or not loads.size:
        raise ValueError(f"load: expected a row of at least one interval, got an array of shape {loads.shape}")
    return loads


def _costs(own_cost: float, bought_cost: float, hours: float) -> None:
    at_least("own_cost", own_cost)
    above("bought_cost", bought_cost)
    above("hours", hours)
