"""A rule says what it watches and when it is quiet; one that cannot work says what was expected."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from models.alerts.chances import false_alarm
from models.alerts.rule import Periods, QuietHours, Rule, Scope


def a_rule(**given: Any) -> Rule:
    return Rule(
        **{"name": "waits", "metric": "longest_wait_s", "direction": "above", "opens": 300, "clears": 120} | given
    )


def test_beyond_opens_is_bad_and_at_clears_is_good() -> None:
    above = a_rule()
    assert [above.is_bad(value) for value in (300, 300.1)] == [False, True]
    assert [above.is_good(value) for value in (120, 120.1)] == [True, False]
    below = a_rule(direction="below", opens=0.78, clears=0.81)
    assert [below.is_bad(value) for value in (0.78, 0.779)] == [False, True]
    assert [below.is_good(value) for value in (0.81, 0.809)] == [True, False]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"clears": 300}, r"expected clears to be below opens \(300\) in a rule for figures above it, got 300"),
        ({"clears": 301}, "expected clears to be below opens"),
        ({"direction": "below"}, r"expected clears to be above opens \(300\) in a rule for figures below it, got 120"),
        ({"opens": float("nan")}, "finite number"),
        ({"hold_s": -1}, "greater than or equal to 0"),
        ({"min_n": -1}, "greater than or equal to 0"),
        ({"zone": "Europe/Nowhere"}, "'Europe/Nowhere' is not an IANA time zone, for example Europe/Berlin"),
        ({"quiet": ({"begins": "25:00", "ends": "06:00"},)}, "expected a time of day as HH:MM"),
        ({"direction": "sideways"}, "'above' or 'below'"),
        ({"treshold": 3}, "Extra inputs are not permitted"),
        ({"name": " "}, "at least 1 character"),
        ({"scope": {"team": "a"}}, "Extra inputs are not permitted"),
        ({"periods": {"bad": 5, "of": 4, "good": 1}}, r"expected bad to be at most of, .* \(4\), got 5"),
        ({"periods": {"bad": 3, "of": 4, "good": 4}, "hold_s": 60}, "expected either periods or hold_s"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        a_rule(**given)


@pytest.mark.parametrize("model", [Rule, Scope, Periods, QuietHours])
def test_every_field_is_described(model: type[BaseModel]) -> None:
    assert all(field.description for field in model.model_fields.values())


def test_a_rule_is_not_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        a_rule().opens = 3  # type: ignore[misc]


def test_a_part_left_out_of_a_scope_is_any() -> None:
    part = Scope(site="north", queue="sales", language="de")
    assert Scope().covers(part)
    assert Scope(site="north").covers(part)
    assert not Scope(site="south").covers(part)
    assert not Scope(channel="voice").covers(part)


def test_quiet_hours_go_by_the_wall_clock_and_over_midnight() -> None:
    rule = a_rule(zone="Europe/Berlin", quiet=({"days": "Fri", "begins": "22:00", "ends": "06:00"},))
    friday = [datetime(2026, 7, 3, hour, 30, tzinfo=UTC) for hour in (19, 20, 21)]
    assert [rule.is_quiet(instant) for instant in friday] == [False, True, True]
    saturday = [datetime(2026, 7, 4, hour, 30, tzinfo=UTC) for hour in (3, 4, 20)]
    assert [rule.is_quiet(instant) for instant in saturday] == [True, False, False]


def test_both_passes_of_an_hour_shown_twice_are_quiet() -> None:
    rule = a_rule(zone="Europe/Berlin", quiet=({"begins": "02:00", "ends": "03:00"},))
    night = [
        datetime(2026, 10, 24, 23, 30, tzinfo=UTC),
        *(datetime(2026, 10, 25, h, 30, tzinfo=UTC) for h in (0, 1, 2)),
    ]
    assert [rule.is_quiet(instant) for instant in night] == [False, True, True, False]


def test_quiet_hours_that_end_where_they_begin_last_a_day() -> None:
    rule = a_rule(quiet=({"days": "Sun", "begins": "08:00", "ends": "08:00"},))
    at = [datetime(2026, 7, 5, 7, 59), datetime(2026, 7, 5, 8), datetime(2026, 7, 6, 7, 59), datetime(2026, 7, 6, 8)]
    assert [rule.is_quiet(instant.replace(tzinfo=UTC)) for instant in at] == [False, True, True, False]


@pytest.mark.parametrize(("bad", "of"), [(1, 1), (1, 3), (2, 3), (3, 4), (4, 4)])
def test_false_alarms_by_counting_all_ways_a_few_periods_can_go(bad: int, of: int) -> None:
    missed, periods = 0.3, 7
    expected = 0.0
    for ways in product((0, 1), repeat=periods):
        if any(sum(ways[max(0, last - of + 1) : last + 1]) >= bad for last in range(periods)):
            expected += missed ** sum(ways) * (1 - missed) ** (periods - sum(ways))
    assert false_alarm(bad=bad, of=of, missed=missed, periods=periods) == pytest.approx(expected)


def test_false_alarms_of_what_cannot_be_are_refused() -> None:
    for wrong in ({"bad": 0}, {"bad": 5}, {"of": 17}, {"missed": 1.1}, {"missed": float("nan")}, {"periods": -1}):
        with pytest.raises(ValueError, match="expected"):
            false_alarm(**({"bad": 3, "of": 4, "missed": 0.1} | wrong))
    assert false_alarm(bad=1, of=1, missed=0) == 0
    assert false_alarm(bad=1, of=1, missed=1) == 1
    assert false_alarm(bad=1, of=1, missed=1, periods=0) == 0
