"""When the facts of a row happened: times of day get their date, local times become UTC.

Also what a row is while it is being translated, and why one is refused. Pure: no I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ingest.importing.mapping import Mapping, split_sum
from ingest.importing.times import DAY_US, HOUR_US, SECOND_US, LocalZone, NonexistentTimeError, Resolved
from ingest.importing.values import Utc, text_of

Values = Sequence[Any]


class Note(NamedTuple):
    """Something about a translated row worth counting: unmapped (code kept), not_used (value not accepted),
    shifted and ambiguous (local times at a clock change), next_day (a time of day past midnight)."""

    kind: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot be used: the column (or columns), its value, and what was expected."""

    column: str
    value: str
    expected: str


class RefusedError(Exception):
    """Ends the translation of one row; `refusal` says why."""

    def __init__(self, column: str, value: object, expected: str) -> None:
        self.refusal = Refusal(column, "" if value is None else text_of(value), expected)


class Row:
    """One row on its way: typed values by position and what was noticed so far."""

    __slots__ = ("first", "first_time", "notes", "raw", "values")

    def __init__(self, raw: Values) -> None:
        self.raw = raw
        self.values: list[Any] = []
        self.notes: list[Note] = []
        self.first: Resolved | None = None
        self.first_time: int | None = None


class Instants(NamedTuple):
    """Where an instant stands: positions of columns, each with the positions of durations to add."""

    what: str
    entries: tuple[tuple[int, tuple[int, ...]], ...]
    names: tuple[str, ...]


class RowTimes:
    """Finds the instants of rows, UTC microseconds. `at` is the position of each column."""

    def __init__(self, mapping: Mapping, columns: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._at = {name: position for position, name in enumerate(columns)}
        self._date = mapping.time.date
        self._zone = LocalZone(mapping.time.zone, mapping.time.ambiguous, mapping.time.nonexistent)
        self._next_day_us = round(mapping.time.next_day_after_h * HOUR_US)
        self._first_at = None if mapping.time.first is None else self._at[mapping.time.first]
        own_dates = [mapping.column(name).date for name in columns]
        self._dates = [(own, self._at.get(own or mapping.time.date or "")) for own in own_dates]

    def compiled(self, what: str, entries: list[str] | None) -> Instants | None:
        """A list of instants of the mapping, with positions for names."""
        if entries is None:
            return None
        positions = [tuple(self._at[name] for name in split_sum(entry)) for entry in entries]
        return Instants(what, tuple((sum_[0], sum_[1:]) for sum_ in positions), tuple(entries))

    def first(self, row: Row) -> None:
        """Fix the row's first instant, when the mapping names its column."""
        at = self._first_at
        if at is None:
            return
        value = row.values[at]
        if value is None:
            raise RefusedError(self._columns[at], row.raw[at], "a value, since the row's dates follow from it")
        if type(value) is int:
            row.first_time = value
        self._resolve(row, at)

    def instant(self, row: Row, instants: Instants) -> int:
        """The first of the entries without a null, UTC microseconds."""
        values = row.values
        for at, durations in instants.entries:
            if values[at] is None:
                continue
            if not durations:
                return self._resolve(row, at)
            added = [values[position] for position in durations]
            if None not in added:
                micros: int = round(sum(added) * SECOND_US)
                return self._resolve(row, at) + micros
        names = ", ".join(instants.names)
        raise RefusedError(names, None, f"an instant of '{instants.what}': every column named for it is null")

    def _resolve(self, row: Row, at: int) -> int:
        """The UTC microseconds of a column of type time or instant."""
        if at == self._first_at and row.first is not None:
            return row.first.utc_us
        value = row.values[at]
        kind = type(value)
        if kind is Utc:
            resolved = Resolved(int(value), "plain", False)
        else:
            wall = self._dated(row, at, value) if kind is int else int(value)
            try:
                resolved = self._zone.resolve(wall, row.first)
            except NonexistentTimeError as error:
                raise RefusedError(self._columns[at], row.raw[at], f"a time that exists: {error}") from None
            except OverflowError:
                raise RefusedError(self._columns[at], row.raw[at], "an instant in the years 1 to 9999") from None
            if resolved.how != "plain":
                note = Note(resolved.how, self._columns[at], text_of(row.raw[at]))
                if note not in row.notes:
                    row.notes.append(note)
        if row.first is None:
            row.first = resolved
        return resolved.utc_us

    def _dated(self, row: Row, at: int, time_us: int) -> int:
        """A time of day as wall time: on its own date, or the row's, or the next day when past midnight."""
        own, date_at = self._dates[at]
        day = None if date_at is None else row.values[date_at]
        if day is None:
            date = own or self._date or ""
            raise RefusedError(date, None, f"a date for {self._columns[at]}")
        wall: int = day * DAY_US + time_us
        if own is None and row.first_time is not None and time_us < row.first_time - self._next_day_us:
            note = Note("next_day", self._columns[at], text_of(row.raw[at]))
            if note not in row.notes:
                row.notes.append(note)
            return wall + DAY_US
        return wall
