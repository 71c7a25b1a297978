"""Control charts: whether a weekly figure moved, or only wavers as it always does."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from models.fairness.sums import Counts, Totals, finite, within

BASELINE = 12
"""Points that set the limits; they stay as they are when more come."""
LEAST = 8
"""Points it takes for any limits."""
RANGE_TO_SIGMA = 1.128
"""d2: the mean difference of two neighbours, in standard deviations of either."""
RANGE_TO_LIMIT = 2.66
"""3 / d2, as tables round it."""
RANGE_TO_RANGE_LIMIT = 3.268
"""D4: the limit of single moving ranges, in mean moving ranges."""
_NOISE = 1e-10
"""A mean moving range up to this, relative to the points, is rounding and no variation."""


class Rule(StrEnum):
    """Western Electric's rules 1, 2 and 4; more rules would be more false alarms."""

    BEYOND_LIMITS = "1 beyond 3 sigma"
    TWO_OF_THREE = "2 of 3 beyond 2 sigma on one side"
    EIGHT_ON_ONE_SIDE = "8 in a row on one side"


class Direction(StrEnum):
    """On which side of the centre."""

    ABOVE = "above"
    BELOW = "below"


class NoLimits(StrEnum):
    """Why a chart has no limits."""

    TOO_FEW_POINTS = "too few points"
    TOO_MANY_GAPS = "too few points next to each other"
    NO_VARIATION = "the points do not vary"


@dataclass(frozen=True, slots=True)
class Signal:
    """The point (counted from 0, gaps included) at which a rule came true."""

    index: int
    rule: Rule
    direction: Direction


@dataclass(frozen=True, slots=True)
class Chart:
    """One value and one pair of limits per point, in the unit of the figure, None where there is a gap.

    `spread` is the mean moving range (XmR), or sigma_z: how many times as far as chance alone points are apart (1 where
    chance alone is assumed). `range_limit` is the upper limit of moving ranges, of an XmR chart only. Without limits,
    `reason` says why, the rest is None or empty. `baseline` is how many points set the limits.
    """

    values: tuple[float | None, ...]
    baseline: int
    centre: float | None
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    spread: float | None
    range_limit: float | None
    signals: tuple[Signal, ...]
    reason: NoLimits | None


def xmr_chart(values: Sequence[float | None], *, baseline: int | None = BASELINE, least: int = LEAST) -> Chart:
    """Individuals chart (Wheeler): centre +/- 2.66 mean moving range, whatever the figure and its unit.

    values: one per week, None where it is not known. baseline: how many known points, from the first, set the limits;
    None takes all there are. Moving ranges are between neighbours only, never over a gap. Rules go from known point to
    known point. Raises ValueError for numbers that are not finite and for baseline or least below 2.
    """
    known = tuple(None if value is None else finite("a value", value) for value in values)
    chosen = _chosen(known, baseline, least)
    base = [value for index in chosen if (value := known[index]) is not None]
    if len(base) < least:
        return _unlimited(known, len(base), NoLimits.TOO_FEW_POINTS)
    spread = _mean_range(known, chosen, least, _NOISE * max(abs(value) for value in base))
    if isinstance(spread, NoLimits):
        return _unlimited(known, len(base), spread)
    centre = math.fsum(base) / len(base)
    half = [None if value is None else RANGE_TO_LIMIT * spread for value in known]
    return _limited(known, len(base), centre, half, spread, RANGE_TO_RANGE_LIMIT * spread, (-math.inf, math.inf))


def share_chart(
    weeks: Sequence[Counts | None], *, laney: bool = True, baseline: int | None = BASELINE, least: int = LEAST
) -> Chart:
    """p' chart of shares from 0 to 1 (Laney, Qual Eng 2002; 14:531): centre +/- 3 sigma_z sqrt(p (1 - p) / n).

    sigma_z is the mean moving range of z over 1.128. A p chart (laney=False: sigma_z is 1) calls every week of a large
    centre a signal. None and weeks without contacts are gaps; the rest as `xmr_chart`.
    """
    pairs = [None if week is None or not week.n else (week.x, week.n) for week in weeks]
    return _attribute_chart(pairs, lambda p: p * (1 - p), (0.0, 1.0), laney, baseline, least)


def rate_chart(
    weeks: Sequence[Totals | None], *, laney: bool = True, baseline: int | None = BASELINE, least: int = LEAST
) -> Chart:
    """u' chart of events per contact, for example complaints: centre +/- 3 sigma_z sqrt(u / n).

    weeks: events as total, over n contacts or thousands of them. The rest is as in `share_chart`. Raises ValueError
    for negative events.
    """
    pairs = [None if week is None or not week.n else (within("events", week.total, 0), week.n) for week in weeks]
    return _attribute_chart(pairs, lambda u: u, (0.0, math.inf), laney, baseline, least)


def _attribute_chart(
    pairs: Sequence[tuple[float, float] | None],
    variance_of_one: Callable[[float], float],
    bounds: tuple[float, float],
    laney: bool,
    baseline: int | None,
    least: int,
) -> Chart:
    values = tuple(None if pair is None else pair[0] / pair[1] for pair in pairs)
    chosen = _chosen(values, baseline, least)
    base = [pair for index in chosen if (pair := pairs[index]) is not None]
    if len(base) < least:
        return _unlimited(values, len(base), NoLimits.TOO_FEW_POINTS)
    centre = math.fsum(x for x, _ in base) / math.fsum(n for _, n in base)
    one = variance_of_one(centre)
    if one <= 0:
        return _unlimited(values, len(base), NoLimits.NO_VARIATION)
    spread = 1.0
    if laney:
        z = tuple(None if pair is None else (pair[0] / pair[1] - centre) / math.sqrt(one / pair[1]) for pair in pairs)
        apart = _mean_range(z, chosen, least, _NOISE)
        if isinstance(apart, NoLimits):
            return _unlimited(values, len(base), apart)
        spread = apart / RANGE_TO_SIGMA
    half = [None if pair is None else 3 * spread * math.sqrt(one / pair[1]) for pair in pairs]
    return _limited(values, len(base), centre, half, spread, None, bounds)


def _chosen(values: Sequence[float | None], baseline: int | None, least: int) -> list[int]:
    """Indices of the points that set the limits."""
    within("least", least, 2)
    known = [index for index, value in enumerate(values) if value is not None]
    return known if baseline is None else known[: int(within("baseline", baseline, 2))]


def _mean_range(values: Sequence[float | None], chosen: Sequence[int], least: int, noise: float) -> float | NoLimits:
    """Mean difference of neighbours up to the last of the chosen points, or the reason why there is none."""
    ranges = [abs(b - a) for a, b in pairwise(values[: chosen[-1] + 1]) if a is not None and b is not None]
    if len(ranges) < least // 2:
        return NoLimits.TOO_MANY_GAPS
    mean_range = math.fsum(ranges) / len(ranges)
    return mean_range if mean_range > noise else NoLimits.NO_VARIATION


def _unlimited(values: tuple[float | None, ...], baseline: int, reason: NoLimits) -> Chart:
    nothing = (None,) * len(values)
    return Chart(values, baseline, None, nothing, nothing, None, None, (), reason)


def _limited(
    values: tuple[float | None, ...],
    baseline: int,
    centre: float,
    half: Sequence[float | None],
    spread: float,
    range_limit: float | None,
    bounds: tuple[float, float],
) -> Chart:
    lower = tuple(None if width is None else max(bounds[0], centre - width) for width in half)
    upper = tuple(None if width is None else min(bounds[1], centre + width) for width in half)
    points = [
        (index, 3 * (value - centre) / width)
        for index, (value, width) in enumerate(zip(values, half, strict=True))
        if value is not None and width is not None
    ]
    return Chart(values, baseline, centre, lower, upper, spread, range_limit, _signals(points), None)


def _signals(points: Sequence[tuple[int, float]]) -> tuple[Signal, ...]:
    """Rules that come true at each known point: its index, and how many sigma it is above the centre."""
    found = []
    for place, (index, sigmas) in enumerate(points):
        direction = Direction.ABOVE if sigmas > 0 else Direction.BELOW
        # On this point's side, up to this point: how far away.
        side = [math.copysign(1, sigmas) * other for _, other in points[max(0, place - 7) : place + 1]]
        if side[-1] > 3:
            found.append(Signal(index, Rule.BEYOND_LIMITS, direction))
        if side[-1] > 2 and sum(other > 2 for other in side[-3:]) >= 2:
            found.append(Signal(index, Rule.TWO_OF_THREE, direction))
        if len(side) == 8 and min(side) > 0:
            found.append(Signal(index, Rule.EIGHT_ON_ONE_SIDE, direction))
    return tuple(found)
