"""What a forecast is: a value that can be kept, and that says when, how and from which days it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.forecast.dispersion import Dispersion


class Method(StrEnum):
    """How it was made."""

    SEASONAL_MEAN = "mean of the same weekdays"
    INTRADAY = "mean of the same weekdays, drawn to the day so far"


class Reason(StrEnum):
    """Why there is no forecast."""

    CLOSED = "the day has no opening slots"
    LEFT_OUT = "the day is among those left out"
    TOO_FEW_DAYS = "too few days of the same weekday"
    TOO_FEW_SLOTS = "no slot is open on enough of these days"


@dataclass(frozen=True, slots=True)
class Band:
    """Contacts expected, and from which to which number of them it will be."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class NoForecast:
    """That a day cannot be forecast, why, and on how many days of the same weekday one could have gone."""

    day: date
    made_at: datetime
    reason: Reason
    basis: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Contacts of one local day by quarter-hour, as known at `made_at`.

    basis: the days whose mean it is, earlier first. slots: numbers as in `models.forecast.slots`, in the order in which
    they pass; expected (the mean of the same weekdays), days (how many of them had the slot), mean, low and high are by
    slot, in contacts. total: of all slots together, where the day will end. level: the share of counts that low to high
    is to hold. missing: open slots too few of the days had; they are in no number, the total included.

    elapsed: how many of the slots had passed; what arrived in them is their mean, low and high (those nobody counted go
    on being forecast). factor: by how much the rest differs from `expected`; weight, from 0 to 1: how far the factor
    rests on the day itself. Before anything has arrived they are 0, 1 and 0.
    """

    day: date
    made_at: datetime
    method: Method
    basis: tuple[date, ...]
    slots: tuple[int, ...]
    expected: tuple[float, ...]
    days: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    total: Band
    level: float
    dispersion: Dispersion
    missing: tuple[int, ...]
    elapsed: int
    factor: float
    weight: float
