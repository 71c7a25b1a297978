"""What a model expects at a place of a document: which keys, which kinds of table."""

from __future__ import annotations

from types import EllipsisType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from models.documents.toml_lines import Place


def followed(model: type[BaseModel], item: ErrorDetails) -> tuple[Place, Any]:
    """An error's place in the file, and the type expected there; for an unknown key that of the table around it."""
    loc, kind = item["loc"], item["type"]
    if kind == "extra_forbidden" or loc[-1:] == ("[key]",):
        place, expected = _walked(model, loc[:-1])
        return (*place, loc[-1]) if kind == "extra_forbidden" else place, expected
    place, expected = _walked(model, loc)
    return (*place, "kind") if kind.startswith("union_tag_") else place, expected


def _walked(model: type[BaseModel], loc: Place) -> tuple[Place, Any]:
    # Pydantic's own places also name the member of a union it chose; the file has no key for that.
    place: Place = ()
    expected: Any = model
    for step in loc:
        members = tags(expected)
        if step in members:
            expected = members[str(step)]
            continue
        place = (*place, step)
        known = keys(expected)
        expected = peeled(known[str(step)]) if step in known else element(expected) if not members else None
    return place, expected


def keys(expected: Any) -> dict[str, Any]:
    """The keys of a table as the file writes them, each with its type; none for anything else."""
    expected = peeled(expected)
    if not (isinstance(expected, type) and issubclass(expected, BaseModel)):
        return {}
    return {field.alias or name: field.annotation for name, field in expected.model_fields.items()}


def tags(expected: Any) -> dict[str, type[BaseModel]]:
    """The tables that one with a key `kind` can be; none for anything else."""
    members = get_args(expected) if get_origin(expected) in (Union, UnionType) else ()
    tables = [member for member in members if "kind" in keys(member)]
    return {get_args(table.model_fields["kind"].annotation)[0]: table for table in tables}


def element(expected: Any) -> Any:
    """The type of what an array holds, or of what a table with names of one's own does."""
    held = [argument for argument in get_args(expected) if not isinstance(argument, EllipsisType)]
    return peeled(held[-1]) if held else None


def peeled(expected: Any) -> Any:
    """A type without its constraints, and without None beside it."""
    if get_origin(expected) is Annotated:
        return peeled(get_args(expected)[0])
    if get_origin(expected) in (Union, UnionType):
        others = [member for member in get_args(expected) if member is not type(None)]
        return peeled(others[0]) if len(others) == 1 else expected
    return expected
