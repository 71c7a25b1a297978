"""Adding up weeks that are over from the sums of their days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import duckdb

from models.metrics.views import added
from models.rollups import MIXED, STALE_WEEKS

_MOST_AT_ONCE = 8
_WEEK = timedelta(weeks=1)


def stale_stretches(connection: duckdb.DuckDBPyConnection) -> list[list[date]]:
    """First days of the weeks to be added up (again), in stretches that follow each other, none too long."""
    return list(_stretches(sorted(week for (week,) in connection.execute(STALE_WEEKS).fetchall())))


def add_up(connection: duckdb.DuckDBPyConnection, build: int, weeks: list[date]) -> None:
    """Append a build of these weeks, which follow each other. Belongs into a transaction."""
    run = connection.execute
    columns = [name for (name, *_) in run("describe private.week_sums").fetchall()]
    keys = ("week_start", *MIXED)
    sums = ", ".join(f"{added(name)} as {name}" for name in columns if name not in ("build", *keys))
    # Of these weeks, which no build counts for, the view has the days.
    run(
        f"insert into private.week_sums by name select $build::bigint as build, {', '.join(keys)}, {sums} "
        "from week_sums where week_start between $first and $last group by all",
        {"build": build, "first": weeks[0], "last": weeks[-1]},
    )
    run("insert into private.rolled_week select $1::bigint, unnest($2::date[])", [build, weeks])


def _stretches(weeks: Iterable[date]) -> Iterator[list[date]]:
    stretch: list[date] = []
    for week in weeks:
        if stretch and (week - stretch[-1] > _WEEK or len(stretch) == _MOST_AT_ONCE):
            yield stretch
            stretch = []
        stretch.append(week)
    if stretch:
        yield stretch
