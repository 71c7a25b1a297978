"""What goes into a formula: arrays of finite floats, checked once, and the shape they share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
Truths: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = float | Sequence[float] | Floats | Whole
"""One number or many. Arguments broadcast against each other; answers have the common shape, () for numbers."""

_ROUNDING = 1e-9
"""How far, relatively, a quotient of floats may lie above the whole number it ought to be."""


def at_least(name: str, value: Numbers, low: float = 0) -> Floats:
    """As an array of floats. Raises ValueError when a number is below low, infinite or NaN."""
    array = np.asarray(value, dtype=np.float64)
    _refuse(name, array, ~((array >= low) & (array < math.inf)), f"a finite number of at least {low:g}")
    return array


def above(name: str, value: Numbers, low: float = 0, *, endless: bool = False) -> Floats:
    """As an array of floats. Raises ValueError when a number is not above low, NaN, or infinite unless `endless`."""
    array = np.asarray(value, dtype=np.float64)
    good = (array > low) if endless else (array > low) & (array < math.inf)
    _refuse(name, array, ~good, f"{'a number' if endless else 'a finite number'} above {low:g}")
    return array


def share_below_one(name: str, value: Numbers) -> Floats:
    """As an array of floats. Raises ValueError when a number is below 0, at or above 1, or NaN."""
    array = np.asarray(value, dtype=np.float64)
    _refuse(name, array, ~((array >= 0) & (array < 1)), "a share from 0 to below 1")
    return array


def share_between(name: str, value: Numbers, *, one: bool = False) -> Floats:
    """As an array of floats. Raises ValueError when a number is not strictly between 0 and 1 (`one`: 1 is fine)."""
    array = np.asarray(value, dtype=np.float64)
    good = (array > 0) & ((array <= 1) if one else (array < 1))
    _refuse(name, array, ~good, "a share above 0 and at most 1" if one else "a share between 0 and 1")
    return array


def together(*arrays: Floats) -> tuple[tuple[int, ...], list[Floats]]:
    """The shape that arrays have in common, and each of them in that shape as one long row."""
    try:
        spread = np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(f"expected numbers or arrays of one shape, got {shapes}") from None
    return spread[0].shape, [array.ravel() for array in spread]


def rounded_up(value: Floats) -> Whole:
    """The next whole number, where 20.000000000000004 is 20."""
    return np.ceil(value - _ROUNDING * np.maximum(1, value)).astype(np.int64)


def _refuse(name: str, array: Floats, bad: Truths, wanted: str) -> None:
    if bad.any():
        raise ValueError(f"expected {name} to be {wanted}, got {array[bad].flat[0]}")
