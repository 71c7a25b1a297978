"""Who was there: agents available, busy or in wrap-up, by quarter-hour and by time."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import UTC, date, datetime, timedelta

import duckdb
import numpy as np

from models.forecast.slots import LABELS, SLOT_MINUTES, Slot

USUAL_WEEKS = 4
_SLOT = timedelta(minutes=SLOT_MINUTES)

# A state is told of no longer than it lasts, so a quarter-hour with a row is one of which something is known.
_AGENTS = """
    select
        site,
        starts_at,
        coalesce(
            sum(epoch_us(least(ends_at, starts_at + interval 15 minutes)) - epoch_us(greatest(begins_at, starts_at)))
                filter (state in ('available', 'busy', 'wrap_up')),
            0
        ) / 900e6 as agents
    from (
        select
            site, state, begins_at, ends_at,
            unnest(range(time_bucket(interval 15 minutes, begins_at), ends_at, interval 15 minutes)) as starts_at
        from agent_spans($from_at::timestamp, $to_at::timestamp)
        where ends_at > begins_at
    )
    group by site, starts_at
"""

OneDay = dict[str, dict[datetime, float]]
"""Agents by site and start of the quarter-hour (UTC). A site that told nothing that day is not in it."""


def read_presence(connection: duckdb.DuckDBPyConnection, from_at: datetime, to_at: datetime) -> OneDay:
    """Of a stretch of whole quarter-hours. Raises duckdb.Error."""
    bound = {name: at.astimezone(UTC).replace(tzinfo=None) for name, at in (("from_at", from_at), ("to_at", to_at))}
    found: OneDay = {}
    for site, starts_at, agents in connection.execute(_AGENTS, bound).fetchall():
        found.setdefault(site, {})[starts_at.replace(tzinfo=UTC)] = agents
    return found


def usual_days(day: date, left_out: Container[date] = ()) -> list[date]:
    """The same weekdays of the weeks before that the usual presence is the mean of."""
    before = (day - timedelta(weeks=weeks) for weeks in range(1, USUAL_WEEKS + 1))
    return [each for each in before if each not in left_out]


class Presence:
    """Whole days of the past, each read once. Not for several threads at once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._days: dict[date, dict[str, np.ndarray]] = {}

    def forget(self, before: date) -> None:
        """Let go of what is too old to be asked for again."""
        self._days = {day: known for day, known in self._days.items() if day >= before}

    def read(self, day: date, slots: Sequence[Slot]) -> None:
        """Read a day that is over unless that was done. slots: all of it. Raises duckdb.Error."""
        if day in self._days:
            return
        known: dict[str, np.ndarray] = {}
        for site, agents in read_presence(self._connection, slots[0].starts_at, slots[-1].starts_at + _SLOT).items():
            by_label = np.full(LABELS, np.nan)
            # The second pass of an hour shown twice is not what is usual then.
            for slot in slots:
                if slot.number < LABELS:
                    by_label[slot.number] = agents.get(slot.starts_at, 0.0)
            known[site] = by_label
        self._days[day] = known

    def usual(self, site: str, days: Sequence[date]) -> np.ndarray:
        """Mean of these days, which have been read, by label: shape (96,), NaN where none of them tells."""
        known = [self._days[day][site] for day in days if site in self._days.get(day, {})]
        table = np.array(known) if known else np.full((1, LABELS), np.nan)
        there = ~np.isnan(table)
        times = there.sum(axis=0)
        sums = np.where(there, table, 0.0).sum(axis=0)
        mean: np.ndarray = np.divide(sums, times, out=np.full(LABELS, np.nan), where=times > 0)
        return mean
