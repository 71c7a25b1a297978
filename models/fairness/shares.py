"""Shares of contacts: one with its interval, and the difference of two without regard to their mix of work."""

from __future__ import annotations

from statsmodels.stats.proportion import (  # type: ignore[import-untyped]
    confint_proportions_2indep,
    proportion_confint,
)

from models.fairness.intervals import LEVEL, Estimate, Interval
from models.fairness.sums import Counts, between


def share(x: float, n: float, *, level: float = LEVEL) -> Estimate | None:
    """x / n with Wilson's interval (Wilson, JASA 1927; 22:209), all from 0 to 1; None when n is 0.

    Raises ValueError unless 0 <= x <= n.
    """
    value = Counts(x, n).share
    if value is None:
        return None
    low, high = proportion_confint(x, n, alpha=1 - between("level", level, 0, 1), method="wilson")
    # Rounding must not push the share out of its own interval.
    return Estimate(value, None, Interval(min(float(low), value), max(float(high), value)))


def share_difference(a: Counts, b: Counts, *, level: float = LEVEL) -> Estimate | None:
    """Share of a minus share of b, from -1 to 1, with Newcombe's interval (Stat Med 1998; 17:873, method 10).

    None when either has no contacts. Only fair when both had the same mix of work; see `comparison` otherwise.
    """
    if a.share is None or b.share is None:
        return None
    low, high = confint_proportions_2indep(
        a.x, a.n, b.x, b.n, method="newcomb", compare="diff", alpha=1 - between("level", level, 0, 1)
    )
    value = a.share - b.share
    return Estimate(value, None, Interval(min(float(low), value), max(float(high), value)))
