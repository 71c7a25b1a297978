"""The earliest safe day: people against notice, compared with looking at every day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fallback.homecoming import homecoming
from models.terms.contract import Ending
from models.terms.ending import first_end

DECIDED = date(2026, 3, 10)
TO: tuple[Literal["any_day", "month_end", "quarter_end", "year_end"], ...] = (
    "any_day", "month_end", "quarter_end", "year_end",
)  # fmt: skip
ENDINGS = st.builds(
    Ending,
    notice_days=st.integers(0, 400),
    to=st.sampled_from(TO),
    earliest=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2028, 1, 1))),
)


def test_slow_notice_makes_people_wait() -> None:
    """90 days from 10 March are 8 June, to the end of the quarter 30 June; people are ready on 5 May."""
    found = homecoming(DECIDED, 8, Ending(notice_days=90, to="quarter_end", assistance_days=30))
    assert (found.people_ready, found.last_day, found.home_on) == (
        date(2026, 5, 5), date(2026, 6, 30), date(2026, 7, 1),
    )  # fmt: skip
    assert found.waits_for == "notice"
    assert found.notice_by == date(2026, 4, 1)
    assert found.idle_days == 57
    assert found.assisted_until == date(2026, 7, 30)


def test_slow_hiring_puts_off_the_notice() -> None:
    """Ready on 21 July: of the quarters' ends the next one is 30 September, with notice until 2 July."""
    found = homecoming(DECIDED, 19, Ending(notice_days=90, to="quarter_end"))
    assert (found.people_ready, found.notice_only) == (date(2026, 7, 21), date(2026, 6, 30))
    assert (found.last_day, found.notice_by) == (date(2026, 9, 30), date(2026, 7, 2))
    assert found.waits_for == "people"


def test_ready_on_the_day_after_the_end_is_in_time() -> None:
    found = homecoming(date(2026, 4, 1), 13, Ending(notice_days=90, to="any_day"))
    assert (found.people_ready, found.last_day, found.idle_days) == (date(2026, 7, 1), date(2026, 6, 30), 0)


@settings(max_examples=60, deadline=None)
@given(ENDINGS, st.integers(0, 60))
def test_it_is_the_first_day_among_all_days_on_which_notice_could_be_given(ending: Ending, weeks: int) -> None:
    found = homecoming(DECIDED, weeks, ending)
    given_on = [DECIDED + timedelta(days=n) for n in range(1300)]
    ends = [first_end(ending, day) for day in given_on]
    assert found.last_day == min(day for day in ends if day + timedelta(days=1) >= found.people_ready)
    assert found.notice_by == max(day for day, end in zip(given_on, ends, strict=True) if end == found.last_day)
    assert found.idle_days >= 0


@settings(max_examples=60, deadline=None)
@given(ENDINGS, st.integers(0, 60), st.integers(0, 300), st.integers(0, 20))
def test_longer_notice_or_hiring_never_brings_the_day_forward(
    ending: Ending, weeks: int, days: int, more_weeks: int
) -> None:
    longer = ending.model_copy(update={"notice_days": ending.notice_days + days})
    first = homecoming(DECIDED, weeks, ending).home_on
    assert first <= homecoming(DECIDED, weeks, longer).home_on
    assert first <= homecoming(DECIDED, weeks + more_weeks, ending).home_on


def test_weeks_outside_reason_are_refused() -> None:
    ending = Ending(notice_days=90)
    with pytest.raises(ValueError, match="ready_in_weeks: expected 0 or more, got -1"):
        homecoming(DECIDED, -1, ending)
    with pytest.raises(ValueError, match="expected a day of the calendar"):
        homecoming(DECIDED, 10**6, ending)
