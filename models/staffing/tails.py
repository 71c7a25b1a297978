"""Tails of the Poisson and gamma distributions in logarithms, at sizes where the plain forms overflow or cancel."""

from __future__ import annotations

import numpy as np
from scipy import special

from models.staffing.arrays import Floats

_STIRLING_FROM = 15.0
"""From here on four terms of Stirling's series are as exact as a float."""
_UNDERFLOW = 1e-280
_NEGLIGIBLE = 1e-17
_NEAR_ONE = 0.25
_ATANH_TERMS = 12


def excess_over_log(x: Floats) -> Floats:
    """x - log(1 + x) for x > -1, in full relative precision near 0, where the difference cancels.

    log(1 + x) = 2 atanh(r) with r = x / (2 + x), hence x r - 2 (r^3 / 3 + r^5 / 5 + ...).
    """
    near = np.abs(x) < _NEAR_ONE
    plain = x - np.log1p(x)
    if not near.any():
        return plain
    r = np.where(near, x, 0.0) / (2 + np.where(near, x, 0.0))
    square = r * r
    series = np.zeros_like(r)
    for term in range(_ATANH_TERMS, 0, -1):
        series = (series + 1 / (2 * term + 1)) * square
    return np.where(near, r * (x - 2 * series), plain)


def log_poisson(k: Floats, mean: Floats) -> Floats:
    """log(mean^k e^-mean / Gamma(k + 1)) for real k > 0 and mean > 0.

    Loader's saddle point form (2000): the large parts cancel on paper and not in floats.
    """
    large = k >= _STIRLING_FROM
    safe = np.where(large, k, _STIRLING_FROM)
    inverse = 1 / (safe * safe)
    stirling = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / safe
    saddle = -stirling - safe * excess_over_log(mean / safe - 1) - 0.5 * np.log(2 * np.pi * safe)
    if large.all():
        return saddle
    plain: Floats = special.xlogy(k, mean) - mean - special.gammaln(k + 1)
    return np.where(large, saddle, plain)


def log_upper(s: Floats, x: Floats) -> Floats:
    """log(Gamma(s, x) e^x x^(1 - s)) for s > 0 and x > 0: of 1 / ErlangB(s - 1, x), since B = pmf / cdf of Poisson.

    From the regularised incomplete gamma function; where that is too small for a float (x far above s), from the
    falling series 1 + (s - 1) / x + (s - 1)(s - 2) / x^2 + ..., which is short there.
    """
    upper: Floats = special.gammaincc(s, x)
    small = upper < _UNDERFLOW
    with np.errstate(divide="ignore"):
        result = np.log(upper) - log_poisson(s, x) + np.log(x) - np.log(s)
    if small.any():
        result[small] = np.log(_falling(s[small], x[small]))
    return result


def _falling(s: Floats, x: Floats) -> Floats:
    term = np.ones_like(x)
    total = np.ones_like(x)
    factor = s - 1
    while np.abs(term).max() > _NEGLIGIBLE:
        term = term * factor / x
        total = total + term
        factor = factor - 1
    return total
