"""A transaction of a connection as a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("begin transaction")
    try:
        yield
    except BaseException:
        # An error at commit has already ended the transaction.
        with suppress(duckdb.TransactionException):
            connection.execute("rollback")
        raise
    connection.execute("commit")
