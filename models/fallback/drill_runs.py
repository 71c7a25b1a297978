"""The outage of `drill` with chance in it: many days simulated at once, contact by contact, and the band they make.

A first-come first-served queue of arrivals at random, exponential handle times and patience, and agents who come and
go by the roster; who is with a customer when the shift ends finishes. Each contact takes the agent who is free first,
so one step on arrays of all runs follows one contact of each. The same seed gives the same days.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from models.fallback.drill import Outage
from models.staffing.arrays import Floats, Whole, at_least, share_below_one, share_between

_CELLS = 250_000
"""Numbers a step works on at once: what stays in the cache of a core."""
_CONTACTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Runs:
    """What was counted: a row for each run, a column for each interval, contacts in the one they arrived in."""

    offered: Floats
    lost: Floats
    answered_within: Floats
    waited_s: Floats
    """Of all contacts together, answered or not."""

    @property
    def abandonment(self) -> Floats:
        """Share that hung up, by interval over all runs; NaN without contacts."""
        return _share(self.lost.sum(axis=0), self.offered.sum(axis=0))

    @property
    def service_level(self) -> Floats:
        """Share answered within the threshold of all that arrived, by interval over all runs."""
        return _share(self.answered_within.sum(axis=0), self.offered.sum(axis=0))

    @property
    def mean_wait_s(self) -> Floats:
        """Mean wait of all contacts, by interval over all runs."""
        return _share(self.waited_s.sum(axis=0), self.offered.sum(axis=0))

    def abandonment_band(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Low and high, by interval: days lie between as often as level says. NaN where no day has contacts."""
        return _band(_share(self.lost, self.offered), level)

    def service_level_band(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """The same of the service level."""
        return _band(_share(self.answered_within, self.offered), level)

    def lost_band(self, level: float = 0.9) -> tuple[float, float]:
        """Low and high of the contacts lost in a day."""
        low, high = _band(self.lost.sum(axis=1, keepdims=True), level)
        return float(low[0]), float(high[0])

    def normal_from(self, outage: Outage, max_abandonment: float) -> int | None:
        """First interval after the outage in which no larger share hangs up than this, over all runs; None: none."""
        share_between("max_abandonment", max_abandonment)
        calm = np.flatnonzero(self.abandonment[outage.dark_until :] <= max_abandonment)
        return outage.dark_until + int(calm[0]) if calm.size else None


def drill_runs(
    outage: Outage,
    *,
    runs: int,
    seed: int,
    threshold_s: float = 20.0,
    cv: float = 0.0,
    warm_up: int = 0,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Runs | None:
    """Simulate so many days; None when cancelled.

    threshold_s: of the service level. cv: how far the rate of a whole day varies around what is expected, gamma, 0 for
    not at all. warm_up: intervals like the first one, before it and not counted, for a day that does not begin empty.
    cancelled() is asked before every interval of a block of runs, progress(done, of) called after it. Time grows with
    runs x contacts x agents. Raises ValueError for no runs and numbers outside reason.
    """
    if runs < 1:
        raise ValueError(f"runs: expected 1 or more, got {runs}")
    if warm_up < 0:
        raise ValueError(f"warm_up: expected 0 or more intervals, got {warm_up}")
    at_least("threshold_s", threshold_s)
    share_below_one("cv", cv)
    day = _Day(outage, warm_up)
    chance = np.random.default_rng(seed)
    room = min(_CELLS // max(1, day.on.shape[0]), _CONTACTS // (int(day.contacts.max()) + 1))
    blocks = [min(max(1, room), runs - start) for start in range(0, runs, max(1, room))]
    done, counted = 0, list[list[Floats]]()
    for block in blocks:
        rates = chance.gamma(1 / cv**2, cv**2, block) if cv > 0 else np.ones(block)
        free = np.repeat(day.on[None, :, 0], block, axis=0)
        for at in range(day.contacts.size):
            if cancelled is not None and cancelled():
                return None
            figures = _interval(day, at, free, rates, threshold_s, chance)
            if at >= warm_up:
                counted.append(figures)
            done += block
            if progress is not None:
                progress(done, runs * day.contacts.size)
    size = day.contacts.size - warm_up
    rows = [
        np.concatenate([
            np.stack([figures[which] for figures in counted[block * size : (block + 1) * size]], axis=1)
            for block in range(len(blocks))
        ])
        for which in range(4)
    ]  # fmt: skip
    return Runs(*rows)


class _Day:
    """Contacts expected by interval, and from when on each agent is at work.

    on[k, i]: when agent k, of those still there when k + 1 are, is next at work from the start of interval i on; after
    the day as in its last interval.
    """

    def __init__(self, outage: Outage, warm_up: int) -> None:
        self.contacts = np.concatenate((np.repeat(outage.offered[:1], warm_up), outage.offered))
        crew = np.asarray(outage.agents, dtype=np.int64)
        crew = np.concatenate((np.repeat(crew[:1], warm_up), crew, crew[-1:]))
        self.interval_s, self.aht_s, self.patience_s = outage.interval_s, outage.aht_s, outage.patience_s
        starts = np.arange(crew.size) * outage.interval_s
        self.on = np.where(crew[None, :] > np.arange(crew.max())[:, None], starts, math.inf)
        for at in range(crew.size - 2, -1, -1):
            self.on[:, at] = np.minimum(self.on[:, at], self.on[:, at + 1])


def _interval(
    day: _Day, at: int, free: Floats, rates: Floats, threshold_s: float, chance: Generator
) -> list[Floats]:  # fmt: skip
    """Follow the contacts of one interval in every run, and count them; `free`, when agents are, is moved on."""
    size, begins = rates.size, at * day.interval_s
    arrivals: Whole = chance.poisson(day.contacts[at] * rates)
    most = int(arrivals.max())
    within = chance.random((size, most))
    within[np.arange(most) >= arrivals[:, None]] = 1.0
    within.sort(axis=1)
    instants = np.ascontiguousarray(begins + within.T * day.interval_s)
    comes = np.arange(most)[:, None] < arrivals
    handled = chance.exponential(day.aht_s, (most, size))
    patience = np.full((most, size), math.inf)
    if math.isfinite(day.patience_s):
        patience = chance.exponential(day.patience_s, (most, size))
    wait = np.zeros((most, size))
    # Who is idle and off shift by now is back when the roster says so.
    np.copyto(free, day.on[None, :, at], where=free <= begins)
    runs, last = np.arange(size), day.on.shape[1] - 1
    for step in range(most):
        agent = free.argmin(axis=1)
        soonest = free[runs, agent]
        wait[step] = np.maximum(soonest - instants[step], 0.0)
        ends = instants[step] + wait[step] + handled[step]
        back = day.on[agent, np.minimum(ends / day.interval_s, last).astype(np.int64)]
        answered = comes[step] & (wait[step] <= patience[step])
        free[runs, agent] = np.where(answered, np.maximum(ends, back), soonest)
    lost = comes & (wait > patience)
    counted = (comes, lost, comes & ~lost & (wait <= threshold_s), np.where(comes, np.minimum(wait, patience), 0.0))
    return [each.sum(axis=0, dtype=np.float64) for each in counted]


def _share(part: Floats, of: Floats) -> Floats:
    share: Floats = np.divide(part, of, out=np.full(of.shape, math.nan), where=of > 0)
    return share


def _band(figures: Floats, level: float) -> tuple[Floats, Floats]:
    tail = (1 - float(share_between("level", level))) / 2
    some = ~np.isnan(figures).all(axis=0)
    low, high = (np.full(figures.shape[1], math.nan) for _ in range(2))
    low[some], high[some] = np.nanquantile(figures[:, some], [tail, 1 - tail], axis=0)
    return low, high
