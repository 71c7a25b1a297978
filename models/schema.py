"""The store's SQL: numbered migrations, the fold, and the views and macros readers use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

from models.columns import transform_spec

_SQL = files("models") / "sql"

_FOLDED_FIELDS = ["channel", "direction", "language", "topic", "customer_id", "queue", "campaign", "priority", "initial_contact_id", "previous_contact_id", "agent_id", "wait_s", "reason", "talk_s", "hold_s", "ended_by", "wrap_up_s", "disposition", "resolved", "to_queue", "to_site", "to_contact_id", "warm", "sender"]

MACROS = ("elapsed", "ratio")
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


def fold_lift_sql() -> str:
    """Query over `events_to_fold`: the fold of each event alone."""
    text = (_SQL / "fold" / "lift.sql").read_text("utf-8")
    return text.replace("{fields}", transform_spec(_FOLDED_FIELDS))


def fold_merge_sql() -> str:
    """Query over `parts_to_merge`: one row per contact."""
    return (_SQL / "fold" / "merge.sql").read_text("utf-8")


def ingest_sql(name: str) -> str:
    """A statement of the ingest transaction: fresh, current, needs_search, current_anywhere or fold."""
    text = (_SQL / "ingest" / f"{name}.sql").read_text("utf-8")
    return text.replace("{lift}", fold_lift_sql()).replace("{merge}", fold_merge_sql())


def serving_sql(name: str) -> str:
    """A statement that prepares serving: allowed, authenticate or authorize."""
    return (_SQL / "serving" / f"{name}.sql").read_text("utf-8")
