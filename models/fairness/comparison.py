"""Two providers like for like: what each would have reached with the same mix of work, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple

from models.fairness.direct import (
    Day,
    Standardised,
    Stratum,
    standardised_mean,
    standardised_mean_by_day,
    standardised_share,
)
from models.fairness.intervals import LEVEL, Interval, normal_estimate, student_estimate
from models.fairness.sums import Counts, Moments, Totals, between, within

LEAST = 30
"""Contacts each side needs in a stratum for the stratum to be compared."""
COVERAGE_NEEDED = 0.8
"""Share of the mix that must lie in strata that can be compared."""


class Refusal(StrEnum):
    """Why two providers cannot be compared like for like."""

    NO_MIX = "there is no work to compare them on"
    LOW_COVERAGE = "too little of the work was done by both"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Provider a against provider b, in the unit of the figure: a share from 0 to 1, or seconds.

    Crude figures are what a plain average says, None without contacts. Like-for-like figures, their difference (a - b),
    its standard error, interval and z are None when the comparison is refused; z also when the error is 0. `coverage`
    is the share of the mix, from 0 to 1, in the `strata` that were compared.
    """

    crude_a: float | None
    crude_b: float | None
    a: float | None
    b: float | None
    difference: float | None
    se: float | None
    interval: Interval | None
    z: float | None
    coverage: float
    strata: tuple[Hashable, ...]
    refusal: Refusal | None

    @property
    def crude_difference(self) -> float | None:
        """a - b by plain averages; None when either has no contacts."""
        return None if self.crude_a is None or self.crude_b is None else self.crude_a - self.crude_b

    @property
    def only_looks_better(self) -> bool | None:
        """Whether the one ahead by plain averages is behind like for like. None when either cannot be said."""
        if self.crude_difference is None or self.difference is None:
            return None
        return self.crude_difference * self.difference < 0


def compare_shares(
    a: Mapping[Stratum, Counts],
    b: Mapping[Stratum, Counts],
    mix: Mapping[Stratum, float],
    *,
    least: float = LEAST,
    coverage_needed: float = COVERAGE_NEEDED,
    level: float = LEVEL,
) -> Comparison:
    """Two providers' shares, directly standardised to a mix; normal interval of the difference.

    mix: how much of each stratum there is in the work under decision, in any unit; its contacts will do. Strata in
    which either has fewer than `least` contacts are left out and the others' weights scaled up; refused when less than
    `coverage_needed` of the mix is left. Raises ValueError for weights below 0 and limits out of range.
    """
    common = _common(_sizes(a), _sizes(b), mix, least, coverage_needed)
    crude_a, crude_b = (_crude((cell.x, cell.n) for cell in side.values()) for side in (a, b))
    if common.refusal:
        return _refused(crude_a, crude_b, common)
    sides = standardised_share(a, common.weights), standardised_share(b, common.weights)
    return _compared(crude_a, crude_b, common, sides, level)


def compare_means(
    a: Mapping[Stratum, Moments],
    b: Mapping[Stratum, Moments],
    mix: Mapping[Stratum, float],
    *,
    least: float = LEAST,
    coverage_needed: float = COVERAGE_NEEDED,
    level: float = LEVEL,
) -> Comparison:
    """The same for means, for example handle seconds, as if contacts were independent: too narrow when days differ."""
    # A variance takes two.
    common = _common(_sizes(a), _sizes(b), mix, max(least, 2), coverage_needed)
    crude_a, crude_b = (_crude((cell.total, cell.n) for cell in side.values()) for side in (a, b))
    if common.refusal:
        return _refused(crude_a, crude_b, common)
    sides = standardised_mean(a, common.weights), standardised_mean(b, common.weights)
    return _compared(crude_a, crude_b, common, sides, level)


def compare_means_by_day(
    a: Mapping[Stratum, Mapping[Day, Totals]],
    b: Mapping[Stratum, Mapping[Day, Totals]],
    mix: Mapping[Stratum, float],
    *,
    least: float = LEAST,
    coverage_needed: float = COVERAGE_NEEDED,
    level: float = LEVEL,
) -> Comparison:
    """The same for means from the sums of each day, allowing for contacts of a day being alike.

    A stratum is compared when both also saw it on at least two days. The interval is Welch's: t, with the degrees of
    freedom of Satterthwaite over both providers' days.
    """
    common = _common(_sizes_by_day(a), _sizes_by_day(b), mix, least, coverage_needed)
    crude_a, crude_b = (
        _crude((cell.total, cell.n) for days in side.values() for cell in days.values()) for side in (a, b)
    )
    if common.refusal:
        return _refused(crude_a, crude_b, common)
    sides = standardised_mean_by_day(a, common.weights), standardised_mean_by_day(b, common.weights)
    return _compared(crude_a, crude_b, common, sides, level, welch=True)


class _Common(NamedTuple, Generic[Stratum]):
    """What both did enough of: weights that sum to 1 (unless refused) and the share of the mix they stand for."""

    weights: Mapping[Stratum, float]
    coverage: float
    refusal: Refusal | None


def _common(
    sizes_a: Mapping[Stratum, float],
    sizes_b: Mapping[Stratum, float],
    mix: Mapping[Stratum, float],
    least: float,
    coverage_needed: float,
) -> _Common[Stratum]:
    # Exactly 0 would allow strata without contacts, and a comparison of nothing.
    between("least", least, 0)
    within("coverage_needed", between("coverage_needed", coverage_needed, 0), 0, 1)
    asked = math.fsum(within(f"the weight of {stratum}", weight, 0) for stratum, weight in mix.items())
    if not asked:
        return _Common({}, 0.0, Refusal.NO_MIX)
    kept = {
        stratum: weight
        for stratum, weight in mix.items()
        if weight and sizes_a.get(stratum, 0) >= least and sizes_b.get(stratum, 0) >= least
    }
    total = math.fsum(kept.values())
    coverage = min(1.0, total / asked)
    weights = {stratum: weight / total for stratum, weight in kept.items()}
    return _Common(weights, coverage, Refusal.LOW_COVERAGE if coverage < coverage_needed else None)


def _sizes(cells: Mapping[Stratum, Counts] | Mapping[Stratum, Moments]) -> dict[Stratum, float]:
    return {stratum: cell.n for stratum, cell in cells.items()}


def _sizes_by_day(cells: Mapping[Stratum, Mapping[Day, Totals]]) -> dict[Stratum, float]:
    """Contacts of each stratum; none where they are all of one day, which has no spread between days."""
    sizes = {stratum: [cell.n for cell in days.values() if cell.n] for stratum, days in cells.items()}
    return {stratum: sum(days) if len(days) >= 2 else 0.0 for stratum, days in sizes.items()}


def _crude(cells: Iterable[tuple[float, float]]) -> float | None:
    amount = contacts = 0.0
    for total, n in cells:
        amount += total
        contacts += n
    return amount / contacts if contacts else None


def _refused(crude_a: float | None, crude_b: float | None, common: _Common[Stratum]) -> Comparison:
    nothing = (None, None, None, None, None, None)
    return Comparison(crude_a, crude_b, *nothing, common.coverage, tuple(common.weights), common.refusal)


def _compared(
    crude_a: float | None,
    crude_b: float | None,
    common: _Common[Stratum],
    sides: tuple[Standardised, Standardised],
    level: float,
    *,
    welch: bool = False,
) -> Comparison:
    a, b = sides
    difference, se = a.value - b.value, math.sqrt(a.variance + b.variance)
    if welch and se:
        # Satterthwaite, Biometrics 1946; 2:110.
        spread = a.variance**2 / (a.pieces - 1) + b.variance**2 / (b.pieces - 1)
        estimate = student_estimate(difference, se, se**4 / spread, level=level)
    else:
        estimate = normal_estimate(difference, se, level=level)
    z = difference / se if se else None
    found = (a.value, b.value, difference, se, estimate.interval, z)
    return Comparison(crude_a, crude_b, *found, common.coverage, tuple(common.weights), None)
