"""Adding up weeks from the sums of their days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import duckdb

from models.metrics.views import added
from models.rollups import MIXED, STALE_WEEKS, WEEK

_MOST_AT_ONCE = 8
_ONE = timedelta(weeks=1)


def stale_weeks(connection: duckdb.DuckDBPyConnection) -> list[list[date]]:
    """First days of the weeks that are over and must be added up (again), in stretches without a gap, none too long."""
    return list(_stretches(sorted(week for (week,) in connection.execute(STALE_WEEKS).fetchall())))


def add_up(connection: duckdb.DuckDBPyConnection, build: int, weeks: list[date]) -> None:
    """Append a build of these weeks, which follow each other. Belongs into a transaction."""
    _add(connection, "private.week_sums", build, weeks[0], weeks[-1] + _ONE)
    connection.execute("insert into private.rolled_week select $1::bigint, unnest($2::date[])", [build, weeks])


def add_up_open(connection: duckdb.DuckDBPyConnection, build: int) -> None:
    """Replace the sums of the weeks that are not over. Belongs into a transaction."""
    until: date = connection.execute("select until_date from private.rolled_until").fetchall()[0][0]
    monday = until - timedelta(days=until.weekday())
    _add(connection, "private.open_week_sums", build, monday, date.max)
    connection.execute("insert into private.rolled_open_weeks values ($1, $2)", [build, monday])


def _add(connection: duckdb.DuckDBPyConnection, table: str, build: int, first: date, end: date) -> None:
    columns = [name for (name, *_) in connection.execute(f"describe {table}").fetchall()]
    sums = ", ".join(f"{added(name)} as {name}" for name in columns if name not in ("build", "week_start", *MIXED))
    connection.execute(
        f"insert into {table} by name select $build::bigint as build, {WEEK} as week_start, {', '.join(MIXED)}, {sums} "
        "from day_sums where date >= $first and date < $end group by all",
        {"build": build, "first": first, "end": end},
    )


def _stretches(weeks: Iterable[date]) -> Iterator[list[date]]:
    stretch: list[date] = []
    for week in weeks:
        if stretch and (week - stretch[-1] > _ONE or len(stretch) == _MOST_AT_ONCE):
            yield stretch
            stretch = []
        stretch.append(week)
    if stretch:
        yield stretch
