"""Which contacts stand behind a number: conditions on the rows of view `contacts`, by name.

The names are those of the figures of `site_week` and `contact_counts`, so that a number and the list behind it
agree. Conditions are constants: what comes from outside picks one by its name and is never part of it.
"""

from __future__ import annotations

from typing import NamedTuple


class Rows(NamedTuple):
    """Contacts that count in a figure: what they are called, and the condition that finds them."""

    label: str
    condition: str


_INBOUND = "coalesce(direction, 'inbound') = 'inbound'"
_COUNTS = f"{_INBOUND} and outcome <> 'excluded'"
_HANDLED = f"{_INBOUND} and outcome = 'answered' and handled_at is not null and handle_s is not null"
_TARGET_S = "(select service_level_s from ingest_status)"

MEASURES: dict[str, Rows] = {
    "offered": Rows("Offered", f"{_COUNTS} and was_offered"),
    "answered": Rows("Answered", f"{_INBOUND} and outcome = 'answered'"),
    "answered_in_target": Rows(
        "Answered within the target", f"{_INBOUND} and outcome = 'answered' and wait_s <= {_TARGET_S}"
    ),
    "not_in_target": Rows(
        "Not answered within the target",
        f"{_INBOUND} and (outcome = 'abandoned' or (outcome = 'answered' and coalesce(wait_s > {_TARGET_S}, true)))",
    ),
    "service_level_n": Rows("Answered or abandoned", f"{_INBOUND} and outcome in ('answered', 'abandoned')"),
    "abandoned": Rows("Abandoned", f"{_INBOUND} and outcome = 'abandoned'"),
    "left_queue": Rows("Left the queue otherwise", f"{_INBOUND} and outcome = 'left_queue'"),
    "left_menu": Rows("Left in the menu", f"{_INBOUND} and outcome = 'left_menu'"),
    "waiting": Rows("Waiting", f"{_INBOUND} and outcome = 'waiting'"),
    "talking": Rows(
        "Talking", "outcome = 'answered' and not end_unknown and completed_at is null and wrapped_up_at is null"
    ),
    "handled": Rows("Handled", _HANDLED),
    "transferred": Rows("Transferred", f"{_HANDLED} and transfers > 0"),
    "resolved": Rows("Resolved per agent", f"{_HANDLED} and resolved"),
    "not_resolved": Rows("Not resolved per agent", f"{_HANDLED} and not resolved"),
    "unknown_end": Rows("End unknown", f"{_INBOUND} and outcome = 'unknown_end' and was_offered"),
    "end_not_told": Rows("Any contact whose end was not told", "end_unknown"),
    "excluded": Rows("Excluded", f"{_INBOUND} and outcome = 'excluded'"),
}

CLOCKS = {"arrival": "arrived_at", "completion": "handled_at"}
"""The instant by which a contact belongs to a day."""
