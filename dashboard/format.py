"""Numbers, durations and instants as people read them. Takes values, returns text; knows no page."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

NO_DATA = "– no data"


def is_missing(value: object) -> bool:
    """Whether there is nothing to show: None, NaN, NaT, NA."""
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def count(value: float | None) -> str:
    """`12,345`."""
    return NO_DATA if value is None or is_missing(value) else f"{int(value):,}"


def share(value: float | None, digits: int = 1) -> str:
    """`83.4%`; what is not quite all or nothing never reads as 100% or 0%."""
    if value is None or is_missing(value):
        return NO_DATA
    smallest = 10.0**-digits
    percent = 100 * value
    if 0 < percent < smallest / 2:
        return f"< {smallest:.{digits}f}%"
    if 100 - smallest / 2 < percent < 100:
        return f"> {100 - smallest:.{digits}f}%"
    return f"{percent:.{digits}f}%"


def duration(seconds: float | None) -> str:
    """`42 s`, `3 min 05 s`, `1 h 02 min`, `3 d 4 h`. A negative one is a clock ahead and reads as 0 s."""
    if seconds is None or is_missing(seconds):
        return NO_DATA
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def delay(seconds: float | None) -> str:
    """`0.4 s` below ten seconds, where tenths matter; else as a duration. Negative ones keep their sign."""
    if seconds is None or is_missing(seconds):
        return NO_DATA
    size = f"{abs(seconds):.1f} s" if abs(seconds) < 9.95 else duration(abs(seconds))
    return f"−{size}" if seconds < 0 and size != "0.0 s" else size


def ago(then: datetime | None, now: datetime) -> str:
    """`3 min ago`, from two weeks on the date; an instant ahead of the clock says so rather than hide it."""
    if then is None or is_missing(then):
        return NO_DATA
    seconds = (now - then).total_seconds()
    if seconds < -5:
        return f"{duration(-seconds)} ahead of the clock"
    whole = max(0, int(seconds))
    if whole >= 14 * 86_400:  # Nobody counts weeks in days.
        return f"on {day(then)}"
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if whole >= size:
            n = whole // size
            plural = "s" if unit == "day" and n != 1 else ""
            return f"{n:,} {unit}{plural} ago"
    return f"{whole} s ago"


def day(value: date) -> str:
    """`9 Nov 2026`."""
    return f"{value.day} {value:%b} {value.year:04d}"


def month(first: date) -> str:
    """`November 2026`."""
    return f"{first:%B} {first.year:04d}"


def moment(value: datetime | None, zone: str) -> str:
    """`9 Nov 2026, 14:05` in the zone named."""
    if value is None or is_missing(value):
        return NO_DATA
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {local:%H:%M}"


def weekday(value: datetime, zone: str) -> str:
    """`Tue 13 Oct` in the zone named."""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}"


def week(start: date) -> str:
    """`2026-W46`, the ISO week that starts on this Monday."""
    year, number, _ = start.isocalendar()
    return f"{year:04d}-W{number:02d}"


def week_days(start: date) -> str:
    """`9 – 15 Nov 2026`."""
    end = start + timedelta(days=6)
    if start.year != end.year:
        return f"{day(start)} – {day(end)}"
    if start.month != end.month:
        return f"{start.day} {start:%b} – {day(end)}"
    return f"{start.day} – {day(end)}"


def parse_week(text: str) -> date | None:
    """The Monday of `2026-W46`; None for anything else."""
    if len(text) != 8 or text[4:6] != "-W" or not (text[:4] + text[6:]).isascii():
        return None
    if not (text[:4].isdigit() and text[6:].isdigit()):
        return None
    try:
        return date.fromisocalendar(int(text[:4]), int(text[6:]), 1)
    except ValueError:
        return None
