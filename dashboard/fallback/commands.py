"""What the page has ingest write down. Each returns what ingest answers and raises DeskError."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING

from dashboard.desk import DeskError, ask_ingest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from models.fallback.assumptions import Assumptions
    from models.fallback.facts import Facts

    Figures = Mapping[str, float | str | None]

LONGEST_NAME, LONGEST_NOTE, LONGEST_WHY = 80, 2000, 4000
KEEP_DEADLINE_S = 60.0
"""Facts of a long look back are megabytes."""


def keep_scenario(
    *, name: str, facts: Facts, assumed: Assumptions, summary: Figures, saved_by: str, note: str = ""
) -> str:
    """Save an answer with all it rests on; returns its id. summary: its headline figures."""
    values = {key: {"value": _figure(key, one.value), "source": one.source} for key, one in assumed.items()}
    args = {
        "name": name, "saved_by": saved_by, "note": note, "facts": facts.model_dump_json(by_alias=True),
        "assumed": values, "summary": _figures(summary),
    }  # fmt: skip
    return str(ask_ingest("scenarios keep", args, KEEP_DEADLINE_S)["id"])


def withdraw_scenario(*, scenario_id: str, name: str) -> None:
    """Put a saved answer aside. name: who does."""
    ask_ingest("scenarios withdraw", {"scenario_id": scenario_id, "name": name})


def restore_scenario(*, scenario_id: str, name: str) -> None:
    """Take a saved answer back that was put aside. name: who does."""
    ask_ingest("scenarios restore", {"scenario_id": scenario_id, "name": name})


def note_decision(
    *, provider: str, decided_on: date, decided_by: str, verdict: str, why: str, scenario_id: str | None = None,
    expected: Figures | None = None, replaces: str | None = None,
) -> str:  # fmt: skip
    """Write a decision down; returns its id. verdict: keep, watch, partial or full. replaces: the decision it holds
    instead of."""
    args = {
        "provider": provider, "decided_on": decided_on.isoformat(), "decided_by": decided_by, "verdict": verdict,
        "why": why, "scenario_id": scenario_id, "expected": _figures(expected or {}), "replaces": replaces,
    }  # fmt: skip
    return str(ask_ingest("decisions note", args)["id"])


def note_drill(
    *, provider: str, held_on: date, held_by: str, kind: str, outcome: str, figures: Figures | None = None
) -> str:
    """Write a drill down; returns its id. kind: simulated or for_real."""
    args = {
        "provider": provider, "held_on": held_on.isoformat(), "held_by": held_by, "kind": kind, "outcome": outcome,
        "figures": _figures(figures or {}),
    }  # fmt: skip
    return str(ask_ingest("drills note", args)["id"])


def _figures(given: Figures) -> dict[str, bool | int | float | str | None]:
    return {name: _figure(name, value) for name, value in given.items()}


def _figure(name: str, value: float | str | None) -> bool | int | float | str | None:
    """As JSON has it, which knows neither endless numbers nor those of numpy."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if not math.isfinite(value):
        raise DeskError(f"{name} is no number, so it cannot be kept")
    return float(value)
