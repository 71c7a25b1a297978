"""How long a customer with endless patience would wait in M/M/n+M, given that there is a wait: its integrals.

Time is in units of mean patience. With A = n * patience / aht (how many agents' completions fall into one patience)
and x = erlangs * patience / aht, the density of that wait v is proportional to exp(x (1 - e^-v) - A v); after t it is
the same again with x e^-t for x (Mandelbaum & Zeltyn, "Service engineering in action: the Palm/Erlang-A queue", 2007;
their J is the integral of it). Three ways, each where it is exact:

- A below 200: expanding e^(x (1 - e^-v)) in powers of 1 - e^-v gives positive terms x^j / (A (A + 1) ... (A + j));
- A below 200 and x far above it: the upper end of the incomplete gamma function is not noticed;
- A from 200: Gauss-Legendre to the left and right of the peak, with what the peak is divided out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models.staffing.arrays import Floats
from models.staffing.tails import excess_over_log, log_poisson

_SERIES_BELOW = 200.0
_DROP = 40.0
"""How many powers of e below its peak the density is no longer looked at."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_STEPS = (_NODES + 1) / 2
_STEP_WEIGHTS = _WEIGHTS / 2
_NEGLIGIBLE = 1e-17
_LOOK = 4
"""Terms of the series between two looks whether it is enough."""
_AT_ONCE = 1024
"""So many at a time: the work fits the processor's cache, and memory does not grow with the question."""


@dataclass(frozen=True, slots=True)
class OfferedWait:
    """Of waits from some moment on, arrays of one length. `log_mass` is measured against the peak of the density."""

    log_mass: Floats
    stays: Floats
    """Mean of e^-v: the share of them whose patience lasts."""
    leaves: Floats
    """Mean of 1 - e^-v, not as a difference: it may be tiny."""
    held: Floats
    """Mean of v e^-v: the wait of those who stay, over all."""


def offered_wait(capacity: Floats, x: Floats) -> OfferedWait:
    """The integrals for A = capacity > 0 and x >= 0, arrays of one length."""
    found = OfferedWait(*(np.empty_like(x) for _ in range(4)))
    few = capacity < _SERIES_BELOW
    # So far out a gamma variable of shape A + 1 is found less than once in 10^17.
    far = few & (x > capacity + 41 + 10 * np.sqrt(capacity + 1))
    for chosen, integrals in ((few & ~far, _series), (far, _far), (~few, _quadrature)):
        places = np.flatnonzero(chosen)
        for begin in range(0, places.size, _AT_ONCE):
            where = places[begin : begin + _AT_ONCE]
            _put(found, where, integrals(capacity[where], x[where]))
    return found


def log_peak(capacity: Floats, x: Floats) -> Floats:
    """Log of the greatest value of exp(x (1 - e^-v) - A v) over v >= 0: 0 unless x is above A."""
    return np.where(x > capacity, capacity * excess_over_log(np.maximum(x / capacity, 1) - 1), 0.0)


def log_peak_ratio(capacity: Floats, x: Floats, t: Floats) -> Floats:
    """Log of (peak from t on) / (peak from 0 on), with x the load at 0 and t >= 0."""
    later = x * np.exp(-t)
    before = -x * np.expm1(-t) - capacity * t
    ratio = later / capacity
    with np.errstate(divide="ignore"):
        log_ratio = np.log(x / capacity) - t
    close = np.abs(ratio - 1) < 0.5
    past = np.where(
        close, -capacity * excess_over_log(np.where(close, ratio - 1, 0.0)), capacity * (1 - ratio + log_ratio)
    )
    return np.where(x <= capacity, before, np.where(ratio >= 1, 0.0, past))


def _put(found: OfferedWait, where: NDArray[np.intp], part: OfferedWait) -> None:
    found.log_mass[where] = part.log_mass
    found.stays[where] = part.stays
    found.leaves[where] = part.leaves
    found.held[where] = part.held


def _series(capacity: Floats, x: Floats) -> OfferedWait:
    term = 1 / capacity
    waited = np.zeros_like(x)
    mass, stays, leaves, held = (np.zeros_like(x) for _ in range(4))
    step = 0
    while True:
        step += 1
        share = 1 / (capacity + step)
        waited += share
        staying = term * share
        mass += term
        stays += staying
        leaves += staying * step
        held += staying * waited
        term = staying * x
        # What is left is below a geometric series of the present growth, which only falls.
        if step % _LOOK == 0 and np.all(term <= _NEGLIGIBLE * mass * (1 - x * share)):
            stays, held = (part * capacity for part in (stays, held))
            return OfferedWait(np.log(mass) - log_peak(capacity, x), stays / mass, leaves / mass, held / mass)


def _far(capacity: Floats, x: Floats) -> OfferedWait:
    stays = capacity / x
    log_mass = -np.log(capacity) - log_poisson(capacity, x) - log_peak(capacity, x)
    return OfferedWait(log_mass, stays, 1 - stays, stays * (np.log(x) - special.digamma(capacity + 1)))


def _quadrature(capacity: Floats, x: Floats) -> OfferedWait:
    at_peak = np.minimum(x, capacity)
    peak = np.log(np.maximum(x / capacity, 1))
    slope = capacity - at_peak
    # w - 1 + e^-w is at least w^2 / 3 up to w = 1, and w stays below that from capacity 120 on.
    right = 2 * _DROP / (slope + np.sqrt(slope**2 + 4 * _DROP * at_peak / 3))
    left = np.minimum(peak, np.sqrt(2 * _DROP / capacity))
    away = np.concatenate((right[:, None] * _STEPS, -left[:, None] * _STEPS), axis=1)
    widths = np.concatenate((right[:, None] * _STEP_WEIGHTS, left[:, None] * _STEP_WEIGHTS), axis=1)
    decay = np.expm1(-away)
    density = widths * np.exp(-slope[:, None] * away - at_peak[:, None] * (decay + away))
    wait = peak[:, None] + away
    leaving = -np.expm1(-wait)
    mass = density.sum(axis=1)
    return OfferedWait(
        np.log(mass),
        (density * (1 - leaving)).sum(axis=1) / mass,
        (density * leaving).sum(axis=1) / mass,
        (density * wait * (1 - leaving)).sum(axis=1) / mass,
    )
