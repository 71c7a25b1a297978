"""The arithmetic behind what is gathered: criteria week by week, silence, presence, and how much is looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from dashboard.fallback import costs, pools, questions, weeks
from dashboard.fallback.demand import silent_hours
from dashboard.fallback.questions import Frame
from dashboard.scope.scope import Known
from models.fairness.shares import share
from models.fallback.facts import Slice
from models.metrics.catalogue import BY_NAME
from tests.agreed import PER_CONTACT, agreed

TODAY = date(2026, 11, 23)
WEEK = date(2026, 11, 9)
MONDAYS = tuple(date(2026, 10, 26) + timedelta(weeks=n) for n in range(4))
FRAME = Frame(
    Slice(provider="Acme"), ("south",), ("north",), True, TODAY, "Europe/Berlin",
    Known(("south", "north"), {}, MONDAYS), None,
)  # fmt: skip


def by_week(**columns: list[int]) -> pd.DataFrame:
    return pd.DataFrame({"week_start": list(MONDAYS), **columns})


def test_a_share_is_bad_only_where_all_of_its_interval_is() -> None:
    limit = weeks.Limit(BY_NAME["service_level"], 0.8, 0.9, 0, "contract")
    rows = by_week(answered_in_target=[780, 700, 900, 0], answered=[1000, 1000, 1000, 0], abandoned=[0, 0, 0, 0])
    (found,) = weeks.levels([limit], rows, rows, FRAME)
    expected = [share(x, 1000) for x in (780, 700, 900)]
    assert [seen.value for seen in found.weeks] == [each and each.interval.high for each in expected] + [None]
    assert [seen.value is not None and seen.value < 0.8 for seen in found.weeks] == [False, True, False, False]


def test_where_lower_is_better_it_is_the_low_end() -> None:
    limit = weeks.Limit(BY_NAME["abandonment_rate"], 0.1, 0.05, 0, "contract")
    rows = by_week(abandoned=[150, 150, 150, 150], offered=[1000] * 4)
    (found,) = weeks.levels([limit], rows, rows, FRAME)
    expected = share(150, 1000)
    assert expected is not None
    assert (found.direction, found.weeks[0].value) == ("above", expected.interval.low)


def test_a_week_that_answers_still_change_counts_only_once_it_is_bad() -> None:
    """Satisfaction is final after eight days: of 16 November not yet."""
    limit = weeks.Limit(BY_NAME["csat"], 0.6, 0.7, 0, "contract")
    for satisfied, value in ((40, True), (75, False)):
        rows = by_week(csat_satisfied=[satisfied] * 4, csat_responses=[100] * 4)
        (found,) = weeks.levels([limit], rows, rows, FRAME)
        assert found.min_n == 100
        assert [seen.value is not None for seen in found.weeks] == [True, True, value, value]


def test_a_week_without_a_row_was_silent() -> None:
    limit = weeks.Limit(BY_NAME["service_level"], 0.8, 0.9, 0, "contract")
    rows = by_week(answered_in_target=[9] * 4, answered=[9] * 4, abandoned=[0] * 4).iloc[1:]
    (found,) = weeks.levels([limit], rows, rows, FRAME)
    assert [seen.fed for seen in found.weeks] == [False, True, True, True]


def test_targets_of_the_settings_open_five_points_beyond() -> None:
    found = weeks.aim_limits({"service_level": 0.8, "abandonment_rate": 0.05, "offered": 3, "nothing": 1})
    assert [(each.metric.name, round(each.opens, 2), each.clears, each.direction) for each in found] == [
        ("service_level", 0.75, 0.8, "below"), ("abandonment_rate", 0.1, 0.05, "above"),
    ]  # fmt: skip


def alike_rows(site: str, satisfied: int) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"site": site, "week_start": week, "topic": topic, "channel": "voice", "language": "en",
             "csat_satisfied": satisfied, "csat_responses": 100, "resolvable": 0, "repeated_7d": 0}
            for week in MONDAYS for topic in ("a", "b")
        ]
    )  # fmt: skip


def test_like_for_like_is_the_end_of_the_interval_nearest_to_good() -> None:
    """30 of 100 against 70 of 100 in both topics: 40 points worse, and surely more than two."""
    found = {each.name: each for each in weeks.alike(alike_rows("south", 30), alike_rows("north", 70), FRAME)}
    csat = found["csat_alike"]
    assert (csat.opens, csat.clears, csat.min_n) == (-0.02, 0, 100)
    value = csat.weeks[0].value
    assert value is not None
    assert -0.4 < value < -0.2
    assert csat.weeks[0].n == 200
    assert all(seen.value is None and seen.fed for seen in found["first_contact_resolution_alike"].weeks)
    assert weeks.alike(alike_rows("south", 30), None, FRAME) == []


def test_hours_in_which_nobody_came_though_many_were_due_are_silence() -> None:
    """Twelve contacts a quarter-hour from 9 to 17 by the clock; on one Wednesday none from 10 to 15."""
    rows = [
        {"site": "south", "starts_at": at, "offered": 12.0}
        for week in MONDAYS
        for day in range(7)
        for quarter in range(32)
        if not (week == WEEK and day == 2 and 4 <= quarter < 24)
        for at in [datetime(week.year, week.month, week.day, 8) + timedelta(days=day, minutes=15 * quarter)]
    ]
    hours = silent_hours(pd.DataFrame(rows), FRAME)
    assert [hours[week] for week in MONDAYS] == [0, 0, 5, 0]
    found = weeks.silence(hours, FRAME)
    assert [seen.value is not None and seen.value > found.opens for seen in found.weeks] == [False, False, True, False]


def test_presence_is_the_mean_of_the_days_that_told_and_the_unknown_are_shared_out() -> None:
    """Two Mondays: two people on calls and one on chats, and three of whom nothing is known."""
    known = [("voice", 4.0), ("chat", 2.0), (None, 6.0)]
    rows = pd.DataFrame(
        [
            {"site": "north", "what": "main", "kind": kind, "language": kind and "en", "weekday": 0, "label": 40,
             "agents": agents, "days": 2}
            for kind, agents in known
        ]
    )  # fmt: skip
    main, _ = pools.present(rows)
    assert main[0, ("voice", "en")][40] == pytest.approx(4)
    assert main[0, ("chat", "en")][40] == pytest.approx(2)
    assert pools.present(rows.iloc[:0]) == ({}, {})


def test_less_is_looked_at_where_there_is_much() -> None:
    assert (questions.bounded_days(0), questions.bounded_days(44_000), questions.bounded_days(3_300_000)) == (14, 14, 1)
    assert (questions.bounded_weeks(0), questions.bounded_weeks(1_100), questions.bounded_weeks(40_000)) == (4, 4, 1)


def test_a_locked_forecast_is_committed_to_by_its_days() -> None:
    contract = agreed(
        PER_CONTACT,
        minimum={"kind": "forecast", "share": "0.9", "forecasts": [
            {"month": "2026-11", "units": "3000", "locked_on": date(2026, 10, 1)}]},
    )  # fmt: skip
    rows = by_week(handled=[700] * 4, handle_ms=[0] * 4)
    found = costs.commitment(contract, rows, rows, FRAME)
    assert found is not None
    assert found.locked
    assert [found.committed[week] for week in MONDAYS] == pytest.approx([100, 700, 700, 700])
    assert found.done[WEEK] == 700


def test_without_a_volume_there_is_no_commitment() -> None:
    rows = by_week(handled=[700] * 4, handle_ms=[0] * 4)
    assert costs.commitment(agreed(PER_CONTACT), rows, rows, FRAME) is None
    assert costs.commitment(None, rows, rows, FRAME) is None


def test_incidents_count_in_the_four_weeks_after_them() -> None:
    began = pd.to_datetime([datetime(2026, 11, 3, 9, tzinfo=UTC), datetime(2026, 11, 3, 9, tzinfo=UTC)])
    rows = pd.DataFrame({"kind": ["data_protection", "staffing"], "severity": ["low", "medium"], "began_at": began})
    assert [seen.value for seen in weeks.incidents(rows, FRAME).weeks] == [0, 1, 1, 1]
