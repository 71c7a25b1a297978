"""An estimate with its interval, and the intervals that need no more than a standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass

# scipy.special has the same quantiles as scipy.stats, which takes seconds to import.
from scipy import special

from models.fairness.sums import between, finite, within

LEVEL = 0.95
"""Confidence of an interval unless another is asked for."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From low to high, in the unit of the figure. Raises ValueError unless low <= high."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"expected low to be at most high, got {self.low} and {self.high}")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its standard error (None where the interval does not come from one) and its interval, in one unit."""

    value: float
    se: float | None
    interval: Interval

    def clipped(self, low: float, high: float) -> Estimate:
        """The same with an interval that does not reach below low or above high, where the figure cannot be."""
        ends = (min(max(end, low), high) for end in (self.interval.low, self.interval.high))
        return Estimate(self.value, self.se, Interval(*ends))


def normal_quantile(level: float) -> float:
    """How many standard errors lie to each side of an interval of this confidence: 1.96 for 0.95. Raises ValueError."""
    return float(special.ndtri((1 + between("level", level, 0, 1)) / 2))


def normal_estimate(value: float, se: float, *, level: float = LEVEL) -> Estimate:
    """value +/- z * se. Raises ValueError when se is negative or a number is not finite."""
    half = normal_quantile(level) * within("se", se, 0)
    return Estimate(value, se, Interval(finite("value", value) - half, value + half))


def student_estimate(value: float, se: float, degrees: float, *, level: float = LEVEL) -> Estimate:
    """value +/- t * se, with so many degrees of freedom. Raises ValueError for negative se and degrees not above 0."""
    tail = (1 + between("level", level, 0, 1)) / 2
    half = float(special.stdtrit(between("degrees", degrees, 0), tail)) * within("se", se, 0)
    return Estimate(value, se, Interval(finite("value", value) - half, value + half))


def two_sided_p(z: float) -> float:
    """How often chance alone gives a z at least as far from 0. For `screening`, never for a page."""
    if math.isnan(z):
        raise ValueError("expected z to be a number, got nan")
    return float(2 * special.ndtr(-abs(z)))
