"""A provider goes dark: what the queue at home does, by quarter-hour, as a fluid, and what would have to be kept away.

Methods 4.5 (outage drill). The fluid answer is that of large numbers: no chance in it, no wait below capacity, a good
guess above. `drill_runs` simulates the same outage with chance. Both take one queue for all, with one handle time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.fallback.overload import largest_load
from models.staffing.arrays import Floats, above, at_least


@dataclass(frozen=True, slots=True)
class Outage:
    """A day on which a provider goes dark; rows with one entry for each interval of the day.

    own: contacts that arrive at home anyway. provider: contacts the provider would have had. agents: own agents at
    work. Dark from the interval `dark_from` to before `dark_until`; then its contacts come home, but for `diverted` of
    them. Raises ValueError for rows of different length, an empty roster, no demand of the provider while it is dark,
    and numbers outside reason.
    """

    own: Sequence[float] | Floats
    provider: Sequence[float] | Floats
    agents: Sequence[float] | Floats
    dark_from: int
    dark_until: int
    aht_s: float
    patience_s: float = math.inf
    """Mean; endless where nobody hangs up (mail)."""
    diverted: float = 0.0
    """Share of the provider's contacts that callback, announcements or others take."""
    interval_s: float = 900.0

    def __post_init__(self) -> None:
        sizes = {name: at_least(name, getattr(self, name)).shape for name in ("own", "provider", "agents")}
        if len(set(sizes.values())) > 1 or len(sizes["own"]) != 1:
            raise ValueError(f"expected own, provider and agents as rows of one length, got {sizes}")
        if not 0 <= self.dark_from < self.dark_until <= sizes["own"][0]:
            raise ValueError(
                f"dark_from, dark_until: expected 0 <= dark_from < dark_until <= {sizes['own'][0]}, "
                f"got {self.dark_from} and {self.dark_until}"
            )
        if not np.sum(self.provider[self.dark_from : self.dark_until]) > 0:
            raise ValueError("provider: expected contacts while it is dark, got none")
        crew = np.asarray(self.agents, dtype=np.float64)
        if not crew.any() or (crew % 1 != 0).any():
            raise ValueError("agents: expected whole numbers, not all 0")
        if not 0 <= self.diverted <= 1:
            raise ValueError(f"diverted: expected a share from 0 to 1, got {self.diverted}")
        for name in ("aht_s", "interval_s"):
            above(name, getattr(self, name))
        above("patience_s", self.patience_s, endless=True)

    @property
    def offered(self) -> Floats:
        """Contacts that arrive at home."""
        arrived = np.array(self.own, dtype=np.float64)
        dark = slice(self.dark_from, self.dark_until)
        arrived[dark] += np.asarray(self.provider[dark], dtype=np.float64) * (1 - self.diverted)
        return arrived


@dataclass(frozen=True, slots=True)
class Fluid:
    """What the queue does; rows by interval, queue and wait at its end."""

    offered: Floats
    lost: Floats
    """Contacts that hang up."""
    queue: Floats
    wait_s: Floats
    """Until an agent would answer who arrives then and does not hang up; inf with no agent."""
    normal_s: float | None
    """Seconds from the start of the day until nobody waits any more after the outage; None when not on this day."""

    @property
    def lost_share(self) -> Floats:
        """Of the contacts that arrive in an interval; more than 1 can be lost of few after many. 0 without any."""
        return np.divide(self.lost, self.offered, out=np.zeros_like(self.lost), where=self.offered > 0)


def diversion_needed(outage: Outage, max_abandonment: float) -> Floats:
    """Share of the provider's contacts to keep away in each dark interval, so that no larger share hangs up.

    Steady state within an interval, whatever `diverted` is. 1 also where own contacts alone are too many; 0 outside the
    outage. Raises ValueError for a share outside 0 to 1 and an endless patience.
    """
    own, provider = (np.asarray(row, dtype=np.float64) for row in (outage.own, outage.provider))
    load = largest_load(outage.agents, outage.aht_s, outage.patience_s, max_abandonment)
    over = own + provider - load * outage.interval_s / outage.aht_s
    share = np.divide(np.clip(over, 0, provider), provider, out=np.zeros_like(own), where=provider > 0)
    at = np.arange(own.size)
    return np.where((at >= outage.dark_from) & (at < outage.dark_until), share, 0.0)


def fluid(outage: Outage) -> Fluid:
    """Follow x' = arrivals - min(x, n) / AHT - max(x - n, 0) / patience through the day, exactly, from a calm start."""
    offered, crew = outage.offered, np.asarray(outage.agents, dtype=np.float64)
    inside = min(offered[0] / outage.interval_s * outage.aht_s, crew[0])
    lost, queue, wait = (np.zeros_like(offered) for _ in range(3))
    normal: float | None = None
    for at, (contacts, agents) in enumerate(zip(offered, crew, strict=True)):
        left = outage.interval_s
        while left > 0:
            if at >= outage.dark_until and normal is None and inside <= agents:
                normal = (at + 1) * outage.interval_s - left
            inside, gone, took = _piece(inside, contacts / outage.interval_s, agents, left, outage)
            lost[at] += gone
            left -= took
        queue[at] = max(0.0, inside - agents)
        wait[at] = _wait(queue[at], agents, outage)
    if normal is None and inside <= crew[-1]:
        normal = offered.size * outage.interval_s
    return Fluid(offered, lost, queue, wait, normal)


def _piece(inside: float, rate: float, agents: float, left: float, outage: Outage) -> tuple[float, float, float]:
    """Contacts inside, those lost and time taken until the queue begins or ends, or the time left is over."""
    capacity = agents / outage.aht_s
    if inside < agents or (inside == agents and rate <= capacity):
        load = rate * outage.aht_s
        full = outage.aht_s * math.log((load - inside) / (load - agents)) if load > agents else math.inf
        if full <= left:
            return agents, 0.0, full
        return load + (inside - load) * math.exp(-left / outage.aht_s), 0.0, left
    waiting = inside - agents
    if math.isinf(outage.patience_s):
        empty = waiting / (capacity - rate) if rate < capacity else math.inf
        took = min(empty, left)
        return (agents if empty <= left else inside + (rate - capacity) * took), 0.0, took
    settled = (rate - capacity) * outage.patience_s
    empty = outage.patience_s * math.log1p(waiting / -settled) if settled < 0 else math.inf
    took = min(empty, left)
    stays = math.exp(-took / outage.patience_s)
    lost = settled * took / outage.patience_s + (waiting - settled) * (1 - stays)
    return (agents if empty <= left else agents + settled + (waiting - settled) * stays), lost, took


def _wait(queue: float, agents: float, outage: Outage) -> float:
    """Until those who wait now are answered or gone, by agents as many as now."""
    if not queue:
        return 0.0
    if not agents:
        return math.inf
    if math.isinf(outage.patience_s):
        return queue * outage.aht_s / agents
    return outage.patience_s * math.log1p(queue / outage.patience_s * outage.aht_s / agents)
