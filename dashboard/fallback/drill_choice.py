"""What of a drill is chosen, and the outages that follow: as planned, with nothing diverted, and without any."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.fallback.answer import Problem, outage_of
from models.fallback.facts import QUARTERS

if TYPE_CHECKING:
    from datetime import date

    from models.fallback.drill import Outage
    from models.fallback.facts import Day, Facts

Kind = Literal["voice", "chat"]
UNREADY = 2
"""Quarter-hours without warning in which nothing is diverted: somebody has to notice, decide and switch over."""
USUAL_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A drill. Quarter-hours of the day, dark from `dark_from` to before `dark_until`; diverted: a share."""

    day: int
    """Which of the days ahead."""
    kind: Kind
    dark_from: int
    dark_until: int
    warned: bool
    diverted: float


@dataclass(frozen=True, slots=True)
class Outages:
    """planned: as chosen; open: nothing is diverted; calm: the provider is not dark, so own contacts alone come."""

    day: date
    planned: Outage
    open: Outage
    calm: Outage


def outages(facts: Facts, choice: Choice) -> Outages | Problem:
    """Of a choice; a Problem when there is nothing that could go dark or nobody to take it."""
    found = outage_of(facts, choice.day, choice.dark_from, choice.dark_until, 0.0, choice.kind)
    if isinstance(found, Problem):
        return found
    day = facts.days[choice.day].day
    return Outages(day, planned(found, choice), found, replace(found, diverted=1.0))


def planned(outage: Outage, choice: Choice) -> Outage:
    """The outage with what is diverted: from the first minute with warning, else after half an hour.

    What an `Outage` diverts it diverts all the time; what comes later is taken out of the provider's row instead.
    """
    ready = choice.dark_from + UNREADY
    if choice.warned or not choice.diverted or not np.any(outage.provider[choice.dark_from : ready]):
        return replace(outage, diverted=choice.diverted)
    row = np.array(outage.provider, dtype=np.float64)
    row[ready : choice.dark_until] *= 1 - choice.diverted
    return replace(outage, provider=row)


def kinds(facts: Facts) -> list[Kind]:
    """Kinds of contacts that the work has on any day ahead."""
    there = {pool.kind for day in facts.days for pool in day.pools if any(pool.moved)}
    every: tuple[Kind, ...] = ("voice", "chat")
    return [kind for kind in every if kind in there]


def usual(day: Day, kind: Kind) -> tuple[int, int]:
    """A drill to begin with: two hours from the busiest quarter-hour of the work that is still to come."""
    rows = [pool.moved for pool in day.pools if pool.kind == kind]
    work = np.sum(rows, axis=0) if rows else np.zeros(QUARTERS)
    first = min(day.passed, QUARTERS - 1)
    begins = first + int(np.argmax(work[first:]))
    return begins, min(QUARTERS, begins + USUAL_LENGTH)


AROUND = 8
"""Quarter-hours before and after an outage that charts show."""


def near(outage: Outage, normal_s: float | None) -> tuple[int, int]:
    """Hours to look at: from a while before the outage to a while after it is normal again, while anybody is there."""
    first, last = span(outage)
    normal = last if normal_s is None else math.ceil(normal_s / outage.interval_s)
    return max(first, outage.dark_from - AROUND), min(last, max(outage.dark_until, normal) + AROUND)


def span(outage: Outage) -> tuple[int, int]:
    """First quarter-hour with contacts or agents, and the one after the last."""
    there = np.flatnonzero(np.asarray(outage.own) + np.asarray(outage.provider) + np.asarray(outage.agents))
    return int(there[0]), int(there[-1]) + 1
