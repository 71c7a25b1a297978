"""The store's SQL: numbered migrations, ingest's statements, and the views and macros readers use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from itertools import takewhile

from models import contact_macros, rollups
from models.metrics import views

_SQL = files("models") / "sql"

MACROS = ("elapsed", "ends", "masked", "present", "ratio", "wait_bin")
CONTACT_MACROS = tuple(contact_macros.COMMENTS)
"""Table macros that tell what a contact is and counts as, in the order in which they can be created."""
BOARD_MACROS = ("agents_at",)
"""Table macros of one instant, in the order in which they can be created."""
ROLLUP_MACROS = (
    "repeats",
    "surveyed_within",
    "evaluated_within",
    "teams_within",
    "agent_spans",
    "worked_within",
    "charged_within",
    "scan_arrivals",
    "scan_completions",
    "scan_waits",
    "scan_quarters",
    "scan_agents",
    "scan_turns",
    "scan_surveys",
    "scan_evaluations",
    "scan_repeats",
    "scan_teams",
    "scan_work",
    "scan_billing",
    "scan_hours",
    "scan_issues",
)
"""Table macros over a span of time, in the order in which they can be created."""

_FACT_VIEWS = (
    "reporting_calendar",
    "survey_answers",
    "surveys",
    "evaluation_versions",
    "evaluations",
    "agent_changes",
    "chat_messages",
    "incidents",
)
"""Views that table macros read."""

_LATER_VIEWS = (
    "rolled_up",
    "targets",
    "contacts",
    "contact_counts",
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
    "forecasts",
    "forecast_versions",
    "forecast_errors",
    "staffing_plan",
    "line_adherence",
    "ingest_log",
    "alerts",
    "alert_notifications",
    "contracts",
    "contract_terms",
    "contract_reviews",
    "expected_bills",
    "expected_bill_lines",
    "bill_corrections",
    "costed_months",
    "malus_earned_back",
    "contract_levels",
    "cost_days",
    "issue_costs",
    "in_house_figures",
    "exchange_rates",
    "bills",
    "bill_lines",
    "bill_items",
    "bill_steps",
    "disputes",
    "scenarios",
    "decisions",
    "drills",
    "exit_plans",
)
"""The other views, in the order in which they can be created."""

VIEWS = (*_FACT_VIEWS, *rollups.VIEWS, *views.VIEWS, *_LATER_VIEWS)
"""All views readers have."""


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
    return [
        *_read("macros", MACROS),
        *_read("views", _FACT_VIEWS),
        *_contact_sql(),
        *_read("rollups", ROLLUP_MACROS),
        *(contact_macros.queues_statement(name, _text("board", "queues")) for name in contact_macros.QUEUES_COMMENTS),
        *_read("board", BOARD_MACROS),
        *(f"comment on macro table {name} is '{_quoted(text)}';" for name, text in macro_comments().items()),
        *rollups.view_sql(),
        *views.view_sql(),
        *_read("views", _LATER_VIEWS),
    ]


def macro_sql(name: str) -> str:
    """The macros of one file, by its name in MACROS."""
    return _text("macros", name)


def rollup_macros() -> list[str]:
    """The text of the macros that sums by day are made with."""
    return [*_contact_sql(), *_read("rollups", ROLLUP_MACROS)]


def macro_comments() -> dict[str, str]:
    """Every table macro with what is said of it."""
    told = dict(contact_macros.COMMENTS)
    told |= {name: _first_words("rollups", name) for name in ROLLUP_MACROS}
    told |= contact_macros.QUEUES_COMMENTS
    return told | {name: _first_words("board", name) for name in BOARD_MACROS}


def _contact_sql() -> list[str]:
    contacts, counts = _text("contacts", "contacts"), _text("contacts", "counts")
    return [contact_macros.statement(name, contacts, counts) for name in CONTACT_MACROS]


def _first_words(folder: str, name: str) -> str:
    """What a macro's file says of it at its top."""
    lines = _text(folder, name).splitlines()
    return " ".join(line.removeprefix("-- ") for line in takewhile(lambda line: line.startswith("--"), lines))


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _read(folder: str, names: tuple[str, ...]) -> list[str]:
    return [_text(folder, name) for name in names]


def _text(folder: str, name: str) -> str:
    return (_SQL / folder / f"{name}.sql").read_text("utf-8")


def ingest_sql(name: str) -> str:
    """A statement of ingest, by the name of its file."""
    return (_SQL / "ingest" / f"{name}.sql").read_text("utf-8")


def serving_sql(name: str) -> str:
    """A statement that prepares serving: allowed, authenticate or authorize."""
    return (_SQL / "serving" / f"{name}.sql").read_text("utf-8")
