"""Agents who share their work, what is theirs and what would be taken over, and the standard it is judged by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.staffing import Targets
from models.staffing.arrays import Floats, Numbers, above, at_least, share_below_one


@dataclass(frozen=True, slots=True)
class Aim:
    """What has to hold, and with what mean patience: endless is Erlang C."""

    targets: Targets
    patience_s: float = math.inf

    def __post_init__(self) -> None:
        above("patience_s", self.patience_s, endless=True)


@dataclass(frozen=True, slots=True)
class Standard:
    """How need and what fits are judged. Raises ValueError for a shrinkage of 1 and an interval without length.

    need: what agents are planned for. hold: what may not be broken while work is taken over. By default the same.
    """

    need: Aim
    hold: Aim | None = None
    shrinkage: float = 0.0
    """Share of paid time in which people are not at work."""
    interval_s: float = 900.0

    def __post_init__(self) -> None:
        share_below_one("shrinkage", self.shrinkage)
        above("interval_s", self.interval_s)

    @property
    def kept(self) -> Aim:
        """What is held while work is taken over."""
        return self.need if self.hold is None else self.hold


@dataclass(frozen=True, slots=True)
class Pool:
    """Agents who share their work, over consecutive intervals; every row has one entry for each.

    own, moved: contacts that arrive in an interval, their own and those taken over. rostered: agents at work, after
    shrinkage; 0 where nobody is. Raises ValueError for rows of different length, negative numbers, nothing moved at
    all and an empty roster.
    """

    name: str
    own: Sequence[float] | Floats
    moved: Sequence[float] | Floats
    rostered: Sequence[float] | Floats
    own_aht_s: Numbers
    moved_aht_s: Numbers

    def __post_init__(self) -> None:
        at_least("own", self.own)
        above("own_aht_s", self.own_aht_s)
        above("moved_aht_s", self.moved_aht_s)
        sizes = {name: np.shape(getattr(self, name)) for name in ("own", "moved", "rostered")}
        if len(set(sizes.values())) > 1 or len(sizes["own"]) != 1:
            raise ValueError(f"{self.name}: expected own, moved and rostered as rows of one length, got {sizes}")
        if not at_least("moved", self.moved).sum() > 0:
            raise ValueError(f"{self.name}: moved: expected contacts to take over, got none in any interval")
        if not at_least("rostered", self.rostered).sum() > 0:
            raise ValueError(f"{self.name}: rostered: expected agents in some interval, got an empty roster")


def merged(pools: Sequence[Pool]) -> Pool:
    """One pool of all, its handle times means over contacts. Pools have one number of intervals."""

    def total(name: str) -> Floats:
        added: Floats = np.sum([getattr(pool, name) for pool in pools], axis=0, dtype=np.float64)
        return added

    def mean_aht(contacts: str, aht: str) -> Floats:
        count = total(contacts)
        work = np.sum([np.asarray(getattr(pool, contacts)) * getattr(pool, aht) for pool in pools], axis=0)
        plain = np.mean([np.broadcast_to(getattr(pool, aht), count.shape) for pool in pools], axis=0)
        mean: Floats = np.where(count > 0, work / np.where(count > 0, count, 1.0), plain)
        return mean

    names = " + ".join(pool.name for pool in pools)
    return Pool(
        names, total("own"), total("moved"), total("rostered"),
        mean_aht("own", "own_aht_s"), mean_aht("moved", "moved_aht_s"),
    )  # fmt: skip
