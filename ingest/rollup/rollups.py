"""Rolling up: which days changed since the last time, and their sums made again from the contacts.

A day is never changed in place: its sums are appended as a new build, and readers take the latest build of each day.
So a reader sees a day before or after, and a run that is cut short leaves nothing wrong, only something to do again.
Weeks that are over are added up from their days after them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import duckdb
import structlog

from ingest.rollup import side_facts
from ingest.rollup.changed import (
    DAYS_KEPT,
    DAYS_OF_AGENTS,
    DAYS_OF_ANSWERS,
    DAYS_OF_MESSAGES,
    DAYS_OF_STANDING_AGENTS,
    DAYS_OF_VERSIONS,
    DAYS_STILL_WAITING,
    KINDS,
    OF_STATES,
    Kind,
    chunks,
    parts_of,
)
from ingest.rollup.counted import counted_once
from ingest.rollup.marks import NEVER, Mark, Marks, identity
from ingest.rollup.passed import drop_passed
from ingest.rollup.weeks import add_up, add_up_open, stale_weeks
from ingest.transaction import transaction
from models.rollups import ROLLUPS, Rollup
from models.settings import Settings

log: Any = structlog.get_logger("rollup")

_FAR = datetime(2200, 1, 1)
_LOOK_AT_PASSED_S = 3600.0
_LOOK_AT_PASSING_S = 900.0
_FEW_DAYS, _FEW_BATCHES = 7, 10_000
"""What is little to do: seconds of work where a day has some ten thousand contacts."""


class RolledUp(NamedTuple):
    """What a run did."""

    days: int
    seconds: float


@dataclass(frozen=True)
class _Due:
    """What a run finds: how far the last one came, how far commits are, and the day that is not over."""

    mark: Mark
    anew: bool
    """Definitions are others than the last run's: nothing it made holds."""
    last_version: int
    last_batch: int
    today: date
    today_at: datetime


class Rollups:
    """Use from any thread; one run at a time. Has a connection of its own, so that commits go on meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self._connection = connection.cursor()
        self._settings = settings
        self._marks = Marks(self._connection)
        self._identity = identity(connection, settings)
        self._running = threading.Lock()
        self._passing_looked_at: dict[Kind, float] = {}
        self._passed_looked_at = time.monotonic()

    def run_all(self) -> None:
        """Bring everything up to date. Raises duckdb.Error."""
        for kind in KINDS:
            self.run(kind)

    def close(self) -> None:
        """Let go of the connection."""
        with self._running:
            self._connection.close()

    def run(self, kind: Kind, stopped: Callable[[], bool] = lambda: False) -> RolledUp:
        """Make the sums of every day again that changed since the last run of this kind.

        stopped: asked between days; when it says so, what is left is done by the next run. Raises duckdb.Error.
        """
        with self._running:
            began = time.monotonic()
            due = self._due(kind)
            done = self._run(kind, due, self._changed(kind, due), stopped) if due else 0
            return RolledUp(done, time.monotonic() - began)

    def run_if_little(self, kind: Kind) -> bool:
        """Do so unless it is being done or is much: for who cannot wait. Returns whether nothing is left to do.

        Raises duckdb.Error.
        """
        if not self._running.acquire(blocking=False):
            return False
        try:
            due = self._due(kind)
            if due is None or due.anew or due.last_batch - due.mark.last_batch > _FEW_BATCHES:
                return False
            changed = self._changed(kind, due)
            if len(changed) > _FEW_DAYS:
                return False
            self._run(kind, due, changed, lambda: False)
            return True
        finally:
            self._running.release()

    def interrupt(self) -> None:
        """End the run under way, from another thread: it raises duckdb.InterruptException, its last part undone."""
        self._connection.interrupt()

    def _due(self, kind: Kind) -> _Due | None:
        """None where nothing can be done now."""
        mark = self._marks.of(kind)
        last_version, last_batch = self._marks.committed()
        present = self._today()
        if present is None:
            # A new year of which nothing was told yet: the calendar has no day to book it to.
            return None
        anew = mark.settings != self._identity
        if anew and kind == "history":
            # The next run of the answers makes it, with everything else.
            return None
        if kind != "contacts":
            # What the other kind has not read from the events yet is not there to be rolled up.
            last_batch = min(last_batch, self._marks.of("contacts").last_batch)
        return _Due(mark, anew, last_version, last_batch, *present)

    def _run(self, kind: Kind, due: _Due, changed: set[date], stopped: Callable[[], bool]) -> int:
        """Returns how many days were made."""
        mark, today = due.mark, due.today
        if kind == "contacts" and due.last_batch > mark.last_batch:
            self._fill_side_facts(mark, due.last_batch)
        # Weeks before are made together with the rest where nothing of them holds.
        anew = self._marks.of("history").settings != self._identity
        days = changed | self._days(DAYS_KEPT) if due.anew else set(changed)
        looks = self._is_time_to_look_at_what_passes(kind)
        if looks and kind == "contacts":
            days |= self._days(DAYS_STILL_WAITING, {"today": today})
        parts = parts_of(kind, days, today, anew=anew)
        if looks and kind == "answers":
            parts.append((OF_STATES, self._days(DAYS_OF_STANDING_AGENTS) - days))
        done = 0
        for rollups, wanted in parts:
            for chunk in chunks(wanted):
                if stopped():
                    return done
                self._roll_up(rollups, chunk)
                done += len(chunk)
        fresh = Mark(due.last_version, due.last_batch, today, due.today_at, mark.today_build, self._identity)
        if fresh != mark or looks or days:
            if not self._add_up_weeks(stopped):
                return done
            self._finish(kind, fresh, anew=anew)
        self._drop_passed_now_and_then()
        return done

    def _today(self) -> tuple[date, datetime] | None:
        """The day that is not over in the reporting zone, and its beginning, UTC; None where the calendar ends."""
        rows = self._connection.execute(
            "select date, min(starts_at) from reporting_calendar where date = (select date from reporting_calendar "
            "where starts_at = time_bucket(interval 15 minutes, present())) group by date"
        ).fetchall()
        return (rows[0][0], rows[0][1]) if rows else None

    def _fill_side_facts(self, mark: Mark, upto: int) -> None:
        """With a mark in the same transaction, so that none is read twice: views add those of later batches."""
        with transaction(self._connection):
            side_facts.fill(self._connection, mark.last_batch, upto)
            self._marks.insert("contacts", replace(mark, last_batch=upto), self._marks.next_build())

    def _changed(self, kind: Kind, due: _Due) -> set[date]:
        """Days whose sums may be others than at the mark."""
        since = replace(due.mark, last_version=0, last_batch=0, until=NEVER) if due.anew else due.mark
        days: set[date] = set()
        if due.last_version > since.last_version:
            days |= self._days(DAYS_OF_VERSIONS, {"after": since.last_version})
        if kind == "answers" and due.last_batch > since.last_batch:
            days |= self._days(DAYS_OF_ANSWERS, {"after": since.last_batch})
            days |= self._days(DAYS_OF_AGENTS, {"after": since.last_batch})
            days |= self._days(DAYS_OF_MESSAGES, {"after": since.last_batch})
        if since.until != NEVER:
            # Days that ended since.
            days |= {since.until + timedelta(days=n) for n in range((due.today - since.until).days)}
        return days

    def _is_time_to_look_at_what_passes(self, kind: Kind) -> bool:
        now, before = time.monotonic(), self._passing_looked_at.get(kind)
        due = before is None or now - before > _LOOK_AT_PASSING_S
        if due:
            self._passing_looked_at[kind] = now
        return due

    def _days(self, query: str, bound: dict[str, object] | None = None) -> set[date]:
        return {day for (day,) in self._connection.execute(query, bound).fetchall()}

    def _roll_up(self, rollups: list[Rollup], days: list[date]) -> None:
        """Append a build of these days, which follow each other."""
        run = self._connection.execute
        from_at, to_at = run(
            "select min(starts_at), max(starts_at) + interval 15 minutes from reporting_calendar "
            "where date between $1 and $2",
            [days[0], days[-1]],
        ).fetchall()[0]
        if from_at is None:
            return  # Days of no calendar: nothing can be booked to them.
        with transaction(self._connection), counted_once(self._connection, from_at, to_at):
            build = self._marks.next_build()
            for rollup in rollups:
                if not rollup.needs or run(f"select exists (from private.{rollup.needs})").fetchall()[0][0]:
                    self._scan(rollup, rollup.table, build, from_at, to_at)
                run(
                    "insert into private.rolled_day select $1::bigint, $2, unnest($3::date[])",
                    [build, rollup.name, days],
                )

    def _scan(self, rollup: Rollup, table: str, build: int, from_at: datetime, to_at: datetime) -> None:
        self._connection.execute(
            f"insert into {table} by name select $build::bigint as build, * "
            f"from scan_{rollup.name}($from_at::timestamp, $to_at::timestamp)",
            {"build": build, "from_at": from_at, "to_at": to_at},
        )

    def _finish(self, kind: Kind, mark: Mark, *, anew: bool) -> None:
        """Set the mark; together with what must fit it: the tables of today, the week that ended and the open one."""
        with transaction(self._connection):
            build = self._marks.next_build()
            if kind == "contacts":
                with counted_once(self._connection, mark.until_at, _FAR):
                    for rollup in (each for each in ROLLUPS if each.has_today):
                        self._scan(rollup, rollup.today_table, build, mark.until_at, _FAR)
                mark = replace(mark, today_build=build)
            self._marks.insert(kind, mark, build)
            if kind == "answers" and anew:
                self._marks.insert("history", mark, build)
            for weeks in stale_weeks(self._connection):
                add_up(self._connection, build, weeks)
            add_up_open(self._connection, build)

    def _add_up_weeks(self, stopped: Callable[[], bool]) -> bool:
        """Those that were over before this run. Returns whether all are done."""
        for weeks in stale_weeks(self._connection):
            if stopped():
                return False
            with transaction(self._connection):
                add_up(self._connection, self._marks.next_build(), weeks)
        return True

    def _drop_passed_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._passed_looked_at >= _LOOK_AT_PASSED_S:
            self._passed_looked_at = now
            drop_passed(self._connection)
