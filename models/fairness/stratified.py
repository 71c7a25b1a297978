"""Mantel-Haenszel: two providers' shares over all strata at once, even thin ones. A check on `comparison`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from statsmodels.stats.contingency_tables import StratifiedTable  # type: ignore[import-untyped]

from models.fairness.direct import Stratum
from models.fairness.intervals import LEVEL, Interval
from models.fairness.sums import Counts, between


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """Provider a against b, pooled over strata. The difference is from -1 to 1.

    The odds ratio, its interval and the chi-square (1 degree of freedom) are None where they do not exist: when in
    every stratum all of one side count, or none do.
    """

    difference: float
    odds_ratio: float | None
    odds_ratio_interval: Interval | None
    chi_square: float | None


def mantel_haenszel(
    a: Mapping[Stratum, Counts], b: Mapping[Stratum, Counts], *, level: float = LEVEL
) -> MantelHaenszel | None:
    """Pooled odds ratio (Mantel & Haenszel, JNCI 1959; 22:719) and difference of shares (Greenland & Robins 1985).

    Interval of the odds ratio by Robins, Breslow & Greenland (1986), test without continuity correction. Only strata
    where both have contacts count; None when there are none.
    """
    tail = 1 - between("level", level, 0, 1)
    both = [(a[stratum], b[stratum]) for stratum in a if stratum in b and a[stratum].n and b[stratum].n]
    if not both:
        return None
    weights = [one.n * other.n / (one.n + other.n) for one, other in both]
    apart = sum(w * (one.x / one.n - other.x / other.n) for w, (one, other) in zip(weights, both, strict=True))
    tables = StratifiedTable(
        [np.array([[side.x, side.n - side.x] for side in pair], dtype=np.float64) for pair in both]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float(tables.oddsratio_pooled)
        low, high = tables.oddsratio_pooled_confint(alpha=tail)
        chi_square = float(tables.test_null_odds(correction=False).statistic)
    # Without a finite ratio above 0 it has no logarithm, hence no interval.
    exists = 0 < ratio < np.inf
    return MantelHaenszel(
        apart / sum(weights),
        ratio if exists else None,
        Interval(float(low), float(high)) if exists else None,
        chi_square if np.isfinite(chi_square) else None,
    )
