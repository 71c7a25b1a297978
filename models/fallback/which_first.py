"""Which topics to bring home first with a given number of people: the best choice, and the simple one beside it.

Methods 4.4. What topics take together in one pool is less than what they take apart, so need is asked of every bundle
of topics of a pool, and one bundle is chosen of each: a knapsack with choices, solved exactly as an integer programme
by HiGHS. The greedy choice, most benefit for one more person first, is easier to explain and never better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from models.fallback.pool import Aim
from models.staffing import agents_required, scheduled
from models.staffing.arrays import above, at_least, rounded_up

MAX_TOGETHER = 12
"""Topics of one pool: every further one doubles the bundles."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Work that can be brought home as a whole. benefit: of having it here, in any unit but one for all.

    pool: topics of the same pool share agents, by default none do. Either `people`, known, for a topic that shares with
    nobody, or its load at the hour that decides, in Erlangs, with its handle time. Raises ValueError for anything else
    and for negative numbers and a demand of 0.
    """

    name: str
    benefit: float
    people: float | None = None
    erlangs: float | None = None
    aht_s: float | None = None
    pool: str | None = None

    def __post_init__(self) -> None:
        at_least(f"{self.name}: benefit", self.benefit)
        if (self.people is None) == (self.erlangs is None) or (self.erlangs is None) != (self.aht_s is None):
            raise ValueError(f"{self.name}: expected either people, or erlangs and aht_s")
        if self.people is not None:
            above(f"{self.name}: people", self.people)
            if self.pool is not None:
                raise ValueError(f"{self.name}: expected erlangs and aht_s for a topic in pool {self.pool!r}")
        else:
            above(f"{self.name}: erlangs", self.erlangs or 0.0)
            above(f"{self.name}: aht_s", self.aht_s or 0.0)


@dataclass(frozen=True, slots=True)
class Here:
    """Load a pool has already, in Erlangs, with its handle time."""

    erlangs: float
    aht_s: float

    def __post_init__(self) -> None:
        at_least("erlangs", self.erlangs)
        above("aht_s", self.aht_s)


@dataclass(frozen=True, slots=True)
class Choice:
    """Topics to bring home, in the order given or picked, the people they take together, and what that brings."""

    topics: tuple[str, ...]
    people: float
    benefit: float


@dataclass(frozen=True, slots=True)
class WhichFirst:
    """The best choice, the greedy one, and what each topic would take on its own."""

    best: Choice
    greedy: Choice
    alone: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Group:
    """Topics of one pool. people: more people for each bundle, a bundle being a number whose bits are its topics."""

    topics: tuple[Topic, ...]
    people: tuple[float, ...] = field(repr=False)

    def benefit(self, bundle: int) -> float:
        return sum(topic.benefit for bit, topic in enumerate(self.topics) if bundle >> bit & 1)


def which_first(
    topics: Sequence[Topic],
    people: float,
    *,
    aim: Aim | None = None,
    shrinkage: float = 0.0,
    here: Mapping[str, Here] | None = None,
) -> WhichFirst:
    """What to bring home with so many people more.

    aim: what agents are planned for, needed for topics with a load; their people are agents / (1 - shrinkage) rounded
    up, over what the pool's load already here takes, if any. Raises ValueError for no topics, two of a name, negative
    people, a shrinkage of 1, topics with a load but no aim, and more than MAX_TOGETHER of one pool.
    """
    at_least("people", people)
    names = [topic.name for topic in topics]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"topics: expected at least one and each name once, got {names}")
    groups = _groups(topics, aim, shrinkage, here or {})
    alone = {topic.name: group.people[1 << bit] for group in groups for bit, topic in enumerate(group.topics)}
    greedy = _greedy(groups, people)
    # The solver stops within a millionth of the largest benefit.
    best = max(_exact(groups, people, names), greedy, key=lambda choice: choice.benefit)
    return WhichFirst(best, greedy, alone)


def _groups(topics: Sequence[Topic], aim: Aim | None, shrinkage: float, here: Mapping[str, Here]) -> list[_Group]:
    by_pool: dict[tuple[str, str], list[Topic]] = {}
    for topic in topics:
        key = ("topic", topic.name) if topic.pool is None else ("pool", topic.pool)
        by_pool.setdefault(key, []).append(topic)
    found = []
    for (kind, pool), members in by_pool.items():
        if len(members) > MAX_TOGETHER:
            raise ValueError(f"pool {pool!r}: expected at most {MAX_TOGETHER} topics, got {len(members)}")
        if members[0].people is not None:
            found.append(_Group(tuple(members), (0.0, members[0].people)))
            continue
        if aim is None:
            raise ValueError(f"{members[0].name}: expected an aim to plan agents for its load, got none")
        resident = here.get(pool) if kind == "pool" else None
        found.append(_Group(tuple(members), _people(members, aim, shrinkage, resident)))
    return found


def _people(members: Sequence[Topic], aim: Aim, shrinkage: float, resident: Here | None) -> tuple[float, ...]:
    taken = np.arange(1 << len(members))[:, None] >> np.arange(len(members)) & 1
    load, aht = (
        np.array([getattr(topic, name) for topic in members], dtype=np.float64) for name in ("erlangs", "aht_s")
    )
    erlangs, rate = taken @ load, taken @ (load / aht)
    if resident is not None:
        erlangs, rate = erlangs + resident.erlangs, rate + resident.erlangs / resident.aht_s
    mean_aht = np.divide(erlangs, rate, out=np.full_like(erlangs, 1.0), where=rate > 0)
    agents, alone = (
        agents_required(loads, ahts, aim.targets, patience_s=aim.patience_s)
        for loads, ahts in ((erlangs, mean_aht), (load, aht))
    )
    # One pool can always be run as several.
    agents = np.minimum(agents, agents[0] + taken @ alone)
    needed = rounded_up(scheduled(agents, shrinkage))
    # More is never less, also where short and long contacts mix.
    for bit in range(len(members)):
        without = np.arange(needed.size) & ~(1 << bit)
        needed = np.maximum(needed, needed[without])
    return tuple(float(each) for each in needed - needed[0])


def _exact(groups: Sequence[_Group], people: float, names: Sequence[str]) -> Choice:
    bundles = [(at, bundle) for at, group in enumerate(groups) for bundle in range(len(group.people))]
    benefit = np.array([groups[at].benefit(bundle) for at, bundle in bundles])
    cost = np.array([groups[at].people[bundle] for at, bundle in bundles])
    of_group = np.array([[float(at == wanted) for at, _ in bundles] for wanted in range(len(groups))])
    # A solver's tolerance is absolute: benefits in millions and in ones are to be the same to it.
    scale = max(float(benefit.max()), 1e-300)
    solved = milp(
        -benefit / scale,
        integrality=np.ones(len(bundles), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(of_group, 1, 1), LinearConstraint(cost[None, :], -np.inf, people)],
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        raise RuntimeError(f"the solver found no choice for {len(bundles)} bundles: {solved.message}")
    chosen = [at for at, taken in enumerate(solved.x) if taken > 0.5]
    picked = {
        topic.name
        for group, bundle in ((groups[bundles[at][0]], bundles[at][1]) for at in chosen)
        for bit, topic in enumerate(group.topics)
        if bundle >> bit & 1
    }
    return Choice(tuple(name for name in names if name in picked), float(cost[chosen].sum()), float(
        benefit[chosen].sum()
    ))  # fmt: skip


def _greedy(groups: Sequence[_Group], people: float) -> Choice:
    taken, left, picked, benefit = [0] * len(groups), people, list[str](), 0.0
    while True:
        best: tuple[float, float, int, int] | None = None
        for at, group in enumerate(groups):
            for bit, topic in enumerate(group.topics):
                if taken[at] >> bit & 1:
                    continue
                more = group.people[taken[at] | 1 << bit] - group.people[taken[at]]
                worth = topic.benefit / more if more > 0 else math.inf
                if more <= left and (best is None or (worth, topic.benefit) > best[:2]):
                    best = (worth, topic.benefit, at, bit)
        if best is None:
            return Choice(tuple(picked), people - left, benefit)
        _, gained, at, bit = best
        left -= groups[at].people[taken[at] | 1 << bit] - groups[at].people[taken[at]]
        taken[at] |= 1 << bit
        picked.append(groups[at].topics[bit].name)
        benefit += gained
