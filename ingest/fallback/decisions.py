"""Decisions about providers. None is changed: a later one may hold instead of it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

import duckdb
import msgspec

from ingest.fallback import scenarios
from ingest.fallback.checked import LONGEST_NAME, LONGEST_WHY, Figures, bought, figures, past
from ingest.migrate import StoreError
from ingest.written import written

VERDICTS = ("keep", "watch", "partial", "full")
"""Leave the work where it is; do so and look again; bring part of it home; bring all of it home."""


class Noted(msgspec.Struct, frozen=True):
    """A decision to note. expected: figures it will be held against. scenario_id: the saved answer it rests on.
    replaces: the decision it holds instead of."""

    provider: str
    decided_on: date
    decided_by: str
    verdict: str
    why: str
    expected: Figures = {}
    scenario_id: str | None = None
    replaces: str | None = None


def note(connection: duckdb.DuckDBPyConnection, given: Noted, today: date, now: datetime) -> str:
    """Keep a decision; returns its id. Use within a transaction. Raises StoreError, which says what is wrong."""
    if given.verdict not in VERDICTS:
        raise StoreError(f"verdict: expected one of {', '.join(VERDICTS)}, got {given.verdict[:40]!r}")
    provider = bought(connection, given.provider)
    if given.scenario_id is not None:
        of = scenarios.standing(connection, given.scenario_id)
        if of != provider:
            raise StoreError(f"scenario {given.scenario_id} is about {of}: expected one about {provider}")
    if given.replaces is not None:
        _replaceable(connection, given.replaces, provider)
    decision_id = str(uuid4())
    connection.execute(
        "insert into private.decision values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            decision_id, provider, past("decided_on", given.decided_on, today),
            written("decided_by", given.decided_by, 1, LONGEST_NAME), given.verdict,
            written("why", given.why, 1, LONGEST_WHY, lines=True), given.scenario_id,
            figures("expected", given.expected), now, given.replaces,
        ],
    )  # fmt: skip
    return decision_id


def _replaceable(connection: duckdb.DuckDBPyConnection, decision_id: str, provider: str) -> None:
    """Raises StoreError unless there is such a decision about this provider that still holds."""
    rows = connection.execute(
        "select provider, replaced_by from decisions where decision_id = ?", [decision_id]
    ).fetchall()
    if not rows:
        raise StoreError(f"there is no decision {decision_id[:40]!r}; `backstop decisions list` has those there are")
    ((of, replaced_by),) = rows
    if of != provider:
        raise StoreError(f"decision {decision_id} is about {of}: expected one about {provider}")
    if replaced_by is not None:
        raise StoreError(f"decision {decision_id} was replaced already: expected the one that holds, {replaced_by}")
