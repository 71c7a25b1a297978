"""From a mean and a variance of contacts to the numbers they will hardly fall below or rise above."""

from __future__ import annotations

import numpy as np
from scipy import special

LEVEL = 0.9
"""How often a count is to lie in its band, unless another share is asked for."""
_NEAR = 4
"""Looks next to the first guess before the rest is halved."""


def tail_of(level: float) -> float:
    """Chance left on each side of a band: 0.05 for 0.9. Raises ValueError unless the level is between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"expected the level of a band to be between 0 and 1, got {level}")
    return (1 - level) / 2


def ends(
    tail: float, low: tuple[np.ndarray, np.ndarray], high: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Whole contacts that are reached at least, and that are hardly exceeded, of the means' shape.

    low, high: mean and variance for either end. The lower end is never above the mean or Poisson's own, the upper one
    never below.
    """
    mean = np.stack([low[0], low[0], high[0], high[0]])
    variance = np.stack([low[1], low[0], high[1], high[0]])
    chance = np.array([tail, tail, 1 - tail, 1 - tail])[:, None]
    # One search for all of them: there are hundreds of bands in a forecast, and each would have its own four.
    found = _quantile(np.broadcast_to(chance, mean.shape), mean, variance)
    least: np.ndarray = np.minimum(found[:2].min(axis=0), np.floor(low[0]))
    most: np.ndarray = np.maximum(found[2:].max(axis=0), np.ceil(high[0]))
    return least, most


def _quantile(chance: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Least whole number that a negative binomial of such mean and variance does not exceed with at least this chance.

    Poisson where the variance is not above the mean. By looking next to the first terms of Cornish and Fisher's
    expansion and by halving where that is not it: closed forms of the inverse take whole shapes only.
    """
    spread = np.maximum(variance, mean)
    # Cantelli's bound, so that the answer lies above -1 and at most here.
    high = np.ceil(mean + np.sqrt(spread * chance / (1 - chance))).ravel()
    low = np.full_like(high, -1.0)
    normal, some = special.ndtri(chance), np.where(mean > 0, mean, 1.0)
    guess = np.rint(mean + normal * np.sqrt(spread) + (normal**2 - 1) / 6 * (2 * spread / some - 1)).ravel()
    chance, mean, variance = (row.ravel() for row in (chance, mean, variance))
    turn = 0
    while (searched := np.flatnonzero(high - low > 1)).size:
        below, above = low[searched], high[searched]
        probe = np.floor((below + above) / 2) if turn >= _NEAR else np.clip(guess[searched], below + 1, above - 1)
        enough = _reached(probe, mean[searched], variance[searched]) >= chance[searched]
        high[searched], low[searched] = np.where(enough, probe, above), np.where(enough, below, probe)
        guess[searched] = np.where(enough, probe - 1, probe + 1)
        turn += 1
    least: np.ndarray = high.reshape(spread.shape)
    return least


def _reached(count: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Chance of at most so many contacts, which are at least 0; one row."""
    reached = np.ones_like(mean)
    wider = (variance - mean > 1e-9 * mean) & (mean > 0)
    some, extra = mean[wider], variance[wider] - mean[wider]
    reached[wider] = special.betainc(some**2 / extra, count[wider] + 1, some / (some + extra))
    plain = ~wider & (mean > 0)
    reached[plain] = special.pdtr(count[plain], mean[plain])
    return reached
