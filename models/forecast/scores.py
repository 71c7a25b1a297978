"""How good a forecast was. Every score is None where there is nothing to divide by, never 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special


def wape(actual: ArrayLike, forecast: ArrayLike) -> float | None:
    """Weighted absolute error: sum |y - f| / sum y, a share; both of one shape. None when nothing arrived."""
    y, f = _pair(actual, forecast)
    return _share(np.abs(y - f).sum(), y.sum())


def bias(actual: ArrayLike, forecast: ArrayLike) -> float | None:
    """sum (f - y) / sum y, a share: above 0 when too much was forecast. None when nothing arrived."""
    y, f = _pair(actual, forecast)
    return _share((f - y).sum(), y.sum())


def mape(actual: ArrayLike, forecast: ArrayLike) -> float | None:
    """Mean of |y - f| / y, a share. None without slots or when one of them is 0, where it is not defined."""
    y, f = _pair(actual, forecast)
    return None if not y.size or (y == 0).any() else float(np.mean(np.abs(y - f) / y))


def naive_scale(train: ArrayLike, season: int) -> float | None:
    """Mean |y_t - y_(t - season)| of the past, in contacts: the mean error of repeating the last season.

    Raises ValueError for a season below 1. None when the past is no longer than one season.
    """
    past = np.asarray(train, dtype=np.float64)
    if season < 1:
        raise ValueError(f"expected a season of at least 1 slot, got {season}")
    return float(np.mean(np.abs(past[season:] - past[:-season]))) if past.size > season else None


def mase(actual: ArrayLike, forecast: ArrayLike, train: ArrayLike, season: int) -> float | None:
    """Mean |y - f| over `naive_scale` of the past (Hyndman & Koehler, IJF 2006; 22:679); below 1 beats the season."""
    y, f = _pair(actual, forecast)
    scale = naive_scale(train, season)
    return _share(np.abs(y - f).mean(), scale) if y.size and scale is not None else None


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> float | None:
    """Share of counts from low to high, both included; to be set beside the level of the band. None without any."""
    y, least = _pair(actual, low)
    _, most = _pair(actual, high)
    return float(np.mean((least <= y) & (y <= most))) if y.size else None


def dispersion_index(actual: ArrayLike, forecast: ArrayLike) -> float | None:
    """sum (y - f)^2 / sum f: 1 where counts stray from the forecast as chance arrivals do. None when none expected."""
    y, f = _pair(actual, forecast)
    return _share(((y - f) ** 2).sum(), f.sum())


def poisson_floor(mean: float) -> float:
    """WAPE that remains when the forecast is the very mean of Poisson arrivals: no one forecasts better.

    mean: contacts a slot. E|X - m| / m = 2 e^-m m^floor(m) / floor(m)! (De Moivre 1730, Crow 1958). Raises ValueError
    unless the mean is above 0.
    """
    whole = np.floor(_positive(mean))
    return float(2 * np.exp(special.xlogy(whole, mean) - mean - special.gammaln(whole + 1)))


def poisson_floor_normal(mean: float) -> float:
    """The same by the normal distribution, sqrt(2 / (pi m)); 2 % too high at 5 contacts, close from 20 on."""
    return float(np.sqrt(2 / (np.pi * _positive(mean))))


def _positive(mean: float) -> float:
    if not (np.isfinite(mean) and mean > 0):
        raise ValueError(f"expected the mean to be above 0, got {mean}")
    return mean


def _pair(actual: ArrayLike, other: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y, f = np.asarray(actual, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if y.shape != f.shape:
        raise ValueError(f"expected as many numbers as there are counts, got shapes {y.shape} and {f.shape}")
    if not (np.isfinite(y).all() and np.isfinite(f).all()):
        raise ValueError("expected finite numbers; leave out slots without a count or a forecast")
    return y, f


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
