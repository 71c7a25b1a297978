"""When a contract can end."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from models.terms.contract import Ending

_MONTHS = {"month_end": 1, "quarter_end": 3, "year_end": 12}


def first_end(ending: Ending, given: date) -> date:
    """The last day of a contract whose notice is given on this day."""
    day = given + timedelta(days=ending.notice_days)
    if ending.earliest is not None:
        day = max(day, ending.earliest)
    if ending.to == "any_day":
        return day
    step = _MONTHS[ending.to]
    month = -(-day.month // step) * step
    return date(day.year, month, calendar.monthrange(day.year, month)[1])
