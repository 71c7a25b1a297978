"""What the time is in a demo: the present, or when hardly anybody calls, the last working morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

from models.clock import Clock

_OPENS, _CLOSES = 8, 20
_MORNING = time_of_day(10)
_SUNDAY = 6
_SATURDAY = 5


def demo_clock(wall: datetime, zone: ZoneInfo, speed: float, reached: datetime | None, *, present: bool) -> Clock:
    """The clock of a demo that starts when the wall's clock shows `wall`.

    reached: what the clock of the demo that is gone on with showed last; a clock never goes back.
    present: show the present, at whatever hour.
    """
    shows = wall if present or _is_busy(wall.astimezone(zone)) else _last_working_morning(wall.astimezone(zone))
    if reached is not None and reached > shows:
        shows = reached
    return Clock(speed, wall, None if shows == wall else shows)


def _is_busy(local: datetime) -> bool:
    return _OPENS <= local.hour < _CLOSES and local.weekday() != _SUNDAY


def _last_working_morning(local: datetime) -> datetime:
    morning = datetime.combine(local.date(), _MORNING, local.tzinfo)
    while morning > local or morning.weekday() >= _SATURDAY:
        morning -= timedelta(days=1)
    return morning
