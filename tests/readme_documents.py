"""The tables of the README about documents of money: every key, from the models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from models.documents.shape import element, keys, peeled, tags


def document_table(model: type[BaseModel]) -> str:
    """Every key of a document with its default and description."""
    rows = ["| table | key | default | what it is |", "|---|---|---|---|"]
    return "\n".join([*rows, *_rows("", {"": model})])


def _rows(path: str, members: dict[str, type[BaseModel]]) -> Iterator[str]:
    """Rows of a table of the file, which may be of several kinds, and of those in it."""
    table = f"`{path}`" if path else ""
    for tag, member in members.items():
        if tag:
            yield f'| {table} | `kind = "{tag}"` | | {_flat(member.__doc__)} |'
    inner: dict[str, dict[str, type[BaseModel]]] = {}
    for row, (field, having) in _fields(members).items():
        key, is_array, tables = row[0], get_origin(peeled(field.annotation)) is tuple, _tables(field.annotation)
        only = f" ({', '.join(having)})" if len(having) < len(members) else ""
        yield f"| {table} | `{key}`{only} | {_default(field)} | {_meaning(field)} |"
        if tables:
            inner[_path(path, key, is_array=is_array)] = tables
    for place, found in inner.items():
        yield from _rows(place, found)


def _fields(members: dict[str, type[BaseModel]]) -> dict[tuple[str, str], tuple[FieldInfo, list[str]]]:
    """Keys that mean the same, and in which kinds of the table they are."""
    found: dict[tuple[str, str], tuple[FieldInfo, list[str]]] = {}
    for tag, member in members.items():
        for key, (name, field) in zip(keys(member), member.model_fields.items(), strict=True):
            if not (tag and name == "kind"):
                found.setdefault((key, str(field.description)), (field, []))[1].append(tag)
    return found


def _path(path: str, key: str, *, is_array: bool) -> str:
    name = f"{path.strip('[]')}.{key}".removeprefix(".")
    return f"[[{name}]]" if is_array else f"[{name}]"


def _tables(annotation: Any) -> dict[str, type[BaseModel]]:
    """The tables a value is, or is an array of."""
    inner = peeled(annotation)
    if get_origin(inner) is tuple:
        inner = element(inner)
    return tags(inner) or ({"": inner} if keys(inner) else {})


def _meaning(field: FieldInfo) -> str:
    """The description, with the values to choose from unless it names them."""
    text = _flat(field.description)
    inner = peeled(field.annotation)
    chosen = element(inner) if get_origin(inner) is tuple else inner
    choices = get_args(chosen) if get_origin(chosen) is Literal else ()
    if len(choices) > 1 and not all(str(choice) in text for choice in choices):
        *most, last = [f"`{choice}`" for choice in choices]
        text += f" {', '.join(most)} or {last}."
    return text


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default()
    if value is None or value == () or field.default_factory:
        return ""
    if isinstance(value, Decimal | str):
        return f"`{value}`"
    return f"`{json.dumps(value)}`"


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())
