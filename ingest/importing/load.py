"""Loading a mapping file: every mistake is named with file, line, key, value and what was expected."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from ingest.importing.errors import ImportProblem
from ingest.importing.mapping import Ending, Mapping, Section, split_sum
from models import facts
from models.documents.near import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.importing.conditions import Condition

Mistake = tuple[tuple[str | int, ...], str]
"""Where (keys from the top) and what is wrong."""

_INSTANTS = ("time", "instant")
_ONLY = {
    "completed": ("answered",), "wrapped_up": ("answered",), "talk_s": ("answered",), "hold_s": ("answered",),
    "wrap_up_s": ("answered",), "wait_s": ("answered", "abandoned", "left_queue"),
    "offered": ("answered", "abandoned", "left_queue"), "reason": ("left_menu", "left_queue", "excluded"),
}  # fmt: skip
_REASONS: dict[str, type[facts.Facts]] = {
    "left_menu": facts.LeftMenu,
    "left_queue": facts.LeftQueue,
    "excluded": facts.Excluded,
}


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file. Raises ImportProblem with one line per mistake."""
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ImportProblem(f"mapping {path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ImportProblem(f"mapping {path}: not TOML: {error}") from error
    try:
        mapping = Mapping.model_validate(raw)
    except ValidationError as error:
        mistakes = [_described(item["loc"], item) for item in error.errors()]
        raise ImportProblem(_message(path, text, mistakes)) from None
    if mistakes := list(_mistakes(mapping)):
        raise ImportProblem(_message(path, text, mistakes))
    return mapping


def _message(path: Path, text: str, mistakes: list[Mistake]) -> str:
    lines = []
    for where, what in mistakes:
        line = line_of(text, where)
        place = f"{path}, line {line}" if line else str(path)
        lines.append(f"mapping {place}: {'.'.join(map(str, where)) or 'file'}: {what}")
    return "\n".join(lines)


def _described(where: tuple[str | int, ...], item: Any) -> Mistake:
    """Pydantic's error in the words of the mapping."""
    if item["type"] == "extra_forbidden":
        known = _keys_at(where[:-1])
        return where, f"no such key{did_you_mean(str(where[-1]), known)}; keys here: {', '.join(known)}"
    if item["type"] == "missing":
        return where, "this key is needed"
    return where, f"value {item['input']!r}: {item['msg'].removeprefix('Value error, ')}"


def _keys_at(where: tuple[str | int, ...]) -> list[str]:
    """The keys a section may have, by its place in the file."""
    model: type[BaseModel] = Mapping
    for key in where:
        field = model.model_fields.get(str(key))
        if field is not None:
            model = next(_sections(field.annotation), model)
    return list(model.model_fields)


def _sections(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for argument in get_args(annotation):
            yield from _sections(argument)


def _mistakes(mapping: Mapping) -> Iterator[Mistake]:
    """What the classes alone cannot see: types of columns named elsewhere, keys that need each other."""
    if "{" not in mapping.contact_id or not all(place for _, place in mapping.id_parts()[:-1]):
        yield ("contact_id",), f"value {mapping.contact_id!r}: expected at least one {{column}}"
    if any(brace in text for text, _ in mapping.id_parts() for brace in "{}"):
        yield ("contact_id",), f"value {mapping.contact_id!r}: a brace without its partner"
    if mapping.input.columns is not None:
        for name in mapping.used_columns():
            if name not in mapping.input.columns:
                yield ("input", "columns"), f"no column {name!r}{did_you_mean(name, mapping.input.columns)}"
    try:
        "".encode(mapping.input.encoding)
    except LookupError:
        yield ("input", "encoding"), f"value {mapping.input.encoding!r}: expected one such as utf-8 or cp1252"
    yield from _of_type(mapping, ("time", "date"), mapping.time.date, ("date",))
    yield from _of_type(mapping, ("time", "first"), mapping.time.first, _INSTANTS)
    yield from _columns(mapping)
    yield from _fields(mapping)
    yield from _instants(mapping, ("started",), mapping.started)
    for number, ending in enumerate(mapping.endings):
        yield from _ending(mapping, ("endings", number), ending)


def _columns(mapping: Mapping) -> Iterator[Mistake]:
    for name, column in mapping.columns.items():
        where = ("columns", name)
        dated = column.date is not None or (mapping.time.date is not None and mapping.time.first is not None)
        if column.type == "time" and not dated:
            yield where, "a time of day needs `date` and `first` under [time], or a `date` of its own"
        yield from _of_type(mapping, (*where, "date"), column.date, ("date",))
        if column.null_when is not None:
            if not column.null:
                yield (*where, "null_when"), "needs `null`, the values it is about"
            yield from _condition(mapping, (*where, "null_when"), column.null_when)
            for other in column.null_when.columns:
                if mapping.column(other).null_when is not None:
                    yield (*where, "null_when"), f"names {other}, whose own nulls depend on a condition"


def _fields(mapping: Mapping) -> Iterator[Mistake]:
    for name, source in mapping.sources().items():
        where = ("fields", name)
        if (source.constant is None) == (source.column is None):
            yield where, "expected either `constant` or `column`"
        if source.codes is None and source.otherwise is not None:
            yield (*where, "otherwise"), "needs `codes`"
        wanted = "integer" if name == "priority" and source.codes is None else "text"
        yield from _of_type(mapping, (*where, "column"), source.column, (wanted,))
        model = facts.Answered if name == "agent_id" else facts.Offered
        info = model.model_fields[name]
        annotated: Any = Annotated[info.annotation, Field(), *info.metadata]
        check: TypeAdapter[Any] = TypeAdapter(annotated)
        values: list[tuple[str, Any]] = [("constant", source.constant), ("otherwise", source.otherwise)]
        values += [("codes", value) for value in (source.codes or {}).values()]
        for key, value in values:
            if value is not None:
                try:
                    check.validate_python(value, strict=True)
                except ValidationError as error:
                    yield (*where, key), f"value {value!r}: {error.errors()[0]['msg']}"


def _ending(mapping: Mapping, where: tuple[str | int, ...], ending: Ending) -> Iterator[Mistake]:
    if ending.when is not None:
        yield from _condition(mapping, (*where, "when"), ending.when)
    for key, kinds in _ONLY.items():
        if getattr(ending, key) is not None and ending.kind not in kinds:
            yield (*where, key), f"kind {ending.kind!r} has none; it belongs to {', '.join(kinds)}"
    if ending.kind in ("answered", "abandoned", "left_queue"):
        if ending.at is None:
            yield where, f"kind {ending.kind!r} needs `at`"
        if ending.kind != "answered" and ending.offered is None:
            yield where, f"kind {ending.kind!r} needs `offered`: when the contact entered the queue"
    if ending.at is None and ending.kind != "ignored" and mapping.started is None and mapping.time.first is None:
        yield where, "needs `at`, since there is neither `started` nor a `first` under [time]"
    if ending.offered is not None and mapping.fields.queue is None:
        yield (*where, "offered"), "needs a `queue` under [fields]"
    if (ending.talk_s or ending.hold_s) and ending.completed is None:
        yield where, "`talk_s` and `hold_s` need `completed`: when the conversation ended"
    if ending.wrap_up_s and ending.wrapped_up is None:
        yield where, "`wrap_up_s` needs `wrapped_up`: when after-contact work ended"
    if ending.kind in _REASONS:
        if ending.reason is None:
            yield where, f"kind {ending.kind!r} needs a `reason`"
        else:
            try:
                _REASONS[ending.kind].model_validate({"reason": ending.reason})
            except ValidationError as error:
                yield (*where, "reason"), f"value {ending.reason!r}: {error.errors()[0]['msg']}"
    for key in ("offered", "at", "completed", "wrapped_up"):
        yield from _instants(mapping, (*where, key), getattr(ending, key))
    for key in ("wait_s", "talk_s", "hold_s", "wrap_up_s"):
        yield from _of_type(mapping, (*where, key), getattr(ending, key), ("duration",))


def _condition(mapping: Mapping, where: tuple[str | int, ...], condition: Condition) -> Iterator[Mistake]:
    try:
        condition.check_types({name: column.type for name, column in mapping.columns.items()})
    except ValueError as error:
        yield where, f"value {condition.text!r}: {error}"


def _instants(mapping: Mapping, where: tuple[str | int, ...], entries: list[str] | None) -> Iterator[Mistake]:
    for entry in entries or ():
        first, *durations = split_sum(entry)
        yield from _of_type(mapping, where, first, _INSTANTS)
        for duration in durations:
            yield from _of_type(mapping, where, duration, ("duration",))


def _of_type(
    mapping: Mapping, where: tuple[str | int, ...], column: str | None, types: tuple[str, ...]
) -> Iterator[Mistake]:
    if column is not None and mapping.type_of(column) not in types:
        near = did_you_mean(column, mapping.columns) if column not in mapping.columns else ""
        yield (
            where,
            (
                f"column {column!r} is of type {mapping.type_of(column)}, expected {' or '.join(types)}"
                f" (say so under [columns]){near}"
            ),
        )


def line_of(text: str, where: tuple[str | int, ...]) -> int | None:
    """The line of a key in a TOML text, or of the innermost section around it; None when neither is found."""
    best: tuple[int, int] | None = None
    section: tuple[str | int, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            keys = _keys(header[2])
            section = keys
            if header[1] == "[[":
                counts[keys] = counts.get(keys, -1) + 1
                section = (*keys, counts[keys])
            found = section
        elif entry := re.match(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""", line):
            found = (*section, *_keys(entry[1]))
        else:
            continue
        if found == where[: len(found)] and (best is None or len(found) > best[0]):
            best = (len(found), number)
    return best[1] if best else None


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r""""[^"]*"|'[^']*'|[^.\s]+""", dotted))
