"""The calendar tables: which local day, hour and week every quarter-hour of UTC belongs to, by time zone.

Every zone in use has offsets that are multiples of a quarter-hour, so no quarter-hour straddles two hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from ingest.arrow import insert_arrow
from ingest.epoch import EPOCH, microseconds

QUARTER = timedelta(minutes=15)


def known_years(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, int]]:
    """(time zone, UTC year) pairs that are already in the store."""
    rows = connection.execute("select time_zone, year(starts_at) from private.quarter_hour group by all").fetchall()
    return {(zone, year) for zone, year in rows}


def extend(
    connection: duckdb.DuckDBPyConnection,
    zones: Iterable[str],
    years: Iterable[int],
    known: set[tuple[str, int]],
) -> set[tuple[str, int]]:
    """Add the missing (zone, UTC year) pairs within the caller's transaction. Returns what was added."""
    years = set(years)
    added = {(zone, year) for zone in zones for year in years} - known
    for zone, year in sorted(added):
        insert_arrow(connection, "private.quarter_hour", quarter_hours(zone, year))
    return added


def quarter_hours(zone: str, year: int) -> pa.Table:
    """All quarter-hours of one UTC year in one zone: 35,040 rows, 35,136 in a leap year."""
    local_zone = ZoneInfo(zone)
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    rows: list[tuple[Any, ...]] = []
    while at < end:
        local = at.astimezone(local_zone)
        offset = local.utcoffset() or timedelta()
        naive = local.replace(tzinfo=None)
        day = naive.date()
        rows.append(
            (
                microseconds(at.replace(tzinfo=None)),
                microseconds(naive),
                day.toordinal() - _EPOCH_DAY,
                naive.hour,
                day.toordinal() - day.weekday() - _EPOCH_DAY,
                int(offset.total_seconds()),
            )
        )
        at += QUARTER
    columns = list(zip(*rows, strict=True))
    return pa.table(
        {
            "time_zone": pa.repeat(pa.scalar(zone), len(rows)),
            "starts_at": pa.array(columns[0], pa.int64()).cast(pa.timestamp("us")),
            "local_at": pa.array(columns[1], pa.int64()).cast(pa.timestamp("us")),
            "local_date": pa.array(columns[2], pa.int32()).cast(pa.date32()),
            "local_hour": pa.array(columns[3], pa.uint8()),
            "week_start": pa.array(columns[4], pa.int32()).cast(pa.date32()),
            "utc_offset_s": pa.array(columns[5], pa.int32()),
        }
    )


_EPOCH_DAY = EPOCH.toordinal()
