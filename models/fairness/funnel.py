"""Funnel plots of many teams: who is further from the reference than chance and the usual differences explain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from models.fairness.intervals import normal_quantile, two_sided_p
from models.fairness.sums import between, within

INNER = 0.95
OUTER = 0.998
WINSORISED = 0.1
"""Share of teams on each side whose z is pulled in before over-dispersion is taken from them."""


class Place(StrEnum):
    """Where a team lies in the funnel."""

    INSIDE = "inside"
    BEYOND_95 = "beyond 95 %"
    BEYOND_998 = "beyond 99.8 %"


@dataclass(frozen=True, slots=True)
class Team:
    """What a team was `observed` to do and what was `expected` of its mix, in contacts. Raises ValueError below 0."""

    observed: float
    expected: float

    def __post_init__(self) -> None:
        within("observed", self.observed, 0)
        within("expected", self.expected, 0)


@dataclass(frozen=True, slots=True)
class Point:
    """A team in the funnel: its ratio, distance from 1 in standard errors by chance alone and with over-dispersion.

    p is of the latter, for `screening`.
    """

    ratio: float
    z_by_chance: float
    z: float
    p: float
    place_by_chance: Place
    place: Place


@dataclass(frozen=True, slots=True)
class Funnel:
    """phi: how many times chance the spread is; tau2: variance between teams (of the root of the ratio).

    One point per team, None where nothing is expected of it.
    """

    phi: float
    tau2: float
    points: tuple[Point | None, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Control limits of a funnel, in the unit of its vertical axis."""

    low_998: float
    low_95: float
    high_95: float
    high_998: float


def funnel(teams: Sequence[Team]) -> Funnel | None:
    """Place teams by O/E, with additive over-dispersion; None when nothing is expected of any.

    Spiegelhalter, Stat Med 2005; 24:1185 and QSHC 2005; 14:347: y = sqrt(O/E), s = 1 / (2 sqrt E), z = (y - 1) / s,
    winsorised at 10 %; phi = mean z^2; with w = 1/s^2, tau2 = max(0, (I phi - (I-1)) / (sum w - sum w^2 / sum w));
    z with over-dispersion = (y - 1) / sqrt(s^2 + tau2). A single team has no tau2.
    """
    used = [team for team in teams if team.expected]
    if not used:
        return None
    expected = np.array([team.expected for team in used], dtype=np.float64)
    apart = np.sqrt(np.array([team.observed for team in used], dtype=np.float64) / expected) - 1
    weights = 4 * expected
    by_chance = apart * np.sqrt(weights)
    low, high = np.quantile(by_chance, [WINSORISED, 1 - WINSORISED])
    phi = float(np.mean(np.clip(by_chance, low, high) ** 2))
    tau2 = 0.0
    if len(used) > 1:
        excess = len(used) * phi - (len(used) - 1)
        tau2 = max(0.0, excess / float(weights.sum() - (weights**2).sum() / weights.sum()))
    z = apart / np.sqrt(1 / weights + tau2)
    points = iter(
        Point(team.observed / team.expected, first, second, two_sided_p(second), _place(first), _place(second))
        for team, first, second in zip(used, by_chance.tolist(), z.tolist(), strict=True)
    )
    return Funnel(phi, tau2, tuple(next(points) if team.expected else None for team in teams))


def ratio_limits(expected: float, tau2: float = 0.0) -> Limits:
    """Limits of O/E around 1 where so much is expected: (1 +/- z sqrt(1/(4E) + tau2))^2, the lower not below 0.

    Raises ValueError unless expected is above 0 and tau2 at least 0.
    """
    spread = math.sqrt(1 / (4 * between("expected", expected, 0)) + within("tau2", tau2, 0))
    inner, outer = normal_quantile(INNER) * spread, normal_quantile(OUTER) * spread
    return Limits(max(0.0, 1 - outer) ** 2, max(0.0, 1 - inner) ** 2, (1 + inner) ** 2, (1 + outer) ** 2)


def share_limits(n: int, centre: float) -> Limits:
    """Limits of a share among n contacts around `centre`, all from 0 to 1: exact binomial, interpolated between counts.

    Spiegelhalter, Stat Med 2005; 24:1185, appendix A.1. Raises ValueError unless n >= 1 and centre is inside 0 to 1.
    """
    within("n", n, 1)
    between("centre", centre, 0, 1)

    def limit(chance: float) -> float:
        count = float(stats.binom.ppf(chance, n, centre))
        reached = float(stats.binom.cdf(count, n, centre))
        return within_shares((count - (reached - chance) / float(stats.binom.pmf(count, n, centre))) / n)

    def within_shares(value: float) -> float:
        return min(max(value, 0.0), 1.0)

    tails = (1 - OUTER) / 2, (1 - INNER) / 2
    return Limits(limit(tails[0]), limit(tails[1]), limit(1 - tails[1]), limit(1 - tails[0]))


def _place(z: float) -> Place:
    if abs(z) > normal_quantile(OUTER):
        return Place.BEYOND_998
    return Place.BEYOND_95 if abs(z) > normal_quantile(INNER) else Place.INSIDE
