"""Erlang A: as Erlang C, but customers hang up when an exponential patience runs out (M/M/n+M, Palm 1957).

Every figure is a share of all offered contacts unless it says otherwise. Service levels go by the names of the
metrics, so that a forecast and what came of it can stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy import special

from models.staffing.arrays import Floats, Numbers, Truths, above, at_least, together
from models.staffing.erlang import waiting_share
from models.staffing.offered_wait import log_peak, log_peak_ratio, offered_wait
from models.staffing.tails import log_upper

Variant: TypeAlias = Literal[
    "service_level", "sl_ignore_within_T", "sl_ignore_short", "sl_positive", "sl_answered_only"
]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
"""Service levels the model can foretell. What leaves for a callback or overflow is not part of it."""

PATIENT_FROM = 1e6
"""Mean patience in handle times above which nobody is expected to hang up, and Erlang C holds."""
_NOBODY = 1e-100
"""Fewer agents are none: what they do is lost in the sums, which overflow long before."""


@dataclass(frozen=True, slots=True)
class Within:
    """Shares of offered contacts that were answered, and that hung up, within some seconds."""

    answered: Floats
    abandoned: Floats


@dataclass(frozen=True, slots=True)
class ErlangA:
    """A queue whose customers give up. Made by `erlang_a`; all arrays have one shape."""

    agents: Floats
    erlangs: Floats
    aht_s: Floats
    patience_s: Floats
    waiting: Floats
    """Share of contacts that are not answered at once."""
    abandonment: Floats
    """Share of contacts that hang up."""
    mean_wait_s: Floats
    """Mean wait over all contacts, answered or not, those that did not wait included."""
    mean_wait_answered_s: Floats
    """Average speed of answer: mean wait of those answered; NaN where nobody is."""
    _log_mass: Floats
    """Of the density of the offered wait, against its peak; 0 where another formula holds."""

    @property
    def occupancy(self) -> Floats:
        """Share of the agents' time spent on contacts; NaN without agents."""
        with np.errstate(divide="ignore", invalid="ignore"):
            busy = np.minimum(1.0, self.erlangs * (1 - self.abandonment) / self.agents)
        return np.where(self.agents > 0, busy, np.nan)

    @property
    def queue_length(self) -> Floats:
        """Mean number of contacts waiting: arrivals per second times mean wait (Little)."""
        with np.errstate(invalid="ignore"):
            return np.where(self.erlangs > 0, self.erlangs / self.aht_s * self.mean_wait_s, 0.0)

    def within(self, threshold_s: Numbers) -> Within:
        """What has happened to contacts after so many seconds. Raises ValueError for a negative or NaN threshold."""
        limit = at_least("threshold_s", threshold_s)
        fields = (self.agents, self.erlangs, self.aht_s, self.patience_s, self.waiting, self.abandonment)
        shape, (n, a, aht, patience, waiting, abandonment, log_mass, t) = together(*fields, self._log_mass, limit)
        left = np.zeros_like(a)
        answered_late = np.zeros_like(a)
        nobody = (n == 0) & (a > 0)
        left[nobody] = np.exp(-t[nobody] / patience[nobody])
        patient, rest = _regimes(n, a, aht, patience)
        spare = np.maximum(n - a, 0)[patient]
        answered_late[patient] = waiting[patient] * np.exp(-spare * t[patient] / aht[patient]) - abandonment[patient]
        left[patient] = abandonment[patient]
        if rest.any():
            scaled = t[rest] / patience[rest]
            per_patience = patience[rest] / aht[rest]
            capacity, x = n[rest] * per_patience, a[rest] * per_patience
            later = offered_wait(capacity, x * np.exp(-scaled))
            log_left = log_peak_ratio(capacity, x, scaled) + later.log_mass - log_mass[rest] - scaled
            still = waiting[rest] * np.exp(log_left)
            answered_late[rest] = still * later.stays
            left[rest] = still * later.leaves
        answered = np.clip(1 - abandonment - answered_late, 0, 1)
        return Within(answered.reshape(shape), np.clip(abandonment - left, 0, 1).reshape(shape))

    def counted(self, threshold_s: Numbers, variant: Variant, short_s: Numbers | None = None) -> tuple[Floats, Floats]:
        """Shares of offered contacts that meet a service level, and that it counts at all: to be added up apart.

        Raises as `service_level` does.
        """
        if variant not in VARIANTS:
            raise ValueError(f"expected variant to be one of {', '.join(VARIANTS)}, got {variant!r}")
        if (variant == "sl_ignore_short") != (short_s is not None):
            raise ValueError(f"expected short_s with sl_ignore_short and only there, got {short_s} with {variant}")
        within = self.within(threshold_s)
        everything = np.ones_like(within.answered)
        if variant == "sl_positive":
            return within.answered + within.abandoned, everything
        if variant == "sl_ignore_within_T":
            return within.answered, 1 - within.abandoned
        if variant == "sl_answered_only":
            return within.answered, everything * (1 - self.abandonment)
        if short_s is not None:
            return within.answered, 1 - self.within(short_s).abandoned
        return within.answered, everything

    def service_level(
        self, threshold_s: Numbers, variant: Variant = "service_level", *, short_s: Numbers | None = None
    ) -> Floats:
        """Share answered within so many seconds of what the variant counts; NaN where it counts nothing.

        `short_s`, the seconds of a short abandon, belongs to sl_ignore_short. Raises ValueError for a bad threshold,
        an unknown variant, and a short_s that is missing or out of place.
        """
        met, of = self.counted(threshold_s, variant, short_s)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(of > 0, np.minimum(1.0, met / of), np.nan)


def erlang_a(agents: Numbers, erlangs: Numbers, aht_s: Numbers, patience_s: Numbers) -> ErlangA:
    """M/M/n+M with mean patience in seconds; an infinite one is Erlang C, in overload its limit of ever longer queues.

    P(wait) = R / (1 + R) with R = lambda J / eps, eps = 1 / ErlangB(n - 1, a) and J the integral in `offered_wait`;
    P(abandon) = P(wait) * mean of 1 - e^-v; E[wait] = P(abandon) * patience. Without load nobody waits, however few
    the agents; without agents everybody hangs up. Raises ValueError for a negative or NaN argument, and for an AHT or
    patience of 0.
    """
    checked = (at_least("agents", agents), at_least("erlangs", erlangs), above("aht_s", aht_s))
    shape, (n, a, aht, patience) = together(*checked, above("patience_s", patience_s, endless=True))
    n = np.where(n < _NOBODY, 0.0, n)
    waiting, abandonment, mean_wait, answered_wait, log_mass = (np.zeros_like(a) for _ in range(5))
    nobody = (n == 0) & (a > 0)
    waiting[nobody] = abandonment[nobody] = 1
    mean_wait[nobody] = patience[nobody]
    answered_wait[nobody] = np.nan
    patient, rest = _regimes(n, a, aht, patience)
    if patient.any():
        spare = (n - a)[patient]
        waiting[patient] = waiting_share(n[patient], a[patient])
        with np.errstate(divide="ignore", invalid="ignore"):
            abandonment[patient] = np.maximum(0, -spare / a[patient])
            endless = np.where(spare > 0, waiting[patient] * aht[patient] / spare, np.inf)
        mean_wait[patient] = answered_wait[patient] = endless
    if rest.any():
        n_, a_, patience_ = n[rest], a[rest], patience[rest]
        per_patience = patience_ / aht[rest]
        capacity, x = n_ * per_patience, a_ * per_patience
        wait = offered_wait(capacity, x)
        log_mass[rest] = wait.log_mass
        # Not log(x), which is nothing for the smallest of loads.
        log_x = np.log(a_) + np.log(per_patience)
        odds = log_x + log_peak(capacity, x) + wait.log_mass - log_upper(n_, a_)
        waiting[rest] = special.expit(odds)
        abandonment[rest] = waiting[rest] * wait.leaves
        mean_wait[rest] = abandonment[rest] * patience_
        # Written with what is answered, not as 1 - abandonment, which is nothing when hardly anybody is.
        answered = special.expit(-odds) + waiting[rest] * wait.stays
        answered_wait[rest] = waiting[rest] * wait.held * patience_ / answered
    arrays = (n, a, aht, patience, waiting, abandonment, mean_wait, answered_wait, log_mass)
    return ErlangA(*(array.reshape(shape) for array in arrays))


def _regimes(n: Floats, a: Floats, aht: Floats, patience: Floats) -> tuple[Truths, Truths]:
    """Where Erlang C holds, and where Erlang A has to be computed; elsewhere there is no load or nobody to answer."""
    served = (a > 0) & (n > 0)
    patient = patience > PATIENT_FROM * aht
    return served & patient, served & ~patient
