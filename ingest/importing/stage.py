"""Translated rows on their way to Kafka: kept on disk by DuckDB, handed back in order of their start.

Everything is translated before anything is sent, so a broken file sends nothing, two rows with one
contact id are found, and the store gets its contacts in time order. Memory is bounded by DuckDB's limit
(it sorts on disk beyond that); the disk needs about 1 kB a row, in the system's temporary directory.
The file holds what the log holds, customers included: only its owner can read it, and it is removed.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from ingest.importing.translate import Translated

_COLUMNS: dict[str, pa.DataType] = {
    "seq": pa.int64(),
    "file": pa.int32(),
    "line": pa.int64(),
    "contact_id": pa.string(),
    "start_us": pa.int64(),
    "kind": pa.string(),
    "events": pa.int32(),
    "payload": pa.binary(),
}
_FLUSH_ROWS = 5_000
SEND_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row whose contact id an earlier row has already used."""

    file: int
    line: int
    contact_id: str
    first_file: int
    first_line: int


@dataclass(frozen=True, slots=True)
class Staged:
    """One row ready to send: contact id and events in the order of the contact's life."""

    contact_id: str
    events: list[bytes]


class Stage:
    """A temporary table of translated rows. Use as a context manager."""

    def __init__(self, memory_limit: str) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="backstop-import-")
        self._db = duckdb.connect(str(Path(self._directory.name) / "stage.duckdb"))
        self._db.execute("set memory_limit = ?", [memory_limit])
        self._db.execute("set threads = 2")
        self._db.execute(
            "create table staged (seq bigint, file integer, line bigint, contact_id varchar, start_us bigint,"
            " kind varchar, events integer, payload blob)"
        )
        self._rows: list[tuple[int, int, int, str, int, str, int, bytes]] = []
        self._seq = 0

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._directory.cleanup()

    def add(self, file: int, line: int, row: Translated) -> None:
        """Keep one row; `file` is the number of its file in the import."""
        # Compact JSON holds no line break, so one parts the events.
        payload = b"\n".join(row.events)
        self._rows.append((self._seq, file, line, row.contact_id, row.start_us, row.kind, len(row.events), payload))
        self._seq += 1
        if len(self._rows) >= _FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what was added."""
        if self._rows:
            values = zip(*self._rows, strict=True)
            batch = pa.table(
                {name: pa.array(each, kind) for (name, kind), each in zip(_COLUMNS.items(), values, strict=True)}
            )
            self._db.register("added", batch)
            self._db.execute("insert into staged select * from added")
            self._db.unregister("added")
            self._rows = []

    def take_repeats(self) -> list[Repeat]:
        """Remove rows whose contact id an earlier row has, and say which they were, in the order read."""
        self.flush()
        found = self._db.execute(
            "with first as (select contact_id, min(seq) as seq from staged group by all having count(*) > 1)"
            " select r.seq, r.file, r.line, r.contact_id, s.file, s.line from first f"
            " join staged s on s.seq = f.seq join staged r on r.contact_id = f.contact_id and r.seq > f.seq"
            " order by r.seq"
        ).fetchall()
        if found:
            gone = pa.table({"seq": pa.array([row[0] for row in found], pa.int64())})
            self._db.register("gone", gone)
            self._db.execute("delete from staged where seq in (select seq from gone)")
            self._db.unregister("gone")
        return [Repeat(*row[1:]) for row in found]

    def counts(self) -> tuple[int, int, dict[str, int]]:
        """Rows, events, and rows by kind of ending."""
        self.flush()
        kinds = self._db.execute("select kind, count(*), sum(events)::bigint from staged group by all order by all")
        found = kinds.fetchall()
        return sum(row[1] for row in found), sum(row[2] for row in found), {row[0]: row[1] for row in found}

    def in_order(self) -> Iterator[Staged]:
        """All rows by start, then contact id: the same order on every run."""
        self.flush()
        self._db.execute("select contact_id, payload from staged order by start_us, contact_id")
        while rows := self._db.fetchmany(SEND_ROWS):
            for contact_id, payload in rows:
                yield Staged(contact_id, payload.split(b"\n"))
