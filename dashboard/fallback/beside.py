"""The slice beside in-house like for like, metric by metric, as the Compare page compares two units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.compare.differences import differences
from dashboard.compare.units import Units
from models.fallback.facts import Compared

if TYPE_CHECKING:
    from dashboard.compare.differences import Difference
    from dashboard.fallback.questions import Frame

SHOWN = ("csat", "first_contact_resolution", "average_handle_time_s")
_SLICE = "the slice"
Told = tuple[Compared, ...]


def compared(frames: Mapping[str, pd.DataFrame], frame: Frame, in_house: str) -> Told:
    """frames: sums by outcome (`compare.questions.by_outcome`), of the slice's sites and in-house ones.

    Where too little of the work was done by both, there are only plain figures.
    """
    units = Units(
        "site", {_SLICE: _SLICE, in_house: in_house}, {_SLICE: frame.sites, in_house: frame.own}, frozenset({in_house})
    )
    kept = {name: rows for name, rows in frames.items() if name in SHOWN and len(rows)}
    found = {each.metric.name: each for each in differences(kept, [(_SLICE, in_house)], units)}
    return tuple(_told(found[name]) for name in SHOWN if name in found)


def _told(of: Difference) -> Compared:
    result, refused = of.result, of.result.refusal is not None
    interval = result.interval
    return Compared(
        metric=of.metric.name,
        own=result.crude_b if refused else result.b,
        provider=result.crude_a if refused else result.a,
        raw=result.crude_difference,
        difference=result.difference,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        comparable=result.coverage,
        n=of.n_one,
    )
