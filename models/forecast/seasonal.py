"""The base forecast of a day: the mean of the last same weekdays, quarter-hour by quarter-hour."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache

import numpy as np

from models.forecast.bands import LEVEL
from models.forecast.dispersion import Dispersion, measure
from models.forecast.forecast import Forecast, NoForecast, Reason
from models.forecast.history import History
from models.forecast.intraday import Base, conditional
from models.forecast.slots import label

WEEKS = 4
"""Same weekdays in a mean. On counts of a bank 4 beat 1, 6, 10 and exponential smoothing 2 to 10 days ahead."""
LEAST_DAYS = 2
"""Same weekdays it takes for a forecast."""
REACH_WEEKS = 8
"""How far back a same weekday may lie, when nearer ones are left out or have no data."""


def forecast_day(
    past: History,
    day: date,
    slots: Sequence[int],
    *,
    made_at: datetime,
    left_out: Collection[date] = (),
    weeks: int = WEEKS,
    least: int = LEAST_DAYS,
    reach_weeks: int = REACH_WEEKS,
    level: float = LEVEL,
) -> Forecast | NoForecast:
    """Contacts of a local day by quarter-hour, from the last `weeks` days before it of the same weekday.

    slots: the open ones, in the order in which they pass (see `slots.day_slots`). An hour shown twice is forecast twice
    as the ordinary day's hour of that label. left_out: local days unlike their weekday, such as holidays and outages;
    they are in no mean, and a day among them gets no forecast (leave today out of it while it is to be forecast). A
    slot needs `least` of the days, otherwise it is `missing`. Bands rest on how far days of all weekdays strayed from
    their means in the same time. Rows of the day itself and later ones are not looked at.

    Raises ValueError for slots there are not, for a slot given twice, for a level not between 0 and 1, made_at without
    a zone, and unless 1 <= least <= weeks <= reach_weeks.
    """
    if not 1 <= least <= weeks <= reach_weeks:
        raise ValueError(
            f"expected 1 <= least <= weeks <= reach_weeks, got least {least}, weeks {weeks}, reach_weeks {reach_weeks}"
        )
    if made_at.tzinfo is None:
        raise ValueError(f"expected made_at to have a time zone, got {made_at.isoformat()}")
    if len(set(slots)) < len(slots):
        raise ValueError("expected every slot once, got some several times")
    labels = [label(slot) for slot in slots]
    excluded = frozenset(left_out)
    chosen = past.same_weekdays(day, day.weekday(), weeks, reach_weeks, excluded)
    basis = tuple(past.days[place] for place in chosen)
    if not slots:
        return NoForecast(day, made_at, Reason.CLOSED, basis)
    if day in excluded:
        return NoForecast(day, made_at, Reason.LEFT_OUT, basis)
    if len(basis) < least:
        return NoForecast(day, made_at, Reason.TOO_FEW_DAYS, basis)
    counts = past.counts[chosen][:, labels]
    times = np.sum(~np.isnan(counts), axis=0)
    enough = times >= least
    if not enough.any():
        return NoForecast(day, made_at, Reason.TOO_FEW_SLOTS, basis)
    means = np.nansum(counts[:, enough], axis=0) / times[enough]
    alike = tuple(tuple(past.same_weekdays(day, weekday, weeks, reach_weeks, excluded)) for weekday in range(7))
    base = Base(
        day,
        basis,
        tuple(slot for slot, there in zip(slots, enough, strict=True) if there),
        tuple(means.tolist()),
        tuple(times[enough].tolist()),
        level,
        _dispersion(past, alike),
        tuple(slot for slot, there in zip(slots, enough, strict=True) if not there),
    )
    return conditional(base, (), made_at)


@lru_cache(maxsize=64)
def _dispersion(past: History, alike: tuple[tuple[int, ...], ...]) -> Dispersion:
    # The days of a week ahead mostly rest on the same days.
    return measure(past.counts[list(places)] for places in alike)


def seasonal_naive(past: History, day: date, slots: Sequence[int], *, weeks_back: int = 1) -> tuple[float | None, ...]:
    """What any forecast must beat: contacts of the same slots so many weeks before; None where there were none.

    Raises ValueError for slots there are not and for weeks_back below 1.
    """
    if weeks_back < 1:
        raise ValueError(f"expected weeks_back to be at least 1, got {weeks_back}")
    labels = [label(slot) for slot in slots]
    before = date.fromordinal(day.toordinal() - 7 * weeks_back)
    if before not in past.days:
        return (None,) * len(labels)
    row = past.counts[past.days.index(before)]
    return tuple(None if np.isnan(row[each]) else float(row[each]) for each in labels)
