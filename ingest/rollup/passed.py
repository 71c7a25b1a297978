"""Deleting builds that later ones replaced, once they are many: seldom, as deleting costs memory for good."""

from __future__ import annotations

from typing import Any

import duckdb
import structlog

from ingest.transaction import transaction
from models.rollups import ROLLUPS

log: Any = structlog.get_logger("rollup")

_QUARTERS_KEPT_DAYS = 60
_PASSED_ROWS = 200_000
"""Rows of builds that a later one replaced, above which they are deleted; of counts, above which they are added up."""


def drop_passed(connection: duckdb.DuckDBPyConnection) -> None:
    """Delete them, from every table that has many. Raises duckdb.Error."""
    for rollup in ROLLUPS:
        kept = f"(build, date) in (select (build, date) from private.rolled_now where of_table = '{rollup.name}')"
        drop(
            connection, rollup.table, kept,
            f"delete from private.rolled_day where of_table = '{rollup.name}' and not ({kept})",
        )  # fmt: skip
        if rollup.has_today:
            drop(connection, rollup.today_table, "build = (select today_build from private.rolled_until)")
    kept = "(build, week_start) in (select (max(build), week_start) from private.rolled_week group by week_start)"
    drop(connection, "private.week_sums", kept, f"delete from private.rolled_week where not ({kept})")
    kept = "build = (select max(build) from private.rolled_open_weeks)"
    drop(connection, "private.open_week_sums", kept, f"delete from private.rolled_open_weeks where not ({kept})")
    connection.execute(
        "delete from private.rolled_up where build < (select min(build) from (select max(build) as build "
        "from private.rolled_up group by kind))"
    )
    _add_up_event_quarters(connection)


def _add_up_event_quarters(connection: duckdb.DuckDBPyConnection) -> None:
    """One row per site and quarter-hour, of the days anybody asks about."""
    run = connection.execute
    if run("select count(*) from private.event_quarter").fetchall()[0][0] <= _PASSED_ROWS:
        return
    with transaction(connection):
        run(
            "create or replace temp table event_quarters as "
            "select site, quarter, sum(events)::bigint as events from private.event_quarter "
            f"where quarter >= epoch_us(present() - interval {_QUARTERS_KEPT_DAYS} days) // 900000000 group by all"
        )
        run("delete from private.event_quarter")
        run("insert into private.event_quarter by name from temp.event_quarters")
        run("drop table temp.event_quarters")


def drop(connection: duckdb.DuckDBPyConnection, table: str, is_kept: str, *also: str) -> None:
    """Delete the rows of a table that are not kept, and what `also` says, once they are many. Raises duckdb.Error."""
    run = connection.execute
    passed = run(f"select count(*) from {table} where not ({is_kept})").fetchall()[0][0]
    if passed <= _PASSED_ROWS:
        return
    with transaction(connection):
        for statement in (f"delete from {table} where not ({is_kept})", *also):
            run(statement)
    log.info("replaced rows deleted", of=table, rows=passed)
