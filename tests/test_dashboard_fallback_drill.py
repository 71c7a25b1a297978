"""The Fallback page's drill: what follows from a choice, simulations beside the page, and the note that is kept."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.desk import DeskError
from dashboard.fallback import commands, drill_charts, drill_section, drill_simulation
from dashboard.fallback import drill_words as said
from dashboard.fallback.drill_choice import UNREADY, Choice, Outages, kinds, near, outages, planned, usual
from dashboard.fallback.drill_jobs import RUNS, SEED, Job
from dashboard.figures import take_away
from models.fallback.answer import Problem
from models.fallback.drill import Outage, fluid
from models.fallback.drill_runs import drill_runs
from models.fallback.facts import Facts
from tests.fallback_facts import TODAY, days, facts, pool, times
from tests.fallback_sections import section, texts, view

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("fresh_caches")
CHOICE = Choice(day=1, kind="voice", dark_from=40, dark_until=48, warned=True, diverted=0.0)


def busy(factor: float = 3.0) -> Facts:
    """So much more of the provider's work that in-house cannot take it."""
    return facts(
        days=tuple(
            day.model_copy(
                update={"pools": tuple(p.model_copy(update={"moved": times(p.moved, factor)}) for p in day.pools)}
            )
            for day in days()
        )
    )


def gone(choice: Choice = CHOICE, known: Facts | None = None) -> Outages:
    """The outages of a choice that has some."""
    found = outages(known or busy(), choice)
    assert isinstance(found, Outages), found
    return found


def worked_example() -> Outage:
    """Methods 4.5: 60 agents, 48 Erlangs of their own, 40 of a provider that is dark from 10:00 to 12:00."""
    hours = np.arange(96)
    opened = (hours >= 32) & (hours < 72)
    return Outage(
        np.where(opened, 48 * 900 / 300, 0), np.where(opened, 40 * 900 / 300, 0), np.where(opened, 60, 0), 40, 48,
        300.0, 180.0,
    )  # fmt: skip


# --- what is chosen ----------------------------------------------------------------------------------------


def test_with_warning_the_share_is_diverted_from_the_first_minute() -> None:
    found = gone(replace(CHOICE, diverted=0.4))
    dark = slice(40, 48)
    kept = (found.planned.offered - found.calm.offered)[dark]
    assert np.allclose(kept, 0.6 * (found.open.offered - found.calm.offered)[dark])


def test_without_warning_nothing_is_diverted_in_the_first_half_hour() -> None:
    found = gone(replace(CHOICE, diverted=0.4, warned=False))
    home = found.planned.offered - found.calm.offered
    all_ = found.open.offered - found.calm.offered
    assert np.allclose(home[40 : 40 + UNREADY], all_[40 : 40 + UNREADY])
    assert np.allclose(home[40 + UNREADY : 48], 0.6 * all_[40 + UNREADY : 48])
    assert home[48:].sum() == 0


def test_diverting_all_without_warning_also_works_where_the_first_half_hour_has_no_contacts() -> None:
    calm_first = replace(worked_example(), dark_from=28)
    whole = replace(CHOICE, dark_from=28, diverted=1.0, warned=False)
    found = planned(calm_first, whole)
    assert np.allclose(found.offered, found.own)


def test_without_an_outage_own_contacts_alone_come() -> None:
    found = gone()
    assert np.allclose(found.calm.offered, found.calm.own)
    assert fluid(found.calm).lost.sum() <= fluid(found.open).lost.sum()


def test_diverting_more_never_loses_more_and_a_warning_never_hurts() -> None:
    losses = [
        [fluid(gone(replace(CHOICE, diverted=share, warned=warned)).planned).lost.sum() for share in (0, 0.3, 0.6, 1)]
        for warned in (True, False)
    ]
    for row in losses:
        assert row == sorted(row, reverse=True)
    assert all(warned <= not_ for warned, not_ in zip(*losses, strict=True))


def test_a_drill_begins_at_the_busiest_quarter_hour_that_is_still_to_come() -> None:
    assert usual(busy().days[1], "voice") == (40, 48)
    today = busy().days[0].model_copy(update={"passed": 70})
    begins, until = usual(today, "voice")
    assert begins >= 70
    assert until == begins + 8
    assert usual(today.model_copy(update={"passed": 96}), "voice") == (95, 96)


def test_kinds_are_those_the_work_has() -> None:
    assert kinds(facts()) == ["voice", "chat"]
    assert kinds(facts(days=())) == []
    calls = tuple(day.model_copy(update={"pools": (pool(),)}) for day in days())
    assert kinds(facts(days=calls)) == ["voice"]


def test_charts_look_at_the_hours_around_the_outage() -> None:
    outage = worked_example()
    assert near(outage, 49 * 900.0) == (32, 57)
    assert near(outage, None) == (32, 72)


# --- what is said ------------------------------------------------------------------------------------------


def test_the_worked_example_comes_out_in_words() -> None:
    outage = worked_example()
    now, calm = fluid(outage), fluid(replace(outage, diverted=1.0))
    told = Outages(TODAY, outage, outage, replace(outage, diverted=1.0))
    assert "calls hang up" in said.result(CHOICE, told, now, calm)
    # 1 - 60 / 88 hang up, the others wait 180 x ln(88 / 60).
    assert "(60 agents for a load of 88.0), 31.8% would hang up and the others wait 1 min 09 s" in str(
        drill_section.tightest(outage)
    )
    shares = drill_section.needed(outage, 0.1)
    assert shares is not None
    line = said.needed(CHOICE, shares, outage, 0.1)
    assert line.startswith("To hold hang-ups to 10 %, 559 of the provider's 960 calls must be diverted")
    assert "at most 58.2% at 10:00" in line


def test_a_small_outage_is_one_nobody_notices() -> None:
    known = facts(days=tuple(day.model_copy(update={"pools": (pool(moved=8.0),)}) for day in days()))
    found = gone(known=known)
    now = fluid(found.planned)
    line = said.result(CHOICE, found, now, fluid(found.calm))
    assert "in-house can take all" in line or "no more than without the outage" in line
    assert said.worst(CHOICE, now) is None


def test_where_nobody_hangs_up_the_queue_grows_and_no_limit_can_be_held() -> None:
    known = facts(
        days=tuple(day.model_copy(update={"pools": (pool(moved=2400.0, patience_s=None),)}) for day in days())
    )
    found = gone(known=known)
    assert drill_section.needed(found.open, 0.1) is None
    assert "the queue grows by" in str(drill_section.tightest(found.planned))
    assert "and nobody hangs up" in said.result(CHOICE, found, fluid(found.planned), fluid(found.calm))


@pytest.mark.parametrize(
    ("quarter", "told"), [(0, "00:00"), (41, "10:15"), (96, "24:00")]
)  # fmt: skip
def test_quarter_hours_are_told_as_times(quarter: int, told: str) -> None:
    assert said.clock(quarter) == told


# --- the section -------------------------------------------------------------------------------------------


def drill(known: Facts, *, live: bool = True) -> AppTest:
    return section("drill_section", view(known, live=live))


def widget(app: AppTest, kind: str, name: str) -> Any:
    return next(one for one in getattr(app, kind) if str(one.key).startswith(f"fallback-drill-{name}"))


def test_the_answer_is_there_at_once_and_follows_what_is_chosen() -> None:
    app = drill(busy())
    assert "Dark from 10:00 to 12:00 on Tue 24 Nov 2026" in texts(app)
    widget(app, "selectbox", "day").select(1).run()
    widget(app, "selectbox", "from").select(44).run()
    assert "Dark from 11:00 to 12:00 on Wed 25 Nov 2026" in texts(app)
    widget(app, "selectbox", "from").select(50).run()
    assert "Dark from 12:30 to 14:30 on Wed 25 Nov 2026" in texts(app), "an end before the beginning gives way"
    widget(app, "toggle", "rest").set_value(True).run()
    assert "Dark from 12:30 to 24:00" in texts(app)
    assert "The provider is not back on this day." in texts(app)
    widget(app, "slider", "diverted").set_value(50).run()
    assert "Diverting 50 % spares" in texts(app)
    assert not app.exception


def test_the_table_by_quarter_hour_adds_up_to_the_sentence() -> None:
    found = gone(replace(CHOICE, diverted=0.4))
    now = fluid(found.planned)
    frame = drill_section.by_quarter(found, now, drill_section.needed(found.open, 0.1), None)
    assert len(frame) == 96
    assert frame["lost"].sum() == pytest.approx(now.lost.sum())
    assert np.allclose(frame["own"] + frame["home"], now.offered)
    assert np.allclose((frame["home"] + frame["diverted"])[40:48], np.asarray(found.open.provider)[40:48])
    assert frame["needed"].notna().sum() == 8


@pytest.mark.parametrize("typed", [0.0, 100.0, -5.0])
def test_a_limit_out_of_reason_is_said_beside_its_field_and_the_rest_stands(typed: float) -> None:
    app = drill(busy())
    widget(app, "number_input", "limit").set_value(typed).run()
    assert [one.value for one in app.error] == [said.LIMIT_WRONG]
    assert "hang up" in texts(app)
    assert not app.exception


def test_without_work_or_people_the_drill_says_so() -> None:
    assert said.NO_DAYS in texts(drill(facts(days=())))
    idle = facts(days=tuple(day.model_copy(update={"pools": (pool(agents=0),)}) for day in days()))
    assert "Nobody in-house does calls on that day" in texts(drill(idle))


def test_a_quarter_hour_that_is_over_gives_way_to_one_to_come() -> None:
    def script() -> None:
        import streamlit as st

        from dashboard.fallback import drill_section
        from tests.fallback_facts import days, facts
        from tests.fallback_sections import view

        today, *rest = days()
        passed = st.session_state.get("passed", 32)
        drill_section.draw(view(facts(days=(today.model_copy(update={"passed": passed}), *rest))))

    app = AppTest.from_function(script, default_timeout=30).run()
    assert "Dark from 10:00 to 12:00" in texts(app)
    app.session_state["passed"] = 52
    app.run()
    assert not app.exception, app.exception
    assert "Dark from 15:00 to 17:00" in texts(app)


# --- simulations -------------------------------------------------------------------------------------------


@pytest.fixture
def ended() -> Iterator[list[Job]]:
    """Jobs that are over when the test is."""
    jobs: list[Job] = []
    yield jobs
    for job in jobs:
        job.cancel()
        assert job.wait(20)


def test_two_thousand_days_of_the_worked_example_take_less_than_twenty_seconds(
    ended: list[Job], record_property: Any
) -> None:  # fmt: skip
    # About a thousand contacts of both kinds on 60 agents.
    day = worked_example()
    thin = replace(day, own=np.asarray(day.own) * 0.1, provider=np.asarray(day.provider) * 0.1)
    for outage, most_s in ((thin, 20.0), (day, 60.0)):
        job = Job("about", outage, threshold_s=20.0).start()
        ended.append(job)
        assert job.wait(most_s)
        assert job.result is not None
        assert job.took_s is not None
        record_property(f"contacts_{outage.offered.sum():.0f}_s", round(job.took_s, 2))
        print(f"{RUNS:,} days of {outage.offered.sum():,.0f} contacts and 60 agents: {job.took_s:.2f} s")
        assert job.share == 1.0
        assert not job.cancelled


def test_a_simulation_gives_what_the_same_seed_gives_anywhere(ended: list[Job]) -> None:
    outage = gone().planned
    job = Job("about", outage, threshold_s=20.0, runs=50).start()
    ended.append(job)
    assert job.wait(30)
    again = drill_runs(outage, runs=50, seed=SEED, threshold_s=20.0)
    assert job.result is not None
    assert again is not None
    assert np.array_equal(job.result.lost, again.lost)


def test_a_simulation_can_be_cancelled_and_then_has_no_result(ended: list[Job]) -> None:
    job = Job("about", gone(known=busy(12.0)).planned, threshold_s=20.0, runs=200_000).start()
    ended.append(job)
    time.sleep(0.3)
    assert job.running
    job.cancel()
    assert job.wait(20)
    assert job.cancelled
    assert job.result is None
    assert not job.running


def test_one_that_nobody_asks_for_any_more_ends_by_itself(ended: list[Job]) -> None:
    job = Job("about", gone(known=busy(12.0)).planned, threshold_s=20.0, runs=200_000, forsaken_after_s=0.2).start()
    ended.append(job)
    assert job.wait(20)
    assert job.cancelled


def test_simulations_take_turns_and_one_that_waits_can_be_cancelled(ended: list[Job]) -> None:
    long, waits = (
        Job("about", gone(known=busy(12.0)).planned, threshold_s=20.0, runs=200_000).start() for _ in range(2)
    )
    ended += [long, waits]
    time.sleep(0.4)
    assert sorted([bool(long.share), bool(waits.share)]) == [False, True]
    for job in (long, waits):
        job.cancel()
    assert waits.wait(20)
    assert waits.cancelled


def test_what_cannot_be_simulated_says_why(ended: list[Job]) -> None:
    job = Job("about", gone().planned, threshold_s=20.0, runs=0).start()
    ended.append(job)
    assert job.wait(10)
    assert job.trouble == "runs: expected 1 or more, got 0"
    assert not job.cancelled


def finished(app: AppTest) -> None:
    """Run the page until its simulation is over."""
    job: Job = app.session_state[drill_simulation.KEY]
    assert job.wait(60)
    app.run()


def test_the_button_simulates_and_the_result_stays_until_something_else_is_chosen() -> None:
    app = drill(busy())
    widget(app, "button", "job-begin").click().run()
    finished(app)
    assert not app.exception
    assert "Over 2,000 simulated days" in texts(app)
    assert "Seed 1: the same choices on the same data give the same days" in texts(app)
    table = next(one.value for one in app.dataframe if "needed" in one.value)
    assert (table["low"].dropna() <= table["high"].dropna()).all()
    widget(app, "number_input", "limit").set_value(20.0).run()
    assert "Over 2,000 simulated days" in texts(app)
    widget(app, "slider", "diverted").set_value(50).run()
    assert "Over 2,000 simulated days" not in texts(app)
    assert widget(app, "button", "job-begin").label == said.SIMULATE


def test_a_cancelled_simulation_says_so_and_can_be_done_again() -> None:
    app = drill(busy())
    app.session_state[drill_simulation.KEY] = job = Job(
        (busy().slice.model_dump_json(), None, replace(CHOICE, day=0)), gone().planned, threshold_s=20.0
    )
    job.start()
    job.cancel()
    assert job.wait(20)
    app.run()
    assert said.CANCELLED in texts(app)
    assert widget(app, "button", "job-begin").label == said.AGAIN


def test_the_simulated_band_holds_the_fluid_answer_where_the_queue_is_long() -> None:
    outage = gone().planned
    runs = drill_runs(outage, runs=400, seed=SEED)
    assert runs is not None
    low, high = runs.lost_band(0.99)
    assert low <= fluid(outage).lost.sum() <= high


# --- charts ------------------------------------------------------------------------------------------------


def test_charts_are_valid_say_what_they_show_and_can_be_taken_away() -> None:
    found = gone(replace(CHOICE, diverted=0.4))
    followed = {said.AS_PLANNED: fluid(found.planned), said.CALM: fluid(found.calm), said.OPEN: fluid(found.open)}
    runs = drill_runs(found.planned, runs=20, seed=SEED)
    assert runs is not None
    hours = near(found.open, None)
    made = [
        drill_charts.by_quarter(drill_section.lines(followed, name, hours), hours, (40, 48), ("T", "u"), "Lines.")
        for name in ("queue", "wait")
    ]
    low, high = runs.abandonment_band()
    rows = drill_simulation.lost(runs, followed[said.AS_PLANNED], hours)
    band = drill_simulation._band(low, high, hours)
    made.append(drill_charts.by_quarter(rows, hours, (40, 48), ("T", "u"), "Band.", band, 0.1, percent=True))
    for chart in made:
        spec = chart.to_dict(validate=True)
        assert spec["description"]
        assert spec["title"]["subtitle"] == "u"
        assert take_away.png(take_away.spec(chart))[:4] == b"\x89PNG"
    assert set(rows["value"].between(0, 1)) == {True}


def test_an_endless_wait_has_no_place_on_the_axis_but_is_told() -> None:
    day = worked_example()
    crew = np.asarray(day.agents).copy()
    crew[44:46] = 0
    followed = {said.AS_PLANNED: fluid(replace(day, agents=crew))}
    rows = drill_section.lines(followed, "wait", (40, 50))
    assert rows["value"].isna().sum() == 2
    assert list(rows["shown"]).count("nobody answers") == 2


# --- the note ----------------------------------------------------------------------------------------------


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What ingest was asked to write down."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def ask(name: str, args: dict[str, Any], *_: float) -> dict[str, str]:
        asked.append((name, args))
        return {"id": "d1"}

    monkeypatch.setattr(commands, "ask_ingest", ask)
    return asked


def send(app: AppTest) -> None:
    next(one for one in app.button if one.label == said.NOTE_SEND).click().run()


def test_a_drill_is_noted_with_who_when_how_and_what_came_of_it(written: list[tuple[str, dict[str, Any]]]) -> None:
    app = drill(busy())
    widget(app, "text_input", "note-name").set_value(" Ann Berg ")
    send(app)
    assert not app.exception
    ((name, args),) = written
    assert name == "drills note"
    assert (args["provider"], args["held_on"], args["held_by"], args["kind"]) == (
        busy().slice.provider, "2026-11-24", "Ann Berg", "simulated",
    )  # fmt: skip
    assert args["outcome"].startswith("Dark from 10:00 to 12:00 on 24 Nov 2026: ")
    assert args["figures"]["dark_from"] == "10:00"
    assert args["figures"]["lost"] > 0
    assert [one.value for one in app.success] == [said.NOTED]


def test_a_note_needs_a_name_and_an_outcome(written: list[tuple[str, dict[str, Any]]]) -> None:
    app = drill(busy())
    send(app)
    assert [one.value for one in app.warning] == [said.NAME_NEEDED]
    widget(app, "text_input", "note-name").set_value("Ann")
    app.text_area[0].set_value("  ")
    send(app)
    assert [one.value for one in app.warning] == [said.OUTCOME_NEEDED]
    assert not written


def test_a_note_ingest_refuses_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> dict[str, str]:
        raise DeskError("ingest does not run")

    monkeypatch.setattr(commands, "ask_ingest", ask)
    app = drill(busy())
    widget(app, "text_input", "note-name").set_value("Ann")
    send(app)
    assert said.not_noted("ingest does not run") in texts(app)


def test_a_store_that_stands_still_takes_no_note() -> None:
    app = drill(busy(), live=False)
    assert said.NOT_LIVE in texts(app)
    assert not app.text_area


def test_a_problem_of_the_day_is_told_instead_of_a_result() -> None:
    found = outages(facts(), replace(CHOICE, day=9))
    assert isinstance(found, Problem)
