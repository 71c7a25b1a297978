"""Counts of the past, checked once: one number for each quarter-hour a series was open and its feed alive."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import ArrayLike

from models.forecast.slots import LABELS


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Days with at least one row, in order, and their contacts by quarter-hour.

    counts: shape (days, 96), contacts, NaN where a slot has no row. The second pass of an hour shown twice is not among
    them: a mean of 02:15 holds one 02:15 of each day. Make one with `history`.
    """

    days: tuple[date, ...]
    counts: np.ndarray

    def same_weekdays(
        self, before: date, weekday: int, most: int, reach_weeks: int, left_out: Container[date]
    ) -> list[int]:
        """Positions of the last days, at most so many, of this weekday (0 for Monday), earlier first.

        Only days before the given one count, that are at most so many weeks older and not left out.
        """
        first = before - timedelta(weeks=reach_weeks)
        found = [
            place
            for place, day in enumerate(self.days)
            if first <= day < before and day.weekday() == weekday and day not in left_out
        ]
        return found[-most:]


def history(days: Sequence[date] | np.ndarray, slots: ArrayLike, counts: ArrayLike) -> History:
    """From rows in any order, as three arrays of one length: local date, slot of the day (see `slots`), contacts.

    One row for each slot in which the series was open, with 0 where nobody came: a slot without a row was closed or not
    observed and is in no mean, and a date without a row is a day of no data. Raises ValueError for arrays of unlike
    length, for slots there are not, for counts that are negative or not finite, and for two rows of one slot.
    """
    dates = np.array(days, dtype="datetime64[D]")
    numbers = np.asarray(slots)
    contacts = np.asarray(counts, dtype=np.float64)
    if not dates.shape == numbers.shape == contacts.shape or dates.ndim != 1:
        shapes = f"{dates.shape}, {numbers.shape} and {contacts.shape}"
        raise ValueError(f"expected days, slots and counts to be lists of one length, got shapes {shapes}")
    if not dates.size:
        return History((), np.empty((0, LABELS)))
    if numbers.dtype.kind not in "iu":
        raise ValueError(f"expected slots to be whole numbers, got {numbers.dtype}")
    _check(np.isnat(dates), dates, numbers, "expected a date, got none")
    _check((numbers < 0) | (numbers >= 2 * LABELS), dates, numbers, f"expected a slot from 0 to {2 * LABELS - 1}")
    _check(~(np.isfinite(contacts) & (contacts >= 0)), dates, numbers, "expected a count of at least 0", contacts)
    known, row = np.unique(dates, return_inverse=True)
    table = np.full((known.size, 2 * LABELS), np.nan)
    order = np.lexsort((numbers, row))
    twice = (np.diff(row[order]) == 0) & (np.diff(numbers[order]) == 0)
    _check(np.append(twice, False), dates[order], numbers[order], "expected one row for a slot, got several")
    table[row, numbers] = contacts
    return History(tuple(known.tolist()), table[:, :LABELS])


def _check(
    wrong: np.ndarray, dates: np.ndarray, numbers: np.ndarray, expected: str, values: np.ndarray | None = None
) -> None:
    """Raises ValueError naming the first row that is wrong."""
    if wrong.any():
        at = int(np.argmax(wrong))
        got = "" if values is None else f", got {values[at]:g}"
        raise ValueError(f"{dates[at]}, slot {numbers[at]}: {expected}{got}")
