"""The one step of an alert: from a state and what is seen to the next state and what is told.

A silent feed makes the condition unknown: nothing opens or closes, what was pending or clearing starts anew when the
feed is back, and an open episode goes on. A thin observation (too few contacts, or no value) leaves everything as it
is, and the time it took counts neither as bad nor as good. Who stopped looking, for a restart say, and does not replay
should say so with an observation that is not fed: time between two observations counts as what both say.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

from models.alerts.rule import Periods, Rule
from models.alerts.state import Condition, Episode, Event, Observation, State, Transition, episode_id


def advance(rule: Rule, state: State, seen: Observation) -> tuple[State, tuple[Transition, ...]]:
    """The state after an observation, and the changes it made in their order, none when nothing changed.

    Observations come in the order of their instants, each later than the last. An edited rule goes on with the state
    it finds. Raises ValueError for a state of another rule, and for an instant that is not later than the last.
    """
    if state.rule != rule.name:
        raise ValueError(f"expected a state of rule {rule.name!r}, got one of {state.rule!r}")
    if state.last is not None and seen.instant <= state.last:
        raise ValueError(
            f"expected an observation later than the last one of {state.rule!r} at {state.last.isoformat()}, "
            f"got one at {seen.instant.isoformat()}"
        )
    after = replace(_judged(rule, state, seen), last=seen.instant.astimezone(UTC))
    quiet = rule.is_quiet(seen.instant)
    told: list[Transition] = []
    opened = state.episode is None and after.episode is not None
    closed = state.episode is not None and after.episode is None
    if after.condition != state.condition:
        event = Event.OPENED if opened else Event.CLOSED if closed else None
        episode = after.episode or (state.episode if closed else None)
        notify = not quiet and (opened or (closed and state.episode is not None and state.episode.told))
        told.append(_transition(state.condition, after.condition, event, episode, notify, seen))
    if after.episode is not None and not after.episode.told and after.condition is Condition.OPEN and not quiet:
        if not opened:
            told.append(_transition(after.condition, after.condition, Event.TOLD, after.episode, True, seen))
        after = replace(after, episode=replace(after.episode, told=True))
    return after, tuple(told)


def _judged(rule: Rule, state: State, seen: Observation) -> State:
    """The next state but for what is told of it."""
    if not seen.fed:
        # Periods are counted one by one and need not be neighbours; times must be without a break.
        return replace(state, condition=Condition.UNKNOWN, since=None)
    if seen.value is None or seen.n < rule.min_n:
        return replace(_awake(rule, state), thin=True)
    awake = _awake(rule, state)
    if rule.periods is None:
        judged = _by_time(rule, awake, seen, seen.value)
    else:
        judged = _by_periods(rule, rule.periods, awake, seen, seen.value)
    return replace(judged, counted=seen.instant.astimezone(UTC), thin=False)


def _awake(rule: Rule, state: State) -> State:
    """What a state is when the feed is there again."""
    if state.condition is not Condition.UNKNOWN:
        return state
    if rule.periods is not None:
        return replace(state, condition=_between(state, state.episode is not None))
    return replace(state, condition=Condition.OK if state.episode is None else Condition.OPEN)


def _by_time(rule: Rule, state: State, seen: Observation, value: float) -> State:
    is_open = state.episode is not None
    wanted = rule.is_good(value) if is_open else rule.is_bad(value)
    if not wanted:
        return replace(state, condition=Condition.OPEN if is_open else Condition.OK, since=None)
    now = seen.instant.astimezone(UTC)
    since = now if state.since is None else state.since
    if state.since is not None and state.thin and state.counted is not None:
        since += now - state.counted
    if now - since < timedelta(seconds=rule.clear_hold_s if is_open else rule.hold_s):
        return replace(state, condition=Condition.CLEARING if is_open else Condition.PENDING, since=since)
    return _closed(state) if is_open else _opened(state, seen)


def _by_periods(rule: Rule, periods: Periods, state: State, seen: Observation, value: float) -> State:
    is_open = state.episode is not None
    recent = (*state.recent, rule.is_bad(value))[-periods.of :]
    good = state.good + 1 if rule.is_good(value) else 0
    if not is_open:
        if sum(recent) >= periods.bad:
            return _opened(state, seen)
        moved = replace(state, recent=recent)
    else:
        if good >= periods.good and state.held + 1 >= periods.held:
            return _closed(state)
        moved = replace(state, good=good, held=state.held + 1)
    return replace(moved, condition=_between(moved, is_open))


def _between(state: State, is_open: bool) -> Condition:
    """By periods, when nothing opens or closes."""
    if is_open:
        return Condition.CLEARING if state.good else Condition.OPEN
    return Condition.PENDING if any(state.recent) else Condition.OK


def _opened(state: State, seen: Observation) -> State:
    at = seen.instant.astimezone(UTC)
    episode = Episode(episode_id(state.rule, state.scope, at), at, told=False)
    return replace(state, condition=Condition.OPEN, episode=episode, since=None, recent=(), good=0, held=0)


def _closed(state: State) -> State:
    """Periods are counted from here: bad ones from before would open it again at once."""
    return replace(state, condition=Condition.OK, episode=None, since=None, recent=(), good=0, held=0)


def _transition(
    before: Condition, after: Condition, event: Event | None, episode: Episode | None, notify: bool, seen: Observation
) -> Transition:
    name = None if episode is None else episode.id
    return Transition(seen.instant.astimezone(UTC), before, after, event, name, notify, seen.value, seen.n)
