"""What an import did, in numbers that add up, and how it is said on the console."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from rich.markup import escape

from ingest.importing.errors import ImportProblem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from rich.console import Console

    from ingest.importing.instants import Note

SHOWN = 5


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One row that could not be used: where it stands, the column, its value, and what was expected."""

    file: Path
    line: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        column = f"{self.column} = {self.value!r}, " if self.column else ""
        return f"{self.file}, line {self.line}: {column}expected {self.expected}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Every row read is published, ignored by a rule, refused, or undelivered; `seconds` is wall time.

    In a dry run `rows_published` and `events` say what would have been sent.
    """

    site: str
    topic: str
    dry_run: bool
    rows_read: int
    rows_published: int
    rows_ignored: int
    rows_refused: int
    rows_undelivered: int
    events: int
    events_undelivered: int
    endings: dict[str, int]
    """Translated rows by kind of ending."""
    ignored: dict[str, int]
    """Ignored rows by rule."""
    notes: dict[tuple[str, str], int]
    """Rows by (kind, column): unmapped, not_used, shifted, ambiguous, next_day."""
    unmapped: dict[tuple[str, str], int]
    """Rows by (column, code) not in the mapping's table; the code was kept."""
    refused: tuple[RefusedRow, ...]
    """The first few."""
    error: str | None
    seconds: float

    def __post_init__(self) -> None:
        parts = self.rows_published + self.rows_ignored + self.rows_refused + self.rows_undelivered
        if parts != self.rows_read:
            raise AssertionError(f"{self.rows_read} rows read, but {parts} accounted for: this is a bug")

    @property
    def complete(self) -> bool:
        """True when nothing was left undelivered. Refused rows do not make an import incomplete."""
        return self.error is None and self.rows_undelivered == 0

    def print(self, console: Console) -> None:
        """Say it all, the odd things first named and then counted."""
        sent = "would be published" if self.dry_run else "published"
        rate = f", {self.events / self.seconds:,.0f} events/s" if self.seconds > 0 else ""
        lines = [
            f"{self.rows_read:,} rows read: {self.rows_published:,} {sent} as {self.events:,} events "
            f"to {self.topic}, {self.rows_ignored:,} ignored by rule, {self.rows_refused:,} refused "
            f"({self.seconds:.1f} s{rate})",
            "endings: " + (", ".join(f"{kind} {count:,}" for kind, count in self.endings.items()) or "none"),
        ]
        lines += [f"ignored because {rule}: {count:,}" for rule, count in self.ignored.items()]
        lines += [_NOTES[kind].format(column=column, count=count) for (kind, column), count in self.notes.items()]
        lines += [f"  {column} {code!r}: {count:,}" for (column, code), count in self.unmapped.items()]
        lines += [f"refused: {row}" for row in self.refused]
        if self.rows_refused > len(self.refused):
            lines.append(f"refused: and {self.rows_refused - len(self.refused):,} more rows")
        if not self.complete:
            lines.append(
                f"NOT DELIVERED: {self.rows_undelivered:,} rows ({self.events_undelivered:,} events): "
                f"{self.error}. "
                "Run the same command again: event ids are the same, so nothing counts twice"
            )
        console.print("\n".join(map(escape, lines)), soft_wrap=True, highlight=False)


_NOTES = {
    "unmapped": "{count:,} rows with a code of {column} that the mapping does not list (kept as it is)",
    "not_used": "{count:,} values of {column} not used, since they do not match `accept`",
    "shifted": "{count:,} times of {column} that the clock jumped over, shifted forward",
    "ambiguous": "{count:,} times of {column} that came twice when the clock was set back",
    "next_day": "{count:,} times of {column} past midnight, taken as the next day",
}


class Tally:
    """Counts what happens to rows and writes the refused ones to a CSV file as they come."""

    def __init__(self, refused_file: Path | None) -> None:
        self.refused: list[RefusedRow] = []
        self.refused_rows = 0
        self.ignored: Counter[str] = Counter()
        self.notes: Counter[tuple[str, str]] = Counter()
        self.unmapped: Counter[tuple[str, str]] = Counter()
        self._file: TextIO | None = None
        if refused_file is not None:
            try:
                self._file = refused_file.open("w", encoding="utf-8", newline="")
            except OSError as error:
                raise ImportProblem(f"refused rows cannot be written to {refused_file}: {error}") from error
            refused_file.chmod(0o600)  # the rows hold what the log holds, customers included
            self._csv = csv.writer(self._file)
            self._csv.writerow(["file", "line", "column", "value", "expected", "row"])

    def __enter__(self) -> Tally:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def refuse(self, row: RefusedRow, columns: Sequence[str], values: Sequence[Any]) -> None:
        """Count a refused row. Its values by column go to the file as JSON."""
        self.refused_rows += 1
        if len(self.refused) < SHOWN:
            self.refused.append(row)
        if self._file is not None:
            text = json.dumps(dict(zip(columns, values, strict=False)), ensure_ascii=False, default=str)
            self._csv.writerow([row.file, row.line, row.column, row.value, row.expected, text])

    def note(self, notes: Sequence[Note]) -> None:
        """Count what was noticed about a translated row."""
        for kind, column, value in notes:
            self.notes[kind, column] += 1
            if kind == "unmapped":
                self.unmapped[column, value] += 1
