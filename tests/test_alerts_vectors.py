"""The reference series of weeks opens and clears where it says, and rules cry wolf as often as it says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from models.alerts.chances import false_alarm
from models.alerts.machine import advance
from models.alerts.rule import Periods, Rule, Scope
from models.alerts.state import Event, Observation, start

VECTORS = Path(__file__).parents[2] / "shared" / "reference" / "vectors" / "fallback_vectors.json"

pytestmark = pytest.mark.skipif(not VECTORS.is_file(), reason=f"no reference vectors in {VECTORS}")


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
    return found


def rule_of(words: str) -> Rule:
    """The numbers of the rule as the vector words it."""
    bad, of, opens, good, clears, held, n = re.findall(r"\d+(?:\.\d+)?", words)
    return Rule(
        name="exit watch",
        metric="service_level",
        direction="below",
        opens=float(opens),
        clears=float(clears),
        min_n=int(n),
        periods=Periods(bad=int(bad), of=int(of), good=int(good), held=int(held)),
    )


def test_weeks_open_and_clear_as_the_reference_does(vectors: dict[str, Any]) -> None:
    case = vectors["hysteresis"]
    rule = rule_of(case["rule"])
    state, seen, events = start(rule, Scope(site="north")), [], []
    for week, (value, n) in enumerate(zip(case["kpi"], case["n"], strict=True)):
        observation = Observation(datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week), value, n)
        state, told = advance(rule, state, observation)
        events += [(week + 1, each.event) for each in told if each.event]
        seen.append(("OK" if state.episode is None else "EXIT-WATCH") + ("*" if n < rule.min_n else ""))
    assert seen == case["state"]
    assert events == [(10, Event.OPENED), (18, Event.CLOSED)]
    assert len(events) == case["flips"]


def test_the_threshold_alone_would_have_flapped(vectors: dict[str, Any]) -> None:
    case = vectors["hysteresis"]
    rule = rule_of(case["rule"])
    naive = ["BAD" if rule.is_bad(value) else "OK" for value in case["kpi"]]
    assert naive == case["naive"]
    assert sum(a != b for a, b in pairwise(naive)) == case["naive_flips"]


def test_false_alarms_of_a_year_are_those_of_the_reference(vectors: dict[str, Any]) -> None:
    cases = vectors["k_of_n_false_alarm_52w"]
    assert len(cases) == 12
    for words, expected in cases.items():
        bad, of, missed = re.findall(r"\d+(?:\.\d+)?", words)
        found = false_alarm(bad=int(bad), of=int(of), missed=float(missed))
        assert round(found, 4) == expected, words
