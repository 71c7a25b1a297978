"""Arrow tables into DuckDB statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

_NAME = "arrow_rows"


@contextmanager
def arrow_rows(connection: duckdb.DuckDBPyConnection, rows: pa.Table) -> Iterator[str]:
    """The name under which one statement can read the rows, once: they are handed over as a stream."""
    connection.register(_NAME, rows.to_reader())
    try:
        yield _NAME
    finally:
        connection.unregister(_NAME)


def insert_arrow(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Append the rows to a table of ours, by column name."""
    with arrow_rows(connection, rows) as name:
        connection.execute(f"insert into {table} by name from {name}")
