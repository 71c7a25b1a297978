"""The Fallback page's assumptions, price and part to keep: what they say, show and refuse, about facts made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.fallback import (
    assume_section,
    headline_words,
    money_drawn,
    part_section,
    price_charts,
    price_section,
    price_swings,
)
from dashboard.fallback import money_words as said
from dashboard.figures import take_away
from models.fallback.answer_parts import AtWhatPrice, MonthCost, Problem, WhichPart
from models.fallback.assumptions import BY_NAME, SPECS
from models.fallback.base_peak import base_peak, duration_curve
from models.fallback.business_case import Case, break_even_price, outcome, present_value, tornado
from models.fallback.part_answer import last_seat
from models.fallback.which_first import Choice, WhichFirst
from tests.fallback_facts import answered, assumed, facts
from tests.fallback_sections import section, texts, view

if TYPE_CHECKING:
    from dashboard.fallback.view import View
    from models.fallback.facts import Facts

pytestmark = pytest.mark.usefixtures("fresh_caches")
CASE = Case(
    volume=35_000, price=5.4, handle_min=5.2, fcr_own=0.775, fcr_provider=0.675, returning=1.0, occupancy=0.8,
    available_hours=1_386, annual_cost=57_000, attrition=0.3, hire_cost=8_600, exit_fee=120_000, set_up=85_000,
    dual_months=2, ramp=(0.53, 0.65, 0.75, 0.83, 0.9, 0.95, 1.0), discount=0.08, months=36,
)  # fmt: skip


def month(number: int, stay: float, bill: float, **more: float) -> MonthCost:
    """A month; nothing is stranded, idle or in overtime unless said."""
    given = {"stranded": 0.0, "idle": 0.0, "overtime_hours": 0.0, "overtime": 0.0, "hired": 0.0, "one_off": 0.0}
    begins = date(2027, number, 1) if number else date(2026, 12, 1)
    return MonthCost(month=number, begins=begins, share_home=0.5, bill=bill, stay=stay, **(given | more))


def priced(*cash: float, **changes: Any) -> AtWhatPrice:
    """A price whose months save these amounts, the first one being paid once."""
    months = tuple(
        month(number, 0.0, 0.0, one_off=-saved) if not number else month(number, 1000.0, 1000.0 - saved)
        for number, saved in enumerate(cash)
    )
    so_far = np.cumsum(cash)
    back = next((number for number, saved in enumerate(so_far) if number and saved >= 0), None)
    found = outcome(CASE)
    given = AtWhatPrice(
        CASE, found, break_even_price(CASE), tuple(tornado(CASE)), months, present_value(cash, 0.0), back, 4.93, 5.4
    )
    return replace(given, **changes)


def parted(
    topics: WhichFirst | Problem, load: tuple[float, ...] = (4, 8, 8, 12), own: float = 40.0, bought: float = 60.0,
    hours: float = 0.25,
) -> WhichPart:  # fmt: skip
    """A split of a small load."""
    loads = np.array(load, dtype=np.float64)
    split = base_peak(loads, own_cost=own, bought_cost=bought, hours=hours)
    return WhichPart(
        date(2026, 4, 6), date(2026, 5, 31), duration_curve(loads), split, last_seat(loads, split.best.base), own,
        bought, topics, 13,
    )  # fmt: skip


def shown_with(**parts: Any) -> View:
    """The view of facts as they are, with other parts of the answer."""
    known = facts()
    return view(known, replace(answered(known), **parts))


# --- what is assumed ---------------------------------------------------------------------------------------


def assumptions(known: Facts, restored: dict[str, float | None] | None = None) -> AppTest:
    """Every field, drawn; what comes of it is in the session under `now`."""

    def script(known: object, restored: object) -> None:
        import streamlit as st

        from dashboard.fallback import assume_section
        from tests.fallback_facts import assumed

        if restored is not None and "once" not in st.session_state:
            st.session_state["once"] = True
            assume_section.restore(assumed(known, **restored))  # type: ignore[arg-type]
        found = assume_section.edited(known, assumed(known))  # type: ignore[arg-type]
        st.session_state["now"] = {name: (one.value, one.source) for name, one in found.items()}

    app = AppTest.from_function(script, args=(known, restored), default_timeout=30)
    app.run()
    assert not app.exception, app.exception
    return app


def field(app: AppTest, name: str) -> Any:
    """The field of an assumption."""
    return next(one for one in app.number_input if str(one.key).endswith(f"-{name}"))


def back(app: AppTest, name: str) -> Any:
    """The button that takes one change back."""
    return next(one for one in app.button if str(one.key).endswith(f"-{name}-back"))


def test_every_assumption_has_a_field_with_its_unit_and_source_and_what_decides_most_comes_first() -> None:
    app = assumptions(facts())
    assert [field(app, spec.name).label for spec in SPECS] == [said.field(spec, "EUR") for spec in SPECS]
    assert len(app.number_input) == len(SPECS)
    first = [str(one.key).rpartition("-")[2] for one in app.number_input][: len(assume_section.FIRST)]
    assert first == list(assume_section.FIRST)
    assert {f"From: {spec.source}" for spec in SPECS} <= set(texts(app).splitlines())
    assert app.expander[0].label == said.ASSUMED
    assert app.session_state["now"] == {name: (one.value, one.source) for name, one in assumed(facts()).items()}


def test_a_share_is_typed_in_percent_and_its_change_is_marked_counted_and_taken_back() -> None:
    app = assumptions(facts())
    assert field(app, "occupancy").value == 82.0
    field(app, "occupancy").set_value(77.0).run()
    assert app.session_state["now"]["occupancy"] == (0.77, assume_section.YOURS)
    assert "yours (was 82 %)" in texts(app)
    assert app.expander[0].label == f"{said.ASSUMED} · 1 is yours"
    back(app, "occupancy").click().run()
    assert field(app, "occupancy").value == 82.0
    assert app.session_state["now"]["occupancy"] == (0.82, BY_NAME["occupancy"].source)
    assert "yours" not in texts(app).replace("Changes are yours", "")


def test_one_button_takes_all_changes_back() -> None:
    app = assumptions(facts())
    field(app, "price").set_value(6.0).run()
    field(app, "handle_s").set_value(400.0).run()
    assert app.expander[0].label == f"{said.ASSUMED} · 2 are yours"
    next(one for one in app.button if one.label == said.ALL_BACK).click().run()
    assert app.expander[0].label == said.ASSUMED
    assert (field(app, "price").value, field(app, "handle_s").value) == (5.4, 312.0)


@pytest.mark.parametrize(
    ("name", "typed", "value", "told"),
    [
        ("shrinkage", 100.0, 1.0, "Shrinkage: expected 0 % to less than 100 %, got 100 %."),
        ("annual_cost", -1.0, -1.0, "An agent, in full, a year: expected 0 or more, got -1."),
        (
            "classes_every_weeks",
            2.5,
            2.5,
            "Weeks from one class to the next: expected 1 to 52, a whole number, got 2.5.",
        ),
        ("first_pace", 0.0, 0.0, "Pace in the first month after that: expected more than 0 % to 100 %, got 0 %."),
        ("handle_s", None, None, "Handle time in-house: nobody has said it yet; expected more than 0 to 86,400."),
    ],
)
def test_what_is_out_of_reason_is_said_beneath_its_field_and_kept(
    name: str, typed: float | None, value: float | None, told: str
) -> None:
    app = assumptions(facts())
    field(app, name).set_value(typed).run()
    assert [one.value for one in app.error] == [told]
    assert app.session_state["now"][name][0] == value
    assert field(app, name).value == typed
    assert app.expander[0].label == f"{said.ASSUMED} · 1 is yours · 1 to mend"


def test_a_value_typed_back_to_what_was_measured_is_no_change() -> None:
    app = assumptions(facts())
    field(app, "early_leaving").set_value(7.0).run()
    assert app.session_state["now"]["early_leaving"][0] == 0.07
    field(app, "early_leaving").set_value(5.0).run()
    assert app.expander[0].label == said.ASSUMED


def test_a_saved_answer_brings_its_assumptions_and_those_that_differ_are_changes() -> None:
    app = assumptions(facts(), {"price": 7.0, "occupancy": 0.82})
    assert field(app, "price").value == 7.0
    assert app.expander[0].label == f"{said.ASSUMED} · 1 is yours"
    field(app, "months").set_value(24.0).run()
    assert {name for name, (_, source) in app.session_state["now"].items() if source == assume_section.YOURS} == {
        "price", "months",
    }  # fmt: skip


def test_what_nobody_edited_follows_what_is_measured() -> None:
    def script() -> None:
        import streamlit as st

        from dashboard.fallback import assume_section
        from tests.fallback_facts import assumed, facts

        known = facts(own_handle_s=st.session_state.get("measured", 312.0))
        found = assume_section.edited(known, assumed(known))
        st.session_state["now"] = found["handle_s"].value

    app = AppTest.from_function(script, default_timeout=30).run()
    field(app, "price").set_value(6.0).run()
    app.session_state["measured"] = 350.0
    app.run()
    assert (field(app, "handle_s").value, app.session_state["now"]) == (350.0, 350.0)
    assert field(app, "price").value == 6.0


# --- at what price -----------------------------------------------------------------------------------------


def test_what_is_back_too_late_to_pay_is_never_said_to_pay() -> None:
    late = replace(priced(-300.0, 100.0, 100.0, 150.0), npv=-20.0)
    told = said.pays(late, assumed(facts()), "EUR")
    assert told.startswith(
        "What it costs is back in month 3 of 3 months, but too late to pay: coming home costs 20 EUR"
    )
    first, *_ = headline_words.lines(facts(), replace(answered(facts()), price=late))
    assert "what it costs is back only in month 3, too late to pay, at 5.40 EUR a contact" in first


def test_the_sentence_says_when_it_pays_back_what_it_is_worth_and_from_which_price() -> None:
    shown = texts(section("price_section", shown_with(price=priced(-300.0, 100.0, 100.0, 150.0))))
    assert "It pays back in month 3 of 3 months: coming home brings 50 EUR against staying" in shown
    at = break_even_price(CASE)
    assert at is not None
    assert (
        f"it breaks even at {at:.2f} EUR a contact; the provider costs 5.40 EUR today, {5.4 - at:.2f} EUR above"
        in shown
    )
    assert "4.93 EUR in-house in full and 5.40 EUR at the provider: in-house 8.7% less." in shown


def test_what_never_pays_back_says_so_and_where_the_two_ways_of_reckoning_disagree() -> None:
    price = priced(-300.0, 100.0, 50.0)
    shown = texts(section("price_section", shown_with(price=price)))
    assert "It never pays back within 2 months: coming home costs 150 EUR against staying" in shown
    assert (price.outcome.npv > 0) == ("Go by the months" in shown)
    assert said.contrary(replace(price, npv=price.outcome.npv)) is None
    other = said.contrary(replace(price, npv=1.0, outcome=replace(price.outcome, npv=-1.0)))
    assert other is not None
    assert "idle time and overtime" in other


def test_the_table_by_month_adds_up_to_what_the_chart_shows() -> None:
    price = priced(-300.0, 100.0, 100.0, 150.0)
    frame = price_section.by_month(price)
    assert list(frame["cumulative"]) == [-300.0, -200.0, -100.0, 50.0]
    app = section("price_section", shown_with(price=price))
    table = next(one.value for one in app.dataframe if "cumulative" in one.value)
    assert list(table.columns) == list(said.COLUMNS)
    assert list(table["cumulative"]) == [-300.0, -200.0, -100.0, 50.0]
    spent = price_section.spent(price, "EUR")
    ends = spent[spent["month"] == 3].set_index("line")["value"]
    assert ends[said.STAY] - ends[said.HOME] == 50.0


def test_a_price_that_cannot_be_worked_out_says_why_in_plain_words() -> None:
    app = section("price_section", shown_with(price=Problem("Shrinkage: expected less.", "shrinkage")))
    assert "Shrinkage: expected less." in texts(app)
    assert not app.dataframe


def test_the_tornado_tells_each_end_and_what_decides_in_words() -> None:
    swings = tuple(tornado(CASE))
    rows = price_section.swung(swings, "EUR")
    assert list(dict.fromkeys(rows["driver"])) == [one.driver for one in swings]
    first = rows[rows["driver"] == swings[0].driver]
    assert list(first["end"]) == [swings[0].low, swings[0].high]
    assert [label[:5] for label in first["label"]] == ["−10 %", "+10 %"]
    lines = said.decides(swings, outcome(CASE).npv, "EUR")
    assert lines[0].startswith(swings[0].driver[0].upper())
    turning = {one.driver for one in swings if min(one.low, one.high) < 0 <= max(one.low, one.high)}
    assert all(driver in lines[1] for driver in turning)


def test_the_break_even_price_moves_as_the_case_with_that_input_says() -> None:
    found = {one.driver: one for one in price_swings.moved(CASE)}
    assert "price" not in found
    handled = found["in-house handle time"]
    assert handled.low == break_even_price(replace(CASE, handle_min=CASE.handle_min * 0.9))
    assert handled.high == break_even_price(replace(CASE, handle_min=CASE.handle_min * 1.1))
    swings = [one.swing for one in price_swings.moved(CASE)]
    assert swings == sorted(swings, reverse=True)
    full = {one.driver: one for one in price_swings.moved(replace(CASE, occupancy=0.95))}
    assert full["occupancy"].high == break_even_price(replace(CASE, occupancy=1.0))


@pytest.mark.parametrize(
    ("value", "told"),
    [(1_020_000, "1.02 M"), (-823_500, "−824 k"), (999_600, "1.00 M"), (12.4, "12"), (-0.2, "0"), (9_999, "9,999")],
)
def test_amounts_beside_bars_are_short(value: float, told: str) -> None:
    assert said.short(value) == told


# --- which part --------------------------------------------------------------------------------------------


def test_the_worked_example_of_the_split_is_told_in_one_sentence() -> None:
    # Methods 4.3: 24 half-hours whose load is 19 or more three quarters of the time, 20 or more for less.
    load = (6, 8, 10, 12, 14, 17, 19, 22, 24, 27, 30, 33, 36, 39, 42, 45, 47, 49, 50, 52, 53, 54, 55, 56)
    part = parted(Problem("none"), load, 43.93, 62.0, 0.5)
    line = said.keep(part, "EUR")
    assert line.startswith("Keep a base of 19 agents in-house and buy the rest, up to 37 more at the peak")
    assert "used at least 70.9% of the time. The last of them is used 75.0% of it, one more would be 70.8%." in line


def test_a_dear_seat_keeps_nothing_and_a_cheap_one_everything() -> None:
    dear = parted(Problem("none"), (4, 8), 70.0)
    assert said.keep(dear, "EUR").startswith("Buy it all, up to 8 agents at the peak")
    free = parted(Problem("none"), (4, 8), 0.0)
    assert said.keep(free, "EUR").startswith("Keep all of it: 8 agents")
    assert said.shares(dear) == "All 3 hours worked from 6 Apr 2026 to 31 May 2026 are bought."


def test_a_last_seat_that_pays_by_the_curve_alone_is_told_with_what_to_do() -> None:
    """Two agents and a load of 2: by Erlang B the second is used 53.3 % of the time."""
    for own, told in ((40.0, "let contacts wait a little"), (30.0, "It still pays.")):
        line = said.uneven(parted(Problem("none"), (2, 2), own))
        assert line is not None
        assert "the last seat is used 53.3% of the time (Erlang B)" in line
        assert told in line
    assert said.uneven(parted(Problem("none"), (2, 2), 70.0)) is None


def test_topics_say_what_they_take_and_which_choice_brings_them_home() -> None:
    found = WhichFirst(
        Choice(("orders", "returns"), 13.0, 18_305.0), Choice(("returns", "billing"), 6.0, 11_143.0),
        {"billing": 11.0, "orders": 10.0, "returns": 4.0},
    )  # fmt: skip
    app = section("part_section", shown_with(part=parted(found)))
    table = next(one.value for one in app.dataframe if "greedy" in one.value)
    rows = {row["name"]: (row["people"], row["best"], row["greedy"]) for _, row in table.iterrows()}
    assert rows == {
        "Orders": (10.0, said.YES, said.NO),
        "Returns": (4.0, said.YES, said.picked(1)),
        "Billing": (11.0, said.NO, said.picked(2)),
    }
    assert "The best choice brings 2 topics home with 13 of 13 people, worth 18,305 EUR a month." in texts(app)
    costs = next(one.value for one in app.dataframe if "more" in one.value).set_index("way")["cost"]
    assert costs[said.SPLITS["best"]] == min(costs)


def test_a_part_or_its_topics_without_an_answer_say_why() -> None:
    app = section("part_section", shown_with(part=parted(Problem("No topic is known."))))
    assert "No topic is known." in texts(app)
    assert "Nothing to split." in texts(section("part_section", shown_with(part=Problem("Nothing to split."))))


def test_the_sections_draw_the_whole_answer_of_a_realistic_slice() -> None:
    shown = view(facts())
    for name in ("price_section", "part_section"):
        assert section(name, shown).dataframe


# --- charts ------------------------------------------------------------------------------------------------


def charts() -> dict[str, Any]:
    """One of each kind."""
    price = priced(-300.0, 100.0, 100.0, 150.0)
    rows = price_section.swung(price.tornado, "EUR")
    return {
        "cumulative": price_charts.cumulative(price_section.cumulated(price, "EUR"), 3, "EUR", "Saved."),
        "never": price_charts.cumulative(price_section.cumulated(price, "EUR"), None, "EUR", "Saved."),
        "compared": price_charts.compared(price_section.spent(price, "EUR"), "EUR", "Spent."),
        "bars": price_charts.bars(rows, price.outcome.npv, "T", "EUR", "Bars."),
        "flat": price_charts.bars(rows.assign(end=0.0), 0.0, "T", "EUR", "Bars."),
        "duration": price_charts.duration([12.0, 8.0, 8.0, 4.0], [0.25, 0.75, 0.75, 1.0], 8, 0.6, "Falls."),
        "all_bought": price_charts.duration([12.0, 4.0], [0.5, 1.0], 0, 1.4, "Falls."),
    }


@pytest.mark.parametrize("kind", sorted(charts()))
def test_charts_are_valid_say_what_they_show_and_can_be_taken_away(kind: str) -> None:
    chart = charts()[kind]
    spec = chart.to_dict(validate=True)
    assert isinstance(alt.Chart.from_dict(spec), alt.LayerChart)
    assert spec["description"]
    assert spec["title"]["text"]
    assert take_away.png(take_away.spec(chart))[:4] == b"\x89PNG"


def test_the_same_chart_is_drawn_once() -> None:
    price = priced(-300.0, 400.0)
    arguments: dict[str, Any] = {
        "rows": price_section.spent(price, "EUR"), "currency": "EUR", "description": "Spent.",
    }  # fmt: skip
    assert money_drawn.drawn("compared", arguments) == money_drawn.drawn("compared", arguments)
    assert isinstance(part_section.by_topic(view(facts()), WhichFirst(*(Choice((), 0, 0),) * 2, {})), pd.DataFrame)
