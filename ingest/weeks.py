"""The record of what weeks amounted to when they ended, and of every change since by late or corrected events."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

import duckdb

from ingest.epoch import instant, microseconds
from models import schema

Week: TypeAlias = tuple[str, date]
"""Site and Monday."""

_UTC = ZoneInfo("UTC")
_QUARTER_US = 900_000_000
SETTLED_S, AT_LATEST_S = 60.0, 900.0
"""Figures are recorded when no week that is over was touched for so long, so that a history being loaded
is not recorded half, or when the first touch is so long ago."""


class Weeks:
    """Use within the store's transactions only. zone: that of weeks and days on scorecards."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, zone: str) -> None:
        self._connection = connection
        self._zone = ZoneInfo(zone)
        self._touched: set[Week] = set(
            connection.execute("select site, week_start from private.week_touched").fetchall()
        )
        self._recorded_in: date | None = None
        self._first_touch = self._last_touch = time.monotonic() - AT_LATEST_S
        self._record_sql = schema.ingest_sql("week_figures")

        @lru_cache(maxsize=100_000)
        def monday_of_quarter(quarter: int) -> date:
            local = instant(quarter * _QUARTER_US).replace(tzinfo=_UTC).astimezone(self._zone).date()
            return local - timedelta(days=local.weekday())

        self._monday_of_quarter = monday_of_quarter

    def monday(self, at: int) -> date:
        """First day of the week of an instant, microseconds since 1970."""
        # No time zone changes its date within a quarter-hour.
        return self._monday_of_quarter(at // _QUARTER_US)

    def touch(self, spans: Iterable[tuple[str, int, int]], now: datetime) -> set[Week]:
        """Note the weeks that are over among those of changed contacts: (site, first and last instant).

        Returns those that were not noted yet, to be taken over once the transaction is committed. now: UTC.
        """
        this_week = self.monday(microseconds(now))
        found = {(site, week) for site, first, last in spans for week in self._weeks(first, last) if week < this_week}
        if found:
            self._last_touch = time.monotonic()
            if not self._touched:
                self._first_touch = self._last_touch
        added = found - self._touched
        for site, week in sorted(added):
            self._connection.execute("insert into private.week_touched values (?, ?)", [site, week])
        return added

    def _weeks(self, first: int, last: int) -> Iterator[date]:
        week, end = self.monday(first), self.monday(last)
        while week <= end:
            yield week
            week += timedelta(weeks=1)

    def take_over(self, added: set[Week]) -> None:
        """The transaction that noted them is committed."""
        self._touched |= added

    def is_due(self, now: datetime) -> bool:
        """Whether a week has ended since the last recording, or one that had was touched a while ago."""
        if not self._touched:
            return self._recorded_in != self.monday(microseconds(now))
        present = time.monotonic()
        return present - self._last_touch >= SETTLED_S or present - self._first_touch >= AT_LATEST_S

    def record(self, now: datetime) -> None:
        """Append figures that are new or have changed. now: UTC."""
        this_week = self.monday(microseconds(now))
        bound = {"now": now, "this_week": this_week, "all_weeks": self._recorded_in != this_week}
        self._connection.execute(self._record_sql, bound)
        self._connection.execute("delete from private.week_touched")

    def recorded(self, now: datetime) -> None:
        """The transaction of `record` is committed."""
        self._recorded_in = self.monday(microseconds(now))
        self._touched = set()
