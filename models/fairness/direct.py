"""Direct standardisation of one side: what its figure would be had its strata come in a given mix."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar

from models.fairness.sums import Counts, Moments, Totals

Stratum = TypeVar("Stratum", bound=Hashable)
"""What makes contacts alike, for example (topic, channel, language)."""
Day = TypeVar("Day", bound=Hashable)
"""What contacts of a day have in common: a date, or a date and a shift."""


class Standardised(NamedTuple):
    """A figure at a given mix, the variance of it (squared unit), and in how many independent pieces it was seen."""

    value: float
    variance: float
    pieces: float


def standardised_share(cells: Mapping[Stratum, Counts], weights: Mapping[Stratum, float]) -> Standardised:
    """sum_k w_k x_k / n_k, variance sum_k w_k^2 p_k (1 - p_k) / n_k (Breslow & Day 1987, ch. 2).

    weights sum to 1 and name strata that have contacts. Where all or none of a stratum's contacts count, the variance
    takes (x + 1/2) / (n + 1) for p: 30 of 30 is not certainty.
    """
    value = variance = pieces = 0.0
    for stratum, weight in weights.items():
        x, n = cells[stratum].x, cells[stratum].n
        p = x / n if 0 < x < n else (x + 0.5) / (n + 1)
        value += weight * x / n
        variance += weight**2 * p * (1 - p) / n
        pieces += n
    return Standardised(value, variance, pieces)


def standardised_mean(cells: Mapping[Stratum, Moments], weights: Mapping[Stratum, float]) -> Standardised:
    """sum_k w_k mean_k, variance sum_k w_k^2 s_k^2 / n_k, as if contacts were independent.

    weights sum to 1 and name strata that have at least two contacts.
    """
    value = variance = pieces = 0.0
    for stratum, weight in weights.items():
        cell = cells[stratum]
        value += weight * (cell.mean or 0.0)
        variance += weight**2 * (cell.variance or 0.0) / cell.n
        pieces += cell.n
    return Standardised(value, variance, pieces)


def standardised_mean_by_day(
    cells: Mapping[Stratum, Mapping[Day, Totals]], weights: Mapping[Stratum, float]
) -> Standardised:
    """sum_k w_k R_k with R_k = S_k / N_k; the day, over all its strata together, is the independent piece.

    e_d = sum_k w_k (s_dk - R_k n_dk) / N_k, Var = D/(D-1) sum_d e_d^2: with one stratum `handle_times.mean_by_day`.
    A bad day is bad for all strata, so adding up the strata's own variances would promise too much.
    weights sum to 1 and name strata that have contacts on at least two days.
    """
    value = 0.0
    errors: dict[Day, float] = {}
    for stratum, weight in weights.items():
        days = {day: cell for day, cell in cells[stratum].items() if cell.n}
        n = sum(cell.n for cell in days.values())
        mean = sum(cell.total for cell in days.values()) / n
        value += weight * mean
        for day, cell in days.items():
            errors[day] = errors.get(day, 0.0) + weight * (cell.total - mean * cell.n) / n
    pieces = len(errors)
    return Standardised(value, pieces / (pieces - 1) * sum(error**2 for error in errors.values()), pieces)
