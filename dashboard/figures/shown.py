"""Figures of the catalogue as people read them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from dashboard import format as text
from models.metrics.metric import CLOCKS

if TYPE_CHECKING:
    from dashboard.queries import Status
    from models.metrics.metric import Metric

UNITS = {
    "share": "%",
    "seconds": "seconds",
    "contacts": "contacts",
    "points": "points",
    "score": "of 5",
    "ratio": "at once",
}
FORMATS = {
    "share": "%.1f%%",
    "seconds": "%,.0f s",
    "contacts": "%,d",
    "points": "%.1f",
    "score": "%.2f",
    "ratio": "%.2f",
}
"""How a table's column shows the unit; shares are given in percent there."""


def value(metric: Metric, number: float | None) -> str:
    """A value as people read it; what is missing says so."""
    if number is None or text.is_missing(number):
        return text.NO_DATA
    match metric.unit:
        case "share":
            return text.share(number)
        case "seconds":
            return text.duration(number)
        case "contacts":
            return text.count(number)
        case "points":
            return f"{number:+.1f}".replace("-", "−") if metric.name != "calibration_gap" else f"{number:.1f}"
        case _:
            return f"{number:.2f}"


def change(metric: Metric, number: float | None) -> str:
    """A difference of two values: percentage points for shares, seconds, contacts; with its sign."""
    if number is None or text.is_missing(number):
        return text.NO_DATA
    sign = "+" if number > 0 else "−" if number < 0 else "±"
    size = abs(number)
    match metric.unit:
        case "share":
            return f"{sign}{100 * size:.1f} pp"
        case "seconds":
            return f"{sign}{text.duration(size)}"
        case "contacts":
            return f"{sign}{size:,.0f}"
        case "points":
            return f"{sign}{size:.1f}"
        case _:
            return f"{sign}{size:.2f}"


def scaled(metric: Metric, number: float | None) -> float | None:
    """The number as a table or an axis shows it: shares in percent."""
    if number is None or text.is_missing(number):
        return None
    return 100 * float(number) if metric.unit == "share" else float(number)


def judged(metric: Metric, difference: float | None) -> str:
    """better, worse, the same, or nothing where the metric has no better direction."""
    if difference is None or text.is_missing(difference) or metric.better is None:
        return ""
    if difference == 0:
        return "the same"
    return "better" if (difference > 0) == (metric.better == "higher") else "worse"


def is_final(metric: Metric, last_day: date, today: date) -> bool:
    """Whether nothing that is still to come changes a figure that reaches to this day."""
    return last_day + timedelta(days=metric.final_after_days) < today


def sentence(metric: Metric, now: Status, short_s: float | None = None) -> str:
    """The definition with its thresholds filled in. Constant words and validated settings only."""
    return metric.sentence.format(**_limits(now, short_s))


def definition(metric: Metric, now: Status, short_s: float | None = None) -> list[str]:
    """What the figure is, line by line: definition, numerator, denominator, clock, zone, how long provisional."""
    limits = _limits(now, short_s)
    lines = [metric.sentence.format(**limits)]
    if metric.of:
        lines.append(f"Numerator: {metric.what.format(**limits)}.")
        lines.append(f"Denominator: {metric.of.format(**limits)}. Without any, there is no data.")
    lines.append(f"Clock: {CLOCKS[metric.clock]}.")
    lines.append(f"Days and weeks (Monday to Sunday) in {now.reporting_zone}.")
    if metric.final_after_days:
        lines.append(f"Provisional for {metric.final_after_days} days: what comes later still changes it.")
    return lines


def _limits(now: Status, short_s: float | None) -> dict[str, str]:
    target = "the target" if now.service_level_s is None else f"{now.service_level_s:g} s"
    return {"target": target, "short": "the short limit" if short_s is None else f"{short_s:g} s"}
