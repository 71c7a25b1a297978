"""What agents who can take the work of several queues save: bounds from one pool of all and from no sharing at all.

Agents who know all and agents who know one are the ends. In between only simulation is exact; agents who know two, in
a chain that ties all queues together, do almost as well as if they knew all (Wallace & Whitt 2005).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from models.staffing.arrays import Floats, Numbers, Whole, above, at_least, together
from models.staffing.erlang_a import Variant, erlang_a
from models.staffing.required import Targets, agents_required

CHAIN_LOSS = 0.03
"""Service level by which a chain of two skills falls short of one pool: of one simulated case, a rule of thumb."""


@dataclass(frozen=True, slots=True)
class PooledAgents:
    """Agents needed in all: `pooled` <= `chained` <= `separate`; and for each queue apart."""

    by_queue: Whole
    separate: int
    chained: int
    pooled: int


@dataclass(frozen=True, slots=True)
class PooledLevel:
    """Service level over all contacts of given agents; `separate` <= `chained` <= `pooled`."""

    separate: float
    chained: float
    pooled: float


def pooled_agents(erlangs: Numbers, aht_s: Numbers, targets: Targets, *, patience_s: float = math.inf) -> PooledAgents:
    """Agents for queues apart, in a chain of two skills each, and in one pool; a row of loads, one for each queue.

    The chain needs what one pool needs for CHAIN_LOSS more service level, and never more than queues apart; without a
    target for the service level it needs what they do. AHTs may differ; the pool has their mean over contacts, and is
    a bound as far as they are alike: behind long contacts short ones wait longer. Where one pool of short-handed agents
    takes more than queues apart (all busy, it answers hardly anybody at once), it is run as such. Raises ValueError
    for bad numbers.
    """
    a, aht = _queues(erlangs, aht_s)
    by_queue = agents_required(a, aht, targets, patience_s=patience_s)
    separate = int(by_queue.sum())
    load, mean_aht = _pool(a, aht)
    pooled = min(separate, int(agents_required(load, mean_aht, targets, patience_s=patience_s)))
    chained = separate
    if targets.service_level is not None and targets.service_level + CHAIN_LOSS < 1:
        more = replace(targets, service_level=targets.service_level + CHAIN_LOSS)
        chained = min(separate, int(agents_required(load, mean_aht, more, patience_s=patience_s)))
    return PooledAgents(by_queue, separate, chained, pooled)


def pooled_service_level(
    agents: Numbers,
    erlangs: Numbers,
    aht_s: Numbers,
    threshold_s: float,
    *,
    patience_s: float = math.inf,
    variant: Variant = "service_level",
    short_s: float | None = None,
) -> PooledLevel:
    """What the same agents reach apart, in a chain of two skills each, and in one pool; one entry for each queue.

    Over all contacts, so a large queue counts for more; the chain is CHAIN_LOSS below the pool, never below queues
    apart. NaN without load. Raises ValueError for bad numbers.
    """
    a, aht = _queues(erlangs, aht_s)
    shape, (n, a, aht) = together(at_least("agents", agents), a, aht)
    if len(shape) > 1:
        raise ValueError(f"expected one row of queues, got an array of shape {shape}")
    rate = a / aht
    met, of = (
        float((rate * part).sum()) for part in erlang_a(n, a, aht, patience_s).counted(threshold_s, variant, short_s)
    )
    if of <= 0:
        return PooledLevel(math.nan, math.nan, math.nan)
    separate = met / of
    queue = erlang_a(float(n.sum()), *_pool(a, aht), patience_s)
    pooled = max(separate, float(queue.service_level(threshold_s, variant, short_s=short_s)))
    return PooledLevel(separate, max(separate, pooled - CHAIN_LOSS), pooled)


def _queues(erlangs: Numbers, aht_s: Numbers) -> tuple[Floats, Floats]:
    shape, (a, aht) = together(at_least("erlangs", erlangs), above("aht_s", aht_s))
    if len(shape) > 1:
        raise ValueError(f"expected one row of queues, got an array of shape {shape}")
    return a, aht


def _pool(a: Floats, aht: Floats) -> tuple[float, float]:
    """Load of all together, and their mean handle time over contacts."""
    load, rate = float(a.sum()), float((a / aht).sum())
    return load, load / rate if rate else float(np.mean(aht))
