"""One evaluation: every rule held against the figures of every site, states and events kept in one transaction.

Where nobody looked for a while, after a start, while a history is read or after the clock was moved, the first
observation says that it does not know: time that was not seen makes nothing open or close.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from ingest.alerting.look import Look, Looking
from ingest.alerting.records import Change, Figure, Records, Standing
from models.alerts.machine import advance
from models.alerts.rule import Rule, Scope
from models.alerts.state import Event, Observation, State, start

log: Any = structlog.get_logger("alerts")

CouldTake = Callable[[Look, Scope], Mapping[str, Any] | None]
"""What the company's own sites could take over of a part of the work; None where that is no question."""

_KEEP_FIGURE_S = 60.0
"""How often the figure of an open episode is kept, for those who look at it."""


_TIDY_S = 3600.0
"""How often states that were replaced are dropped."""


class Evaluator:
    """Belongs to one thread. unseen_after: time between two evaluations, on the clock, after which it was not seen."""

    def __init__(
        self,
        rules: Sequence[Rule],
        looking: Looking,
        records: Records,
        could_take: CouldTake,
        unseen_after: timedelta,
    ) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._looking, self._records, self._could_take = looking, records, could_take
        self._unseen_after = unseen_after
        self._states: dict[Figure, State] = {}
        self._kept_at: dict[Figure, float] = {}
        self._last: datetime | None = None
        self._tidy_due = time.monotonic() + _TIDY_S

    def begin(self, instant: datetime) -> bool:
        """Go on with the states of the last run. Whether something is to be sent now. Raises duckdb.Error.

        Episodes of rules that are no more, or that are about something else now, are cleared.
        """
        found = {figure: state for figure, state in self._records.states().items() if self._is_watched(figure)}
        ended = []
        for standing in self._records.standing():
            why = self._why_ended(standing, found.get(standing.figure))
            if why:
                ended.append((standing.episode, why))
                found.pop(standing.figure, None)
        due = self._records.begin(found, ended, instant)
        self._states = found
        return due

    def _is_watched(self, figure: Figure) -> bool:
        name, scope = figure
        rule = self._rules.get(name)
        return rule is not None and scope.site is not None and scope == _of_site(rule, scope.site)

    def _why_ended(self, standing: Standing, state: State | None) -> str | None:
        rule = self._rules.get(standing.figure[0])
        if rule is None:
            return "the rule was removed"
        if not self._is_watched(standing.figure) or (rule.metric, rule.direction) != (
            standing.metric, standing.direction
        ):  # fmt: skip
            return "the rule was changed"
        if state is None or state.episode is None or state.episode.id != standing.episode:
            return "its state was lost"
        return None

    def evaluate(self, instant: datetime, *, behind: bool) -> bool:
        """Look, judge, keep. Whether something is to be sent now. Raises duckdb.Error; then nothing has changed.

        behind: the store is not what goes on now, so nothing is asked.
        """
        seen = self._last is not None and timedelta() < instant - self._last <= self._unseen_after and not behind
        if self._last is not None and instant == self._last:
            return False
        changes, states = [], dict(self._states)
        for rule, scope, observation, look in self._observations(instant) if seen else self._unseen(instant):
            figure = (rule.name, scope)
            before = _not_ahead(states.get(figure) or start(rule, scope), instant)
            states[figure], told = advance(rule, before, observation)
            change = self._change(rule, scope, before, states[figure], observation)
            if told or change.state is not None:
                opened = look is not None and any(transition.event is Event.OPENED for transition in told)
                could_take = self._could_take(look, scope) if opened and look is not None else None
                changes.append(replace(change, told=told, could_take=could_take))
        due = self._records.write(changes)
        if time.monotonic() >= self._tidy_due:
            self._records.begin(states, (), instant)
            self._tidy_due = time.monotonic() + _TIDY_S
        self._states, self._last = states, instant
        for change in changes:
            self._kept_at[change.rule.name, change.scope] = time.monotonic()
            _tell(change)
        return due

    def _observations(self, instant: datetime) -> Iterator[tuple[Rule, Scope, Observation, Look | None]]:
        look = self._looking.look(instant)
        for rule in self._rules.values():
            for site in sorted(look.sites):
                if rule.scope.site in (None, site):
                    scope = _of_site(rule, site)
                    yield rule, scope, look.observation(rule, scope), look

    def _unseen(self, instant: datetime) -> Iterator[tuple[Rule, Scope, Observation, Look | None]]:
        for name, scope in self._states:
            yield self._rules[name], scope, Observation(instant, None, 0, fed=False), None

    def _change(self, rule: Rule, scope: Scope, before: State, after: State, seen: Observation) -> Change:
        """With the state, when it has to be kept: when more changed than that time went on, or an episode goes on."""
        is_new = _without_times(before) != _without_times(after)
        kept_at = self._kept_at.get((rule.name, scope))
        is_due = after.episode is not None and (kept_at is None or time.monotonic() >= kept_at + _KEEP_FIGURE_S)
        known = seen.fed and seen.value is not None
        return Change(
            rule,
            scope,
            after if is_new or is_due else None,
            seen.value if known else None,
            seen.n if known else None,
            seen.instant,
        )


def _of_site(rule: Rule, site: str) -> Scope:
    """The part of the work a rule is held against at a site."""
    return rule.scope.model_copy(update={"site": site})


def _not_ahead(state: State, instant: datetime) -> State:
    """A state from before the clock was put back counts its time anew."""
    if state.last is None or state.last < instant:
        return state
    return replace(state, last=None, counted=None, since=None)


def _without_times(state: State) -> State:
    return replace(state, last=None, counted=None)


def _tell(change: Change) -> None:
    for transition in change.told:
        if transition.event is not None:
            log.info(
                f"alert {transition.event.value}",
                rule=change.rule.name,
                scope=change.scope.model_dump(exclude_none=True),
                episode=transition.episode,
                value=transition.value,
            )
