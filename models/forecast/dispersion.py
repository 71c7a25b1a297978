"""How far days and quarter-hours stray from the mean of their weekday, beyond what chance arrivals do anyway."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from itertools import pairwise

import numpy as np

from models.forecast.slots import LABELS

LEAST_DAY = 0.05**2
"""Least variance of a day's level. A judgement: a few days alike by luck must not mean that no day ever differs, or
the rest of a day would not follow what has arrived."""
_HOUR = LABELS // 24


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Quarter-hours are what is expected of them times factors of mean 1; these are the factors' (co)variances.

    own: variance of one quarter-hour's factor. hour, hours, day: covariance of two factors of one day, up to 1 hour,
    up to 4 hours and further apart. A busy hour passes while a busy day goes on: were they one, what has arrived would
    say too much about the evening. With c_ij these numbers, contacts of slots with means m_i have together the variance
    sum m_i + sum c_ij m_i m_j. Raises ValueError unless own >= hour >= hours >= day >= 0, all finite.
    """

    own: float
    hour: float
    hours: float
    day: float

    def __post_init__(self) -> None:
        parts = astuple(self)
        if not (all(map(math.isfinite, parts)) and all(near >= far for near, far in pairwise((*parts, 0.0)))):
            raise ValueError(f"expected own >= hour >= hours >= day >= 0, got {parts}")

    def of(self, labels: np.ndarray) -> np.ndarray:
        """Covariances of the factors of a day's slots; labels: shape (slots,), 0 to 95; result (slots, slots)."""
        apart = np.abs(labels[:, None] - labels)
        shared = np.where(apart <= _HOUR, self.hour, np.where(apart <= 4 * _HOUR, self.hours, self.day))
        # Only a slot with itself: both passes of an hour shown twice have one label, too, but not one factor.
        np.fill_diagonal(shared, self.own)
        return shared


def measure(groups: Iterable[np.ndarray]) -> Dispersion:
    """Moment estimates from days that are alike, for example those of one weekday; one group is one mean.

    groups: each of shape (days, 96), contacts by label, NaN where there are none. With e the distance from the mean m
    of the group, e_i e_j of two slots of one day estimates their covariance times m_i m_j, and e_i^2 - m_i the variance
    of one times m_i^2. Slots with one day only tell nothing. `day` is at least LEAST_DAY, and no covariance is below
    one further apart; one nothing tells of is that of the nearest gap which is told.
    """
    products, units = np.zeros((LABELS, LABELS)), np.zeros((LABELS, LABELS))
    for group in groups:
        there = ~np.isnan(group)
        times = there.sum(axis=0)
        there &= times > 1
        means = np.where(there, group, 0).sum(axis=0) / np.maximum(times, 1)
        # Distances from a mean of n are too short by this.
        apart = np.where(there, group - means, 0) * np.sqrt(times / np.maximum(times - 1, 1))
        expected = np.where(there, means, 0)
        products += apart.T @ apart - np.diag(expected.sum(axis=0))
        units += expected.T @ expected
    gaps = np.abs(np.subtract.outer(np.arange(LABELS), np.arange(LABELS)))
    bounds = (0, 1, _HOUR + 1, 4 * _HOUR + 1, LABELS)
    found: list[float] = []
    for first, beyond in pairwise(bounds):
        some = (gaps >= first) & (gaps < beyond)
        unit = float(units[some].sum())
        found.append(float(products[some].sum()) / unit if unit > 0 else found[-1] if found else 0.0)
    day = max(LEAST_DAY, found[3])
    hours = max(day, found[2])
    hour = max(hours, found[1])
    return Dispersion(max(hour, found[0]), hour, hours, day)
