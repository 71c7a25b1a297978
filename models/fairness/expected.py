"""Indirect standardisation: what a team achieved against what is expected of its mix. For many small teams.

A ratio compares a team with the reference only: two ratios rest on two mixes and must not be held against each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scipy import special

from models.fairness.direct import Stratum
from models.fairness.intervals import LEVEL, Interval, normal_quantile
from models.fairness.sums import Counts, between, within

BYAR_FROM = 10
"""From this count on Byar's approximation is good; below it is not, and the exact interval is taken."""


@dataclass(frozen=True, slots=True)
class ObservedExpected:
    """Contacts that count, and how many would at the reference's shares; their ratio and its interval around 1.

    Ratio and interval are None when nothing is expected.
    """

    observed: float
    expected: float
    ratio: float | None
    interval: Interval | None


def reference_shares(sides: Iterable[Mapping[Stratum, Counts]]) -> dict[Stratum, float]:
    """Share of each stratum over all sides together, from 0 to 1; strata without contacts are left out."""
    x: dict[Stratum, float] = {}
    n: dict[Stratum, float] = {}
    for side in sides:
        for stratum, cell in side.items():
            x[stratum] = x.get(stratum, 0.0) + cell.x
            n[stratum] = n.get(stratum, 0.0) + cell.n
    return {stratum: x[stratum] / contacts for stratum, contacts in n.items() if contacts}


def observed_expected(
    cells: Mapping[Stratum, Counts], reference: Mapping[Stratum, float], *, level: float = LEVEL
) -> ObservedExpected:
    """O = sum x_k against E = sum n_k p_k, with the interval of a Poisson count: on the safe side for shares.

    reference: share of each stratum, from 0 to 1. Raises ValueError when a stratum with contacts has none.
    """
    lacking = sorted(str(stratum) for stratum, cell in cells.items() if cell.n and stratum not in reference)
    if lacking:
        raise ValueError(f"expected a reference share for every stratum with contacts, none for {', '.join(lacking)}")
    observed = math.fsum(cell.x for cell in cells.values())
    expected = math.fsum(
        cell.n * within(f"the reference share of {stratum}", reference[stratum], 0, 1)
        for stratum, cell in cells.items()
        if cell.n
    )
    if not expected:
        return ObservedExpected(observed, expected, None, None)
    count = count_interval(observed, level=level)
    interval = Interval(count.low / expected, count.high / expected)
    return ObservedExpected(observed, expected, observed / expected, interval)


def count_interval(observed: float, *, level: float = LEVEL) -> Interval:
    """Interval of a Poisson mean from one count: Byar's from 10 on, below that the exact one.

    Breslow & Day, Statistical Methods in Cancer Research II (1987), p. 69; Garwood, Biometrika 1936; 28:437.
    Raises ValueError when the count is negative.
    """
    z = normal_quantile(level)
    if within("observed", observed, 0) >= BYAR_FROM:
        above = observed + 1
        low = observed * (1 - 1 / (9 * observed) - z / (3 * math.sqrt(observed))) ** 3
        return Interval(low, above * (1 - 1 / (9 * above) + z / (3 * math.sqrt(above))) ** 3)
    tail = (1 - between("level", level, 0, 1)) / 2
    # Half a chi-square with 2 O degrees of freedom is a gamma with O.
    low = float(special.gammaincinv(observed, tail)) if observed else 0.0
    return Interval(low, float(special.gammainccinv(observed + 1, tail)))
