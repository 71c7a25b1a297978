"""Where nobody counted: stretches without a single contact though many were to be expected.

Told from the counts themselves, so that a day two months ago is judged as today is. A dead feed, dead lines and a
holiday nobody named look alike, and are alike for a forecast: what would have come is not known.
"""

from __future__ import annotations

import numpy as np

SURE_CONTACTS = 10.0
"""Where so many are expected, none come by chance once in 20,000 times."""
HOURS_SLOTS = 8
"""A day that was silent for so many quarter-hours, two hours, is not like the others."""


def silent(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Which quarter-hours of a day lie in such a stretch.

    counts, expected: contacts of its slots in the order in which they pass, of one shape (slots,); so is the answer.
    """
    came = counts > 0
    # All slots from one with contacts to the next have one number.
    stretch = np.cumsum(came)
    in_stretch = np.bincount(stretch, weights=np.where(came, 0.0, expected))
    found: np.ndarray = ~came & (in_stretch[stretch] >= SURE_CONTACTS)
    return found


def others_mean(table: np.ndarray) -> np.ndarray:
    """What each day was to be expected to bring: the mean of the others; 0 where no other has the slot.

    table: shape (days, slots), contacts of days of one weekday, NaN where a day has no such slot; so is the answer.
    """
    there = ~np.isnan(table)
    counts = np.where(there, table, 0.0)
    others = there.sum(axis=0) - there
    mean: np.ndarray = (counts.sum(axis=0) - counts) / np.maximum(others, 1)
    return mean
