"""How many agents it takes to keep what was promised, for many intervals at once, and rules of thumb for it.

A service level alone is met with fewer agents than contacts need when many hang up: with a patience, cap abandonment
or occupancy too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import special

from models.staffing.arrays import (
    Floats,
    Numbers,
    Truths,
    Whole,
    above,
    at_least,
    rounded_up,
    share_between,
    together,
)
from models.staffing.erlang import erlang_b, erlang_c
from models.staffing.erlang_a import PATIENT_FROM, VARIANTS, Variant, erlang_a

Meets: TypeAlias = Callable[[Floats, Whole], Truths]
"""Whether so many agents (first) are enough for the intervals of these places (second)."""

_LARGEST_BETA = 38.0
"""Beyond it one customer in 10^300 waits."""
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Targets:
    """What has to hold at once, at least one thing. Raises ValueError when a part is out of reason.

    Shares between 0 and 1: `service_level` by `variant` at `threshold_s` (`short_s` with sl_ignore_short) is a floor,
    the others are caps. With Erlang C every variant is the same.
    """

    service_level: float | None = None
    threshold_s: float | None = None
    variant: Variant = "service_level"
    short_s: float | None = None
    max_abandonment: float | None = None
    max_occupancy: float | None = None
    max_waiting: float | None = None

    def __post_init__(self) -> None:
        caps = (self.max_abandonment, self.max_occupancy, self.max_waiting)
        if self.service_level is None and caps == (None, None, None):
            raise ValueError("expected a service level, or a cap on abandonment, occupancy or waiting, got none")
        if (self.service_level is None) != (self.threshold_s is None):
            raise ValueError(
                "expected service_level and threshold_s together, "
                f"got service_level {self.service_level} and threshold_s {self.threshold_s}"
            )
        if self.variant not in VARIANTS:
            raise ValueError(f"expected variant to be one of {', '.join(VARIANTS)}, got {self.variant!r}")
        if (self.variant == "sl_ignore_short") != (self.short_s is not None):
            raise ValueError(
                f"expected short_s with sl_ignore_short and only there, got {self.short_s} with {self.variant}"
            )
        for name in ("service_level", "max_abandonment", "max_waiting"):
            if getattr(self, name) is not None:
                share_between(name, getattr(self, name))
        if self.max_occupancy is not None:
            share_between("max_occupancy", self.max_occupancy, one=True)
        for name in ("threshold_s", "short_s"):
            if getattr(self, name) is not None:
                at_least(name, getattr(self, name))

    def met(self, service_level: Floats | None, abandonment: Floats, occupancy: Floats, waiting: Floats) -> Truths:
        """Whether these figures, of one shape, keep all of it. What is not a number does not."""
        good = np.ones_like(abandonment, dtype=np.bool_)
        if self.service_level is not None and service_level is not None:
            good &= service_level >= self.service_level
        for figure, cap in (
            (abandonment, self.max_abandonment),
            (occupancy, self.max_occupancy),
            (waiting, self.max_waiting),
        ):
            if cap is not None:
                good &= figure <= cap
        return good


def agents_required(erlangs: Numbers, aht_s: Numbers, targets: Targets, *, patience_s: Numbers = math.inf) -> Whole:
    """The least number of agents that meets the targets in each interval; 0 without load.

    Erlang A with a mean patience in seconds, Erlang C where it is infinite (or above a million handle times), which
    takes more agents than load whatever the targets. Arguments broadcast. Raises ValueError for bad numbers.
    """
    checked = (at_least("erlangs", erlangs), above("aht_s", aht_s))
    shape, (a, aht, patience) = together(*checked, above("patience_s", patience_s, endless=True))
    stable_only = patience > PATIENT_FROM * aht
    if bool(stable_only.all()):
        # Half the work, and the same answer.
        def meets(agents: Floats, at: Whole) -> Truths:
            queue = erlang_c(agents, a[at], aht[at])
            level = None if targets.threshold_s is None else queue.service_level(targets.threshold_s)
            good = targets.met(level, np.zeros_like(agents), queue.occupancy, queue.waiting)
            return good & (agents > a[at])
    else:

        def meets(agents: Floats, at: Whole) -> Truths:
            queue = erlang_a(agents, a[at], aht[at], patience[at])
            level = None
            if targets.threshold_s is not None:
                level = queue.service_level(targets.threshold_s, targets.variant, short_s=targets.short_s)
            good = targets.met(level, queue.abandonment, queue.occupancy, queue.waiting)
            return good & ((agents > a[at]) | ~stable_only[at])

    return fewest(a, meets).reshape(shape)


def lines_required(erlangs: Numbers, max_blocking: Numbers) -> Whole:
    """The least number of lines that turns away at most this share of calls (Erlang B); 0 without load."""
    shape, (a, cap) = together(at_least("erlangs", erlangs), share_between("max_blocking", max_blocking))
    return fewest(a, lambda lines, at: erlang_b(lines, a[at]) <= cap[at]).reshape(shape)


def fewest(load: Floats, meets: Meets) -> Whole:
    """The least whole number of agents that meets, for each load of one long row, by bisection on all at once.

    0 where there is no load; where there is, 0 is never enough, and what is enough stays so with more agents.
    """
    short = np.zeros(load.size, dtype=np.int64)
    stride = np.ceil(np.sqrt(load)).astype(np.int64) + 1
    enough = np.where(load > 0, np.ceil(load).astype(np.int64) + stride, 0)
    places = np.flatnonzero(load > 0)
    unmet = places[~meets(enough[places].astype(np.float64), places)]
    met = np.setdiff1d(places, unmet)
    # The answer lies mostly within some roots of the load: look there in longer and longer strides.
    strides = stride.copy()
    while unmet.size:
        short[unmet] = enough[unmet]
        enough[unmet] += strides[unmet]
        strides[unmet] *= 2
        unmet = unmet[~meets(enough[unmet].astype(np.float64), unmet)]
    while met.size:
        lower = enough[met] - stride[met]
        met, lower = met[lower > 0], lower[lower > 0]
        good = meets(lower.astype(np.float64), met) if met.size else np.zeros(0, dtype=np.bool_)
        short[met[~good]] = lower[~good]
        met, lower = met[good], lower[good]
        enough[met] = lower
        stride[met] *= 2
    while (open_places := np.flatnonzero(enough - short > 1)).size:
        middle = (enough[open_places] + short[open_places]) // 2
        good = meets(middle.astype(np.float64), open_places)
        enough[open_places[good]] = middle[good]
        short[open_places[~good]] = middle[~good]
    return enough


def halfin_whitt_waiting(beta: Numbers) -> Floats:
    """Share of contacts that wait with a + beta sqrt(a) agents for a large load a: 1 / (1 + beta Phi / phi).

    Phi and phi are the normal distribution and its density at beta (Halfin & Whitt 1981). Raises ValueError for a
    negative beta.
    """
    return np.exp(_log_waiting(at_least("beta", beta)))


def halfin_whitt_beta(waiting: Numbers) -> Floats:
    """The beta with which this share of contacts waits. Raises ValueError unless it lies between 0 and 1."""
    log_waiting = np.log(share_between("waiting", waiting))
    return _root(log_waiting, np.zeros_like(log_waiting))


def square_root_agents(erlangs: Numbers, aht_s: Numbers, service_level: Numbers, threshold_s: Numbers) -> Whole:
    """Agents by the square-root rule, a + beta sqrt(a) rounded up: Erlang C's need without computing it.

    beta solves waiting(beta) exp(-beta sqrt(a) T / AHT) = 1 - service level. Off by about one agent at most; 0 without
    load. Raises ValueError for bad numbers.
    """
    shape, (a, aht, level, t) = together(
        at_least("erlangs", erlangs),
        above("aht_s", aht_s),
        share_between("service_level", service_level),
        at_least("threshold_s", threshold_s),
    )
    beta = _root(np.log1p(-level), np.sqrt(a) * t / aht)
    return np.where(a > 0, rounded_up(a + beta * np.sqrt(a)), 0).reshape(shape)


def mean_patience_s(waited_s: Numbers, abandoned: Numbers) -> Floats:
    """Mean patience: seconds waited by all who queued, answered or not, per hang-up.

    The maximum likelihood estimate for an exponential patience of which the answered show only the beginning; the
    mean wait of those who hung up is far too short. inf where nobody hung up, NaN where nobody waited either. Raises
    ValueError for negative sums.
    """
    total, count = at_least("waited_s", waited_s), at_least("abandoned", abandoned)
    shape, (total, count) = together(total, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (total / count).reshape(shape)


def _log_waiting(beta: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        log_odds = np.log(beta) + special.log_ndtr(beta) + beta**2 / 2 + 0.5 * math.log(2 * math.pi)
    return -np.logaddexp(0.0, log_odds)


def _root(log_late: Floats, decay: Floats) -> Floats:
    """The beta for which log waiting(beta) - beta * decay is log_late; the former only falls."""
    low, high = np.zeros_like(log_late), np.full_like(log_late, _LARGEST_BETA)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_low = _log_waiting(middle) - middle * decay > log_late
        low, high = np.where(too_low, middle, low), np.where(too_low, high, middle)
    return high
