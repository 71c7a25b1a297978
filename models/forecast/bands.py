"""From a mean and a variance of contacts to the numbers they will hardly fall below or rise above."""

from __future__ import annotations

import numpy as np
from scipy import special

LEVEL = 0.9
"""How often a count is to lie in its band, unless another share is asked for."""


def tail_of(level: float) -> float:
    """Chance left on each side of a band: 0.05 for 0.9. Raises ValueError unless the level is between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"expected the level of a band to be between 0 and 1, got {level}")
    return (1 - level) / 2


def lower_end(tail: float, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Whole contacts, of the means' shape, that are reached at least; never above the mean or Poisson's own."""
    ends = [_quantile(tail, mean, variance), _quantile(tail, mean, mean), np.floor(mean)]
    least: np.ndarray = np.min(ends, axis=0)
    return least


def upper_end(tail: float, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Whole contacts, of the means' shape, that are hardly exceeded; never below the mean or Poisson's own."""
    ends = [_quantile(1 - tail, mean, variance), _quantile(1 - tail, mean, mean), np.ceil(mean)]
    most: np.ndarray = np.max(ends, axis=0)
    return most


def _quantile(chance: float, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Least whole number that a negative binomial of such mean and variance does not exceed with at least this chance.

    Poisson where the variance is not above the mean. By halving: closed forms of the inverse take whole shapes only.
    """
    # Cantelli's bound, so that the answer lies above -1 and at most here.
    high: np.ndarray = np.ceil(mean + np.sqrt(np.maximum(variance, mean) * chance / (1 - chance)))
    low = np.full_like(high, -1.0)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        enough = _reached(middle, mean, variance) >= chance
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    return high


def _reached(count: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Chance of at most so many contacts."""
    wider = variance - mean > 1e-9 * mean
    # Kept above 0 where the other branch is taken, so that nothing divides by 0.
    extra = np.where(wider, variance - mean, 1.0)
    positive = np.where(mean > 0, mean, 1.0)
    at_least_0 = np.maximum(count, 0.0)
    binomial = special.betainc(positive**2 / extra, at_least_0 + 1, positive / (positive + extra))
    poisson = special.pdtr(at_least_0, mean)
    reached: np.ndarray = np.where(mean > 0, np.where(wider, binomial, poisson), 1.0)
    return np.where(count < 0, 0.0, reached)
