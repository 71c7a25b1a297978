"""Figures of the day from forecast and staffing by quarter-hour. Pure: frames in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Outlook:
    """A site's day. come and planned: contacts in the quarter-hours that are over; left: expected from then on.

    short, short_at: most agents missing in a quarter-hour to come, and its start (UTC); 0 and None where none are.
    """

    come: float
    planned: float
    left: float
    short: float
    short_at: datetime | None


def outlook(forecast: pd.DataFrame, staffing: pd.DataFrame, now: datetime) -> Outlook:
    """forecast, staffing: rows of one site. now: UTC."""
    instant = pd.Timestamp(now).tz_convert("UTC").tz_localize(None)
    over = forecast["starts_at"] + QUARTER <= instant
    told = forecast[over & forecast["actual"].notna()]
    running = (forecast["starts_at"] <= instant) & ~over
    # Of the quarter-hour that runs, the part that is left.
    share = (forecast["starts_at"] + QUARTER - instant) / QUARTER
    left = forecast["mean"].where(~running, forecast["mean"] * share)[~over].sum()
    ahead = staffing[staffing["starts_at"] + QUARTER > instant]
    there = ahead["staffed"].astype("float64").fillna(ahead["usual"].astype("float64"))
    missing = (ahead["required"].astype("float64") - there).dropna()
    worst = int(missing.argmax()) if len(missing) and missing.max() >= 1 else None
    at = None if worst is None else pd.Timestamp(ahead.loc[missing.index[worst], "starts_at"])
    return Outlook(
        come=float(told["actual"].sum()),
        planned=float(told["plan_mean"].sum()),
        left=float(left),
        short=0.0 if worst is None else float(missing.iloc[worst]),
        short_at=None if at is None else at.tz_localize("UTC").to_pydatetime(),
    )


def level_at_end(met: float, reached: float, recent_level: float | None, left: float) -> float | None:
    """Service level of the day if those still to come are answered as in the last half hour, else as today so far.

    met, reached: contacts of today answered in the target, and answered or abandoned.
    """
    rate = recent_level if recent_level is not None else met / reached if reached else None
    if rate is None or reached + left <= 0:
        return None
    return (met + rate * left) / (reached + left)
