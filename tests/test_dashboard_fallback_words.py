"""What the Fallback page says and draws of an answer, without a page: the sentence, the calendar, the charts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.fallback import (
    absorb_rows,
    absorb_words,
    case_rows,
    case_section,
    charts,
    demand_section,
    headline_words,
    when_calendar,
    when_section,
    when_words,
)
from dashboard.fallback.view import View
from dashboard.figures import take_away
from models.fallback.answer_parts import Answer, AtWhatPrice, DayAnswer, FromWhen, Problem, TheCase
from models.fallback.facts import Day, Facts
from tests.fallback_facts import TODAY, agreement, answered, assumed, facts

if TYPE_CHECKING:
    import altair as alt

PROBLEM = Problem("Shrinkage: nobody has said it yet.", "shrinkage")
USUAL = facts()
ANSWER = answered(USUAL)
VIEW = View(cast("Any", None), USUAL, assumed(USUAL), ANSWER)


def said(known: Facts = USUAL, **changes: Any) -> list[str]:
    return headline_words.lines(known, replace(ANSWER, **changes))


def days(**changes: Any) -> tuple[DayAnswer, ...]:
    """The answer's days, the first of them otherwise."""
    assert not isinstance(ANSWER.days, Problem)
    return (replace(ANSWER.days[0], **changes), *ANSWER.days[1:])


def when(**changes: Any) -> FromWhen:
    assert isinstance(ANSWER.when, FromWhen)
    return replace(ANSWER.when, **changes)


def price(**changes: Any) -> AtWhatPrice:
    assert isinstance(ANSWER.price, AtWhatPrice)
    return replace(ANSWER.price, **changes)


# --- the sentence -----------------------------------------------------------------------------------------


def test_the_answer_is_one_sentence() -> None:
    (line,) = said()
    begin, middle, end = line.split("; ")
    assert begin == "In-house can take 838 of 979 contacts still expected today from 09:00 on"
    assert middle.startswith("all of it from 1 ")
    assert middle.endswith(" with 27 hires")
    assert end.startswith("it pays back in month ")
    assert end.endswith(" at 5.40 EUR a contact.")


@pytest.mark.parametrize(
    ("moved", "fits", "told"),
    [
        (920.0, 428.9, "can take 428 of 920 contacts"),
        (920.0, 920.0, "can take all 920 contacts"),
        (920.2, 919.9, "can take 919 of 920 contacts"),
        (919.6, 919.5, "can take 919 of 920 contacts"),
        (920.0, 0.4, "can take none of the 920 contacts"),
        (1.0, 1.0, "can take the one contact"),
        (0.3, 0.0, "cannot take the one contact "),
    ],
)
def test_what_is_not_quite_all_never_reads_as_all(moved: float, fits: float, told: str) -> None:
    assert told in said(days=days(moved=moved, absorbable=(fits, moved)))[0]


def test_a_day_with_nothing_left_is_passed_over_for_the_next() -> None:
    line = said(days=days(moved=0.0, absorbable=(0.0, 0.0), quarters=()))[0]
    assert "contacts expected on Wed 25 Nov, today having none left" in line


def test_a_slice_by_hours_says_its_hours() -> None:
    known = facts(slice=USUAL.slice.model_copy(update={"first_hour": 10, "end_hour": 12}))
    assert "contacts expected today between 10:00 and 12:00" in said(known)[0]


def test_nothing_to_come_is_said_first() -> None:
    found = tuple(replace(day, moved=0.0) for day in days())
    assert said(days=found)[0].startswith("None of this work is expected in the next seven days; all of it from ")


def test_each_part_that_is_not_known_is_a_sentence_of_its_own() -> None:
    assert said(days=PROBLEM, when=PROBLEM, price=PROBLEM) == [
        f"Whether In-house can take it now is not known. {PROBLEM.text}",
        f"From when it can take all of it is not known. {PROBLEM.text}",
        f"Whether it pays is not known. {PROBLEM.text}",
    ]
    first, second = said(when=PROBLEM)
    assert "; it pays back in month " in first
    assert second.startswith("From when ")


def test_whom_it_waits_for_and_that_nobody_has_to_be_hired_are_said() -> None:
    home = when().home
    assert home is not None
    notice = replace(home, people_ready=TODAY, last_day=home.notice_only)
    nobody = when(hires=0, need=0, classes=(), people_ready=TODAY)
    assert (
        "all of it from 1 Mar 2027, with nobody hired (the notice is what it waits for)"
        in (said(when=replace(nobody, home=notice))[0])
    )
    assert "all of it from today on, with nobody hired" in said(when=replace(nobody, home=None))[0]
    assert " with 27 hires (no contract says when it can end)" in said(when=when(home=None))[0]
    assert " with 1 hire;" in said(when=when(hires=1))[0]


def test_what_never_pays_back_says_at_which_price_it_would() -> None:
    never = price(payback=None)
    within = f"it does not pay back within {never.case.months} months at 5.40 EUR a contact"
    assert said(price=replace(never, break_even=6.125))[0].endswith(f"{within} (it would at 6.12 EUR).")
    assert said(price=replace(never, break_even=None))[0].endswith(f"{within} (no price would make it pay).")


# --- the case ---------------------------------------------------------------------------------------------


def test_the_case_has_a_row_for_each_week_and_criterion() -> None:
    assert isinstance(ANSWER.case, TheCase)
    rows = case_rows.long(USUAL, ANSWER.case)
    assert len(rows) == len(USUAL.weeks) * len(USUAL.criteria)
    assert set(rows["judged"]) == {"good", "between", "bad", "unknown"}
    assert rows[~rows["fed"]]["value"].isna().all()


def test_worse_is_on_the_bad_side_of_each_criterion() -> None:
    found, weeks = case_rows.since(USUAL, date(2026, 9, 28))
    worse = {one.criterion.name: one.worse for one in found}
    assert weeks == 8
    assert worse == {
        "service_level": True, "csat_difference": True, "delivered": True, "incidents": True, "turnover": True,
        "silence": None,
    }  # fmt: skip


def test_a_review_still_to_come_is_not_the_last_one() -> None:
    assert case_rows.last_review(USUAL) == date(2026, 9, 28)
    assert case_rows.last_review(facts(contract=None)) is None
    assert case_rows.last_review(facts(contract=agreement(reviews=[{"on": TODAY, "about": "x"}]))) is None


# --- what fits --------------------------------------------------------------------------------------------


def test_pools_add_up_to_the_answer_and_one_pool_never_fits_less() -> None:
    day = days()[0]
    rows = absorb_rows.pools(day, USUAL.days[0], 0.306)
    pooled = rows["pool"].str.endswith(absorb_words.AS_ONE)
    assert rows["fits"][~pooled].sum() == pytest.approx(day.absorbable[0])
    assert rows["asked"][~pooled].sum() == pytest.approx(day.moved)
    assert rows["fits"][pooled].sum() >= rows["fits"][rows["pool"].isin(["Calls in de", "Calls in en"])].sum()
    by_quarter = absorb_rows.quarters(day)
    assert by_quarter["fits"].sum() == pytest.approx(day.absorbable[0])
    assert by_quarter["moved"].sum() == pytest.approx(day.moved)


def test_chats_are_told_in_agents() -> None:
    day = days()[0]
    _, bounds, slots = next(each for each in absorb_rows.kinds(day) if each[0] == "chat")
    assert slots == 3
    rows = absorb_rows.agents(bounds, slots)
    assert max(rows["there"]) == 4
    assert max(rows["all"]) == np.ceil(bounds.separate[0].need_all.max() / 3)


# --- from when --------------------------------------------------------------------------------------------


def test_the_calendar_holds_what_is_to_come_soonest_first() -> None:
    found = when_calendar.entries(USUAL, when())
    assert found == sorted(found)
    assert all(entry.on >= TODAY for entry in found)
    kinds = [entry.kind for entry in found]
    assert kinds.count(when_words.CLASS) == 3
    assert kinds.count(when_words.REVIEW) == 2
    alone = when_calendar.entries(USUAL, PROBLEM)
    assert {entry.kind for entry in alone} == {when_words.REVIEW}
    assert when_calendar.entries(facts(contract=None), PROBLEM) == []


def test_a_calendar_file_has_an_event_for_each_and_nothing_can_break_out_of_its_field() -> None:
    evil = "x\r\nEND:VEVENT\r\nBEGIN:VALARM;,\\"
    made = when_calendar.ics([when_calendar.Entry(TODAY, "Review", evil)], evil, datetime(2026, 1, 2, tzinfo=UTC))
    lines = made.decode().split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert "BEGIN:VALARM;,\\" not in lines
    assert "DTSTART;VALUE=DATE:20261124" in lines
    assert "DTEND;VALUE=DATE:20261125" in lines
    assert "DTSTAMP:20260102T000000Z" in lines
    assert "DESCRIPTION:x\\nEND:VEVENT\\nBEGIN:VALARM\\;\\,\\\\" in lines


@given(st.text(max_size=300))
def test_lines_of_a_calendar_file_are_short_and_unfold_to_what_was_written(about: str) -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    made = when_calendar.ics([when_calendar.Entry(TODAY, "Review", about)], "Acme", now)
    assert all(len(line) <= when_calendar.LONGEST_LINE for line in made.split(b"\r\n"))
    whole = made.decode().replace("\r\n ", "")
    line = next(line for line in whole.split("\r\n") if line.startswith("DESCRIPTION:"))
    assert whole.count("BEGIN:VEVENT") == 1
    printable = "".join(each for each in about if each.isprintable())
    assert sum(each.isalnum() for each in line) >= sum(each.isalnum() for each in printable)


def test_days_too_close_to_be_read_apart_have_one_mark() -> None:
    home = when().home
    assert home is not None
    close = replace(home, notice_by=TODAY, people_ready=TODAY + timedelta(days=100),
                    last_day=TODAY + timedelta(days=102))  # fmt: skip
    found = when_section.marked(when(home=close, people_ready=TODAY + timedelta(days=100)))
    assert [name for _, name in found] == ["Notice", "People ready · Home"]


# --- charts -----------------------------------------------------------------------------------------------


def drawings() -> list[tuple[str, alt.LayerChart]]:
    assert isinstance(ANSWER.case, TheCase)
    day, answer = USUAL.days[1], days()[0]
    rows = case_rows.long(USUAL, ANSWER.case)
    kind, bounds, slots = next(absorb_rows.kinds(answer))
    assert kind == "voice"
    agents = charts.quarters(answer.quarters, **absorb_rows.agents(bounds, slots))
    return [
        ("marks", case_section.drawing(USUAL, ANSWER.case, rows)),
        ("expected", demand_section.drawing(USUAL, day, day.pools[0], range(32, 80))),
        ("agents", charts.agents(agents, absorb_words.NAMES, ("Calls", "agents", "Calls by quarter-hour"))),
        ("capacity", when_section.drawing(VIEW, when())),
    ]


@pytest.mark.parametrize("number", range(4))
def test_every_chart_is_valid_and_has_a_text_alternative(number: int) -> None:
    name, drawing = drawings()[number]
    spec = drawing.to_dict(validate=True)
    assert len(spec["description"]) > 10, name
    assert take_away.svg(drawing).startswith("<svg")


def test_lines_are_told_apart_by_more_than_their_colour() -> None:
    spec = dict(drawings())["agents"].to_dict()
    encodings = [layer["encoding"] for layer in spec["layer"]]
    assert any("strokeDash" in encoding for encoding in encodings)


def test_hours_without_work_leave_a_gap_in_a_chart() -> None:
    data = charts.quarters([32, 33, 40], value=[1.0, 2.0, 3.0], low=[0.0] * 3, high=[4.0] * 3)
    spec = charts.expected(data, ("Calls", "contacts", "Calls by quarter-hour")).to_dict()
    (rows,) = (rows for rows in spec["datasets"].values() if len(rows) == 7)
    assert [(row["quarter"], row["value"]) for row in rows] == [
        (8.0, 1.0), (8.25, 2.0), (8.5, 2.0), (8.5, None), (10.0, 3.0), (10.25, 3.0), (10.25, None),
    ]  # fmt: skip


def test_a_day_without_demand_needs_no_chart() -> None:
    empty = Day(day=TODAY, pools=())
    assert demand_section.left(empty, (1.0,) * 96) == 96
    assert isinstance(answered(facts(days=(empty,))), Answer)
