"""A second reader of the contract, several times faster, for messages that are in perfect order.

Its classes are made from the contract's pydantic classes when the module is loaded. It may refuse more
than the contract does (the contract is asked then), never accept more, and never read another value;
`tests/test_fastread.py` holds it to that.
"""

from __future__ import annotations

import re
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import AllowInfNan, Strict, StringConstraints
from pydantic.fields import FieldInfo

from models.events import Event, data_class, event_classes

# Read as text: msgspec rounds what is finer than a microsecond, the contract cuts it off.
_TIME = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)\Z")
]
# Text that the contract would strip, or that spans lines, is left to the contract.
_PLAIN_TEXT = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?\Z"


def _constraints(metadata: list[Any]) -> msgspec.Meta | None:
    """The msgspec form of pydantic's constraints. Raises TypeError for one it does not know."""
    limits: dict[str, Any] = {}
    for item in metadata:
        match item:
            case Ge(ge=value):
                limits["ge"] = value
            case Gt(gt=value):
                limits["gt"] = value
            case Le(le=value):
                limits["le"] = value
            case Lt(lt=value):
                limits["lt"] = value
            case MinLen(min_length=value):
                limits["min_length"] = value
            case MaxLen(max_length=value):
                limits["max_length"] = value
            case StringConstraints():
                if item.min_length is not None:
                    limits["min_length"] = item.min_length
                if item.max_length is not None:
                    limits["max_length"] = item.max_length
                limits |= _pattern(item.strip_whitespace, item.pattern)
            case AllowInfNan() | Strict():
                pass  # JSON has neither infinity nor NaN, and msgspec is strict by default.
            case FieldInfo():
                nested = _constraints(list(item.metadata))
                limits |= {k: v for k, v in _as_dict(nested).items() if v is not None}
            case _ if type(item).__name__ == "PydanticGeneralMetadata":
                limits |= _pattern(item.__dict__.get("strip_whitespace"), item.__dict__.get("pattern"))
            case _:
                raise TypeError(f"fast reader does not know the constraint {item!r}")
    return msgspec.Meta(**limits) if limits else None


def _pattern(strip: bool | None, pattern: Any) -> dict[str, Any]:
    if strip:
        return {"pattern": _PLAIN_TEXT}
    # Python's $ also matches before a final newline, the contract's does not.
    return {"pattern": re.sub(r"\$$", r"\\Z", str(pattern))} if pattern is not None else {}


def _as_dict(meta: msgspec.Meta | None) -> dict[str, Any]:
    if meta is None:
        return {}
    names = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")
    return {name: getattr(meta, name) for name in names}


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
    meta = _constraints(metadata)
    return Annotated[annotation, meta] if meta else annotation


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
    envelope = {
        name: field
        for name, field in event.model_fields.items()
        if name not in ("type", "data", "time")
    }
    return msgspec.defstruct(
        event.__name__,
        [*_struct_fields(envelope), ("time", _TIME), ("data", data)],
        gc=False,
        kw_only=True,
        tag_field="type",
        tag=wire_name,
    )


STRUCTS: dict[str, type[msgspec.Struct]] = {
    name: _event_struct(name, event) for name, event in event_classes().items()
}

DATA_STRUCTS: dict[str, type[msgspec.Struct]] = {
    name: msgspec.structs.fields(struct)[-1].type for name, struct in STRUCTS.items()
}
"""The class of each event's `data`; written as JSON, defaults left out, it is the store's form of it."""

read = msgspec.json.Decoder(Union[tuple(STRUCTS.values())]).decode  # type: ignore[var-annotated]  # noqa: UP007
"""Read one message. Raises msgspec.MsgspecError (or UnicodeDecodeError) when the contract must be asked."""
