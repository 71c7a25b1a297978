"""Whether own people can take work over now: by interval and pool, what it takes, who is there, how much of it fits.

Methods 4.1. People idle on average are no capacity: what fits is the most that keeps the promise, by Erlang. What is
rostered after shrinkage is an input; nothing is said here of who could come in on a day off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.fallback.pool import Pool, Standard, merged
from models.staffing import PATIENT_FROM, ErlangA, agents_required, erlang_a, people_scheduled
from models.staffing.arrays import Floats, Truths, Whole


@dataclass(frozen=True, slots=True)
class Absorbed:
    """The answer for one pool; every array has an entry for each interval. Service levels are 1 without contacts."""

    name: str
    moved: Floats
    rostered: Floats
    need_own: Whole
    """Agents for their own work."""
    need_all: Whole
    """Agents with all of the moved work."""
    gap: Whole
    """Agents short of that."""
    absorbable: Floats
    """Most of the moved contacts that keep what is to hold: whole ones, or all."""
    service_level_own: Floats
    service_level_all: Floats
    abandonment_own: Floats
    abandonment_all: Floats
    occupancy_own: Floats
    occupancy_all: Floats
    people: int
    """To be added for the widest gap, shrinkage included."""

    @property
    def free(self) -> Floats:
        """Agents rostered beyond what their own work needs."""
        return np.maximum(0.0, self.rostered - self.need_own)

    @property
    def gap_own(self) -> Whole:
        """Agents short of what their own work needs, without any of the moved."""
        return _short(self.need_own, self.rostered)

    @property
    def peak_gap(self) -> int:
        """The widest gap."""
        return int(self.gap.max())

    @property
    def share(self) -> float:
        """Of the moved contacts, what fits."""
        return float(self.absorbable.sum() / self.moved.sum())


@dataclass(frozen=True, slots=True)
class Bounds:
    """Several pools: each apart, and as one in which everybody knows everything. The truth lies between.

    absorbable and gap, by interval, are (apart, as one): one pool never fits less and never needs more, for it can
    always be run as several.
    """

    separate: tuple[Absorbed, ...]
    pooled: Absorbed
    absorbable: tuple[Floats, Floats]
    need_all: tuple[Whole, Whole]
    gap: tuple[Whole, Whole]
    people: tuple[int, int]


def absorb(pool: Pool, standard: Standard) -> Absorbed:
    """What taking the moved work over does to one pool, by interval. Handle times mix by contacts."""
    own, moved, rostered = (np.asarray(row, dtype=np.float64) for row in (pool.own, pool.moved, pool.rostered))
    need_own, need_all = (_need(pool, own, extra, standard) for extra in (np.zeros_like(moved), moved))
    # Many short contacts lower the mean handle time, and with it what Erlang asks for; more work is still not less.
    need_all = np.maximum(need_all, need_own)
    gap = _short(need_all, rostered)
    apart, together = (_queue(pool, own, extra, rostered, standard) for extra in (np.zeros_like(moved), moved))
    return Absorbed(
        pool.name, moved, rostered, need_own, need_all, gap, _absorbable(pool, own, moved, rostered, standard),
        _level(apart, standard), _level(together, standard), apart.abandonment, together.abandonment,
        apart.occupancy, together.occupancy, int(people_scheduled(int(gap.max()), standard.shrinkage)),
    )  # fmt: skip


def absorb_bounds(pools: Sequence[Pool], standard: Standard) -> Bounds:
    """The same for several pools, apart and as one. Raises ValueError for no pool and for rows of different length."""
    if not pools:
        raise ValueError("pools: expected at least one, got none")
    if len({len(pool.own) for pool in pools}) > 1:
        raise ValueError(f"pools: expected one number of intervals, got {[len(pool.own) for pool in pools]}")
    separate = tuple(absorb(pool, standard) for pool in pools)
    pooled = absorb(merged(pools), standard)
    apart = np.sum([each.need_all for each in separate], axis=0)
    fits = np.sum([each.absorbable for each in separate], axis=0)
    gap_apart: Whole = np.sum([each.gap for each in separate], axis=0)
    need = np.minimum(apart, pooled.need_all)
    gap = np.minimum(gap_apart, pooled.gap)
    people = tuple(int(people_scheduled(int(widest.max()), standard.shrinkage)) for widest in (gap_apart, gap))
    return Bounds(
        separate, pooled, (fits, np.maximum(fits, pooled.absorbable)), (apart, need), (gap_apart, gap),
        (people[0], people[1]),
    )  # fmt: skip


def occupancy_headroom(pool: Pool, standard: Standard, cap: float) -> Floats:
    """Contacts that would bring agents to an occupancy: what is often taken for capacity, to be shown beside it.

    Negative where they are busier already. It promises too much of small pools and too little of large ones.
    """
    own, rostered = (np.asarray(row, dtype=np.float64) for row in (pool.own, pool.rostered))
    queue = _queue(pool, own, np.zeros_like(own), rostered, standard)
    busy = np.where(rostered > 0, queue.occupancy, cap)
    return rostered * (cap - busy) * standard.interval_s / np.asarray(pool.moved_aht_s, dtype=np.float64)


def _load(pool: Pool, own: Floats, extra: Floats, standard: Standard) -> tuple[Floats, Floats]:
    """Erlangs, and mean handle time over contacts."""
    own_aht, moved_aht = (np.asarray(aht, dtype=np.float64) for aht in (pool.own_aht_s, pool.moved_aht_s))
    work, contacts = own * own_aht + extra * moved_aht, own + extra
    aht = np.where(contacts > 0, work / np.where(contacts > 0, contacts, 1.0), own_aht)
    return work / standard.interval_s, aht


def _need(pool: Pool, own: Floats, extra: Floats, standard: Standard) -> Whole:
    load, aht = _load(pool, own, extra, standard)
    return agents_required(load, aht, standard.need.targets, patience_s=standard.need.patience_s)


def _queue(pool: Pool, own: Floats, extra: Floats, rostered: Floats, standard: Standard) -> ErlangA:
    return erlang_a(rostered, *_load(pool, own, extra, standard), standard.kept.patience_s)


def _level(queue: ErlangA, standard: Standard) -> Floats:
    targets = standard.kept.targets
    if targets.threshold_s is None:
        return np.full_like(queue.erlangs, np.nan)
    return queue.service_level(targets.threshold_s, targets.variant, short_s=targets.short_s)


def _absorbable(pool: Pool, own: Floats, moved: Floats, rostered: Floats, standard: Standard) -> Floats:
    """By bisection on whole contacts: each one more makes the queue worse."""

    def kept(extra: Floats) -> Truths:
        queue = _queue(pool, own, extra, rostered, standard)
        good = standard.kept.targets.met(_level(queue, standard), queue.abandonment, queue.occupancy, queue.waiting)
        stable = (rostered > queue.erlangs) | (standard.kept.patience_s <= PATIENT_FROM * queue.aht_s)
        holds: Truths = (good & stable & (rostered > 0)) | (own + extra == 0)
        return holds

    everything = kept(moved)
    fits, fails = np.zeros_like(moved), np.floor(moved) + 1
    while (fails - fits > 1).any():
        middle = np.where(fails - fits > 1, np.floor((fits + fails) / 2), fits)
        good = kept(middle)
        fits, fails = np.where(good, middle, fits), np.where(good, fails, np.maximum(middle, fits + 1))
    return np.where(everything, moved, np.minimum(fits, moved))


def _short(need: Whole, rostered: Floats) -> Whole:
    return np.maximum(0, np.ceil(need - rostered - 1e-9)).astype(np.int64)
