"""Whether a contract is on exit watch, week by week: several criteria, each with memory, in one standing with reasons.

Methods 4.6. Each criterion is a rule of `models.alerts` by periods: k bad ones of n valid weeks open it, only good ones
in a row close it, thin weeks change nothing. A week without data is unknown, never good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from models.alerts.machine import advance
from models.alerts.rule import Rule, Scope
from models.alerts.state import Condition, Observation, State, start


class Standing(StrEnum):
    """Where a contract stands."""

    OK = "ok"
    BUILDING = "building"
    """Some weeks were bad, or some criteria are open, but not enough."""
    EXIT_WATCH = "exit_watch"
    UNKNOWN = "unknown"
    """Not enough are open, but those without data could make it enough."""


@dataclass(frozen=True, slots=True)
class Reason:
    """How one criterion contributes: why it is open, unknown, building up or frozen."""

    criterion: str
    condition: Condition
    open_since: datetime | None
    """Instant of the week that opened it; None when it is not open."""
    bad_weeks: int
    """Bad ones among the last valid weeks, while it is not open."""
    good_weeks: int
    """Good valid weeks in a row, while it is open."""
    value: float | None
    """Of this week; None when there was none."""
    n: float
    thin: bool
    """This week had too few contacts and changed nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A week's standing; reasons of open criteria first, then unknown ones, then others. None when all is well."""

    at: datetime
    standing: Standing
    reasons: tuple[Reason, ...]


def watch(
    criteria: Sequence[Rule],
    weeks: Sequence[datetime],
    seen: Mapping[str, Sequence[Observation]],
    *,
    needed: int = 1,
    scope: Scope | None = None,
) -> tuple[Verdict, ...]:
    """The standing in each week, from the first on.

    weeks: an instant for each, rising. seen: by a criterion's name, what was observed at these instants; an instant
    that is missing was silent. needed: criteria open at once that make an exit watch; a criterion that is open and
    falls silent counts as open. Raises ValueError for no criteria or two of a name, one without periods, observations
    of no criterion or of no week, weeks that do not rise, and a needed number out of reach.
    """
    _check(criteria, weeks, seen, needed)
    at_instant = {name: {each.instant: each for each in found} for name, found in seen.items()}
    states = {rule.name: start(rule, scope or rule.scope) for rule in criteria}
    verdicts = []
    for week in weeks:
        reasons = []
        for rule in criteria:
            observed = at_instant.get(rule.name, {}).get(week, Observation(week, None, 0, fed=False))
            states[rule.name], _ = advance(rule, states[rule.name], observed)
            reasons.append(_reason(states[rule.name], observed))
        verdicts.append(Verdict(week, _standing(reasons, needed), _told(reasons)))
    return tuple(verdicts)


def _reason(state: State, observed: Observation) -> Reason:
    episode = state.episode
    return Reason(
        state.rule, state.condition, None if episode is None else episode.opened_at, sum(state.recent), state.good,
        observed.value if observed.fed else None, observed.n, observed.fed and state.thin,
    )  # fmt: skip


def _standing(reasons: Sequence[Reason], needed: int) -> Standing:
    is_open = sum(each.open_since is not None for each in reasons)
    silent = sum(each.open_since is None and each.condition is Condition.UNKNOWN for each in reasons)
    if is_open >= needed:
        return Standing.EXIT_WATCH
    if silent and is_open + silent >= needed:
        return Standing.UNKNOWN
    if is_open or any(each.condition is Condition.PENDING for each in reasons):
        return Standing.BUILDING
    return Standing.OK


def _told(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    worth = [each for each in reasons if each.condition is not Condition.OK or each.thin]
    return tuple(sorted(worth, key=lambda each: (each.open_since is None, each.condition is not Condition.UNKNOWN)))


def _check(
    criteria: Sequence[Rule], weeks: Sequence[datetime], seen: Mapping[str, Sequence[Observation]], needed: int
) -> None:
    names = [rule.name for rule in criteria]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"criteria: expected at least one and each name once, got {names}")
    if timed := [rule.name for rule in criteria if rule.periods is None]:
        raise ValueError(f"{timed[0]}: expected a rule that counts periods")
    if not 1 <= needed <= len(names):
        raise ValueError(f"needed: expected 1 to {len(names)} criteria, got {needed}")
    if unknown := sorted(set(seen) - set(names)):
        raise ValueError(f"seen: expected observations of {', '.join(names)}, got some of {unknown[0]}")
    if any(later <= earlier for earlier, later in pairwise(weeks)):
        raise ValueError("weeks: expected each later than the one before")
    for name, found in seen.items():
        if strays := sorted({each.instant for each in found} - set(weeks)):
            raise ValueError(f"{name}: expected observations at the weeks' instants, got one at {strays[0]}")
