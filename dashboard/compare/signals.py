"""What moved: alarms of all units and metrics, screened together, in the order of a manager's interest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from dashboard.compare.questions import JUDGED, is_final
from dashboard.compare.watched import THIN, Alarm, Point, Watched, judged, watch
from models.fairness.control import Chart, Direction, Rule, xmr_chart
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from models.metrics.metric import Metric

FEWER = 0.25
"""A day on which this share fewer were answered than usual is worth a word."""
MARGINS = {"share": 0.02, "points": 5.0, "score": 0.1, "ratio": 0.1}
"""A smaller difference does not matter in practice, by unit."""
OF_SERVICE_LEVEL = 0.05
"""The same for the service level, which swings most from week to week: the band contracts commonly leave it."""
SILENT = timedelta(hours=1)
"""A shorter gap of the feed, in the last quarter-hours of an evening for example, leaves a week what it is."""
LEAST_SECONDS = 2.0
OF_TIME = 0.05
"""The same for seconds and contacts, as a share of the figure."""


@dataclass(frozen=True)
class Moved:
    """One metric of one unit out of its usual range.

    weeks: those that signalled. since: the first week of the run they belong to. in_a_row: weeks on that side of the
    centre up to the last judged one, `ongoing` when that run is still on.
    """

    unit: str
    metric: Metric
    direction: Direction
    weeks: tuple[date, ...]
    since: date
    in_a_row: int
    ongoing: bool
    value: float
    low: float
    high: float
    long_run: bool


@dataclass(frozen=True)
class Collapsed:
    """A day on which a unit answered far fewer than on such days before."""

    unit: str
    day: date
    answered: float
    offered: float
    usual: float
    low: float
    high: float


def margin_of(metric: Metric, about: float | None) -> float | None:
    """The smallest difference of the metric that matters in practice; None where nothing is known to measure it by."""
    if metric.name == "service_level" or metric.variant_of == "service_level":
        return OF_SERVICE_LEVEL
    if metric.unit in MARGINS:
        return MARGINS[metric.unit]
    least = LEAST_SECONDS if metric.unit == "seconds" else 0.0
    return max(least, OF_TIME * abs(about)) if about else None


def points_of(
    frame: pd.DataFrame,
    unit: str,
    metric: Metric,
    weeks: Sequence[date],
    unknown: Collection[tuple[str, date]],
    today: date,
) -> list[Point]:
    """One point for each week, in order. frame has a row per unit and week with the metric and its n."""
    rows = frame[frame["unit"] == unit]
    figures = zip(rows["week_start"], rows[metric.name], rows[f"{metric.name}_n"], strict=True)
    by_week = {week: (value, n) for week, value, n in figures}
    found = []
    for week in weeks:
        value, n = (None if pd.isna(one) else float(one) for one in by_week.get(week, (None, None)))
        n = n or 0.0
        thin = n < THIN and metric.clock != "overlap"
        ok = is_final(metric, week, today) and not thin and (unit, week) not in unknown
        found.append(Point(week, value, n, ok))
    return found


def watch_all(
    frame: pd.DataFrame,
    units: Sequence[str],
    metrics: Sequence[Metric],
    weeks: Sequence[date],
    unknown: Collection[tuple[str, date]],
    today: date,
) -> list[Watched]:
    """Every unit's line of every metric with its limits; alarms only of what is watched, and only what stands out."""
    from models.fairness.screening import screen

    found = []
    for metric in metrics:
        for unit in units:
            points = points_of(frame, unit, metric, weeks, unknown, today)
            values = [point.value for point in points if point.judged and point.value is not None]
            about = sum(values) / len(values) if values else None
            found.append(watch(unit, metric, points, margin_of(metric, about)))
    screened = [
        (place, index) for place, line in enumerate(found) if line.metric.name in JUDGED for index in line.looked_at
    ]
    if not screened:
        return [_with(line, ()) for line in found]
    ps = [p for line in found if line.metric.name in JUDGED for p in line.p_values()]
    stands_out = {key for key, one in zip(screened, screen(ps), strict=True) if one is not None and one.stands_out}
    return [
        _with(
            line,
            tuple(
                alarm
                for alarm in line.alarms
                if line.metric.name in JUDGED
                and (alarm.rule is Rule.EIGHT_ON_ONE_SIDE or (place, alarm.index) in stands_out)
            ),
        )
        for place, line in enumerate(found)
    ]


def _with(line: Watched, alarms: tuple[Alarm, ...]) -> Watched:
    return Watched(line.unit, line.metric, line.points, line.chart, line.looked_at, alarms)


def moved(lines: Sequence[Watched], first: date) -> list[Moved]:
    """Signals from `first` on, one for each unit, metric and direction; what goes on first, then the latest."""
    found = []
    for line in lines:
        by_side: dict[Direction, list[int]] = defaultdict(list)
        for alarm in line.alarms:
            if line.points[alarm.index].at >= first:
                by_side[alarm.direction].append(alarm.index)
        found += [_moved(line, side, sorted(set(indices))) for side, indices in by_side.items()]
    return sorted(found, key=lambda one: (not one.ongoing, -one.weeks[-1].toordinal(), -len(one.weeks), one.unit))


def _moved(line: Watched, side: Direction, indices: list[int]) -> Moved:
    chart, last = line.chart, indices[-1]
    known = [index for index, value in enumerate(chart.values) if value is not None]
    centre = chart.centre or 0.0

    def on_side(index: int) -> bool:
        value = chart.values[index] or 0.0
        return value > centre if side is Direction.ABOVE else value < centre

    place, run = known.index(last), 1
    while place - run >= 0 and on_side(known[place - run]):
        run += 1
    after = 0
    while place + after + 1 < len(known) and on_side(known[place + after + 1]):
        after += 1
    ongoing = place + after == len(known) - 1
    first = min((index for index in indices if index >= known[place - run + 1]), default=last)
    long_run = any(alarm.rule is Rule.EIGHT_ON_ONE_SIDE and alarm.index in indices for alarm in line.alarms)
    if long_run:
        first = known[place - run + 1]
    return Moved(
        line.unit, line.metric, side, tuple(line.points[index].at for index in indices), line.points[first].at,
        run + after, ongoing, chart.values[last] or 0.0, chart.lower[last] or 0.0, chart.upper[last] or 0.0, long_run,
    )  # fmt: skip


def collapsed_days(days: pd.DataFrame, units: Sequence[str], first: date, today: date) -> list[Collapsed]:
    """Days on which a unit answered at least a quarter fewer than ever usual on that day of the week, latest first.

    days: one row per unit and date. Days without any contact are left out: what was closed, and what is not known.
    """
    from models.fairness.screening import screen

    found: list[Collapsed] = []
    ps: list[float] = []
    for unit in units:
        of_unit = days[(days["unit"] == unit) & (days["offered"] > 0)]
        rows = {row["date"]: row for _, row in of_unit.iterrows() if row["date"] < today}
        for weekday in range(7):
            same = sorted(day for day in rows if day.weekday() == weekday)
            points = [Point(day, float(rows[day]["answered"]), float(rows[day]["offered"])) for day in same]
            chart, looked_at, alarms = judged(points, _per_day, None)
            if chart.centre is None or chart.centre < THIN:
                continue
            low = {
                alarm.index: alarm.p
                for alarm in alarms
                if alarm.direction is Direction.BELOW and alarm.rule is Rule.BEYOND_LIMITS
            }
            for index in looked_at:
                day, value = same[index], points[index].value or 0.0
                if index in low and value <= (1 - FEWER) * chart.centre:
                    ps.append(low[index])
                    found.append(
                        Collapsed(
                            unit,
                            day,
                            value,
                            points[index].n,
                            chart.centre,
                            max(0.0, chart.lower[index] or 0.0),
                            chart.upper[index] or 0.0,
                        )
                    )
                else:
                    ps.append(1.0)
    if not found:
        return []
    out = [one.stands_out if one else False for one in screen(ps)]
    kept = iter(found)
    chosen = []
    for p, stands_out in zip(ps, out, strict=True):
        if p < 1.0:
            day_found = next(kept)
            if stands_out and day_found.day >= first:
                chosen.append(day_found)
    return sorted(chosen, key=lambda one: (-one.day.toordinal(), one.unit))


def _per_day(points: Sequence[Point | None], baseline: int) -> list[Chart]:
    return [xmr_chart([None if point is None else point.value for point in points], baseline=baseline)]


def unknown_weeks(gaps: pd.DataFrame, sites: dict[str, tuple[str, ...]], zone: str) -> set[tuple[str, date]]:
    """Units and weeks in which the feed of one of their sites is known to have been silent for long."""
    found = set()
    for site, starts_at, ends_at in zip(gaps["site"], gaps["starts_at"], gaps["ends_at"], strict=True):
        if ends_at - starts_at < SILENT:
            continue
        start, end = (pd.Timestamp(at).tz_localize("UTC").tz_convert(zone).date() for at in (starts_at, ends_at))
        for unit, members in sites.items():
            if site in members:
                day = start
                while day <= end:
                    found.add((unit, day - timedelta(days=day.weekday())))
                    day += timedelta(days=1)
    return found


def watched_metrics(shown: Sequence[Metric]) -> list[Metric]:
    """The metrics shown, and those that are watched whether or not they are."""
    return list({metric.name: metric for metric in [*shown, *(BY_NAME[name] for name in JUDGED)]}.values())
