"""A row of a call log becomes events, or is ignored by rule, or is refused with a reason.

Pure: no I/O, no clock. When the facts happened is found out in instants.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from pydantic import ValidationError

from ingest.importing.instants import Instants, Note, Refusal, RefusedError, Row, RowTimes, Values
from ingest.importing.mapping import FILE_STEM, Ending, Mapping, Source
from ingest.importing.times import rfc3339
from ingest.importing.values import NOT_ACCEPTED, reader, text_of
from models.events import EVENT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.importing.conditions import Predicate

_encode = msgspec.json.Encoder().encode
_validate = EVENT.validate_json


@dataclass(frozen=True, slots=True)
class Translated:
    """A row's events, ready to send, in the order of the contact's life."""

    contact_id: str
    start_us: int
    kind: str
    events: tuple[bytes, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that gives no events because a rule of the mapping says so."""

    rule: str


class _Plan(NamedTuple):
    """An ending, ready to be applied to rows."""

    ending: Ending
    holds: Predicate | None
    offered: Instants | None
    at: Instants | None
    wait: tuple[tuple[str, int], ...]
    later: tuple[tuple[str, Instants, tuple[tuple[str, int], ...]], ...]
    """Facts after the ending: name, when, and the durations they carry."""


class Translator:
    """Translates the rows of one log. `columns` name the values handed to `translate`, in order."""

    def __init__(self, mapping: Mapping, columns: Sequence[str], site: str) -> None:
        self._mapping, self._columns, self._site = mapping, tuple(columns), site
        self._at = {name: position for position, name in enumerate(columns)}
        self._times = RowTimes(mapping, columns)
        self._readers = [reader(mapping.column(name)) for name in columns]
        self._accepting = [position for position, name in enumerate(columns) if mapping.column(name).accept]
        self._late_nulls: list[tuple[int, frozenset[str], Predicate]] = [
            (self._at[name], frozenset(column.null), column.null_when.compile(self._at))
            for name, column in mapping.columns.items()
            if column.null_when is not None
        ]
        self._started = self._times.compiled("started", mapping.started)
        self._plans = [self._planned(ending) for ending in mapping.endings]
        self._id_parts = [(text, place, self._at.get(place or "")) for text, place in mapping.id_parts()]
        fields = {name: self._field(source) for name, source in mapping.sources().items()}
        self._agent = fields.pop("agent_id", None)
        self._fields = list(fields.items())

    def _planned(self, ending: Ending) -> _Plan:
        def durations(*keys: str) -> tuple[tuple[str, int], ...]:
            return tuple((key, self._at[column]) for key in keys if (column := getattr(ending, key)) is not None)

        later = (
            ("completed", self._times.compiled("completed", ending.completed), durations("talk_s", "hold_s")),
            ("wrapped_up", self._times.compiled("wrapped_up", ending.wrapped_up), durations("wrap_up_s")),
        )
        return _Plan(
            ending,
            ending.when.compile(self._at) if ending.when else None,
            self._times.compiled("offered", ending.offered),
            self._times.compiled(ending.kind, ending.at),
            durations("wait_s"),
            tuple((fact, instants, carried) for fact, instants, carried in later if instants is not None),
        )

    def translate(self, stem: str, raw: Values) -> Translated | Ignored | Refusal:
        """Events of one row of the file with this stem; `raw` holds text, typed values or None, by column."""
        row = Row(raw)
        try:
            self._parse(row)
            plan = self._ending(row)
            if plan.ending.kind == "ignored":
                return Ignored(plan.ending.when.text if plan.ending.when else "every row left over")
            return self._translated(row, plan, self._contact_id(stem, row))
        except RefusedError as refused:
            return refused.refusal

    def _parse(self, row: Row) -> None:
        raw, values = row.raw, row.values
        try:
            for read, value in zip(self._readers, raw, strict=True):
                values.append(None if value is None or value == "" else read(value))
        except (ValueError, TypeError, OverflowError) as error:
            at = len(values)
            raise RefusedError(self._columns[at], raw[at], str(error)) from None
        for at in self._accepting:
            if values[at] is NOT_ACCEPTED:
                row.notes.append(Note("not_used", self._columns[at], text_of(raw[at])))
                values[at] = None
        # Conditional nulls come last: their conditions look at other columns.
        for at, nulls, holds in self._late_nulls:
            if values[at] is not None and text_of(raw[at]) in nulls and holds(values):
                values[at] = None

    def _ending(self, row: Row) -> _Plan:
        for plan in self._plans:
            if plan.holds is None or plan.holds(row.values):
                return plan
        named = list(dict.fromkeys(name for e in self._mapping.endings if e.when for name in e.when.columns))
        shown = ", ".join(f"{name}={row.raw[self._at[name]]!s}" for name in named)
        raise RefusedError(", ".join(named), shown, "a row that one of the endings describes")

    def _contact_id(self, stem: str, row: Row) -> str:
        parts: list[str] = []
        for text, place, position in self._id_parts:
            parts.append(text)
            if place == FILE_STEM:
                parts.append(stem)
            elif position is not None:
                raw = row.raw[position]
                if raw is None or raw == "":
                    raise RefusedError(str(place), raw, "a value, since it is part of the contact id")
                parts.append(text_of(raw))
        return "".join(parts)

    def _translated(self, row: Row, plan: _Plan, contact_id: str) -> Translated:
        self._times.first(row)
        ending = plan.ending
        about = {name: value for name, read in self._fields if (value := read(row)) is not None}
        events: list[bytes] = []
        start: int | None = None
        if self._started is not None:
            start = self._times.instant(row, self._started)
            menu = {name: about[name] for name in _STARTED if name in about}
            events.append(self._event(plan, contact_id, "started", start, menu))
        if plan.offered is not None:
            offered = self._times.instant(row, plan.offered)
            start = offered if start is None else start
            events.append(self._event(plan, contact_id, "offered", offered, about))
        if plan.at is not None:
            at = self._times.instant(row, plan.at)
        elif row.first is not None:
            at = row.first.utc_us
        else:  # pragma: no cover - load.py refuses such a mapping
            raise RefusedError("", None, "an instant of the ending")
        data: dict[str, Any] = {} if ending.reason is None else {"reason": ending.reason}
        if ending.kind == "answered" and self._agent is not None and (agent := self._agent(row)) is not None:
            data["agent_id"] = agent
        self._add_seconds(row, plan.wait, data)
        events.append(self._event(plan, contact_id, ending.kind, at, data))
        for fact, instants, carried in plan.later:
            data = {}
            self._add_seconds(row, carried, data)
            events.append(self._event(plan, contact_id, fact, self._times.instant(row, instants), data))
        start = at if start is None else start
        return Translated(contact_id, start, ending.kind, tuple(events), tuple(row.notes))

    @staticmethod
    def _add_seconds(row: Row, carried: tuple[tuple[str, int], ...], data: dict[str, Any]) -> None:
        for key, at in carried:
            if row.values[at] is not None:
                data[key] = row.values[at]

    def _event(self, plan: _Plan, contact_id: str, fact: str, instant: int, data: dict[str, Any]) -> bytes:
        try:
            when = rfc3339(instant)
        except OverflowError:
            raise RefusedError(fact, instant, "an instant in the years 1 to 9999") from None
        event = {
            "specversion": "1.0", "id": f"{contact_id}/{fact}", "source": self._site,
            "type": f"contact.{fact}", "time": when, "subject": contact_id, "data": data,
        }  # fmt: skip
        try:
            value = _encode(event)
            _validate(value)
        except UnicodeEncodeError as error:
            raise RefusedError(fact, ascii(error.object), "text that can be written as UTF-8") from None
        except ValidationError as error:
            item = error.errors()[0]
            field = str(item["loc"][-1])
            raise RefusedError(self._origin(plan, field), item["input"], f"{field}: {item['msg']}") from None
        return value

    def _origin(self, plan: _Plan, field: str) -> str:
        """The column behind a field of an event, for the message."""
        if field in ("id", "subject"):
            return ", ".join(place for _, place in self._mapping.id_parts() if place)
        source = self._mapping.sources().get(field)
        if source is not None:
            return source.column or field
        return str(getattr(plan.ending, field, None) or field)

    def _field(self, source: Source) -> Callable[[Row], str | int | None]:
        """A function that gives a field's value for a row."""
        if source.column is None:
            constant = source.constant
            return lambda _: constant
        at, column, codes, otherwise = self._at[source.column], source.column, source.codes, source.otherwise
        if codes is None:
            return lambda row: row.values[at]

        def read(row: Row) -> str | int | None:
            code = row.values[at]
            if code is None:
                return otherwise
            if code in codes:
                return codes[code]
            if otherwise is not None:
                return otherwise
            row.notes.append(Note("unmapped", column, code))
            return str(code)

        return read


_STARTED = ("channel", "direction", "language", "topic", "customer_id")
