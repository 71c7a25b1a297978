"""Figures over the weeks against their own usual range, as it was known when each week came. No words, no charts.

A week is judged by limits from the weeks before it, at least `control.LEAST` and at most `control.BASELINE` of them.
They stay as they are from the first signal on, so that a drift does not become the usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.fairness.control import BASELINE, LEAST, Chart, Direction, Rule, share_chart, xmr_chart
from models.fairness.intervals import two_sided_p
from models.fairness.sums import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from models.metrics.metric import Metric

THIN = 30
"""A week with fewer contacts or answers behind a figure is shown, but not judged."""
RULES = (Rule.BEYOND_LIMITS, Rule.EIGHT_ON_ONE_SIDE)
RUN = 8


@dataclass(frozen=True)
class Point:
    """One week (or day): the figure and what it rests on; None where there is nothing, or it is not known."""

    at: date
    value: float | None
    n: float
    judged: bool = True
    """False for weeks that are not over, provisional, thin, or in which the feed has gaps."""


@dataclass(frozen=True)
class Alarm:
    """The point at which a rule came true, how sure that is, and whether it is far enough to matter."""

    index: int
    rule: Rule
    direction: Direction
    p: float


@dataclass(frozen=True)
class Watched:
    """A figure of one unit over time. `chart` has one entry per point; without limits its reason says why."""

    unit: str
    metric: Metric
    points: tuple[Point, ...]
    chart: Chart
    looked_at: tuple[int, ...]
    """Indices of the points that were judged."""
    alarms: tuple[Alarm, ...]

    def p_values(self) -> list[float]:
        """One per point that was judged."""
        return [_p(self.chart, index) for index in self.looked_at]


def watch(unit: str, metric: Metric, points: Sequence[Point], margin: float | None) -> Watched:
    """The figure with its limits and alarms. margin: a smaller distance from the centre does not matter in practice."""
    usable = [point if point.judged and point.value is not None else None for point in points]
    draw = _shares if is_counted(metric) else _values
    chart, looked_at, alarms = judged(usable, draw, margin)
    return Watched(unit, metric, tuple(points), chart, looked_at, alarms)


def is_counted(metric: Metric) -> bool:
    """Whether the figure is a share of contacts or answers that are counted one by one."""
    return metric.unit == "share" and metric.denominator is not None and metric.n is None and metric.clock != "overlap"


def judged(
    points: Sequence[Point | None], draw: Callable[[Sequence[Point | None], int], list[Chart]], margin: float | None
) -> tuple[Chart, tuple[int, ...], tuple[Alarm, ...]]:
    """The chart with the limits that hold, which points were judged, and what came true at them."""
    known = [index for index, point in enumerate(points) if point is not None]
    for baseline in range(LEAST, max(LEAST, min(BASELINE, len(known))) + 1):
        charts = draw(points, baseline)
        chart = _widest(charts)
        if chart.reason is not None or baseline >= len(known):
            continue
        if baseline < BASELINE and not any(alarm.index == known[baseline] for alarm in _alarms(points, charts, margin)):
            continue
        break
    if chart.reason is not None:
        return chart, (), ()
    later = tuple(known[LEAST:])
    alarms = tuple(alarm for alarm in _alarms(points, charts, margin) if alarm.index in known[chart.baseline :])
    return chart, later, alarms


def _shares(points: Sequence[Point | None], baseline: int) -> list[Chart]:
    """Laney's limits and those of chance alone: what is inside either is not judged to have moved."""
    weeks = [None if point is None else Counts(_hits(point), point.n) for point in points]
    return [share_chart(weeks, baseline=baseline), share_chart(weeks, laney=False, baseline=baseline)]


def _values(points: Sequence[Point | None], baseline: int) -> list[Chart]:
    return [xmr_chart([None if point is None else point.value for point in points], baseline=baseline)]


def _hits(point: Point) -> float:
    return min(point.n, max(0.0, (point.value or 0.0) * point.n))


def _widest(charts: list[Chart]) -> Chart:
    """Limits that are never narrower than chance alone makes figures vary."""
    with_limits = [chart for chart in charts if chart.reason is None]
    return max(with_limits, key=lambda chart: chart.spread or 0.0) if with_limits else charts[0]


def _alarms(points: Sequence[Point | None], charts: list[Chart], margin: float | None) -> list[Alarm]:
    """What came true on the widest chart and matters in practice."""
    chart = _widest(charts)
    if chart.centre is None:
        return []
    found = []
    for signal in chart.signals:
        if signal.rule not in RULES:
            continue
        weeks = [point for point in points[: signal.index + 1] if point is not None]
        weeks = weeks[-RUN:] if signal.rule is Rule.EIGHT_ON_ONE_SIDE else weeks[-1:]
        n = sum(point.n for point in weeks)
        pooled = sum((point.value or 0.0) * point.n for point in weeks) / n if n else chart.centre
        if margin is None or abs(pooled - chart.centre) >= margin:
            found.append(Alarm(signal.index, signal.rule, signal.direction, _p(chart, signal.index)))
    return found


def _p(chart: Chart, index: int) -> float:
    """For screening only, never for a page."""
    value, low, high = chart.values[index], chart.lower[index], chart.upper[index]
    if value is None or low is None or high is None or chart.centre is None:
        return 1.0
    # A limit that would lie where the figure cannot be is cut off there; the other side is not.
    half = max(high - chart.centre, chart.centre - low)
    return two_sided_p(3 * (value - chart.centre) / half) if half else 1.0
