"""From when hired people can do the work: classes, training, nesting, a ramp and those who leave, week by week.

Methods 4.2. Capacity counts people at the full pace of experienced ones. `homecoming` sets it against the notice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.staffing.arrays import Floats, above, at_least

WEEKS_PER_MONTH = 52 / 12


@dataclass(frozen=True, slots=True)
class Course:
    """What becomes of a class by its age in periods, weeks or months alike; after the last entry it stays.

    ramp: share of the work of an experienced agent, 1 in the end. leaving: share that leaves after a period. Raises
    ValueError for shares out of reason, a ramp that never reaches 1 and a class of which nobody stays.
    """

    ramp: Sequence[float]
    leaving: Sequence[float] = (0.0,)

    def __post_init__(self) -> None:
        _check_ramp(self.ramp)
        _check_leaving(self.leaving)

    def pace(self, periods: int) -> Floats:
        """Work done at age 0, 1, … per person hired: those still there times their ramp."""
        ramp, stay = self._stretched(self.ramp, periods), self.staying(periods)
        return ramp * stay

    def staying(self, periods: int) -> Floats:
        """Share still there at age 0, 1, …"""
        leave = self._stretched(self.leaving, periods)
        return np.concatenate(([1.0], np.cumprod(1 - leave)[:-1]))

    @staticmethod
    def _stretched(shares: Sequence[float], periods: int) -> Floats:
        return np.array([shares[min(age, len(shares) - 1)] for age in range(periods)], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Plan:
    """How people are hired. Weeks are whole; months are a twelfth of 52 weeks. Raises ValueError out of reason."""

    recruiting_weeks: int
    """From the decision to the first day of the first class."""
    class_size: int
    classes_every_weeks: int
    """From one class to the next: how many trainers and rooms there are."""
    training_weeks: int
    nesting_weeks: int
    """First weeks with customers, with somebody beside them."""
    ramp: Sequence[float]
    """Share of the work of an experienced agent in month 1, 2, … after nesting; 1 in the end."""
    training_attrition: float = 0.0
    """Share of a class that does not finish training."""
    nesting_share: float = 0.0
    """Share of the work of an experienced agent while nesting."""
    leaving: Sequence[float] = (0.0,)
    """Share that leaves in month 1, 2, … after training; the last one from then on."""

    def __post_init__(self) -> None:
        for name, least in (
            ("recruiting_weeks", 0), ("class_size", 1), ("classes_every_weeks", 1), ("training_weeks", 0),
            ("nesting_weeks", 0),
        ):  # fmt: skip
            value = getattr(self, name)
            if value != int(value) or value < least:
                raise ValueError(f"{name}: expected a whole number of at least {least}, got {value}")
        if not 0 <= self.training_attrition < 1:
            raise ValueError(f"training_attrition: expected a share from 0 to below 1, got {self.training_attrition}")
        if self.training_attrition and not self.training_weeks:
            raise ValueError(f"training_attrition: expected 0 without training, got {self.training_attrition}")
        if not 0 <= self.nesting_share <= 1:
            raise ValueError(f"nesting_share: expected a share from 0 to 1, got {self.nesting_share}")
        _check_ramp(self.ramp)
        _check_leaving(self.leaving)

    @property
    def course(self) -> Course:
        """The same by weeks since a class began. Who leaves does so evenly over the training, or the month."""
        ramp = [0.0] * self.training_weeks + [self.nesting_share] * self.nesting_weeks
        ramp += [self.ramp[_month(week)] for week in range(_weeks(len(self.ramp) - 1))] + [1.0]
        leaving = [1 - (1 - self.training_attrition) ** (1 / max(1, self.training_weeks))] * self.training_weeks
        by_month = [1 - (1 - share) ** (1 / WEEKS_PER_MONTH) for share in self.leaving]
        leaving += [by_month[_month(week)] for week in range(_weeks(len(by_month) - 1))] + [by_month[-1]]
        return Course(ramp, leaving)

    def classes(self, hires: int) -> list[tuple[int, int]]:
        """Week in which each class begins, counted from the decision, and its size; the last may be smaller."""
        starts = range(0, hires, self.class_size)
        return [
            (self.recruiting_weeks + number * self.classes_every_weeks, min(self.class_size, hires - start))
            for number, start in enumerate(starts)
        ]


@dataclass(frozen=True, slots=True)
class Ready:
    """When capacity covers the need: periods from 0. Both None when it never does in the time looked at."""

    first: int | None
    short_again: int | None
    """First period after that in which it does not any more, because people left: hiring has to go on."""


def headcount(classes: Sequence[tuple[int, float]], course: Course, periods: int) -> Floats:
    """People there in each period. classes: the period in which each begins, and its size. Errors as of `capacity`."""
    return _summed(classes, course.staying(periods), periods)


def capacity(classes: Sequence[tuple[int, float]], course: Course, periods: int) -> Floats:
    """Work the classes do in each period, in experienced people: sum of size x share still there x ramp.

    Raises ValueError for no classes, negative sizes and starts, and no periods.
    """
    return _summed(classes, course.pace(periods), periods)


def capacity_by_week(plan: Plan, hires: int, weeks: int) -> Floats:
    """The same of so many hires in weeks from the decision. Raises ValueError for no hires and no weeks."""
    return capacity(plan.classes(_whole("hires", hires)), plan.course, weeks)


def ready(able: Floats, need: float, held: int = 1) -> Ready:
    """When a capacity covers a need, both in people of one kind. Put the doubt about demand into the need.

    held: periods in a row it has to cover it, so that there is time to hire for those who leave. Raises ValueError for
    a need of 0, when nothing would have to be hired, and for no period.
    """
    above("need", need)
    enough = able >= need - 1e-9
    stretches = np.lib.stride_tricks.sliding_window_view(enough, _whole("held", held)) if held <= enough.size else None
    if stretches is None or not stretches.all(axis=1).any():
        return Ready(None, None)
    first = int(stretches.all(axis=1).argmax())
    short = np.flatnonzero(~enough[first:])
    return Ready(first, first + int(short[0]) if short.size else None)


def least_hires(plan: Plan, need: float, by_week: int, held: int = 1) -> int | None:
    """Fewest people to hire so that capacity covers the need for `held` weeks in a row up to this one; None: no number.

    Raises ValueError for a need of 0, a negative week and no week held.
    """
    above("need", need)
    at_least("by_week", by_week)
    fitting = (by_week - plan.recruiting_weeks) // plan.classes_every_weeks + 1
    short, enough = 0, max(0, fitting) * plan.class_size
    if not enough or ready(capacity_by_week(plan, enough, by_week + 1), need, held).first is None:
        return None
    # One more hire never makes any week worse.
    while enough - short > 1:
        middle = (short + enough) // 2
        if ready(capacity_by_week(plan, middle, by_week + 1), need, held).first is None:
            short = middle
        else:
            enough = middle
    return enough


def _summed(classes: Sequence[tuple[int, float]], by_age: Floats, periods: int) -> Floats:
    if not classes:
        raise ValueError("classes: expected at least one, got none")
    total = np.zeros(periods)
    for start, size in classes:
        at_least("start of a class", start)
        above("size of a class", size)
        total[start:] += size * by_age[: max(0, periods - start)]
    return total


def _month(week: int) -> int:
    return int(week / WEEKS_PER_MONTH + 1e-9)


def _weeks(months: int) -> int:
    """Weeks that begin before so many months are over."""
    return math.ceil(months * WEEKS_PER_MONTH - 1e-9)


def _whole(name: str, value: int) -> int:
    if value != int(value) or value < 1:
        raise ValueError(f"{name}: expected a whole number of at least 1, got {value}")
    return int(value)


def _check_ramp(ramp: Sequence[float]) -> None:
    if not ramp or not all(0 <= share <= 1 for share in ramp):
        raise ValueError(f"ramp: expected shares from 0 to 1, got {list(ramp)}")
    if ramp[-1] != 1:
        raise ValueError(f"ramp: expected one that reaches 1, got one that ends at {ramp[-1]}")
    if any(later < earlier for earlier, later in pairwise(ramp)):
        raise ValueError(f"ramp: expected one that never falls, got {list(ramp)}")


def _check_leaving(leaving: Sequence[float]) -> None:
    if not leaving or not all(0 <= share < 1 for share in leaving):
        raise ValueError(f"leaving: expected shares from 0 to below 1, got {list(leaving)}")
