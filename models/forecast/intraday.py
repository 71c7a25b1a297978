"""The rest of a day, drawn to what has arrived so far; with nothing arrived yet, the base forecast itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from models.forecast.bands import ends, tail_of
from models.forecast.dispersion import Dispersion
from models.forecast.forecast import Band, Forecast, Method
from models.forecast.slots import label


@dataclass(frozen=True, slots=True)
class Base:
    """What is expected of a day before it starts; the fields are those of `Forecast`."""

    day: date
    basis: tuple[date, ...]
    slots: tuple[int, ...]
    expected: tuple[float, ...]
    days: tuple[int, ...]
    level: float
    dispersion: Dispersion
    missing: tuple[int, ...]


def update(forecast: Forecast, arrived: Sequence[float | None], *, made_at: datetime) -> Forecast:
    """The forecast of the day, given the contacts of the slots that have passed.

    arrived: contacts of the first so many of `forecast.slots`, None where nobody counted (an outage, a dead feed). Give
    whole slots only: one that still runs would look like a lull.

    Each slot to come is multiplied by 1 + w (N / E - 1), with N arrived and E expected in the counted slots, those near
    to it weighing more. w, from 0 to 1, is the linear credibility estimate (Buehlmann, ASTIN 1967; 4:199), which for a
    gamma-distributed level and Poisson arrivals is the posterior mean: the covariance of slot and N over the variance
    of N. Chance is outgrown as the day goes on, so that w tends to what the factors of slots have in common. Contacts
    as expected change no mean, and more of them never lower a number.

    It always starts from the base forecast, so what was updated may be updated again with all that has arrived since
    the morning. Raises ValueError for more counts than slots, and for counts that are negative or not finite.
    """
    base = Base(
        forecast.day, forecast.basis, forecast.slots, forecast.expected, forecast.days,
        forecast.level, forecast.dispersion, forecast.missing,
    )  # fmt: skip
    return conditional(base, arrived, made_at)


def conditional(base: Base, arrived: Sequence[float | None], made_at: datetime) -> Forecast:
    """The forecast of the day given what has arrived in its first slots, which may be none; see `update`."""
    _check(base, arrived, made_at)
    tail = tail_of(base.level)
    expected, days = np.array(base.expected), np.array(base.days, dtype=np.float64)
    # As with slots: a mean of few days strays from what it estimates as days stray from it.
    factors = base.dispersion.of(np.array([label(slot) for slot in base.slots])) * (1 + 1 / len(base.basis))
    counts = np.array([math.nan if count is None else count for count in arrived] + [math.nan] * _left(base, arrived))
    known = ~np.isnan(counts)
    so_far = float(np.sum(counts[known]))
    drawn = _draw(factors[:, known], factors[np.ix_(known, known)], expected[known], days[known])
    times = np.maximum(1 + drawn.pull @ (counts[known] - expected[known]), 0)

    # Half a contact more among all days: where none came on a few days, one may still come.
    more = expected + 0.5 / days
    own = np.maximum(np.diagonal(factors) - drawn.told(np.eye(len(expected))), 0)
    low, high = (
        (times * mean, _variance(times, mean, mean / days, own * mean**2)) for mean in (expected, more)
    )  # fmt: skip

    rest = np.where(known, 0.0, expected)
    to_come = rest.sum(keepdims=True)
    factor = times @ rest / to_come[0] if to_come[0] > 0 else 1.0
    weight = drawn.weights @ rest / to_come[0] if to_come[0] > 0 else 0.0
    uncertain = np.array([np.sum(rest / days)])
    stray = np.maximum(rest @ factors @ rest - drawn.told(rest[None]), 0)
    more_to_come = to_come + (0.0 if known.all() else 0.5 / len(base.basis))
    all_times = np.array([factor])
    # The whole day is the last entry.
    least, most = ends(
        tail,
        *(
            (np.append(part[0], factor * day), np.append(part[1], _variance(all_times, day, uncertain, stray)))
            for part, day in ((low, to_come), (high, more_to_come))
        ),
    )
    total = Band(so_far + float(factor * to_come[0]), so_far + float(least[-1]), so_far + float(most[-1]))
    return Forecast(
        base.day,
        made_at,
        Method.INTRADAY if known.any() else Method.SEASONAL_MEAN,
        base.basis,
        base.slots,
        base.expected,
        base.days,
        tuple(np.where(known, counts, times * expected).tolist()),
        tuple(np.where(known, counts, least[:-1]).tolist()),
        tuple(np.where(known, counts, most[:-1]).tolist()),
        total,
        base.level,
        base.dispersion,
        base.missing,
        len(arrived),
        float(factor),
        float(weight),
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """How slots follow what has arrived in the counted ones.

    pull: shape (slots, counted), what a contact more than expected adds to the factor of a slot; never below 0.
    weights: by slot, w of `update`. along: shape (slots, counted), covariances of factors with contacts. noise: shape
    (counted, counted), covariances of contacts.
    """

    pull: np.ndarray
    weights: np.ndarray
    along: np.ndarray
    noise: np.ndarray

    def told(self, parts: np.ndarray) -> np.ndarray:
        """By how much less sums of factors vary, given what has arrived; parts: shape (sums, slots), a sum each row."""
        pull = parts @ self.pull
        known: np.ndarray = 2 * np.sum(pull * (parts @ self.along), axis=1) - np.einsum(
            "si,ij,sj->s", pull, self.noise, pull
        )
        return known


def _draw(near: np.ndarray, among: np.ndarray, seen: np.ndarray, days: np.ndarray) -> _Drawn:
    """From covariances of factors, of all slots with the counted and of these among themselves, and their means."""
    noise = np.diag(seen * (1 + 1 / days)) + among * np.outer(seen, seen)
    # Slots of the past weigh by how much they share. Nothing expected, nothing said.
    e, along = near @ seen, near * seen
    spread = np.einsum("si,ij,sj->s", near, noise, near)
    covariance = np.sum(near * along, axis=1)
    weights = np.minimum(np.divide(covariance * e, spread, out=np.zeros_like(e), where=spread > 0), 1.0)
    return _Drawn(near * np.divide(weights, e, out=np.zeros_like(e), where=e > 0)[:, None], weights, along, noise)


def _variance(times: np.ndarray, mean: np.ndarray, uncertain: np.ndarray, stray: np.ndarray) -> np.ndarray:
    """Of contacts to come: Poisson's own, that of the base mean, and that of the factors, all at so many times as many.

    A low factor narrows the last by less than its square, as it does for a gamma-distributed level.
    """
    found: np.ndarray = times * mean + times**2 * uncertain + np.maximum(times, times**2) * stray
    return found


def _left(base: Base, arrived: Sequence[float | None]) -> int:
    return len(base.slots) - len(arrived)


def _check(base: Base, arrived: Sequence[float | None], made_at: datetime) -> None:
    if made_at.tzinfo is None:
        raise ValueError(f"expected made_at to have a time zone, got {made_at.isoformat()}")
    if _left(base, arrived) < 0:
        raise ValueError(f"expected counts of at most the day's {len(base.slots)} slots, got {len(arrived)}")
    for place, count in enumerate(arrived):
        if count is not None and not (math.isfinite(count) and count >= 0):
            raise ValueError(f"expected contacts of slot {base.slots[place]} to be at least 0 or None, got {count}")
