"""The columns of an event in the store, and the SQL types of all `data` fields, made from the contract's classes."""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin

import pyarrow as pa

from models.events import data_class, event_classes

EVENT_COLUMNS: dict[str, pa.DataType] = {
    "site": pa.string(),
    "event_id": pa.string(),
    "type": pa.string(),
    "subject": pa.string(),
    "occurred_at": pa.timestamp("us"),
    "received_at": pa.timestamp("us"),
    "revision": pa.int64(),
    "data": pa.string(),
    "ignored_fields": pa.list_(pa.string()),
    "kafka_topic": pa.string(),
    "kafka_partition": pa.int32(),
    "kafka_offset": pa.int64(),
}
"""Columns of a decoded event before the store adds its content hash and batch."""

_SQL_TYPES = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}


def _sql_type(annotation: Any) -> Any:
    """The SQL type of a contract field; None in a union means that it may be missing."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        (inner,) = [part for part in get_args(annotation) if part is not type(None)]
        return _sql_type(inner)
    if origin is Literal:
        return _SQL_TYPES[type(get_args(annotation)[0])]
    if origin is tuple:
        return [_sql_type(get_args(annotation)[0])]
    if hasattr(annotation, "__metadata__"):
        return _sql_type(annotation.__origin__)
    return _SQL_TYPES[annotation]


def data_fields() -> dict[str, Any]:
    """Every field of any `data` with its SQL type; the same name means the same type in every fact."""
    fields: dict[str, Any] = {}
    for event in event_classes().values():
        for name, field in data_class(event).model_fields.items():
            sql_type = _sql_type(field.annotation)
            if fields.setdefault(name, sql_type) != sql_type:
                raise TypeError(f"field {name} has two types in the contract: {fields[name]} and {sql_type}")
    return fields
