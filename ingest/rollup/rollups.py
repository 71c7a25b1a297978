"""Rolling up: which days changed since the last time, and their sums made again from the contacts.

A day is never changed in place: its sums are appended as a new build, and readers take the latest build of each day.
So a reader sees a day before or after, and a run that is cut short leaves nothing wrong, only something to do again.
Weeks that are over are added up from their days after them.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

import duckdb
import structlog

from ingest.rollup import side_facts
from ingest.rollup.counted import counted_once
from ingest.rollup.passed import drop_passed
from ingest.rollup.weeks import add_up, add_up_open, stale_weeks
from ingest.transaction import transaction
from models import schema
from models.rollups import ROLLUPS, Rollup
from models.settings import Settings

log: Any = structlog.get_logger("rollup")

Kind = Literal["contacts", "answers"]

_NEVER = date(1900, 1, 1)
_FAR = datetime(2200, 1, 1)
_CHUNK_DAYS = 28
_SHORT_GAP_DAYS = 3
_LOOK_AT_PASSED_S = 3600.0
_LOOK_AT_PASSING_S = 900.0

_DAYS_OF_VERSIONS = """
    with spans as (
        select distinct
            time_bucket(interval 15 minutes, first_at) as first_at,
            time_bucket(interval 15 minutes, last_at) as last_at,
            -- What is left without an end is given up on later, which is when it leaves the work to be done. That may
            -- have counted until now although the end is told now.
            time_bucket(
                interval 15 minutes,
                last_at + greatest(open_limit(offered.channel), open_limit(started.channel))
            ) as given_up_at
        from private.contact_version
        where version > $after
    ),
    days as (
        -- The calendar may end before the contact is given up on: it has the years of events only.
        select distinct f.date as first_day, coalesce(g.date, l.date) as last_day
        from spans
        join reporting_calendar f on f.starts_at = first_at
        join reporting_calendar l on l.starts_at = last_at
        left join reporting_calendar g on g.starts_at = given_up_at
    )
    select distinct unnest(range(first_day, last_day + interval 1 day, interval 1 day))::date from days
"""
# A state, and that before it, may reach 24 hours on: into the day after, and the one after that where it has 23 hours.
_DAYS_OF_AGENTS = """
    with fresh as (select site, event_id, revision, occurred_at from private.agent_change where batch > $after),
    told as (
        select occurred_at from fresh
        union all
        -- What is corrected may have been told of another day.
        select occurred_at
        from private.event
        semi join (from fresh where revision > 0) using (site, event_id)
        where type = 'agent.state_changed'
    )
    select distinct (date + days::integer)::date
    from told
    join reporting_calendar on starts_at = time_bucket(interval 15 minutes, occurred_at)
    cross join range(3) after(days)
"""
# A message among others leaves its contact as it was, and changes who answered when.
_DAYS_OF_MESSAGES = """
    with fresh as (select distinct site, contact_id from private.chat_message where batch > $after),
    days as (
        select distinct f.date as first_day, l.date as last_day
        from private.contact_version v
        semi join fresh using (site, contact_id)
        join reporting_calendar f on f.starts_at = time_bucket(interval 15 minutes, v.first_at)
        join reporting_calendar l on l.starts_at = time_bucket(interval 15 minutes, v.last_at)
        where v.last_at >= (select min(occurred_at) from private.chat_message where batch > $after)
    )
    select distinct unnest(range(first_day, last_day + interval 1 day, interval 1 day))::date from days
"""
# All days there are sums of: those of another zone may have none now.
_DAYS_KEPT = "select distinct date from private.rolled_day"
# Days of the contacts that new answers are about.
_DAYS_OF_ANSWERS = """
    with fresh as (
        select site, contact_id, occurred_at from private.survey where batch > $after
        union all
        select site, contact_id, occurred_at from private.evaluation where batch > $after
    )
    select distinct date
    from private.contact_version v
    join fresh f on f.site = v.site and f.contact_id = v.contact_id
    join reporting_calendar
        on starts_at = time_bucket(interval 15 minutes, coalesce(v.offered."at", v.started."at", v.first_at))
    where v.last_at >= (select min(occurred_at) - interval 97 days from fresh)
"""
# What an agent was told to be in goes on without anything having been told: for 24 hours, and so into the next day.
_DAYS_OF_STANDING_AGENTS = """
    select distinct date
    from reporting_calendar
    where starts_at between present() - interval 24 hours and present()
        and exists (from private.agent_change where occurred_at > present() - interval 48 hours)
"""
# A contact that waits has an unknown end a day later, without anything having been told. Today's sums are made again
# when these are looked for, for what time alone changes in them.
_DAYS_STILL_WAITING = """
    select distinct d.date
    from private.day_arrivals d
    join private.rolled_now n on n.of_table = 'arrivals' and n.build = d.build and n.date = d.date
    where d.waiting > 0 and d.date < $today
"""


@dataclass(frozen=True)
class Mark:
    """Up to where everything is rolled up. until: first day that is not over yet."""

    last_version: int = 0
    last_batch: int = 0
    until: date = _NEVER
    until_at: datetime = datetime(1900, 1, 1)
    today_build: int = -1
    settings: str = ""


class RolledUp(NamedTuple):
    """What a run did."""

    days: int
    seconds: float


class Rollups:
    """Use from any thread; one run at a time. Has a connection of its own, so that commits go on meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self._connection = connection.cursor()
        self._settings = settings
        self._identity = _identity(settings)
        self._running = threading.Lock()
        self._passing_looked_at: dict[Kind, float] = {}
        self._passed_looked_at = time.monotonic()

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
            mark = self._mark(kind)
            last_version, last_batch = self._committed()
            present = self._today()
            if present is None:
                # A new year of which nothing was told yet: the calendar has no day to book it to.
                return RolledUp(0, time.monotonic() - began)
            today, today_at = present
            if kind == "answers":
                # What the other kind has not read from the events yet is not there to be rolled up.
                last_batch = min(last_batch, self._mark("contacts").last_batch)
            if kind == "contacts" and last_batch > mark.last_batch:
                self._fill_side_facts(mark, last_batch)
            days: set[date] = set()
            if mark.settings != self._identity:
                mark = replace(mark, last_version=0, last_batch=0, until=_NEVER)
                days = self._days(_DAYS_KEPT)
            looks = self._is_time_to_look_at_what_passes(kind)
            days |= self._changed(kind, mark, today, last_version, last_batch)
            if looks and kind == "contacts":
                days |= self._days(_DAYS_STILL_WAITING, {"today": today})
            elif looks:
                days |= self._days(_DAYS_OF_STANDING_AGENTS)
            done = 0
            of_kind = [each for each in ROLLUPS if each.has_today == (kind == "contacts")]
            for ahead in sorted({each.looks_ahead_days for each in of_kind}):
                wanted = _with_days_before(days, ahead, today)
                if kind == "contacts":
                    wanted = {day for day in wanted if day < today}
                for chunk in _chunks(wanted):
                    if stopped():
                        return RolledUp(done, time.monotonic() - began)
                    self._roll_up([each for each in of_kind if each.looks_ahead_days == ahead], chunk)
                    done += len(chunk)
            fresh = Mark(last_version, last_batch, today, today_at, mark.today_build, self._identity)
            if fresh != mark or looks or days:
                if not self._add_up_weeks(stopped):
                    return RolledUp(done, time.monotonic() - began)
                self._finish(kind, fresh)
            self._drop_passed_now_and_then()
            return RolledUp(done, time.monotonic() - began)

    def _mark(self, kind: Kind) -> Mark:
        row = self._connection.execute(
            "select last_version, last_batch, until_date, until_at, today_build, settings from private.rolled_up "
            "where kind = $1 order by build desc limit 1",
            [kind],
        ).fetchone()
        return Mark(*row) if row else Mark()

    def _committed(self) -> tuple[int, int]:
        """The last version and batch there are, of one snapshot."""
        rows = self._connection.execute(
            "select (select coalesce(max(version), 0) from private.contact_version), "
            "(select coalesce(max(batch), 0) from private.batch_site)"
        ).fetchall()
        return int(rows[0][0]), int(rows[0][1])

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
            self._insert_mark("contacts", replace(mark, last_batch=upto), self._next_build())

    def _changed(self, kind: Kind, mark: Mark, today: date, last_version: int, last_batch: int) -> set[date]:
        """Days whose sums may be others than at the mark."""
        days: set[date] = set()
        if last_version > mark.last_version:
            days |= self._days(_DAYS_OF_VERSIONS, {"after": mark.last_version})
        if kind == "answers" and last_batch > mark.last_batch:
            days |= self._days(_DAYS_OF_ANSWERS, {"after": mark.last_batch})
            days |= self._days(_DAYS_OF_AGENTS, {"after": mark.last_batch})
            days |= self._days(_DAYS_OF_MESSAGES, {"after": mark.last_batch})
        if mark.until != _NEVER:
            # Days that ended since.
            days |= {mark.until + timedelta(days=n) for n in range((today - mark.until).days)}
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
            build = self._next_build()
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

    def _finish(self, kind: Kind, mark: Mark) -> None:
        """Set the mark; together with what must fit it: the tables of today, the week that ended and the open one."""
        with transaction(self._connection):
            build = self._next_build()
            if kind == "contacts":
                with counted_once(self._connection, mark.until_at, _FAR):
                    for rollup in (each for each in ROLLUPS if each.has_today):
                        self._scan(rollup, rollup.today_table, build, mark.until_at, _FAR)
                mark = replace(mark, today_build=build)
            self._insert_mark(kind, mark, build)
            for weeks in stale_weeks(self._connection):
                add_up(self._connection, build, weeks)
            add_up_open(self._connection, build)

    def _next_build(self) -> int:
        rows = self._connection.execute(
            "select 1 + greatest((select coalesce(max(build), 0) from private.rolled_day), "
            "(select coalesce(max(build), 0) from private.rolled_week), "
            "(select coalesce(max(build), 0) from private.rolled_open_weeks), "
            "(select coalesce(max(build), 0) from private.rolled_up))"
        ).fetchall()
        return int(rows[0][0])

    def _insert_mark(self, kind: Kind, mark: Mark, build: int) -> None:
        self._connection.execute(
            """
            insert into private.rolled_up by name
            select
                $build::bigint as build,
                $kind as kind,
                present() as "at",
                $last_version::bigint as last_version,
                $last_batch::bigint as last_batch,
                $until::date as until_date,
                $until_at::timestamp as until_at,
                $today_build::bigint as today_build,
                $settings as settings
            """,
            {"build": build, "kind": kind, **asdict(mark)},
        )

    def _add_up_weeks(self, stopped: Callable[[], bool]) -> bool:
        """Those that were over before this run. Returns whether all are done."""
        for weeks in stale_weeks(self._connection):
            if stopped():
                return False
            with transaction(self._connection):
                add_up(self._connection, self._next_build(), weeks)
        return True

    def _drop_passed_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._passed_looked_at >= _LOOK_AT_PASSED_S:
            self._passed_looked_at = now
            drop_passed(self._connection)


def _identity(settings: Settings) -> str:
    """What of the settings the sums depend on; when it changes all days are rolled up again."""
    told: dict[str, Any] = {
        "sql": schema.rollup_macros(),
        "zone": settings.reporting_zone,
        "target": settings.service_level_s,
        "short": settings.short_abandon_s,
        "sites": {
            site: (known.in_house, known.reports.model_dump() if known.reports else None, sorted(known.topics.items()))
            for site, known in sorted(settings.sites.items())
        },
    }
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _with_days_before(days: Iterable[date], before: int, today: date) -> set[date]:
    """Those days, and those before them on which what changed may count; none that has not begun."""
    found = {day - timedelta(days=n) for day in days for n in range(before + 1)}
    return {day for day in found if day <= today}


def _chunks(days: Iterable[date]) -> Iterator[list[date]]:
    """Stretches of days, none too long. A short gap is rolled up with them: a day more costs less than a scan more."""
    chunk: list[date] = []
    for day in sorted(days):
        if chunk and ((day - chunk[-1]).days > _SHORT_GAP_DAYS or (day - chunk[0]).days >= _CHUNK_DAYS):
            yield chunk
            chunk = []
        chunk += [chunk[-1] + timedelta(days=n) for n in range(1, (day - chunk[-1]).days)] if chunk else []
        chunk.append(day)
    if chunk:
        yield chunk
