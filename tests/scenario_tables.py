"""The tables of ingest/simulator/README.md, made from the models of the scenario file.

`uv run python -m tests.scenario_tables` writes them into the README.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from ingest.simulator.scenario import terms, when
from ingest.simulator.scenario import whole as scenario
from ingest.simulator.scenario.whole import Scenario
from models import hours
from models.settings import TimeZone

README = Path(scenario.__file__).parents[1] / "README.md"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length")

# Pairs and not a dict: not all of these can be hashed.
KINDS: list[tuple[Any, str]] = [
    (terms.Name, "name"),
    (terms.Language, "language tag"),
    (terms.Label, "text"),
    (terms.Weight, "weight"),
    (TimeZone, "time zone"),
    (str, "text"),
    (bool, "true or false"),
    (hours.MinuteOfDay, "time of day"),
    (when.When, "moment"),
    (when.Holiday, "moment or month-day"),
    (when.DayOfYear, "month-day"),
    (hours.Days, "weekdays"),
]


def tables() -> str:
    """A heading, a sentence and a table for every table of the file."""
    return "\n\n".join([f"{BEGIN}", *_tables("Top of the file", "", Scenario), END])


def rewrite() -> None:
    """Put the current tables into the README."""
    text = README.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    README.write_text(before + tables() + after, "utf-8")


def _tables(heading: str, path: str, model: type[BaseModel]) -> Iterator[str]:
    hints = get_type_hints(model, include_extras=True)
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, field in model.model_fields.items():
        meaning = field.description or "Says which it is."
        rows.append(f"| `{key}` | {_kind(hints[key], field.metadata)} | {_default(field, hints[key])} | {meaning} |")
    yield f"### {heading}"
    yield " ".join((model.__doc__ or "").split())
    yield "\n".join(rows)
    for key in model.model_fields:
        at, inner = f"{path}.{key}".removeprefix("."), _bare(hints[key])
        if get_origin(inner) is list:
            brackets, inner = "[[{}]]", _bare(get_args(inner)[0])
        elif get_origin(inner) is dict:
            brackets, inner = "[{}]", _bare(get_args(inner)[1])
            at += ".ID" if key == "sites" else ".NAME"
        else:
            brackets = "[{}]"
        title = f"`{brackets.format(at)}`"
        for member in get_args(inner) if get_origin(inner) in (Union, types.UnionType) else [inner]:
            if isinstance(member, type) and issubclass(member, BaseModel):
                kind = f', `kind = "{_tag(member)}"`' if member is not inner else ""
                yield from _tables(title + kind, at, member)


def _tag(member: type[BaseModel]) -> str:
    return str(get_args(member.model_fields["kind"].annotation)[0])


def _bare(hint: Any) -> Any:
    """Without constraints and without None."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        others = [member for member in get_args(hint) if member is not type(None)]
        return _bare(others[0]) if len(others) == 1 else hint
    return hint


def _kind(hint: Any, constraints: list[Any]) -> str:
    """What a value must be."""
    if known := next((word for kind, word in KINDS if kind == hint), None):
        return known
    if get_origin(hint) in (Union, types.UnionType):
        return _kind(next(member for member in get_args(hint) if member is not type(None)), constraints)
    inner = hint
    if get_origin(hint) is Annotated:
        inner, *more = get_args(hint)
        constraints = [*more, *constraints]
    bounds = _bounds(constraints)
    origin, arguments = get_origin(inner), get_args(inner)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if inner in (int, float, Decimal):
        word = "whole number" if inner is int else "number"
        return f"{word}{_range(bounds)}"
    if _is_table(_bare(arguments[-1] if arguments else inner)):
        return "tables" if arguments else "table"
    if origin is tuple:
        return f"array of {len(arguments)} numbers, each{_range(_bounds(get_args(arguments[0])[1:]))}"
    if origin is list:
        least, most = bounds.get("min_length"), bounds.get("max_length")
        many = f"{least} " if least == most and least else ""
        return f"array of {many}{_kind(arguments[0], [])}s" + (", at least one" if least == 1 else "")
    if origin is dict:
        return f"table of {_kind(arguments[1], [])}s by {_kind(arguments[0], [])}"
    return next(word for kind, word in KINDS if kind == inner)


def _is_table(inner: Any) -> bool:
    members = get_args(inner) or (inner,)
    return all(isinstance(member, type) and issubclass(member, BaseModel) for member in members)


def _bounds(constraints: Iterable[Any]) -> dict[str, Any]:
    """All constraints by name; later ones are the narrower ones."""
    found: dict[str, Any] = {}
    for item in constraints:
        for part in item.metadata if isinstance(item, FieldInfo) else [item]:
            found |= {name: getattr(part, name) for name in BOUNDS if getattr(part, name, None) is not None}
    return found


def _range(bounds: dict[str, Any]) -> str:
    low, over, high = (bounds.get(name) for name in ("ge", "gt", "le"))
    assert "lt" not in bounds
    if over is not None:
        return f" above {over:,.10g}" + ("" if high is None else f", at most {high:,.10g}")
    assert low is not None
    return f" from {low:,.10g}" + ("" if high is None else f" to {high:,.10g}")


def _default(field: FieldInfo, hint: Any) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "needed"
    if value is None or value == []:
        return "none"
    if isinstance(value, BaseModel):
        return "its defaults"
    if hint == hours.MinuteOfDay:
        return f"`{value // 60:02}:{value % 60:02}`"
    if hint == hours.Days:
        return "`daily`"
    if isinstance(value, list):
        return f"{len(value)} times `{value[0]:g}`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:_.10g}`" if isinstance(value, int | float) else f"`{value}`"


if __name__ == "__main__":
    rewrite()
