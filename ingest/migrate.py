"""The store's tables brought up to date: numbered steps, recorded, forward only."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from models import schema


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


def migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Bring the tables up to date, forward only. Returns the schema's number. Raises StoreError."""
    connection.execute(
        "create table if not exists schema_migration "
        "(number integer not null, name varchar not null, applied_at timestamp not null)"
    )
    steps = schema.migrations()
    row = connection.execute("select coalesce(max(number), 0) from schema_migration").fetchone()
    current = int(row[0]) if row else 0
    if current > len(steps):
        raise StoreError(
            f"{path} has schema {current}, this program knows up to {len(steps)}: the store was written by "
            "a newer Backstop. Upgrade this one; a store never goes back."
        )
    for step in steps[current:]:
        connection.execute("begin transaction")
        try:
            connection.execute(step.sql)
            connection.execute(
                "insert into schema_migration values (?, ?, ?)",
                [step.number, step.name, datetime.now(UTC).replace(tzinfo=None)],
            )
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
    return len(steps)
