"""Taking away what updates of days long past said, once it is much: seldom, as deleting costs memory for good.

Of a day there stay whole: the plan, the last version, and the last one of each hour. Of the others stays what they said
of quarter-hours no later one spoke of, so that how good the updates were is told as before. What a version said of the
whole day stays of all.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import structlog

from ingest.transaction import transaction

log: Any = structlog.get_logger("planning")

WHOLE_DAYS = 7
"""Days before today of which every version stays whole."""
_MANY_ROWS = 50_000

# The plan, and those after which nothing came within their hour; a forecast without counts has an hour of its own.
_PASSED = """
    (version, site, date) in (
        select (version, site, date)
        from private.forecast_version
        where date < $before and method is not null
        qualify version > min(version) over (partition by site, date)
            and version < max(version) over (
                partition by site, date, time_bucket(interval 1 hour, counted_until - interval 1 microsecond)
            )
    )
    and (version, site, date, starts_at) not in (
        select (max(version), site, date, starts_at) from {table} where date < $before group by site, date, starts_at
    )
"""


def thin(connection: duckdb.DuckDBPyConnection, today: date) -> int:
    """Delete them when they are many. Returns how many rows went. Raises duckdb.Error."""
    before = today - timedelta(days=WHOLE_DAYS)
    gone = 0
    for table in ("private.forecast_slot", "private.plan_slot"):
        passed = _PASSED.format(table=table)
        count = connection.execute(f"select count(*) from {table} where {passed}", {"before": before}).fetchall()[0][0]
        if count <= _MANY_ROWS:
            continue
        with transaction(connection):
            connection.execute(f"delete from {table} where {passed}", {"before": before})
        gone += int(count)
    if gone:
        log.info("updates of past days thinned", rows=gone)
    return gone
