"""A run: what is to be forecast now, from reading the sums by day to one transaction that appends all of it.

It reads without a transaction, so that nothing waits for it, and writes a few thousand rows at once, so that a run that
is cut short leaves nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import structlog

from ingest.planning.counts import read_counts
from ingest.planning.presence import OneDay, Presence, read_presence, usual_days
from ingest.planning.staffing import SiteWork, read_work, required, targets_of
from ingest.planning.thinning import thin
from ingest.planning.writing import Made, Plan, Staffed, slots_to_come, write
from ingest.transaction import transaction
from models.forecast.days import SLOTS, Days
from models.forecast.forecast import Forecast, NoForecast
from models.forecast.seasonal import REACH_WEEKS
from models.forecast.site_history import GROUPS, DayForecast, SiteHistory
from models.forecast.slots import SLOT_MINUTES, slot_at
from models.settings import Settings

log: Any = structlog.get_logger("planning")

LATE = timedelta(seconds=60)
"""How long after its end a quarter-hour is counted: events take a moment to come."""
_SLOT = timedelta(minutes=SLOT_MINUTES)
_DAY = timedelta(days=1)
LOOKED_BACK_DAYS = 14
"""Of so many days before today a forecast is made afterwards where none was made then: its error is known at once."""
_THIN_EVERY_S = 3600.0
_BREATH_S = 0.01
"""Between sites others have the interpreter for a moment: messages are decoded meanwhile."""


class Ran(NamedTuple):
    """What a run did. due_at: when there is something to do again, by the store's clock, UTC.

    lacks_days: whether a site has no forecast because not enough days of it are known, which loading some would change.
    """

    forecasts: int
    lacks_days: bool
    due_at: datetime
    seconds: float


@dataclass(frozen=True)
class _Moment:
    """The present as a run sees it, UTC. until: end of the last quarter-hour counted, or the beginning of the day."""

    now: datetime
    zone: ZoneInfo
    today: date
    midnight: datetime
    until: datetime


class _Last(NamedTuple):
    """What is known of the versions of a site's day."""

    has_plan: bool
    counted_until: datetime | None
    made_at: datetime
    reason: str | None


class Plans:
    """Use from any thread; one run at a time. connection: one of its own, so that commits go on meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings
        self._targets = targets_of(settings)
        self._presence = Presence(connection)
        self._completed: date | None = None
        self._in_vain: dict[tuple[str, date], date] = {}
        """Past days that could not be forecast, and since when the site was known: a longer history may change it."""
        self._is_first = True
        self._thinned_at = time.monotonic()
        self._running = threading.Lock()

    def run(self, stopped: Callable[[], bool] = lambda: False) -> Ran:
        """Append the forecasts that are due. stopped: asked between sites and days; what is not done then is due again.

        Raises duckdb.Error.
        """
        with self._running:
            began = time.monotonic()
            moment = self._moment()
            count, lacks_days = self._run(moment, stopped)
            if not stopped():
                self._is_first = False
                self._thin_now_and_then(moment)
            return Ran(count, lacks_days, moment.until + _SLOT + LATE, time.monotonic() - began)

    def _moment(self) -> _Moment:
        now = self._connection.execute("select present()").fetchall()[0][0].replace(tzinfo=UTC)
        zone = ZoneInfo(self._settings.reporting_zone)
        today, _ = slot_at(now, zone)
        midnight = Days.between(today, today, zone).slots[0][0].starts_at
        whole = (now - LATE - midnight) // _SLOT
        return _Moment(now, zone, today, midnight, midnight + max(whole, 0) * _SLOT)

    def _run(self, moment: _Moment, stopped: Callable[[], bool]) -> tuple[int, bool]:
        """Returns how many forecasts there are now, and whether days are lacking for others."""
        reach = timedelta(weeks=REACH_WEEKS, days=LOOKED_BACK_DAYS)
        days = Days.between(moment.today - reach, moment.today, moment.zone)
        counts = read_counts(self._connection, days)
        none = np.stack([days.table()] * len(GROUPS))
        last = self._last(moment)
        first_version = self._next_version()
        forecasts: list[tuple[int, str, DayForecast]] = []
        looked_back: list[Made] = []
        left_out: dict[str, frozenset[date]] = {}
        lacks_days = False
        for site in sorted({*counts, *self._settings.sites}):
            if stopped():
                return 0, True
            known = SiteHistory(days, counts.get(site, none), self._settings.holidays)
            looked_back += self._afterwards(known, site, first_version, moment, last)
            past = known.until(moment.today)
            found = list(self._forecasts(past, site, moment, last))
            forecasts += [(first_version + is_update, site, made) for made, is_update in found]
            left_out[site] = past.left_out
            lacks_days |= past.lacks_days
            time.sleep(_BREATH_S)
        made = self._with_staffing(forecasts, left_out, moment, stopped)
        staffed = self._staffed(first_version, moment)
        if made is None or stopped():
            return 0, True
        if made or staffed or looked_back:
            with transaction(self._connection):
                write(self._connection, [*looked_back, *made], staffed)
        self._completed = moment.today - _DAY
        return sum(isinstance(each.forecast.offered, Forecast) for each in made), lacks_days

    def _forecasts(
        self, past: SiteHistory, site: str, moment: _Moment, last: dict[tuple[str, date], _Last]
    ) -> Iterable[tuple[DayForecast, bool]]:
        """The forecasts of a site that are due, in the order of their versions, and which of them are updates."""
        tomorrow = moment.today + _DAY
        known = last.get((site, tomorrow))
        if self._is_first or known is None or not known.has_plan or known.made_at < moment.midnight:
            (slots,) = Days.between(tomorrow, tomorrow, moment.zone).slots
            base = past.base(tomorrow, slots, moment.now)
            if _says_something_new(base, known):
                yield base, False
        known = last.get((site, moment.today))
        is_counted = known is not None and known.counted_until is not None and known.counted_until >= moment.until
        if is_counted and not self._is_first:
            return
        base = past.base(moment.today, past.days.slots[-1], moment.now)
        if isinstance(base.offered, NoForecast):
            if _says_something_new(base, known):
                yield base, False
            return
        if known is None or not known.has_plan:
            yield base, False
        yield past.updated(base, moment.until, moment.now), True

    def _afterwards(
        self, known: SiteHistory, site: str, version: int, moment: _Moment, last: dict[tuple[str, date], _Last]
    ) -> Iterable[Made]:
        """Forecasts of days that are over and had none, each from the days before it alone."""
        for day in known.days.dates[-1 - LOOKED_BACK_DAYS : -1]:
            if (site, day) in last or self._in_vain.get((site, day)) == known.since:
                continue
            then = known.until(day)
            found = then.base(day, then.days.slots[-1], moment.now)
            if isinstance(found.offered, Forecast):
                yield Made(version, site, found, {slot.number: slot.starts_at for slot in then.days.slots[-1]})
            else:
                self._in_vain[site, day] = known.since

    def _last(self, moment: _Moment) -> dict[tuple[str, date], _Last]:
        rows = self._connection.execute(
            "select site, date, count(method) > 0, max(counted_until), max(made_at), "
            "last(reason order by version) from private.forecast_version where date >= $1 group by site, date",
            [moment.today - timedelta(days=LOOKED_BACK_DAYS)],
        ).fetchall()
        return {
            (site, day): _Last(has_plan, until and until.replace(tzinfo=UTC), made_at.replace(tzinfo=UTC), reason)
            for site, day, has_plan, until, made_at, reason in rows
        }

    def _next_version(self) -> int:
        rows = self._connection.execute("select coalesce(max(version), 0) + 1 from private.forecast_version").fetchall()
        return int(rows[0][0])

    def _with_staffing(
        self,
        forecasts: list[tuple[int, str, DayForecast]],
        left_out: dict[str, frozenset[date]],
        moment: _Moment,
        stopped: Callable[[], bool],
    ) -> list[Made] | None:
        """None when stopped meanwhile."""
        planned = {made.day for _, _, made in forecasts if isinstance(made.offered, Forecast)}
        for day in sorted({each for of in planned for each in usual_days(of)}):
            if stopped():
                return None
            (slots,) = Days.between(day, day, moment.zone).slots
            self._presence.read(day, slots)
        self._presence.forget(moment.today - timedelta(weeks=REACH_WEEKS))
        work = read_work(self._connection, moment.today) if planned else {}
        found = []
        for version, site, forecast in forecasts:
            (slots,) = Days.between(forecast.day, forecast.day, moment.zone).slots
            starts = {slot.number: slot.starts_at for slot in slots}
            own = work.get(site, SiteWork())
            contacts = _work_to_come(forecast, slots_to_come(forecast, starts))
            usual = self._presence.usual(site, usual_days(forecast.day, left_out[site]))
            agents = required(contacts, own, self._targets)
            found.append(Made(version, site, forecast, starts, Plan(contacts, agents, own, usual)))
        return found

    def _staffed(self, version: int, moment: _Moment) -> list[Staffed]:
        """Who was there today until now, and, once after midnight, yesterday: where that is not what is kept."""
        found: list[Staffed] = []
        if self._completed is None or self._completed < moment.today - _DAY:
            found += self._staffed_on(version, moment.today - _DAY, moment)
        return found + self._staffed_on(version, moment.today, moment)

    def _staffed_on(self, version: int, day: date, moment: _Moment) -> list[Staffed]:
        (slots,) = Days.between(day, day, moment.zone).slots
        over = [slot.starts_at for slot in slots if slot.starts_at + _SLOT <= moment.until]
        if not over:
            return []
        kept = self._staffed_kept(day)
        now = read_presence(self._connection, over[0], over[-1] + _SLOT)
        return [
            Staffed(version, site, day, at, agents.get(at, 0.0))
            for site, agents in now.items()
            for at in over
            if kept.get(site, {}).get(at) != agents.get(at, 0.0)
        ]

    def _staffed_kept(self, day: date) -> OneDay:
        rows = self._connection.execute(
            "select site, starts_at, arg_max(agents, version) from private.staffed_slot where date = $1 group by all",
            [day],
        ).fetchall()
        kept: OneDay = {}
        for site, starts_at, agents in rows:
            kept.setdefault(site, {})[starts_at.replace(tzinfo=UTC)] = agents
        return kept

    def _thin_now_and_then(self, moment: _Moment) -> None:
        now = time.monotonic()
        if now - self._thinned_at >= _THIN_EVERY_S:
            self._thinned_at = now
            thin(self._connection, moment.today)


def _says_something_new(base: DayForecast, known: _Last | None) -> bool:
    """A reason why there is no forecast is told once."""
    return isinstance(base.offered, Forecast) or known is None or known.reason != base.offered.reason.value


def _work_to_come(forecast: DayForecast, numbers: list[int]) -> dict[str, np.ndarray]:
    """Calls and chats of these slots, arrays of one shape; 0 where there are none to be forecast."""
    found = {}
    for kind in GROUPS[1:]:
        by_number = np.zeros(SLOTS)
        if kind in forecast.work:
            made = forecast.work[kind]
            by_number[list(made.slots)] = made.mean
        found[kind] = by_number[numbers]
    return found
