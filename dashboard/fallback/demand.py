"""Contacts expected by quarter-hour, kind and language for today and the six days after it: in-house and of the slice.

Each site is forecast by itself, by the same history and forecast as the live desk's plan. Bands of several add up as
those of things that stray independently.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from models.fallback.facts import QUARTERS
from models.forecast.days import Days
from models.forecast.forecast import Forecast, NoForecast, Reason
from models.forecast.seasonal import REACH_WEEKS
from models.forecast.silence import others_mean, silent
from models.forecast.site_history import SiteHistory
from models.forecast.slots import LABELS, SLOT_MINUTES, day_slots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.fallback.questions import Frame
    from models.forecast.site_history import DayForecast

AHEAD = 7
Part = tuple[str, str]
"""Kind of work (voice or chat) and language."""
_QUARTER = timedelta(minutes=SLOT_MINUTES)


@dataclass
class Expected:
    """Of one part of the work on one day, by label: shape (96,), contacts.

    below, above: squares of how far low and high stray.
    """

    mean: np.ndarray = field(default_factory=lambda: np.zeros(QUARTERS))
    below: np.ndarray = field(default_factory=lambda: np.zeros(QUARTERS))
    above: np.ndarray = field(default_factory=lambda: np.zeros(QUARTERS))

    def add(self, made: Forecast) -> None:
        """One more site's. What an hour shown twice brings is in the label it shows."""
        labels = [number % LABELS for number in made.slots]
        mean, low, high = (np.array(row) for row in (made.mean, made.low, made.high))
        np.add.at(self.mean, labels, mean)
        np.add.at(self.below, labels, (mean - low) ** 2)
        np.add.at(self.above, labels, (high - mean) ** 2)

    @property
    def low(self) -> np.ndarray:
        """Never below 0."""
        row: np.ndarray = np.maximum(0.0, self.mean - np.sqrt(self.below))
        return row

    @property
    def high(self) -> np.ndarray:
        """Never below the mean."""
        row: np.ndarray = self.mean + np.sqrt(self.above)
        return row


@dataclass(frozen=True)
class Demand:
    """What is expected. own, asked: by day and part. unknown: (day, site, reason) where there is no forecast."""

    days: tuple[date, ...]
    passed: int
    own: dict[tuple[date, Part], Expected]
    asked: dict[tuple[date, Part], Expected]
    basis: dict[date, tuple[date, ...]]
    unknown: tuple[tuple[date, str, Reason], ...]
    in_hours: float
    """Share of the slice's contacts of the last weeks that came in the hours chosen."""
    written: float
    """Share of the slice's contacts of the last weeks that are neither calls nor chats."""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every part of the work there is, in order."""
        return tuple(sorted({part for found in (self.own, self.asked) for _, part in found}))


def demand(rows: pd.DataFrame, frame: Frame, asked_at: datetime, holidays: Sequence[date] = ()) -> Demand:
    """rows: the answer `quarters`."""
    zone = ZoneInfo(frame.zone)
    past = Days.between(frame.today - timedelta(weeks=REACH_WEEKS), frame.today, zone)
    days = tuple(frame.today + timedelta(days=ahead) for ahead in range(AHEAD))
    until = _quarter_of(asked_at)
    passed = _label(until, zone) if until.astimezone(zone).date() == frame.today else 0
    found = Demand(days, passed, {}, {}, {}, (), *_shares(rows, frame, zone))
    unknown: list[tuple[date, str, Reason]] = []
    placed = _placed(rows, past)
    for own, sites in ((True, frame.own), (False, frame.sites)):
        for site in sites:
            of_site = placed[placed["site"] == site]
            if of_site.empty:
                continue
            _site(found, unknown, of_site, site, own, past, holidays, until, asked_at, zone)
    if frame.slice.first_hour or frame.slice.end_hour < 24:
        outside = np.ones(QUARTERS, dtype=np.bool_)
        outside[4 * frame.slice.first_hour : 4 * frame.slice.end_hour] = False
        for expected in found.asked.values():
            for row in (expected.mean, expected.below, expected.above):
                row[outside] = 0.0
    return Demand(
        days, passed, found.own, found.asked, found.basis, tuple(sorted(unknown)), found.in_hours, found.written
    )


def _site(
    found: Demand, unknown: list[tuple[date, str, Reason]], rows: pd.DataFrame, site: str, own: bool, past: Days,
    holidays: Sequence[date], until: datetime, made_at: datetime, zone: ZoneInfo,
) -> None:  # fmt: skip
    """Add a site's forecasts to what was found."""
    column = "offered" if own else "asked"
    parts = sorted(
        (str(kind), str(language))
        for (kind, language), group in rows.groupby(["kind", "language"])
        if kind and group[column].sum() > 0
    )
    if not parts:
        return
    history = SiteHistory(past, _counts(rows, parts, column, past), holidays, ("offered", *map("/".join, parts)))
    for day in found.days:
        slots = past.slots[-1] if day == past.dates[-1] else day_slots(day, zone)
        base = history.base(day, slots, made_at)
        if day == past.dates[-1] and any(slot.starts_at < until for slot in slots):
            base = history.updated(base, until, made_at)
        if isinstance(base.offered, NoForecast):
            if base.offered.reason is not Reason.CLOSED:
                unknown.append((day, site, base.offered.reason))
            continue
        found.basis[day] = tuple(sorted({*found.basis.get(day, ()), *base.offered.basis}))
        _add(found.own if own else found.asked, base, day, parts)


def _add(into: dict[tuple[date, Part], Expected], made: DayForecast, day: date, parts: Sequence[Part]) -> None:
    for part in parts:
        forecast = made.work.get("/".join(part))
        if forecast is not None:
            into.setdefault((day, part), Expected()).add(forecast)


def _placed(rows: pd.DataFrame, days: Days) -> pd.DataFrame:
    """Rows within the days, with the `place` of their day and the `number` of their slot."""
    places, numbers, within = days.places(rows["starts_at"].to_numpy())
    return rows.assign(place=places, number=numbers)[within]


def _counts(rows: pd.DataFrame, parts: Sequence[Part], column: str, days: Days) -> np.ndarray:
    """Shape (1 + parts, days, SLOTS); the first is all the site's contacts, by which it is told when it was silent.

    rows: of the site, placed.
    """
    counts = np.stack([days.table()] * (1 + len(parts)))
    places, numbers = rows["place"].to_numpy(), rows["number"].to_numpy()
    np.add.at(counts[0], (places, numbers), rows["offered"].to_numpy(dtype=np.float64))
    kinds, languages = (rows[name].to_numpy(dtype=object) for name in ("kind", "language"))
    values = rows[column].to_numpy(dtype=np.float64)
    for number, part in enumerate(parts, 1):
        own = (kinds == part[0]) & (languages == part[1])
        np.add.at(counts[number], (places[own], numbers[own]), values[own])
    return counts


def silent_hours(rows: pd.DataFrame, frame: Frame) -> dict[date, float]:
    """By week: hours in which a site had no contact though many were to be expected, over all sites of the slice.

    rows: the answer `by_site`. Told as forecasts tell it, against the other same weekdays of the time. Weeks before a
    site's first contact are not held against it.
    """
    if not frame.weeks:
        return {}
    days = Days.between(frame.weeks[0], frame.monday - timedelta(days=1), ZoneInfo(frame.zone))
    found = dict.fromkeys(frame.weeks, 0.0)
    for _, of_site in _placed(rows, days).groupby("site"):
        table, places = days.table(), of_site["place"].to_numpy()
        table[places, of_site["number"].to_numpy()] = of_site["offered"].to_numpy(dtype=np.float64)
        first = int(places.min())
        for weekday in range(7):
            alike = [at for at, day in enumerate(days.dates) if at >= first and day.weekday() == weekday]
            if len(alike) < 2:
                continue
            for place, expected in zip(alike, others_mean(table[alike]), strict=True):
                slots = [slot.number for slot in days.slots[place]]
                quiet = int(silent(table[place, slots], expected[slots]).sum())
                day = days.dates[place]
                found[day - timedelta(days=day.weekday())] += quiet * SLOT_MINUTES / 60
    return found


def _shares(rows: pd.DataFrame, frame: Frame, zone: ZoneInfo) -> tuple[float, float]:
    """Of the slice's contacts: those in the hours chosen, and those that are neither calls nor chats."""
    of = rows[rows["site"].isin(frame.sites)]
    total = float(of["asked"].sum()) if len(of) else 0.0
    if not total:
        return 1.0, 0.0
    hours = pd.to_datetime(of["starts_at"], utc=True).dt.tz_convert(zone).dt.hour
    chosen = (hours >= frame.slice.first_hour) & (hours < frame.slice.end_hour)
    return float(of["asked"][chosen].sum()) / total, float(of["asked"][of["kind"] == ""].sum()) / total


def _quarter_of(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % SLOT_MINUTES, second=0, microsecond=0)


def _label(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return (local.hour * 60 + local.minute) // SLOT_MINUTES
