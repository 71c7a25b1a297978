"""A second reader of the contract, many times faster, for messages that are in perfect order.

Its classes are made from the contract's pydantic classes when the module is loaded. It may refuse more
than the contract does (the contract is asked then), never accept more, and never read another value;
`tests/test_fast_reader.py` holds it to that.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import AllowInfNan, Strict, StringConstraints
from pydantic.fields import FieldInfo

from models.events import SITE_PATTERN, Event, data_class, event_classes
from models.facts import NO_CONTROL


class NotPlainError(ValueError):
    """The message may be fine, but the contract has to be asked."""


_LIMITS = ("ge", "gt", "le", "lt", "min_length", "max_length")
# JSON has neither infinity nor NaN, and msgspec is strict by default.
_KNOWN = (Ge, Gt, Le, Lt, MinLen, MaxLen, StringConstraints, AllowInfNan, Strict)


def _limits(metadata: list[Any]) -> dict[str, Any]:
    """The bounds among pydantic's constraints. Raises TypeError for a constraint this module does not know.

    Patterns are not handed on (a search per field costs more than all the rest): `read` makes up for them.
    """
    limits: dict[str, Any] = {}
    for item in metadata:
        if isinstance(item, FieldInfo):
            limits |= _limits(list(item.metadata))
        elif not isinstance(item, _KNOWN) and type(item).__name__ != "PydanticGeneralMetadata":
            raise TypeError(f"fast reader does not know the constraint {item!r}")
        elif getattr(item, "pattern", None) not in (None, NO_CONTROL, SITE_PATTERN):
            raise TypeError(f"fast reader does not know the pattern of {item!r}")
        else:
            limits |= {name: bound for name in _LIMITS if (bound := getattr(item, name, None)) is not None}
    return limits


def _converted(annotation: Any, metadata: list[Any]) -> Any:
    """The msgspec annotation that reads what the pydantic annotation accepts, or less."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        parts = [None if part is type(None) else _converted(part, metadata) for part in get_args(annotation)]
        return Union[tuple(parts)]  # noqa: UP007 - built at run time
    if hasattr(annotation, "__metadata__"):
        return _converted(annotation.__origin__, [*annotation.__metadata__, *metadata])
    if origin is tuple:
        return tuple[_converted(get_args(annotation)[0], []), ...]  # type: ignore[misc]
    if origin is Literal:
        return annotation
    limits = _limits(metadata)
    return Annotated[annotation, msgspec.Meta(**limits)] if limits else annotation


def _struct_fields(fields: dict[str, FieldInfo]) -> list[Any]:
    made: list[Any] = []
    for name, field in fields.items():
        converted = _converted(field.annotation, list(field.metadata))
        made.append((name, converted) if field.is_required() else (name, converted, field.default))
    return made


def _event_struct(wire_name: str, event: type[Event[Any]]) -> type[msgspec.Struct]:
    # Unknown fields in `data` are refused here so that the contract's reader gets to note their names.
    data = msgspec.defstruct(
        f"{event.__name__}Data",
        _struct_fields(data_class(event).model_fields),
        gc=False,
        kw_only=True,
        omit_defaults=True,
        forbid_unknown_fields=True,
    )
    envelope = {name: field for name, field in event.model_fields.items() if name not in ("type", "data", "time")}
    return msgspec.defstruct(
        event.__name__,
        [*_struct_fields(envelope), ("time", str), ("data", data)],
        gc=False,
        kw_only=True,
        tag_field="type",
        tag=wire_name,
    )


STRUCTS: dict[str, type[msgspec.Struct]] = {name: _event_struct(name, event) for name, event in event_classes().items()}

DATA_STRUCTS: dict[str, type[msgspec.Struct]] = {
    name: msgspec.structs.fields(struct)[-1].type for name, struct in STRUCTS.items()
}
"""The class of each event's `data`; written as JSON, defaults left out, it is the store's form of it."""

_DECODER = msgspec.json.Decoder(Union[tuple(STRUCTS.values())])  # noqa: UP007
_site_pattern = re.compile(SITE_PATTERN.removesuffix("$") + r"\Z")

_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})\z"
_SECONDS_Z = len("2026-03-02T09:00:00Z")
"""RFC 3339 in its plainest form, nothing finer than a microsecond. What the numbers mean is checked by Arrow."""
_CODES_KEPT = 50_000
_first, _last = itemgetter(slice(0, 1)), itemgetter(slice(-1, None))
_OPENING, _CLOSING = {b"{"}, {b"}"}


@lru_cache(maxsize=4096)
def is_site(source: str) -> bool:
    """Whether the contract takes this for a site's id."""
    return bool(_site_pattern.match(source))


def _strips(field: FieldInfo) -> bool:
    inner = [item for part in get_args(field.annotation) for item in getattr(part, "__metadata__", ())]
    return any(getattr(item, "strip_whitespace", False) for item in (*field.metadata, *inner))


def _stripped_fields(wire_name: str) -> Callable[[Any], tuple[str | None, ...]] | None:
    """Reads the fields of `data` the contract strips white space from; None when there is none."""
    names = [name for name, field in data_class(event_classes()[wire_name]).model_fields.items() if _strips(field)]
    if not names:
        return None
    if len(names) == 1:
        single = attrgetter(names[0])
        return lambda data: (single(data),)
    return attrgetter(*names)


_STRIPPED = {STRUCTS[name]: _stripped_fields(name) for name in STRUCTS}
_bare_codes: set[str | None] = {None}
"""Codes seen that have no white space around them; there are few, and they come again and again."""


def _all_bare(codes: tuple[str | None, ...]) -> bool:
    if _bare_codes.issuperset(codes):
        return True
    for code in codes:
        if code is not None and (code[0].isspace() or code[-1].isspace()):
            return False
    if len(_bare_codes) > _CODES_KEPT:
        _bare_codes.clear()
    _bare_codes.update(codes, (None,))
    return True


def read(value: bytes) -> tuple[Any, int]:
    """One message and its time in microseconds. Raises msgspec.MsgspecError or ValueError: ask the contract then."""
    (event,), (at,) = read_all([value])
    return event, at


def read_all(values: Sequence[bytes]) -> tuple[list[Any], list[int]]:
    """Messages and their times in microseconds since 1970; at least one message.

    Raises msgspec.MsgspecError or ValueError when there is one among them for which the contract must be asked.
    """
    joined = b"\n".join(values)
    # Without escapes and DEL no text in it can hold a control character: raw ones are not JSON. As every line
    # begins with { and ends with }, no value can go over two lines (neither a string nor anything after a
    # closing brace can), and none is missing; a line of two values gives one too many.
    if (
        b"\\" in joined
        or b"\x7f" in joined
        or joined.count(b"\n") != len(values) - 1
        or set(map(_first, values)) != _OPENING
        or set(map(_last, values)) != _CLOSING
    ):
        raise NotPlainError
    events = _DECODER.decode_lines(joined)
    if len(events) != len(values):
        raise NotPlainError
    for event in events:
        stripped = _STRIPPED[type(event)]
        if stripped is not None and not _all_bare(stripped(event.data)):
            raise NotPlainError
    if not all(map(is_site, {event.source for event in events})):
        raise NotPlainError
    spoken = [event.time for event in events]
    times = pa.array(spoken, pa.string())
    # What Arrow takes for a time, is this long and ends in Z, is RFC 3339; the pattern costs more than all the rest.
    is_plain = min(map(len, spoken)) >= _SECONDS_Z and pc.all(pc.ends_with(times, "Z")).as_py()
    if not is_plain and not pc.all(pc.match_substring_regex(times, _TIME)).as_py():
        raise NotPlainError
    return events, times.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy().tolist()
