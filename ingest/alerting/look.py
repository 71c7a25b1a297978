"""A look at the live figures: every sum that rules watch, at one instant."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

import duckdb

from models import schema
from models.alerts.live import LIVE_BY_NAME, LiveMetric
from models.alerts.rule import Rule, Scope
from models.alerts.state import Observation

Row: TypeAlias = Mapping[str, Any]
"""Sums by column."""

_SLOWLY_S = 30.0
"""What moves slowly (who has been open for over a day, the feed) is asked for this often."""
_DAY = timedelta(hours=26)
"""A day of 25 hours, and what was told of it late in the evening before."""
_OPEN = timedelta(hours=168)
"""How long a contact may stay open after its last event."""
_FAR = timedelta(days=36_500)
_PARTS = ("queue", "language", "channel")
_KNOWN_MINUTES = 10
_HUSH_MINUTES = 3


@dataclass(frozen=True, slots=True)
class Feed:
    """How a site sends. silent: whether its figures are unknown; silent_s: how long view `feed` has called it so."""

    in_house: bool
    silent: bool
    silent_s: float


@dataclass(frozen=True, slots=True)
class Look:
    """What there was to see at an instant (UTC): sums of contacts, of agents by site, and every site's feed."""

    instant: datetime
    contacts: Sequence[Row]
    agents: Mapping[str, Row]
    sites: Mapping[str, Feed]

    def observation(self, rule: Rule, scope: Scope) -> Observation:
        """What the rule's figure is for a scope that names a site. Raises KeyError for a site that is not there."""
        metric, site = LIVE_BY_NAME[rule.metric], self.sites[str(scope.site)]
        if metric.about == "feed":
            return Observation(self.instant, site.silent_s, 0)
        value, n = metric.of(self._rows(metric, scope))
        return Observation(self.instant, value, n, fed=not site.silent)

    def _rows(self, metric: LiveMetric, scope: Scope) -> list[Row]:
        if metric.about == "agents":
            there = self.agents.get(str(scope.site))
            return [] if there is None else [there]
        return [row for row in self.contacts if row["site"] == scope.site and covers(scope, row)]


def covers(scope: Scope, row: Row) -> bool:
    """Whether a row of contacts is of the scope's queue, language and channel."""
    return all(getattr(scope, part) in (None, row[part]) for part in _PARTS)


def hushed(events_by_minute: Sequence[int]) -> bool:
    """Whether a site has just fallen silent, judged by its own last hour, oldest minute first.

    It has when nothing came for three minutes, and for twice as long as ever between two events of that hour. Long
    before a feed counts as silent, this keeps waits from growing in figures while nobody tells of their end. A site
    with events in fewer than ten minutes is not judged.
    """
    heard = [minute for minute, events in enumerate(events_by_minute) if events]
    if len(heard) < _KNOWN_MINUTES:
        return False
    longest = max(after - before - 1 for before, after in pairwise(heard))
    return len(events_by_minute) - 1 - heard[-1] >= max(_HUSH_MINUTES, 2 * longest)


class Looking:
    """Asks the store. Belongs to one thread, with a cursor of its own. with_agents: whether agents are looked at."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, with_agents: bool = True) -> None:
        self._connection = connection
        self._with_agents = with_agents
        self._older: list[Row] = []
        self._older_until = datetime.min
        self._sites: dict[str, Feed] = {}
        self._slow_due = 0.0

    def look(self, instant: datetime) -> Look:
        """The figures at an instant, which is about now. Raises duckdb.Error."""
        if time.monotonic() >= self._slow_due:
            self._look_slowly(instant)
        # From where the older ones end, however long ago these were asked for: everybody is in one of both.
        contacts = self._contacts(self._older_until, instant + _FAR, instant) + self._older
        agents = []
        if self._with_agents:
            agents = self.ask(schema.ingest_sql("alert_agents").replace("{instant}", literal(instant)))
        return Look(instant, contacts, {row["site"]: row for row in agents}, self._sites)

    def _look_slowly(self, instant: datetime) -> None:
        until = instant - _DAY
        older = self._contacts(instant - _OPEN, until, instant, "queues_open")
        sites = {
            row["site"]: Feed(
                row["in_house"],
                bool(row["silent"]) or hushed(row["events_by_minute"]),
                max(0.0, row["silent_s"] or 0.0),
            )
            for row in self.ask(schema.ingest_sql("alert_feed"))
        }
        self._older, self._older_until, self._sites = older, until, sites
        self._slow_due = time.monotonic() + _SLOWLY_S

    def ask(self, query: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows by column. Raises duckdb.Error."""
        done = self._connection.execute(query, dict(values) if values else None)
        names = [column[0] for column in done.description or ()]
        return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def _contacts(self, from_at: datetime, to_at: datetime, instant: datetime, queues: str = "queues_at") -> list[Row]:
        query = schema.ingest_sql("alert_contacts").replace("{queues}", queues)
        for name, value in (("from_at", from_at), ("to_at", to_at), ("instant", instant)):
            query = query.replace(f"{{{name}}}", literal(value))
        return self.ask(query)


def literal(instant: datetime) -> str:
    """An instant as SQL, UTC."""
    return f"timestamp '{instant.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"
