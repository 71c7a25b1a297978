"""An alert opens and clears when its rule says, never flaps, and a restart finds the same episodes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.alerts.machine import advance
from models.alerts.rule import Periods, Rule, Scope
from models.alerts.state import Condition, Event, Observation, State, Transition, start

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
NORTH = Scope(site="north")
BAD, BETWEEN, GOOD = 400.0, 200.0, 100.0
DEAD = "dead"


def a_rule(**given: Any) -> Rule:
    rule = {
        "name": "waits", "metric": "longest_wait_s", "direction": "above", "opens": 300, "clears": 120,
        "hold_s": 120, "clear_hold_s": 180, "min_n": 5,
    }  # fmt: skip
    return Rule(**(rule | given))


def by_periods(**given: Any) -> Rule:
    return a_rule(hold_s=0, clear_hold_s=0, periods=Periods(**{"bad": 2, "of": 3, "good": 2} | given))


def look(minute: float, value: float | str | None, n: float = 9) -> Observation:
    """At so many minutes past noon."""
    at = NOON + timedelta(minutes=minute)
    return Observation(at, None, 0, fed=False) if isinstance(value, str) else Observation(at, value, n)


def run(rule: Rule, seen: list[Observation], state: State | None = None) -> tuple[list[State], list[Transition]]:
    """All states, the first included, and all transitions."""
    states, told = [state or start(rule, NORTH)], list[Transition]()
    for each in seen:
        after, more = advance(rule, states[-1], each)
        states.append(after)
        told += more
    return states, told


def conditions(rule: Rule, *values: float | str | None) -> list[str]:
    """After looks a minute apart; None stands for a thin one."""
    seen = [
        look(minute, value if value is not None else BAD, 9 if value is not None else 1)
        for minute, value in enumerate(values)
    ]
    return [state.condition.value for state in run(rule, seen)[0][1:]]


def test_it_opens_when_bad_for_the_whole_hold_and_clears_when_good_for_its_own() -> None:
    found = conditions(a_rule(), GOOD, BAD, BAD, BAD, GOOD, GOOD, GOOD, GOOD)
    assert found == ["ok", "pending", "pending", "open", "clearing", "clearing", "clearing", "ok"]


def test_a_break_starts_the_hold_anew() -> None:
    assert conditions(a_rule(), BAD, BAD, BETWEEN, BAD, BAD, BAD)[-2:] == ["pending", "open"]
    found = conditions(a_rule(hold_s=0), BAD, GOOD, GOOD, BETWEEN, GOOD, GOOD, GOOD, GOOD)
    assert found == ["open", "clearing", "clearing", "open", "clearing", "clearing", "clearing", "ok"]


def test_between_the_thresholds_nothing_opens_and_nothing_clears() -> None:
    assert set(conditions(a_rule(hold_s=0), *[BETWEEN] * 9)) == {"ok"}
    assert set(conditions(a_rule(hold_s=0), BAD, *[BETWEEN] * 9)) == {"open"}


def test_without_holds_one_look_is_enough() -> None:
    rule = a_rule(hold_s=0, clear_hold_s=0)
    _, told = run(rule, [look(0, BAD), look(1, GOOD)])
    assert [(each.before, each.after, each.event) for each in told] == [
        (Condition.OK, Condition.OPEN, Event.OPENED),
        (Condition.OPEN, Condition.OK, Event.CLOSED),
    ]
    assert told[0].episode == told[1].episode is not None


def test_thin_looks_freeze_the_state_and_their_time_does_not_count() -> None:
    assert conditions(a_rule(), BAD, BAD, None, None, None, BAD, BAD) == ["pending"] * 6 + ["open"]
    assert set(conditions(a_rule(), *[None] * 9)) == {"ok"}
    assert set(conditions(a_rule(hold_s=0), BAD, *[None] * 9)) == {"open"}


def test_a_look_without_a_value_is_thin_however_many_contacts() -> None:
    assert run(a_rule(hold_s=0), [look(0, BAD), look(1, None, 99)])[0][-1].condition is Condition.OPEN


def test_silence_is_unknown_and_an_open_episode_outlives_it() -> None:
    rule = a_rule(hold_s=0, clear_hold_s=0)
    states, told = run(rule, [look(0, BAD), look(1, DEAD), look(2, DEAD), look(3, BAD), look(4, DEAD), look(5, GOOD)])
    assert [state.condition.value for state in states[1:]] == ["open", "unknown", "unknown", "open", "unknown", "ok"]
    assert [each.event for each in told] == [Event.OPENED, None, None, None, Event.CLOSED]
    assert {each.episode for each in told} == {told[0].episode}


def test_after_silence_holds_start_anew() -> None:
    assert conditions(a_rule(), BAD, BAD, DEAD, BAD, BAD, BAD)[-3:] == ["pending", "pending", "open"]
    assert conditions(a_rule(hold_s=0), BAD, GOOD, GOOD, GOOD, DEAD, GOOD)[-2:] == ["unknown", "clearing"]


def test_periods_are_counted_over_thin_and_silent_ones() -> None:
    assert conditions(by_periods(), BAD, None, DEAD, BETWEEN, BAD) == [
        "pending",
        "pending",
        "unknown",
        "pending",
        "open",
    ]
    assert conditions(by_periods(), BAD, BETWEEN, BETWEEN, BAD) == ["pending"] * 4
    assert conditions(by_periods(bad=1), BAD, GOOD, None, DEAD, GOOD)[1:] == ["clearing", "clearing", "unknown", "ok"]
    assert conditions(by_periods(bad=1), BAD, GOOD, BETWEEN, GOOD, GOOD)[1:] == ["clearing", "open", "clearing", "ok"]


def test_it_does_not_clear_before_it_was_held_for_its_periods() -> None:
    assert conditions(by_periods(bad=1, good=1, held=3), BAD, GOOD, GOOD, GOOD) == [
        "open",
        "clearing",
        "clearing",
        "ok",
    ]


def test_bad_periods_from_before_a_clearing_do_not_open_it_again() -> None:
    assert conditions(by_periods(of=9, good=1), BAD, BAD, GOOD, BAD) == ["pending", "open", "ok", "pending"]


def test_quiet_hours_change_what_is_notified_and_nothing_else() -> None:
    quiet = a_rule(hold_s=0, clear_hold_s=0, quiet=({"begins": "12:00", "ends": "12:10"},))
    loud = a_rule(hold_s=0, clear_hold_s=0)
    seen = [look(1, BAD), look(2, GOOD), look(3, BAD), look(9, BAD), look(11, BAD), look(12, BAD), look(13, GOOD)]
    hushed, told = run(quiet, seen)
    plain, told_at_once = run(loud, seen)
    assert [state.condition for state in hushed] == [state.condition for state in plain]
    assert [(each.at.minute, each.event, each.notify) for each in told] == [
        (1, Event.OPENED, False), (2, Event.CLOSED, False), (3, Event.OPENED, False),
        (11, Event.TOLD, True), (13, Event.CLOSED, True),
    ]  # fmt: skip
    assert all(each.notify for each in told_at_once)
    assert [each.episode for each in told if each.event is not Event.TOLD] == [each.episode for each in told_at_once]


def test_looks_that_are_not_in_order_are_refused() -> None:
    rule = a_rule()
    state, _ = advance(rule, start(rule, NORTH), look(5, GOOD))
    for minute in (5, 4):
        with pytest.raises(ValueError, match=r"later than the last one of 'waits' at 2026-07-01T12:05:00\+00:00, got"):
            advance(rule, state, look(minute, BAD))


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a state of rule 'other', got one of 'waits'"):
        advance(a_rule(name="other"), start(a_rule(), NORTH), look(0, BAD))
    with pytest.raises(ValueError, match="expected a part of what rule 'waits' watches"):
        start(a_rule(scope=Scope(site="south")), NORTH)
    for wrong in ({"instant": datetime(2026, 7, 1)}, {"value": float("nan")}, {"n": -1}):
        with pytest.raises(ValueError, match="expected"):
            Observation(**({"instant": NOON, "value": 1.0, "n": 1} | wrong))  # type: ignore[arg-type]


def test_a_kept_state_that_is_damaged_says_so() -> None:
    kept = start(a_rule(), NORTH).to_dict()
    with pytest.raises(ValueError, match="with 'since'"):
        State.from_dict({name: value for name, value in kept.items() if name != "since"})
    for wrong in ({"condition": "fine"}, {"last": "2026-07-01T12:00:00"}, {"last": 5}, {"scope": {"team": "a"}}):
        with pytest.raises(ValueError, match="as it was written"):
            State.from_dict(kept | wrong)


def test_ids_differ_by_rule_scope_and_instant() -> None:
    found = set()
    for name, scope, minute in (("a", NORTH, 0), ("b", NORTH, 0), ("a", Scope(queue="north"), 0), ("a", NORTH, 1)):
        rule = a_rule(name=name, hold_s=0)
        _, told = advance(rule, start(rule, scope), look(minute, BAD))
        found.add(told[0].episode)
    assert len(found) == 4


def test_the_same_instant_in_another_zone_is_the_same_episode() -> None:
    rule = a_rule(hold_s=0)
    elsewhere = NOON.astimezone(datetime.fromisoformat("2026-07-01T12:00:00+05:30").tzinfo)
    ids = {advance(rule, start(rule, NORTH), Observation(at, BAD, 9))[1][0].episode for at in (NOON, elsewhere)}
    assert len(ids) == 1


rules = st.one_of(
    st.builds(
        lambda hold, clear, quiet: a_rule(
            hold_s=hold, clear_hold_s=clear, quiet=({"begins": "12:03", "ends": "12:20"},) if quiet else ()
        ),
        st.sampled_from([0, 45, 120, 300]),
        st.sampled_from([0, 60, 180]),
        st.booleans(),
    ),
    st.builds(
        lambda of, bad, good, held: by_periods(of=of, bad=min(bad, of), good=good, held=held),
        st.integers(1, 5),
        st.integers(1, 5),
        st.integers(1, 3),
        st.integers(0, 4),
    ),
)
steps = st.lists(
    st.tuples(
        st.integers(1, 240),
        st.sampled_from([BAD, BAD, BAD, GOOD, GOOD, GOOD, BETWEEN, DEAD, None]),
        st.sampled_from([9, 9, 9, 1]),
    ),
    max_size=60,
)


def looks(taken: list[tuple[int, float | str | None, int]]) -> list[Observation]:
    seconds, seen = 0, []
    for step, value, n in taken:
        seconds += step
        seen.append(look(seconds / 60, value, n))
    return seen


@settings(deadline=None, max_examples=300)
@given(rules, steps)
def test_openings_and_clearings_take_turns_and_their_holds(rule: Rule, taken: list[Any]) -> None:
    _, told = run(rule, looks(taken))
    turns = [each for each in told if each.event in (Event.OPENED, Event.CLOSED)]
    assert [each.event for each in turns[::2]] == [Event.OPENED] * len(turns[::2])
    assert [each.event for each in turns[1::2]] == [Event.CLOSED] * len(turns[1::2])
    for last, each in pairwise(turns):
        hold_s = rule.clear_hold_s if each.event is Event.CLOSED else rule.hold_s
        assert each.at - last.at >= timedelta(seconds=hold_s)
    for opening, closing in zip(turns[::2], turns[1::2], strict=False):
        assert opening.episode == closing.episode
    opened = [each.episode for each in turns[::2]]
    assert len(set(opened)) == len(opened)


@settings(deadline=None, max_examples=200)
@given(rules, steps)
def test_by_periods_it_takes_as_many_looks_as_the_rule_asks_for(rule: Rule, taken: list[Any]) -> None:
    seen = looks(taken)
    states, told = run(rule, seen)
    if rule.periods is None:
        return
    full = [each for each in seen if each.fed and each.value is not None and each.n >= rule.min_n]
    turns = [each for each in told if each.event in (Event.OPENED, Event.CLOSED)]
    for last, each in pairwise(turns):
        between = [look for look in full if last.at < look.instant <= each.at]
        if each.event is Event.CLOSED:
            assert len(between) >= max(rule.periods.good, rule.periods.held)
            assert all(rule.is_good(look.value or 0) for look in between[-rule.periods.good :])
        else:
            assert sum(rule.is_bad(look.value or 0) for look in between[-rule.periods.of :]) >= rule.periods.bad
    assert len(states) == len(seen) + 1


@settings(deadline=None, max_examples=200)
@given(rules, steps, st.data())
def test_who_goes_on_from_any_kept_state_tells_the_same(rule: Rule, taken: list[Any], data: st.DataObject) -> None:
    seen = looks(taken)
    states, told = run(rule, seen)
    place = data.draw(st.integers(0, len(seen)))
    kept = State.from_dict(json.loads(json.dumps(states[place].to_dict())))
    assert kept == states[place]
    again, more = run(rule, seen[place:], kept)
    assert again == states[place:]
    before = run(rule, seen[:place])[1]
    assert before + more == told


@settings(deadline=None, max_examples=200)
@given(rules, steps)
def test_silence_and_thin_looks_neither_open_nor_close(rule: Rule, taken: list[Any]) -> None:
    state = start(rule, NORTH)
    for each in looks(taken):
        after, told = advance(rule, state, each)
        if not each.fed:
            assert after.condition is Condition.UNKNOWN
        if not each.fed or each.value is None or each.n < rule.min_n:
            assert not {change.event for change in told} & {Event.OPENED, Event.CLOSED}
            assert (after.episode is None) == (state.episode is None)
        assert (after.condition in (Condition.OPEN, Condition.CLEARING)) <= (after.episode is not None)
        assert (after.condition in (Condition.OK, Condition.PENDING)) <= (after.episode is None)
        state = after


@settings(deadline=None, max_examples=200)
@given(rules, steps)
def test_everyone_told_of_an_opening_is_told_once(rule: Rule, taken: list[Any]) -> None:
    _, told = run(rule, looks(taken))
    by_episode: dict[str, list[Event | None]] = {}
    for each in told:
        if each.notify:
            by_episode.setdefault(each.episode or "", []).append(each.event)
    for events in by_episode.values():
        assert events[0] in (Event.OPENED, Event.TOLD)
        assert events[1:] in ([], [Event.CLOSED])
