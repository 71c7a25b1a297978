"""How many contacts it takes to see a difference. Per side, unrounded: round up before telling anybody."""

from __future__ import annotations

from scipy import special
from statsmodels.stats.power import NormalIndPower  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_effectsize  # type: ignore[import-untyped]

from models.fairness.intervals import LEVEL, normal_quantile
from models.fairness.sums import between, finite

POWER = 0.8
"""Chance of seeing a difference that is there."""


def contacts_for_mean(difference: float, variance: float, *, level: float = LEVEL, power: float = POWER) -> float:
    """Contacts per side to see a difference of means: 2 (z_level + z_power)^2 variance / difference^2.

    variance is that of one contact, in the squared unit of the difference. Raises ValueError when the difference is 0
    or the variance not above 0.
    """
    _check_difference(difference)
    z = normal_quantile(level) + float(special.ndtri(between("power", power, 0, 1)))
    return 2 * z**2 * between("variance", variance, 0) / difference**2


def contacts_for_share(difference: float, base: float, *, level: float = LEVEL, power: float = POWER) -> float:
    """Contacts per side to see a share differ by `difference` from about `base` (normal approximation).

    Both from 0 to 1: 0.03 at 0.8 takes 2,791. Raises ValueError unless base and base + difference are shares inside.
    """
    _check_shares(difference, base)
    return contacts_for_mean(difference, base * (1 - base), level=level, power=power)


def contacts_for_share_arcsine(difference: float, base: float, *, level: float = LEVEL, power: float = POWER) -> float:
    """The same for exactly base against base + difference, by Cohen's h: better near 0 and 1, where spread changes."""
    _check_shares(difference, base)
    effect = proportion_effectsize(base + difference, base)
    alpha = 1 - between("level", level, 0, 1)
    return float(NormalIndPower().solve_power(effect, alpha=alpha, power=between("power", power, 0, 1)))


def _check_difference(difference: float) -> None:
    if finite("difference", difference) == 0:
        raise ValueError("expected a difference other than 0")


def _check_shares(difference: float, base: float) -> None:
    _check_difference(difference)
    between("base", base, 0, 1)
    between("base + difference", base + difference, 0, 1)
