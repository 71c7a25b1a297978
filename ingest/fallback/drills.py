"""Drills: a provider going dark, reckoned or for real."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

import duckdb
import msgspec

from ingest.fallback.checked import LONGEST_NAME, LONGEST_WHY, Figures, bought, figures, past
from ingest.migrate import StoreError
from ingest.written import written

KINDS = ("simulated", "for_real")


class Held(msgspec.Struct, frozen=True):
    """A drill to note. outcome: in words; figures: in numbers."""

    provider: str
    held_on: date
    held_by: str
    kind: str
    outcome: str
    figures: Figures = {}


def note(connection: duckdb.DuckDBPyConnection, given: Held, today: date, now: datetime) -> str:
    """Keep a drill; returns its id. Use within a transaction. Raises StoreError, which says what is wrong."""
    if given.kind not in KINDS:
        raise StoreError(f"kind: expected one of {', '.join(KINDS)}, got {given.kind[:40]!r}")
    drill_id = str(uuid4())
    connection.execute(
        "insert into private.drill values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            drill_id, bought(connection, given.provider), past("held_on", given.held_on, today),
            written("held_by", given.held_by, 1, LONGEST_NAME), given.kind,
            written("outcome", given.outcome, 1, LONGEST_WHY, lines=True), figures("figures", given.figures), now,
        ],
    )  # fmt: skip
    return drill_id
