"""Which base of a bought-in site's work own agents would best have had: from what was really done, by trying each.

Knows nothing of `models.fallback` and of the events: the truth that its recommendation is held against. A base of b own
agents is paid in every quarter-hour in which the site had any work, used or not; what is above it is bought at what the
provider's agent-hour of work really came to.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

QUARTER_MS = 900_000
RATIOS = tuple(number / 20 for number in range(2, 20))
"""Own cost of an hour over the bought one's, for which the best base is told too."""


class Work:
    """Time agents of a site spent on contacts, from answer to the end of wrap-up, by UTC quarter-hour."""

    def __init__(self) -> None:
        self._ms: dict[int, float] = defaultdict(float)

    def done(self, since_ms: int, ms: int, slots: int) -> None:
        """An agent, who may hold so many contacts at once, was with one of them; each is so much less of the agent."""
        while since_ms < ms:
            quarter = since_ms // QUARTER_MS
            until = min(ms, (quarter + 1) * QUARTER_MS)
            self._ms[quarter] += (until - since_ms) / slots
            since_ms = until

    @property
    def loads(self) -> dict[int, float]:
        """Agents at work on average, by number of the UTC quarter-hour since 1970; only those with any work."""
        return {quarter: ms / QUARTER_MS for quarter, ms in sorted(self._ms.items())}

    @property
    def hours(self) -> float:
        """Agent-hours of work altogether."""
        return sum(self._ms.values()) / 3_600_000


def optimum(work: Work, own_hour: float, paid: float) -> dict[str, Any] | None:
    """The best split by trying every base from 0 to that of the busiest quarter-hour; None without work or pay.

    own_hour: full cost of an own agent's hour. paid: what the provider was rightly paid for the work, same currency.
    """
    loads = list(work.loads.values())
    if not loads or paid <= 0:
        return None
    bought_hour = paid / work.hours
    costs = _costs(loads, own_hour, bought_hour)
    base = _cheapest(costs)
    return {
        "quarter_hours": len(loads),
        "agent_hours": round(work.hours, 3),
        "busiest": round(max(loads), 3),
        "own_hour": own_hour,
        "bought_hour": round(bought_hour, 6),
        "price_ratio": round(own_hour / bought_hour, 6),
        "base": base,
        "cost": round(costs[base], 2),
        "cost_of_all": round(costs[-1], 2),
        "cost_of_none": round(costs[0], 2),
        "base_by_ratio": _by_ratio(loads, RATIOS),
    }


def _by_ratio(loads: list[float], ratios: tuple[float, ...]) -> Mapping[str, int]:
    return {f"{ratio:.2f}": _cheapest(_costs(loads, ratio, 1.0)) for ratio in ratios}


def _costs(loads: list[float], own_hour: float, bought_hour: float) -> list[float]:
    """What each base costs, from 0 to all: an hour is four quarter-hours."""
    own, rising = len(loads) * own_hour / 4, sorted(loads)
    costs, above, at = [], math.fsum(rising), 0
    for base in range(math.ceil(rising[-1]) + 1):
        # What a base leaves over: the sum of the loads above it less the base for each.
        while at < len(rising) and rising[at] <= base:
            above -= rising[at]
            at += 1
        costs.append(base * own + max(0.0, above - (len(rising) - at) * base) * bought_hour / 4)
    return costs


def _cheapest(costs: list[float]) -> int:
    """Of equally cheap ones the one that keeps more."""
    return max(range(len(costs)), key=lambda base: (-round(costs[base], 6), base))
