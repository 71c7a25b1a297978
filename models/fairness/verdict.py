"""What an interval says to a manager, and how many more contacts it takes until it says something."""

from __future__ import annotations

import math
from enum import StrEnum

from models.fairness.intervals import Interval
from models.fairness.sums import between


class Verdict(StrEnum):
    """How a does against b. The values are the words of methods, section 2.5."""

    CLEARLY_BETTER = "clearly better"
    SLIGHTLY_BETTER = "slightly better"
    PRACTICALLY_THE_SAME = "practically the same"
    SLIGHTLY_WORSE = "slightly worse"
    CLEARLY_WORSE = "clearly worse"
    CANNOT_TELL_YET = "cannot tell yet"


def verdict(difference: Interval, margin: float, *, higher_is_better: bool = True) -> Verdict:
    """What the interval of a - b says, when a difference smaller than `margin` does not matter in practice.

    Interval and margin are in the unit of the metric. At or beyond the margin is clear, inside it on both sides the
    same, on one side of 0 slight. Raises ValueError unless the margin is above 0.
    """
    between("margin", margin, 0)
    low, high = (difference.low, difference.high) if higher_is_better else (-difference.high, -difference.low)
    if low >= margin:
        return Verdict.CLEARLY_BETTER
    if high <= -margin:
        return Verdict.CLEARLY_WORSE
    if low >= -margin and high <= margin:
        return Verdict.PRACTICALLY_THE_SAME
    if low > 0:
        return Verdict.SLIGHTLY_BETTER
    if high < 0:
        return Verdict.SLIGHTLY_WORSE
    return Verdict.CANNOT_TELL_YET


def more_contacts(difference: Interval, margin: float, contacts: float) -> int:
    """About how many contacts one side needs beyond its own until something can be told; 0 when it can already.

    For each side of the comparison, with the contacts it has: both must grow by the same factor. An interval narrows
    with the root of the contacts, so with d its middle and h half its width it takes (h / max(|d|, margin - |d|))^2
    times as many, should the difference stay what it is. Raises ValueError unless contacts and margin are above 0.
    """
    between("contacts", contacts, 0)
    if verdict(difference, margin) is not Verdict.CANNOT_TELL_YET:
        return 0
    middle = abs(difference.low + difference.high) / 2
    half = (difference.high - difference.low) / 2
    times = (half / max(middle, margin - middle)) ** 2
    # One more than exactly enough: an interval that ends at 0 does not tell.
    return math.floor(contacts * (times - 1)) + 1
