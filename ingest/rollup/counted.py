"""Contacts counted once for all the sums of a stretch of days.

Every `scan_` macro asks `counts_within` for the same contacts, and planning that alone takes longer than reading a day.
On this connection alone a temporary macro of that name answers from what was counted before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import duckdb

_AROUND = timedelta(days=7, hours=1)
"""What a scan looks at before its span: the end of a contact is given up on up to a week after its last event."""


@contextmanager
def counted_once(connection: duckdb.DuckDBPyConnection, from_at: datetime, to_at: datetime) -> Iterator[None]:
    """Within the block `counts_within` answers for spans in [from_at, to_at) from one table. UTC.

    Use within a transaction: rolling it back after an error takes the table and the macro away too.
    """
    run = connection.execute
    run(
        "create or replace temp table counted as from counts_within($1::timestamp, $2::timestamp)",
        [from_at - _AROUND, to_at],
    )
    run("create temp macro counts_within(from_at, to_at) as table select * from temp.counted")
    yield
    run("drop macro table temp.counts_within")
    run("drop table temp.counted")
