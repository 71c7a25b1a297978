"""From the service level a site reports to ours, in steps of counts that add up exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Bridge:
    """own + threshold + counted = ours, each a share from 0 to 1 (the middle two differences)."""

    own: float
    threshold: float
    counted: float
    ours: float

    @property
    def differs(self) -> bool:
        """Whether the two definitions come to different figures."""
        return bool(self.threshold or self.counted)


def bridge(row: Mapping[str, float]) -> Bridge | None:
    """The steps for the sums of one unit; None where one of the two has nothing to count.

    First the threshold: the site's own way of counting, but what was answered within our threshold counts as met. Then
    who counts: all answered and abandoned contacts, and of them only the answered as met.
    """
    sums = {name: 0.0 if pd.isna(value) else float(value) for name, value in row.items() if _is_number(value)}
    own_of, ours_of = sums.get("own_level_of", 0.0), sums.get("answered", 0.0) + sums.get("abandoned", 0.0)
    if own_of <= 0 or ours_of <= 0:
        return None
    good = sums["own_level_good"]
    own = good / own_of
    at_our_threshold = (good - sums["answered_in_own_target"] + sums["answered_in_target"]) / own_of
    ours = sums["answered_in_target"] / ours_of
    return Bridge(own, at_our_threshold - own, ours - at_our_threshold, ours)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or hasattr(value, "dtype")
