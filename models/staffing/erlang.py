"""Erlang B and C: Poisson arrivals, exponential handling, and customers who leave at once or never.

`erlangs` is the offered load, arrivals per second times mean handle time; `agents` may be a fraction. Arguments
broadcast. With B from the incomplete gamma function both hold for fractions and to thousands of agents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from models.staffing.arrays import Floats, Numbers, above, at_least, share_below_one, together
from models.staffing.tails import log_upper

_OfSpare: TypeAlias = Callable[[Floats], Floats]


def offered_load(contacts_per_hour: Numbers, aht_s: Numbers) -> Floats:
    """Erlangs: contacts per hour times mean handle time in seconds / 3600. Raises ValueError for negative numbers."""
    rate, aht = at_least("contacts_per_hour", contacts_per_hour), at_least("aht_s", aht_s)
    shape, (rate, aht) = together(rate, aht)
    return (rate * aht / 3600).reshape(shape)


def erlang_b(agents: Numbers, erlangs: Numbers) -> Floats:
    """Share of contacts that find all agents (or lines) busy and are turned away.

    Without load nobody is, without agents everybody. Raises ValueError for a negative, infinite or NaN argument.
    """
    shape, (n, a) = together(at_least("agents", agents), at_least("erlangs", erlangs))
    blocked = np.zeros_like(a)
    busy = a > 0
    blocked[busy] = np.exp(-log_upper(n[busy] + 1, a[busy]))
    return blocked.reshape(shape)


@dataclass(frozen=True, slots=True)
class ErlangC:
    """A queue whose customers wait for ever. Made by `erlang_c`; all arrays have one shape.

    At or below the load in agents there is no steady state: everybody waits, and waits grow without end (inf).
    """

    agents: Floats
    erlangs: Floats
    aht_s: Floats
    waiting: Floats
    """Share of contacts that wait at all."""

    @property
    def occupancy(self) -> Floats:
        """Share of the agents' time spent on contacts, 1 in overload; NaN without agents."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.agents > 0, np.minimum(1.0, self.erlangs / self.agents), np.nan)

    @property
    def mean_wait_s(self) -> Floats:
        """Average speed of answer: mean wait over all contacts, those that did not wait included."""
        return self._spread(lambda spare: self.waiting * self.aht_s / spare)

    @property
    def queue_length(self) -> Floats:
        """Mean number of contacts waiting."""
        return self._spread(lambda spare: self.waiting * self.erlangs / spare)

    def service_level(self, threshold_s: Numbers) -> Floats:
        """Share of contacts answered within so many seconds; 0 in overload. Raises ValueError for a bad threshold."""
        t = at_least("threshold_s", threshold_s)
        spare = self.agents - self.erlangs
        late = self.waiting * np.exp(-np.maximum(spare, 0) * t / self.aht_s)
        return np.where((spare > 0) | (self.erlangs == 0), 1 - late, 0.0)

    def wait_quantile_s(self, share: Numbers) -> Floats:
        """The wait, in seconds, that this share of contacts does not exceed. Raises ValueError for a share of 1."""
        p = share_below_one("share", share)
        with np.errstate(divide="ignore"):
            ratio = np.maximum(np.log(self.waiting / (1 - p)), 0)
        return self._spread(lambda spare: ratio * self.aht_s / spare)

    def _spread(self, with_spare: _OfSpare) -> Floats:
        """A figure that has the spare agents as a divisor: 0 without load, inf where there are none."""
        spare = self.agents - self.erlangs
        figure = with_spare(np.where(spare > 0, spare, 1.0))
        return np.where(self.erlangs == 0, 0.0, np.where(spare > 0, figure, np.inf))


def erlang_c(agents: Numbers, erlangs: Numbers, aht_s: Numbers) -> ErlangC:
    """The M/M/n queue: P(wait) = 1 / (1 + (1 - a/n) (1/B - 1)) for load a below n agents, otherwise 1.

    Without load nobody waits, however few the agents. Raises ValueError for a negative, infinite or NaN argument and
    an AHT of 0.
    """
    shape, (n, a, aht) = together(at_least("agents", agents), at_least("erlangs", erlangs), above("aht_s", aht_s))
    return ErlangC(*(array.reshape(shape) for array in (n, a, aht, waiting_share(n, a))))


def waiting_share(n: Floats, a: Floats) -> Floats:
    """P(wait) of M/M/n for arrays of one length that are known to be good."""
    waiting = np.where(a > 0, 1.0, 0.0)
    stable = (a > 0) & (n > a)
    n, a = n[stable], a[stable]
    with np.errstate(over="ignore"):
        # 1/B beyond the floats: nobody waits.
        waiting[stable] = n / ((n - a) * np.exp(log_upper(n + 1, a)) + a)
    return waiting
