"""The store's SQL: numbered migrations, ingest's statements, and the views and macros readers use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

_SQL = files("models") / "sql"

MACROS = ("elapsed", "ends", "masked", "present", "ratio")
VIEWS = (
    "contacts",
    "contact_counts",
    "site_week",
    "site_today",
    "queue_now",
    "events",
    "quarantine",
    "sites",
    "ingest_status",
    "feed_quarter_hours",
    "feed_gaps",
    "feed",
    "open_contacts",
    "topics",
    "unmapped_topics",
    "week_changes",
    "ingest_log",
)
"""Views in the order in which they can be created."""


@dataclass(frozen=True)
class Migration:
    """One forward step of the store's tables."""

    number: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """All migrations in order. Numbers start at 1 and have no gaps."""
    found = []
    for path in (_SQL / "migrations").iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", path.name)
        if match:
            found.append(Migration(int(match[1]), match[2], path.read_text("utf-8")))
    found.sort(key=lambda step: step.number)
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations must be numbered 1 to n without gaps: {[step.number for step in found]}")
    return found


def reader_sql() -> list[str]:
    """Statements that create every macro and view readers use; safe to run again."""
    paths = [_SQL / "macros" / f"{name}.sql" for name in MACROS]
    paths += [_SQL / "views" / f"{name}.sql" for name in VIEWS]
    return [path.read_text("utf-8") for path in paths]


def ingest_sql(name: str) -> str:
    """A statement of ingest, by the name of its file."""
    return (_SQL / "ingest" / f"{name}.sql").read_text("utf-8")


def serving_sql(name: str) -> str:
    """A statement that prepares serving: allowed, authenticate or authorize."""
    return (_SQL / "serving" / f"{name}.sql").read_text("utf-8")
