"""Staffing for a demand that is not known for sure: the arrival rate itself is drawn, from a gamma distribution.

Day to day, counts of contacts vary more than Poisson arrivals of a known rate do, and a service level falls faster
above the expected load than it rises below it: planned for the mean, it is missed on average (Whitt 2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from models.staffing.arrays import (
    Floats,
    Numbers,
    Truths,
    Whole,
    above,
    at_least,
    share_below_one,
    share_between,
    together,
)
from models.staffing.erlang_a import PATIENT_FROM, Variant, erlang_a
from models.staffing.required import Targets, fewest
from models.staffing.tails import excess_over_log

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_TURN = 3.0
"""How far a turn reaches, in roots of the number of agents."""
_TAIL = 1e-7
"""Share of rates left out at either end."""
_CERTAIN = 1e-4
"""A rate that varies less than this is as good as known."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Figures under a rate that is not known, arrays of one shape. Over contacts: a busy day counts for its many.

    Occupancy is over time. service_level is a ratio of sums, NaN where nothing counts.
    """

    service_level: Floats
    abandonment: Floats
    occupancy: Floats
    waiting: Floats


@dataclass(frozen=True, slots=True)
class Band:
    """A service level as expected, and those of a busy (`low`) and a quiet (`high`) day; arrays of one shape."""

    expected: Floats
    low: Floats
    high: Floats


def expected_under_uncertainty(
    agents: Numbers,
    erlangs: Numbers,
    aht_s: Numbers,
    threshold_s: float,
    *,
    cv: Numbers,
    patience_s: Numbers = math.inf,
    variant: Variant = "service_level",
    short_s: float | None = None,
) -> Expected:
    """What to expect of so many agents when only the mean of the load, `erlangs`, and the cv of its rate are known.

    cv, from 0 to below 1, is that of the rate alone: of counts take away the chance of Poisson arrivals, which Erlang
    knows of, sqrt(variance - mean) / mean. Raises ValueError for bad numbers.
    """
    shape, (n, a, aht, patience, spread) = together(
        at_least("agents", agents),
        at_least("erlangs", erlangs),
        above("aht_s", aht_s),
        above("patience_s", patience_s, endless=True),
        share_below_one("cv", cv),
    )
    at_least("threshold_s", threshold_s)
    found = _expected(n, a, aht, patience, spread, (threshold_s, variant, short_s))
    return Expected(*(figure.reshape(shape) for figure in found))


def service_level_band(
    agents: Numbers,
    erlangs: Numbers,
    aht_s: Numbers,
    threshold_s: float,
    *,
    cv: Numbers,
    patience_s: Numbers = math.inf,
    variant: Variant = "service_level",
    short_s: float | None = None,
    level: float = 0.9,
) -> Band:
    """The service level to expect, and its band: rates lie between the two days as often as `level` says.

    Arguments as of `expected_under_uncertainty`. Raises ValueError for bad numbers.
    """
    tail = (1 - float(share_between("level", level))) / 2
    expected = expected_under_uncertainty(
        agents, erlangs, aht_s, threshold_s, cv=cv, patience_s=patience_s, variant=variant, short_s=short_s
    )
    load, spread = at_least("erlangs", erlangs), share_below_one("cv", cv)
    quiet, busy = (
        erlang_a(agents, load * rate, aht_s, patience_s).service_level(threshold_s, variant, short_s=short_s)
        for rate in (_rate_quantile(spread, tail), _rate_quantile(spread, 1 - tail))
    )
    return Band(expected.service_level, *np.broadcast_arrays(busy, quiet))


def agents_under_uncertainty(
    erlangs: Numbers, aht_s: Numbers, targets: Targets, *, cv: Numbers, patience_s: Numbers = math.inf
) -> Whole:
    """The least number of agents that can be expected to meet the targets in each interval; 0 without load.

    Arguments as of `expected_under_uncertainty` and `agents_required`. Raises ValueError for bad numbers.
    """
    shape, (a, aht, patience, spread) = together(
        at_least("erlangs", erlangs),
        above("aht_s", aht_s),
        above("patience_s", patience_s, endless=True),
        share_below_one("cv", cv),
    )
    stable_only = patience > PATIENT_FROM * aht
    level = None if targets.threshold_s is None else (targets.threshold_s, targets.variant, targets.short_s)

    def meets(agents: Floats, at: Whole) -> Truths:
        figures = _expected(agents, a[at], aht[at], patience[at], spread[at], level)
        return targets.met(*figures) & ((agents > a[at]) | ~stable_only[at])

    return fewest(a, meets).reshape(shape)


def _expected(
    n: Floats, a: Floats, aht: Floats, patience: Floats, cv: Floats, level: tuple[float, Variant, float | None] | None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Service level (NaN without one asked for), abandonment, occupancy, waiting, of arrays of one length."""
    threshold = 0.0 if level is None else level[0]
    rates, share_of_time = _rates(cv, _bends(n, a, patience, threshold))
    queue = erlang_a(n[:, None], a[:, None] * rates, aht[:, None], patience[:, None])
    share_of_contacts = share_of_time * rates
    share_of_contacts /= share_of_contacts.sum(axis=1, keepdims=True)
    if level is None:
        reached = np.full_like(a, np.nan)
    else:
        met, of = (np.vecdot(share_of_contacts, part) for part in queue.counted(*level))
        with np.errstate(invalid="ignore", divide="ignore"):
            reached = np.where(of > 0, np.minimum(1.0, met / of), np.nan)
    return (
        reached,
        np.vecdot(share_of_contacts, queue.abandonment),
        np.vecdot(share_of_time, queue.occupancy),
        np.vecdot(share_of_contacts, queue.waiting),
    )


def _bends(n: Floats, a: Floats, patience: Floats, threshold: float) -> Floats:
    """Rates, as multiples of the mean, between which figures turn, a column for each, in order.

    They turn where all agents are busy, and where waits reach the threshold: in overload a large queue settles at
    n = a rate e^(-wait / patience). They have come from, and are over, a few roots of the agents away.
    """
    full = n / np.where(a > 0, a, 1.0)
    reached = full * np.exp(np.minimum(threshold / patience, 50.0))
    away = _TURN / np.sqrt(np.maximum(n, 1.0))
    return np.stack((full * (1 - away), full, reached, reached * (1 + away)), axis=1)


def _rates(cv: Floats, bends: Floats) -> tuple[Floats, Floats]:
    """Rates of mean 1 and their shares of time, a row for each cv: Gauss-Legendre between the bends.

    Service levels come within 0.003 of a fine grid for loads to 4,900 and cv to 0.8, mostly within 0.0001.
    """
    spread = np.maximum(cv, _CERTAIN)
    low, high = _rate_quantile(spread, _TAIL), _rate_quantile(spread, 1 - _TAIL)
    low, high = low[:, None], high[:, None]
    edges = np.concatenate((low, np.clip(bends, low, high), high), axis=1)
    width = np.diff(edges, axis=1)
    rates = (edges[:, :-1, None] + width[:, :, None] * (_NODES + 1) / 2).reshape(cv.size, -1)
    shape = (1 / spread**2)[:, None]
    log_density = -shape * excess_over_log(rates - 1) - np.log(rates)
    shares = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    shares *= (width[:, :, None] * _WEIGHTS).reshape(cv.size, -1)
    shares /= shares.sum(axis=1, keepdims=True)
    certain = (cv < _CERTAIN)[:, None]
    return np.where(certain, 1.0, rates), shares


def _rate_quantile(cv: Floats, share: float) -> Floats:
    """Of the gamma distribution with mean 1 and this cv; 1 where the rate is as good as known."""
    shape = 1 / np.maximum(cv, _CERTAIN) ** 2
    return np.where(cv < _CERTAIN, 1.0, special.gammaincinv(shape, share) / shape)
