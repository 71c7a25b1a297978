"""Probabilities as log-odds, in which effects add up."""

from __future__ import annotations

import math


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)); 0 and 1 as far as a float can tell from certainty."""
    kept = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(kept / (1 - kept))


def probability(odds: float) -> float:
    """The inverse of log_odds."""
    return 1 / (1 + math.exp(-odds))
