"""What goes into a comparison: sums over many contacts, checked once. Never rows of contacts."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROUNDING = 1e-9
"""How far, relatively, a sum of squares may fall short of what it must be at least: sums of floats are rounded."""


def finite(name: str, value: float) -> float:
    """The value itself. Raises ValueError when it is NaN or infinite."""
    if not math.isfinite(value):
        raise ValueError(f"expected {name} to be a finite number, got {value}")
    return value


def within(name: str, value: float, low: float, high: float = math.inf) -> float:
    """The value itself. Raises ValueError unless it is a number from low to high, both allowed."""
    if not low <= finite(name, value) <= high:
        wanted = f"at least {low}" if high == math.inf else f"from {low} to {high}"
        raise ValueError(f"expected {name} to be {wanted}, got {value}")
    return value


def between(name: str, value: float, low: float, high: float = math.inf) -> float:
    """The value itself. Raises ValueError unless it is a number strictly between low and high."""
    if not low < finite(name, value) < high:
        wanted = f"above {low}" if high == math.inf else f"between {low} and {high}"
        raise ValueError(f"expected {name} to be {wanted}, got {value}")
    return value


@dataclass(frozen=True, slots=True)
class Counts:
    """`x` of `n` contacts count, for example were solved at once. Raises ValueError unless 0 <= x <= n."""

    x: float
    n: float

    def __post_init__(self) -> None:
        within("x", self.x, 0, within("n", self.n, 0))

    @property
    def share(self) -> float | None:
        """x / n, from 0 to 1; None without contacts."""
        return self.x / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Totals:
    """`total` of a quantity (seconds, money, events) over `n` contacts.

    Raises ValueError when n is negative, a number is not finite, or a quantity comes from no contacts.
    """

    total: float
    n: float

    def __post_init__(self) -> None:
        finite("total", self.total)
        if not within("n", self.n, 0) and self.total:
            raise ValueError(f"expected a total of 0 over 0 contacts, got {self.total}")

    @property
    def mean(self) -> float | None:
        """total / n; None without contacts."""
        return self.total / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Moments(Totals):
    """A total over contacts and the sum of its `squares`. Raises ValueError when there cannot be such contacts."""

    squares: float

    def __post_init__(self) -> None:
        # Not super(): a dataclass with slots is made anew, and super() without arguments would look at the first one.
        Totals.__post_init__(self)
        least = self.total**2 / self.n if self.n else 0.0
        if not finite("squares", self.squares) >= least * (1 - _ROUNDING) or (not self.n and self.squares):
            raise ValueError(f"expected squares to be at least total^2 / n = {least:g}, got {self.squares}")

    @property
    def variance(self) -> float | None:
        """Sample variance of one contact, in squared units; None with fewer than two contacts."""
        return max(0.0, self.squares - self.total**2 / self.n) / (self.n - 1) if self.n >= 2 else None
