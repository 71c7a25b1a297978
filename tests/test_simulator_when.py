"""Moments, days, times and names of a scenario: what is understood, what it means, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ingest.simulator.scenario.terms import Label, Language, Name, SiteId
from ingest.simulator.scenario.when import (
    DayOfYear,
    Holiday,
    Moment,
    When,
    Yearly,
    first_monday,
    local_ms,
)
from models.hours import WEEKDAYS, Days, MinuteOfDay

BERLIN = ZoneInfo("Europe/Berlin")
WHEN: TypeAdapter[Moment] = TypeAdapter(When)
HOLIDAY: TypeAdapter[Moment | Yearly] = TypeAdapter(Holiday)
YEARLY: TypeAdapter[Yearly] = TypeAdapter(DayOfYear)
MINUTE: TypeAdapter[int] = TypeAdapter(MinuteOfDay)
DAYS: TypeAdapter[frozenset[int]] = TypeAdapter(Days)


def utc(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def refused(adapter: TypeAdapter[Any], value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(value)
    (item,) = caught.value.errors()
    return item["msg"]


@pytest.mark.parametrize(
    ("text", "start", "instant"),
    [
        # 2026-08-31 is a Monday.
        ("week 1", date(2026, 8, 31), "2026-08-30 22:00"),
        ("week 1", date(2026, 9, 6), "2026-08-30 22:00"),
        ("week 1 Sun", date(2026, 9, 3), "2026-09-05 22:00"),
        ("week 2", date(2026, 9, 6), "2026-09-06 22:00"),
        ("week 9 Wed 10:00", date(2026, 8, 31), "2026-10-28 09:00"),
        ("week 9 Wed 10:00", date(2026, 9, 7), "2026-11-04 09:00"),
        ("week 9 08:30", date(2026, 8, 31), "2026-10-26 07:30"),
        ("2026-10-31", date(2000, 1, 1), "2026-10-30 23:00"),
        ("2026-10-31 10:00", date(2000, 1, 1), "2026-10-31 09:00"),
        ("2026-10-31 24:00", date(2000, 1, 1), "2026-10-31 23:00"),
        ("2028-02-29", date(2000, 1, 1), "2028-02-28 23:00"),
        # The clock is set forward over 02:30, and back so that 02:30 comes twice.
        ("2026-03-29 02:30", date(2026, 1, 1), "2026-03-29 01:30"),
        ("2026-03-29 03:30", date(2026, 1, 1), "2026-03-29 01:30"),
        ("2026-10-25 02:30", date(2026, 1, 1), "2026-10-25 00:30"),
        ("2026-10-25 03:00", date(2026, 1, 1), "2026-10-25 02:00"),
    ],
)
def test_a_moment_is_an_instant(text: str, start: date, instant: str) -> None:
    assert utc(WHEN.validate_python(text).instant_ms(start, BERLIN)) == instant


def test_a_date_may_stand_without_quotes() -> None:
    assert WHEN.validate_python(date(2026, 10, 31)) == WHEN.validate_python("2026-10-31")


@pytest.mark.parametrize(
    "text",
    ["", "week", "week 0", "week 1000", "week 9 Mo", "week 9 wed", "week 9  Wed", "Week 9", "week 9 Wed 10", "week -1",
     "week 9 Wed 9:00", "2026-10-31T10:00", "2026-10-31 10:00:00", "26-10-31", "10-31", "31.10.2026", "week 9 ", "\n",
     9, None, True, [], {"week": 9}],
)  # fmt: skip
def test_anything_else_is_no_moment(text: object) -> None:
    assert '"week 9 Wed 10:00"' in refused(WHEN, text)


def test_a_day_that_does_not_exist_is_refused() -> None:
    assert refused(WHEN, "2026-02-29") == "Value error, expected a date that exists"
    assert refused(WHEN, "2026-10-31 25:00").endswith("from 00:00 to 24:00")
    assert refused(WHEN, "week 9 Wed 24:01").endswith("from 00:00 to 24:00")
    for text in ("02-30", "13-01", "00-10", "06-31"):
        assert refused(YEARLY, text) == "Value error, expected a month and a day that exist"
        assert refused(HOLIDAY, text) == "Value error, expected a month and a day that exist"


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 500), st.integers(0, 6))
def test_weeks_are_counted_from_the_one_the_start_lies_in(start: date, week: int, weekday: int) -> None:
    monday = first_monday(start)
    assert (monday.weekday(), 0 <= (start - monday).days < 7) == (0, True)
    moment = WHEN.validate_python(f"week {week} {WEEKDAYS[weekday]} 12:34")
    assert moment.date(start) == monday + timedelta(days=7 * (week - 1) + weekday)
    assert moment.minute == 754


@given(st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.integers(0, 5000))
def test_minutes_beyond_a_day_are_of_the_days_after(day: date, minute: int) -> None:
    later = day + timedelta(days=minute // 1440)
    assert local_ms(day, minute, BERLIN) == local_ms(later, minute % 1440, BERLIN)
    assert local_ms(day, minute, ZoneInfo("UTC")) - local_ms(day, 0, ZoneInfo("UTC")) == minute * 60_000


def test_a_holiday_is_a_moment_or_a_day_of_every_year() -> None:
    assert HOLIDAY.validate_python("12-25") == Yearly(12, 25)
    assert HOLIDAY.validate_python("week 3 Fri") == Moment(3, 4, None, 0)
    assert HOLIDAY.validate_python("2026-10-31") == Moment(None, 0, date(2026, 10, 31), 0)
    assert '"week 9"' in refused(HOLIDAY, "Christmas")
    assert refused(YEARLY, "week 3") == 'Value error, expected month and day as "12-25"'


@pytest.mark.parametrize(
    ("text", "when", "days"),
    [
        ("12-25", date(2026, 12, 24), 1),
        ("12-25", date(2027, 1, 2), -8),
        ("01-02", date(2026, 12, 30), 3),
        ("07-01", date(2026, 7, 1), 0),
        ("02-29", date(2026, 2, 28), 0),
        ("02-29", date(2028, 2, 28), 1),
        ("02-29", date(2027, 3, 1), -1),
    ],
)
def test_the_nearest_return_of_a_day_of_the_year(text: str, when: date, days: int) -> None:
    assert YEARLY.validate_python(text).days_from(when) == days


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(2024, 1, 1), date(2024, 12, 31)))
def test_no_return_is_nearer(when: date, day: date) -> None:
    yearly = Yearly(day.month, day.day)
    nearest = yearly.days_from(when)
    assert all(abs(nearest) <= abs((yearly.in_year(year) - when).days) for year in range(when.year - 2, when.year + 3))
    assert when + timedelta(days=nearest) in {yearly.in_year(when.year + more) for more in (-1, 0, 1)}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("daily", "0123456"), ("Mon-Sun", "0123456"), ("Mon-Fri", "01234"), ("Sat,Sun", "56"), ("Sat, Sun", "56"),
        ("Wed", "2"), ("Fri-Mon", "0456"), ("Sun-Sat", "0123456"), ("Mon-Mon", "0"), ("Mon,Wed-Fri", "0234"),
    ],
)  # fmt: skip
def test_weekdays(text: str, days: str) -> None:
    assert DAYS.validate_python(text) == frozenset(map(int, days))


@pytest.mark.parametrize(
    "text", ["", "mon", "Monday", "Mon-", "-Fri", "Mon-Wed-Fri", "Mon;Tue", "Mon,", 1, ["Mon"], None]
)
def test_anything_else_is_no_weekdays(text: object) -> None:
    assert 'such as "Mon-Fri"' in refused(DAYS, text)


def test_times_of_day() -> None:
    for minute in range(1441):
        assert MINUTE.validate_python(f"{minute // 60:02}:{minute % 60:02}") == minute
    for value in ("24:01", "25:00", "9:00", "09:60", "09:00:00", "09.00", "", " 09:00", 9, 540, None, True):
        assert refused(MINUTE, value).endswith("expected a time of day as HH:MM, from 00:00 to 24:00")


@given(st.text(max_size=70) | st.from_regex(r"[a-zA-Z0-9._\\\"-]+"), st.sampled_from([Name, SiteId, Language]))
def test_no_name_needs_escaping_in_json(text: str, kind: Any) -> None:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return
    assert json.dumps(text) == f'"{text}"'


@pytest.mark.parametrize("text", ["", "-a", ".a", "a b", 'a"', "a\\", "a\n", "é", "a" * 64, "a/b", "\x7f", "a\u2028"])
def test_a_name_is_short_and_plain(text: str) -> None:
    assert "pattern" in refused(TypeAdapter(Name), text)


@pytest.mark.parametrize("text", ["a", "7", "order_status", "a.b-c", "A" * 63])
def test_a_plain_name_is_taken(text: str) -> None:
    assert TypeAdapter(Name).validate_python(text) == text


@pytest.mark.parametrize(
    ("text", "good"), [("de", True), ("pt-BR", True), ("DE", False), ("d", False), ("de_DE", False)]
)
def test_a_language_is_a_tag(text: str, good: bool) -> None:
    if good:
        assert TypeAdapter(Language).validate_python(text) == text
    else:
        refused(TypeAdapter(Language), text)


def test_a_label_is_one_line_of_text() -> None:
    assert TypeAdapter(Label).validate_python('Calls & "Co" é') == 'Calls & "Co" é'
    for text in ("", "a\nb", "a\x00", "\x7f", "a" * 81):
        refused(TypeAdapter(Label), text)
