"""Saved answers: kept with all they rest on, put aside, taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import uuid4

import duckdb
import msgspec
from pydantic import ValidationError

from ingest.fallback.checked import LONGEST_NAME, LONGEST_NOTE, LONGEST_TEXT, Figures, bought, figures, number
from ingest.migrate import StoreError
from ingest.written import written
from models.fallback.assumptions import BY_NAME
from models.fallback.facts import Facts

LARGEST_FACTS = 4 << 20
"""Bytes of facts as JSON."""
_LARGEST_BATCH = 2**63 - 1


class Assumption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that was assumed, and where it comes from; see `models.fallback.assumptions.Assumed`."""

    value: float | None
    source: str


class Kept(msgspec.Struct, frozen=True):
    """An answer to save. facts: as `Facts.model_dump_json(by_alias=True)` writes them; assumed: one for each of SPECS;
    summary: the headline figures it came to."""

    name: str
    saved_by: str
    facts: str
    assumed: dict[str, Assumption]
    summary: Figures
    note: str = ""


def keep(connection: duckdb.DuckDBPyConnection, given: Kept, now: datetime) -> str:
    """Save an answer; returns its id. Use within a transaction. Raises StoreError, which says what is wrong."""
    name = written("name", given.name, 1, LONGEST_NAME)
    saved_by = written("saved_by", given.saved_by, 1, LONGEST_NAME)
    note = written("note", given.note, 0, LONGEST_NOTE, lines=True)
    facts, text = _facts(given.facts)
    provider = bought(connection, facts.slice.provider)
    values = [_assumed(given.assumed), figures("summary", given.summary), facts.version, facts.known_upto]
    scenario_id = str(uuid4())
    connection.execute(
        "insert into private.scenario values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [scenario_id, now, name, provider, saved_by, note, text, *values],
    )
    return scenario_id


def turn(
    connection: duckdb.DuckDBPyConnection, scenario_id: str, state: Literal["withdrawn", "restored"], name: str,
    now: datetime,
) -> None:  # fmt: skip
    """Put a saved answer aside, or take it back. Raises StoreError for one there is not, and when it is so already."""
    _, withdrawn, by = _found(connection, scenario_id)
    if withdrawn == (state == "withdrawn"):
        raise StoreError(f"scenario {scenario_id} was {state} already by {by}" if by else
                         f"scenario {scenario_id} was never withdrawn")  # fmt: skip
    values = [scenario_id, now, state, written("name", name, 1, LONGEST_NAME)]
    connection.execute("insert into private.scenario_state values (?, ?, ?, ?)", values)


def standing(connection: duckdb.DuckDBPyConnection, scenario_id: str) -> str:
    """The provider of a saved answer. Raises StoreError for one there is not, or that was put aside."""
    provider, withdrawn, by = _found(connection, scenario_id)
    if withdrawn:
        raise StoreError(f"scenario {scenario_id} was withdrawn by {by}: restore it first, or name another")
    return provider


def _found(connection: duckdb.DuckDBPyConnection, scenario_id: str) -> tuple[str, bool, str | None]:
    rows = connection.execute(
        "select provider, withdrawn, state_by from scenarios where scenario_id = ?", [scenario_id]
    ).fetchall()
    if not rows:
        raise StoreError(f"there is no scenario {scenario_id[:40]!r}; `backstop scenarios list` has those there are")
    ((provider, withdrawn, by),) = rows
    return provider, withdrawn, by


def _facts(given: str) -> tuple[Facts, str]:
    """Facts, and the text they are kept as: written anew, so that nothing else is in it."""
    size = len(given.encode("utf-8", "replace"))
    if size > LARGEST_FACTS:
        raise StoreError(f"facts: {size:,} bytes, expected at most {LARGEST_FACTS:,}")
    try:
        facts = Facts.model_validate_json(given)
    except ValidationError as error:
        first, more = error.errors()[0], error.error_count() - 1
        where = ".".join(("facts", *map(str, first["loc"])))
        also = f" (and {more:,} more problems)" if more else ""
        raise StoreError(f"{where[:120]}: {first['msg'][:200]}{also}") from error
    written("facts.version", facts.version, 1, LONGEST_NAME)
    if not 0 <= facts.known_upto <= _LARGEST_BATCH:
        raise StoreError("facts.known_upto: expected the number of a batch")
    return facts, facts.model_dump_json(by_alias=True)


def _assumed(given: dict[str, Assumption]) -> str:
    """Every assumption, in the order of SPECS, as JSON."""
    if strange := sorted(set(given) - set(BY_NAME)):
        raise StoreError(f"assumed: {strange[0][:40]!r} is no assumption: expected {', '.join(BY_NAME)}")
    if missing := [name for name in BY_NAME if name not in given]:
        raise StoreError(f"assumed: {', '.join(missing)}: expected all, so that the answer can be reckoned again")
    found = {
        name: {
            "value": None if given[name].value is None else number(f"assumed: {name}", given[name].value or 0.0),
            "source": written(f"assumed: source of {name}", given[name].source, 0, LONGEST_TEXT),
        }
        for name in BY_NAME
    }
    return msgspec.json.encode(found).decode()
