"""What all sections of the Fallback page share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashboard.scope.opening import Opened
    from models.fallback.answer import Answer
    from models.fallback.assumptions import Assumptions
    from models.fallback.facts import Facts


@dataclass(frozen=True)
class View:
    """One answer, and what it rests on. opened_scenario: the id of the saved scenario it is shown from, if so."""

    page: Opened
    facts: Facts
    assumed: Assumptions
    answer: Answer
    opened_scenario: str | None = None
