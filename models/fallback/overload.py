"""More work than agents for a while, in closed forms: who hangs up, what piles up, how much would be bearable.

Methods 4.5. The first two are of large numbers, without chance; the load that is bearable is by Erlang A.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.staffing import erlang_a
from models.staffing.arrays import Floats, Numbers, above, at_least, share_between, together

_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Overload:
    """A load above the agents for good: share that hangs up, wait offered, both 0 below."""

    abandonment: Floats
    offered_wait_s: Floats


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work that waits until it is done: growth during, contacts in it at the end, minutes to clear it after."""

    growth_per_min: float
    contacts: float
    clear_min: float
    """inf when there is nobody to spare after."""


def overload(agents: Numbers, erlangs: Numbers, patience_s: Numbers) -> Overload:
    """Fluid steady state: 1 - n / a hang up, and wait patience x ln(a / n). Raises ValueError for bad numbers."""
    checked = (above("agents", agents), at_least("erlangs", erlangs), above("patience_s", patience_s))
    shape, (n, a, patience) = together(*checked)
    ratio = np.maximum(1.0, a / n)
    return Overload((1 - 1 / ratio).reshape(shape), (patience * np.log(ratio)).reshape(shape))


def backlog(agents: float, erlangs: float, erlangs_after: float, aht_s: float, hours: float) -> Backlog:
    """When nobody gives up: so many hours with a load, then another. Raises ValueError for bad numbers."""
    for name, value in (("agents", agents), ("erlangs", erlangs), ("erlangs_after", erlangs_after), ("hours", hours)):
        at_least(name, value)
    minutes = float(above("aht_s", aht_s)) / 60
    growth, spare = max(0.0, erlangs - agents) / minutes, (agents - erlangs_after) / minutes
    contacts = growth * hours * 60
    return Backlog(growth, contacts, 0.0 if not contacts else contacts / spare if spare > 0 else math.inf)


def largest_load(agents: Numbers, aht_s: Numbers, patience_s: Numbers, max_abandonment: Numbers) -> Floats:
    """Most Erlangs of which no larger share hangs up, by Erlang A; 0 without agents. Raises ValueError for bad ones."""
    shape, (n, aht, patience, limit) = together(
        at_least("agents", agents),
        above("aht_s", aht_s),
        above("patience_s", patience_s),
        share_between("max_abandonment", max_abandonment),
    )
    # Not even agents who never pause answer more than n.
    low, high = np.zeros_like(n), n / (1 - limit)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        good = erlang_a(n, middle, aht, patience).abandonment <= limit
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return low.reshape(shape)
