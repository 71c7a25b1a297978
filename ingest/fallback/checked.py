"""What saved answers, decisions and drills have in common: figures by name, days, and whose work it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

import duckdb
import msgspec

from ingest.migrate import StoreError
from ingest.written import written

LONGEST_NAME, LONGEST_NOTE, LONGEST_WHY = 80, 2000, 4000
LONGEST_TEXT = 2000
"""Of a figure that is a text."""
MOST_FIGURES = 100
_FIRST_DAY = date(2000, 1, 1)
_LARGEST = 1e15

Figures: TypeAlias = dict[str, bool | int | float | str | None]
"""Figures by name: numbers, days and other short texts; None: not known."""


def figures(what: str, given: Mapping[str, bool | int | float | str | None]) -> str:
    """Figures as JSON. what: their name, for the error. Raises StoreError."""
    if len(given) > MOST_FIGURES:
        raise StoreError(f"{what}: expected at most {MOST_FIGURES} figures, got {len(given):,}")
    found: Figures = {}
    for key, value in given.items():
        name = written(f"{what}: name of a figure", key, 1, LONGEST_NAME)
        if isinstance(value, str):
            found[name] = written(f"{what}: {name}", value, 0, LONGEST_TEXT)
        else:
            found[name] = value if value is None else number(f"{what}: {name}", value)
    return msgspec.json.encode(found).decode()


def number(what: str, given: float) -> float:
    """The same number. Raises StoreError for one that is none, or is too large to mean anything."""
    if not abs(given) <= _LARGEST:  # Also what is no number at all.
        raise StoreError(f"{what}: expected a number, at most {_LARGEST:,.0f}")
    return given


def past(what: str, given: date, today: date) -> date:
    """The same day. Raises StoreError for one to come, or one before there was such software."""
    if not _FIRST_DAY <= given <= today:
        raise StoreError(f"{what}: expected a day from {_FIRST_DAY} to today ({today}), got {given}")
    return given


def bought(connection: duckdb.DuckDBPyConnection, provider: str) -> str:
    """The same provider. Raises StoreError for one that runs no site for the company."""
    rows = connection.execute("select distinct provider from sites where not in_house order by provider").fetchall()
    known = [name for (name,) in rows]
    if provider not in known:
        listed = f"expected one of {', '.join(known)}" if known else "there is none"
        raise StoreError(f"provider: {provider[:40]!r} is nobody who runs a site for the company: {listed}")
    return provider
