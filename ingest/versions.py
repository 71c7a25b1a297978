"""Contact states in and out of the store: the Arrow form of new versions, and states read back from rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import pyarrow as pa

from ingest.epoch import microseconds
from models.columns import data_fields
from models.fold import COLUMNS, FACTS, INSTANTS, Fact, FactRule, State

Array: TypeAlias = "pa.Array[Any]"

_ARROW: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}
_AT = pa.timestamp("us")
_TYPES = {name: _ARROW[kind] for name, kind in data_fields().items() if isinstance(kind, str)}


def versions_table(contacts: Sequence[tuple[int, str, str, State]]) -> pa.Table:
    """Rows `(version, site, contact_id, state)` in the columns of private.contact_version.

    Columns nothing is known in are left out: a small batch costs as much by column as by row.
    """
    columns = list(zip(*(state for _, _, _, state in contacts), strict=True))
    arrays: dict[str, Array] = {
        "version": pa.array([row[0] for row in contacts], pa.int64()),
        "site": pa.array([row[1] for row in contacts], pa.string()),
        "contact_id": pa.array([row[2] for row in contacts], pa.string()),
        "first_at": _instants(columns[0]),
        "last_at": _instants(columns[1]),
    }
    for rule, values in zip(FACTS, columns[2 : 2 + len(FACTS)], strict=True):
        if not any(values):
            continue
        arrays[rule.column] = _list_column(rule, values) if rule.keep == "all" else _fact_column(rule, values)
    for name, values in zip(INSTANTS, columns[2 + len(FACTS) :], strict=True):
        if values.count(None) == len(values):
            continue
        arrays[name] = _instants(values)
    return pa.table(arrays)


def _instants(values: Iterable[int | None]) -> Array:
    return pa.array(values, pa.int64()).cast(_AT)


def _fact_column(rule: FactRule, values: Sequence[Any]) -> Array:
    """Facts as one struct array, built by field since building it by row takes several times as long."""
    names = ["at", "id", *rule.fields, "revision"]
    kinds: list[pa.DataType] = [_AT, pa.string(), *(_TYPES[field] for field in rule.fields), pa.int64()]
    empty = (None,) * len(names)
    cells = list(zip(*(value or empty for value in values), strict=True))
    children = [_instants(cells[0]), *(pa.array(c, k) for c, k in zip(cells[1:], kinds[1:], strict=True))]
    mask = pa.array([value is None for value in values], pa.bool_())
    return pa.StructArray.from_arrays(children, names, mask=mask)


def _list_column(rule: FactRule, values: Sequence[frozenset[Any]]) -> Array:
    """Sets of facts as sorted lists, so that equal sets are equal rows; an empty set is NULL.

    Of one id the highest revision stands first: that is the one the views count.
    """
    facts = [sorted(value, key=_by_id) if value else None for value in values]
    flat = [fact for found in facts if found for fact in found]
    offsets: list[int | None] = []
    count = 0
    for found in facts:
        offsets.append(count if found else None)
        count += len(found or ())
    offsets.append(count)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), _fact_column(rule, flat))


def _by_id(fact: Fact) -> tuple[Any, ...]:
    return (fact[1], -fact[-1], fact[0], repr(fact))


def state_of(row: Sequence[Any]) -> State:
    """The state of a row read back: the values of COLUMNS in order."""
    made: list[Any] = []
    for name, value in zip(COLUMNS, row, strict=True):
        if isinstance(value, datetime):
            made.append(microseconds(value))
        elif isinstance(value, dict):
            made.append(_fact(value))
        elif isinstance(value, list):
            made.append(frozenset(map(_fact, value)))
        else:
            made.append(frozenset() if value is None and name in _SETS else value)
    return tuple(made)


_SETS = {rule.column for rule in FACTS if rule.keep == "all"}


def _fact(value: dict[str, Any]) -> Fact:
    at, *rest, revision = value.values()
    return (microseconds(at), *rest, revision or 0)  # Facts of stores made before there were revisions have none.
