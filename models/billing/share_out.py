"""Sharing an amount out over what it was paid for, so that the parts sum to it exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

PLACES = Decimal("0.000001")


def share_out(amount: Decimal, weights: Sequence[int]) -> list[Decimal]:
    """Parts of an amount (rounded to 6 places) in proportion to weights; what rounding leaves goes to the largest.

    Weights that are all 0 count alike. Raises ValueError without weights, or for one below 0.
    """
    if not weights or min(weights) < 0:
        raise ValueError(f"expected weights of 0 or more, got {list(weights)}")
    amount = amount.quantize(PLACES)
    whole = sum(weights)
    of = weights if whole else [1] * len(weights)
    parts = [(amount * weight / (whole or len(weights))).quantize(PLACES, ROUND_DOWN) for weight in of]
    largest = max(range(len(of)), key=of.__getitem__)
    parts[largest] += amount - sum(parts, Decimal(0))
    return parts
