"""A day's forecast is the mean of the same weekdays before it, in any order of rows, on any day a calendar has."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.forecast.forecast import Forecast, Method, NoForecast, Reason
from models.forecast.history import History, history
from models.forecast.seasonal import forecast_day, seasonal_naive
from models.forecast.slots import Slot, day_slots, label, slot_at

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
MONDAY = date(2026, 6, 29)
NOW = datetime(2026, 6, 29, 5, tzinfo=UTC)
OPEN = (36, 37, 38)


def before(weeks: int) -> date:
    """A Monday so many weeks before MONDAY."""
    return MONDAY - timedelta(weeks=weeks)


def of_rows(rows: list[tuple[date, int, float]]) -> History:
    days, slots, counts = zip(*rows, strict=True) if rows else ((), (), ())
    return history(days, slots, counts)


def mondays(*by_week: tuple[float, ...]) -> History:
    """Counts of the slots of OPEN 1, 2, ... weeks before MONDAY."""
    return of_rows(
        [(before(week), slot, n) for week, row in enumerate(by_week, 1) for slot, n in zip(OPEN, row, strict=True)]
    )


def forecast(past: History, day: date = MONDAY, slots: tuple[int, ...] = OPEN, **given: Any) -> Forecast:
    found = forecast_day(past, day, slots, made_at=NOW, **given)
    assert isinstance(found, Forecast), found
    return found


def reason(past: History, day: date = MONDAY, slots: tuple[int, ...] = OPEN, **given: Any) -> Reason:
    found = forecast_day(past, day, slots, made_at=NOW, **given)
    assert isinstance(found, NoForecast)
    assert (found.day, found.made_at) == (day, NOW)
    return found.reason


def test_the_mean_of_the_last_four_same_weekdays() -> None:
    past = mondays((10, 20, 30), (12, 20, 30), (14, 24, 30), (16, 24, 34), (99, 99, 99))
    found = forecast(past)
    assert found.mean == found.expected == (13, 22, 31)
    assert found.basis == tuple(before(week) for week in (4, 3, 2, 1))
    assert (found.slots, found.days, found.missing) == (OPEN, (4, 4, 4), ())
    assert found.total.mean == 66
    assert (found.method, found.made_at) == (Method.SEASONAL_MEAN, NOW)
    assert (found.elapsed, found.factor, found.weight) == (0, 1, 0)
    assert forecast(past, weeks=2).mean == (11, 20, 30)


def test_other_weekdays_the_day_itself_and_later_ones_are_in_no_mean() -> None:
    past = [(before(week), 36, 10.0) for week in (1, 2)]
    others = [(MONDAY, 36, 500.0), (before(-1), 36, 500.0), (before(1) + timedelta(days=1), 36, 500.0)]
    assert forecast(of_rows(past + others), slots=(36,)).mean == (10,)


def test_days_left_out_and_days_without_data_are_replaced_by_earlier_ones_within_reach() -> None:
    past = mondays((1, 1, 1), (90, 90, 90), (3, 3, 3), (5, 5, 5))
    found = forecast(past, left_out={before(2)}, weeks=3)
    assert (found.basis, found.mean) == ((before(4), before(3), before(1)), (3, 3, 3))
    assert forecast(past, weeks=3, reach_weeks=3).basis == (before(3), before(2), before(1))
    assert reason(past, left_out={before(2), before(3), before(4)}) is Reason.TOO_FEW_DAYS


def test_without_enough_to_go_by_there_is_no_forecast_but_a_reason() -> None:
    nothing = of_rows([])
    assert reason(nothing) is Reason.TOO_FEW_DAYS
    one = mondays((5, 5, 5))
    assert reason(one) is Reason.TOO_FEW_DAYS
    assert reason(mondays((5, 5, 5), (5, 5, 5)), slots=(50,)) is Reason.TOO_FEW_SLOTS
    assert reason(mondays((5, 5, 5), (5, 5, 5)), left_out=[MONDAY]) is Reason.LEFT_OUT
    assert reason(mondays((5, 5, 5), (5, 5, 5)), slots=()) is Reason.CLOSED
    stale = of_rows([(before(week), 36, 5.0) for week in (9, 10, 11)])
    assert reason(stale, slots=(36,)) is Reason.TOO_FEW_DAYS


def test_one_day_is_enough_when_asked_for() -> None:
    found = forecast(mondays((5, 0, 7)), least=1)
    assert found.mean == (5, 0, 7)
    assert found.low <= found.mean <= found.high


def test_a_slot_too_few_days_had_is_missing_and_not_zero() -> None:
    past = of_rows([(before(1), 36, 4.0), (before(1), 37, 9.0), (before(2), 36, 6.0)])
    found = forecast(past, slots=(36, 37, 38))
    assert (found.slots, found.mean, found.missing) == ((36,), (5,), (37, 38))
    assert found.total.mean == 5


def test_a_slot_without_a_row_is_in_no_mean_and_one_with_zero_is() -> None:
    past = of_rows([(before(1), 36, 6.0), (before(2), 36, 0.0), (before(3), 37, 1.0), (before(4), 36, 6.0)])
    found = forecast(past, slots=(36,))
    assert (found.mean, found.days) == ((4,), (3,))


def test_where_nobody_ever_came_none_are_expected_and_one_may_come() -> None:
    found = forecast(mondays(*[(0, 0, 0)] * 4))
    assert (found.mean, found.low, found.total.mean, found.total.low) == ((0, 0, 0), (0, 0, 0), 0, 0)
    assert set(found.high) == {1}
    assert 0 <= found.total.high <= 1


def test_last_week_as_it_was() -> None:
    past = mondays((1, 2, 3), (4, 5, 6))
    assert seasonal_naive(past, MONDAY, (*OPEN, 40)) == (1, 2, 3, None)
    assert seasonal_naive(past, MONDAY, OPEN, weeks_back=2) == (4, 5, 6)
    assert seasonal_naive(past, MONDAY, OPEN, weeks_back=3) == (None, None, None)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(MONDAY, 36, -1.0)], "2026-06-29, slot 36: expected a count of at least 0, got -1"),
        ([(MONDAY, 36, math.nan)], "expected a count of at least 0, got nan"),
        ([(MONDAY, 192, 1.0)], "slot 192: expected a slot from 0 to 191"),
        (
            [(MONDAY, 36, 1.0), (MONDAY, 37, 2.0), (MONDAY, 36, 3.0)],
            "slot 36: expected one row for a slot, got several",
        ),
        ([(None, 36, 1.0)], "expected a date, got none"),
        ([(MONDAY, 36.5, 1.0)], "expected slots to be whole numbers"),
    ],
)
def test_rows_that_cannot_be_are_refused(rows: list[Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        of_rows(rows)


def test_what_cannot_be_asked_for_is_refused() -> None:
    past = mondays((1, 2, 3), (4, 5, 6))
    with pytest.raises(ValueError, match="lists of one length"):
        history([MONDAY], [36, 37], [1.0])
    for wrong in (
        {"weeks": 1},
        {"least": 0},
        {"reach_weeks": 3},
        {"level": 1.0},
        {"slots": (36, 36)},
        {"slots": (192,)},
    ):
        with pytest.raises(ValueError, match="expected"):
            forecast(past, **wrong)
    with pytest.raises(ValueError, match="expected made_at to have a time zone"):
        forecast_day(past, MONDAY, OPEN, made_at=datetime(2026, 6, 29))
    with pytest.raises(ValueError, match="expected weeks_back"):
        seasonal_naive(past, MONDAY, OPEN, weeks_back=0)
    with pytest.raises(ValueError, match="expected an instant with a time zone"):
        slot_at(datetime(2026, 6, 29), BERLIN)


@pytest.mark.parametrize(
    ("zone", "day", "gone", "twice"),
    [
        (BERLIN, date(2026, 3, 29), range(8, 12), None),
        (BERLIN, date(2026, 10, 25), None, range(8, 12)),
        (NEW_YORK, date(2026, 3, 8), range(8, 12), None),
        (NEW_YORK, date(2026, 11, 1), None, range(4, 8)),
        (BERLIN, date(2026, 6, 28), None, None),
        # Clocks leap over midnight, or back from it; by half an hour; a day left out altogether.
        (ZoneInfo("America/Sao_Paulo"), date(2018, 11, 4), range(4), None),
        (ZoneInfo("America/Sao_Paulo"), date(2018, 2, 17), None, range(92, 96)),
        (ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5), None, range(6, 8)),
        (ZoneInfo("Pacific/Apia"), date(2011, 12, 30), range(96), None),
    ],
)
def test_slots_of_days_on_which_clocks_change(
    zone: ZoneInfo, day: date, gone: range | None, twice: range | None
) -> None:
    found = day_slots(day, zone)
    expected = [slot for slot in range(96) if slot not in (gone or ())]
    if twice:
        expected[twice.stop : twice.stop] = [slot + 96 for slot in twice]
    assert [slot.number for slot in found] == expected
    assert [slot_at(slot.starts_at, zone) for slot in found] == [(day, slot.number) for slot in found]
    assert all(b.starts_at - a.starts_at == timedelta(minutes=15) for a, b in pairwise(found))


def test_a_slot_starts_at_its_instant() -> None:
    assert day_slots(date(2026, 10, 25), BERLIN)[12] == Slot(104, datetime(2026, 10, 25, 1, tzinfo=UTC))
    assert label(104) == 8


@pytest.mark.parametrize(("zone", "short", "long"), [
    (BERLIN, date(2026, 3, 29), date(2026, 10, 25)),
    (NEW_YORK, date(2026, 3, 8), date(2026, 11, 1)),
])  # fmt: skip
def test_days_of_23_and_25_hours_are_forecast_from_ordinary_ones(zone: ZoneInfo, short: date, long: date) -> None:
    """What a quarter-hour gets is ten times its label, on all days; of what shows twice, twice."""
    for day, hours in ((short, 23), (long, 25)):
        weeks = [day - timedelta(weeks=week) for week in range(1, 5)]
        past = of_rows([(each, slot.number, 10 * slot.number) for each in weeks for slot in day_slots(each, zone)])
        slots = tuple(slot.number for slot in day_slots(day, zone))
        found = forecast(past, day, slots)
        assert len(found.slots) == 4 * hours
        assert found.mean == tuple(10 * label(slot) for slot in slots)
        assert found.missing == ()


@pytest.mark.parametrize("changed", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_day_on_which_clocks_changed_is_a_basis_as_any_other(changed: date) -> None:
    """The hour it lacks is the others' mean; of the hour it has twice the first pass counts."""
    day = changed + timedelta(weeks=1)
    weeks = [changed, changed - timedelta(weeks=1)]
    past = of_rows(
        [
            (each, slot.number, 500.0 if slot.number >= 96 else slot.number)
            for each in weeks
            for slot in day_slots(each, BERLIN)
        ]
    )
    found = forecast(past, day, tuple(slot.number for slot in day_slots(day, BERLIN)))
    assert found.basis == (weeks[1], changed)
    if changed.month == 3:
        assert found.missing == (8, 9, 10, 11)
    assert found.mean == found.slots


counted = st.lists(
    st.tuples(st.integers(1, 70), st.sampled_from(OPEN), st.integers(0, 400)),
    min_size=1,
    max_size=80,
    unique_by=lambda row: row[:2],
)


@settings(deadline=None, max_examples=60)
@given(counted, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int, int]], random: Any) -> None:
    dated = [(MONDAY - timedelta(days=ago), slot, float(n)) for ago, slot, n in rows]
    turned = list(dated)
    random.shuffle(turned)
    first, second = (forecast_day(of_rows(each), MONDAY, OPEN, made_at=NOW) for each in (dated, turned))
    assert first == second


@settings(deadline=None, max_examples=60)
@given(counted, st.sampled_from([0.5, 0.8, 0.9, 0.99]))
def test_lows_are_below_means_and_these_below_highs(rows: list[tuple[int, int, int]], level: float) -> None:
    past = of_rows([(MONDAY - timedelta(days=ago), slot, float(n)) for ago, slot, n in rows])
    found = forecast_day(past, MONDAY, OPEN, made_at=NOW, level=level)
    if isinstance(found, NoForecast):
        return
    assert all(low <= mean <= high for low, mean, high in zip(found.low, found.mean, found.high, strict=True))
    assert sum(found.low) <= sum(found.mean) <= sum(found.high)
    assert found.total.low <= found.total.mean <= found.total.high
    assert found.total.mean == pytest.approx(sum(found.mean))
    assert min(found.low) >= 0
