"""Exit watch: the reference's twenty weeks, several criteria together, thin weeks and silence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts.rule import Periods, Rule
from models.alerts.state import Condition, Observation
from models.fallback.exit_watch import Standing, Verdict, watch

VECTORS = Path(__file__).parent.parent.parent / "shared" / "reference" / "vectors" / "fallback_vectors.json"
BY_WEEK = Periods(bad=3, of=4, good=4, held=4)


def rule(name: str) -> Rule:
    return Rule(name=name, metric=name, direction="below", opens=0.78, clears=0.81, min_n=200, periods=BY_WEEK)


LEVEL, SOLVED = rule("service level"), rule("solved at first contact")
GOOD, BAD = 0.9, 0.5


def weeks(count: int) -> list[datetime]:
    return [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=n) for n in range(count)]


def observed(values: Sequence[float | None], n: Sequence[float] | None = None) -> list[Observation]:
    """A week's value each; None: nothing was heard."""
    counts = n or [900.0] * len(values)
    found = zip(weeks(len(values)), values, counts, strict=True)
    return [Observation(at, value, count) for at, value, count in found if value is not None]


def watched(level: Sequence[float | None], solved: Sequence[float | None], needed: int = 1) -> tuple[Verdict, ...]:
    seen = {LEVEL.name: observed(level), SOLVED.name: observed(solved)}
    return watch([LEVEL, SOLVED], weeks(len(level)), seen, needed=needed)


def test_the_twenty_weeks_of_the_reference_come_out_as_it_says() -> None:
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there")
    case: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))["hysteresis"]
    found = watch([LEVEL], weeks(len(case["kpi"])), {LEVEL.name: observed(case["kpi"], case["n"])})
    on = [each.standing is Standing.EXIT_WATCH for each in found]
    thin = [any(reason.thin for reason in each.reasons) for each in found]
    named = [("EXIT-WATCH" if open_ else "OK") + ("*" if few else "") for open_, few in zip(on, thin, strict=True)]
    assert named == case["state"]
    assert sum(one != other for one, other in pairwise(on)) == case["flips"]


def test_each_reason_says_how_it_came_to_that() -> None:
    found = watched([BAD, BAD, BAD, GOOD], [GOOD, GOOD, GOOD, BAD])
    assert [each.standing for each in found] == [
        Standing.BUILDING, Standing.BUILDING, Standing.EXIT_WATCH, Standing.EXIT_WATCH,
    ]  # fmt: skip
    assert [reason.bad_weeks for reason in found[1].reasons] == [2]
    opened, building = found[3].reasons
    assert (opened.criterion, opened.open_since, opened.good_weeks) == (LEVEL.name, weeks(3)[2], 1)
    assert (building.criterion, building.condition, building.value) == (SOLVED.name, Condition.PENDING, BAD)


def test_all_well_needs_no_reason() -> None:
    assert watched([GOOD], [GOOD])[0].reasons == ()


def test_two_needed_are_two_at_once() -> None:
    found = watched([BAD] * 5, [GOOD, GOOD, BAD, BAD, BAD], needed=2)
    assert [each.standing for each in found][2:] == [Standing.BUILDING, Standing.BUILDING, Standing.EXIT_WATCH]


def test_silence_is_unknown_and_not_good() -> None:
    found = watched([GOOD, None], [GOOD, GOOD])
    assert [each.standing for each in found] == [Standing.OK, Standing.UNKNOWN]
    assert found[1].reasons[0].condition is Condition.UNKNOWN
    # One criterion alone could not make it two.
    assert watched([GOOD, None], [GOOD, GOOD], needed=2)[1].standing is Standing.OK


def test_who_is_on_watch_and_falls_silent_stays_on_watch() -> None:
    found = watched([BAD] * 3 + [None] * 8, [GOOD] * 11)
    assert {each.standing for each in found[2:]} == {Standing.EXIT_WATCH}
    assert found[-1].reasons[0].condition is Condition.UNKNOWN


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([GOOD, BAD, 0.8]), st.booleans()), min_size=1, max_size=30))
def test_thin_weeks_change_nothing(rows: list[tuple[float, bool]]) -> None:
    """Left out, the other weeks come out the same."""
    values, counts = [row[0] for row in rows], [10.0 if row[1] else 900.0 for row in rows]
    with_thin = watch([LEVEL], weeks(len(rows)), {LEVEL.name: observed(values, counts)})
    kept = [value for value, thin in rows if not thin]
    without = watch([LEVEL], weeks(len(kept)), {LEVEL.name: observed(kept)})
    valid = [each.standing for each, (_, thin) in zip(with_thin, rows, strict=True) if not thin]
    assert valid == [each.standing for each in without]


@pytest.mark.parametrize(
    ("criteria", "seen", "needed", "told"),
    [
        ([], {}, 1, "criteria: expected at least one"),
        ([LEVEL, LEVEL], {}, 1, "each name once"),
        ([LEVEL.model_copy(update={"periods": None})], {}, 1, "service level: expected a rule that counts periods"),
        ([LEVEL], {}, 2, "needed: expected 1 to 1 criteria, got 2"),
        ([LEVEL], {"x": []}, 1, "seen: expected observations of service level, got some of x"),
        ([LEVEL], {LEVEL.name: observed([1.0] * 3)}, 1, "expected observations at the weeks' instants, got one at"),
    ],
)
def test_inputs_outside_reason_are_refused(criteria: list[Rule], seen: Any, needed: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        watch(criteria, weeks(2), seen, needed=needed)


def test_weeks_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="weeks: expected each later than the one before"):
        watch([LEVEL], weeks(2)[::-1], {})
