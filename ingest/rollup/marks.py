"""Up to where the sums by day are made, and by which definitions."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from ingest.rollup.changed import Kind
from models import schema
from models.settings import Settings

NEVER = date(1900, 1, 1)


@dataclass(frozen=True)
class Mark:
    """Up to where everything is rolled up. until: first day that is not over yet."""

    last_version: int = 0
    last_batch: int = 0
    until: date = NEVER
    until_at: datetime = datetime(1900, 1, 1)
    today_build: int = -1
    settings: str = ""


class Marks:
    """On the connection of who rolls up."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def of(self, kind: Kind) -> Mark:
        """The mark of the last run of a kind."""
        row = self._connection.execute(
            "select last_version, last_batch, until_date, until_at, today_build, settings from private.rolled_up "
            "where kind = $1 order by build desc limit 1",
            [kind],
        ).fetchone()
        return Mark(*row) if row else Mark()

    def committed(self) -> tuple[int, int]:
        """The last version and batch there are, of one snapshot."""
        rows = self._connection.execute(
            "select (select coalesce(max(version), 0) from private.contact_version), "
            "(select coalesce(max(batch), 0) from private.batch_site)"
        ).fetchall()
        return int(rows[0][0]), int(rows[0][1])

    def next_build(self) -> int:
        """A number that no build has."""
        rows = self._connection.execute(
            "select 1 + greatest((select coalesce(max(build), 0) from private.rolled_day), "
            "(select coalesce(max(build), 0) from private.rolled_week), "
            "(select coalesce(max(build), 0) from private.rolled_open_weeks), "
            "(select coalesce(max(build), 0) from private.rolled_up))"
        ).fetchall()
        return int(rows[0][0])

    def insert(self, kind: Kind, mark: Mark, build: int) -> None:
        """Within the transaction of what it stands for."""
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


def identity(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """What of the settings and contracts the sums depend on; when it changes all days are rolled up again."""
    told: dict[str, Any] = {
        "sql": schema.rollup_macros(),
        "zone": settings.reporting_zone,
        "target": settings.service_level_s,
        "short": settings.short_abandon_s,
        "charges": connection.execute("from private.charge_rule order by all").fetchall(),
        "sites": {
            site: (known.in_house, known.reports.model_dump() if known.reports else None, sorted(known.topics.items()))
            for site, known in sorted(settings.sites.items())
        },
    }
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
