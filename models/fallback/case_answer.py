"""Whether it is time: the exit criteria of a slice over its weeks, as one standing."""

from __future__ import annotations

from datetime import UTC, datetime, time

from models.alerts.rule import Periods, Rule
from models.alerts.state import Observation
from models.fallback.answer_parts import Problem, TheCase
from models.fallback.exit_watch import watch
from models.fallback.facts import Criterion, Facts

PERIODS = Periods(bad=3, of=4, good=4, held=4)
"""Three bad ones of the last four valid weeks open a criterion; four good ones in a row, four weeks on, close it."""
_MANY = 5


def needed(criteria: int) -> int:
    """How many criteria have to be open at once for an exit watch: 2 of 5 or more, else 1.

    By 3 of 4 a criterion that is bad in a tenth of its weeks by chance opens within a year with a chance of 11 %
    (methods 4.6). Of one to four such criteria some one opens in up to 38 % of years; that many people look at again.
    Of eight it would be 61 %, an alarm nobody believes. That two are open at once by chance is 22 % for eight
    even if an open one never closed, and less as it does. At 2.5 % of weeks, which is what limits with an
    interval around them come to, one opens in 0.22 % of years and either number is fine.
    """
    return 2 if criteria >= _MANY else 1


def told(criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """Those that somebody knows of in some week; others are left out and stand in `Facts.missing`."""
    return tuple(each for each in criteria if any(seen.fed and seen.value is not None for seen in each.weeks))


def rule_of(criterion: Criterion) -> Rule:
    """The rule a criterion's weeks are judged by. Raises ValueError for limits that do not fit together."""
    return Rule(
        name=criterion.name, metric=criterion.name, direction=criterion.direction, opens=criterion.opens,
        clears=criterion.clears, periods=PERIODS, min_n=criterion.min_n,
    )  # fmt: skip


def the_case(facts: Facts) -> TheCase | Problem:
    """A verdict for each of the weeks, at their Mondays 00:00 UTC."""
    known = told(facts.criteria)
    if not facts.weeks:
        return Problem("No week of this work is over yet, so there is nothing to judge it by.")
    if not known:
        return Problem("Nobody knows any of the exit criteria in any of these weeks, so there is no standing.")
    instants = [datetime.combine(week, time(), UTC) for week in facts.weeks]
    try:
        rules = [rule_of(each) for each in known]
        seen = {
            each.name: [
                Observation(instant, week.value, week.n, week.fed)
                for instant, week in zip(instants, each.weeks, strict=True)
            ]
            for each in known
        }
        verdicts = watch(rules, instants, seen, needed=needed(len(known)))
    except ValueError as error:
        return Problem(f"The exit criteria do not fit together: {error}.")
    return TheCase(verdicts, verdicts[-1].standing)
