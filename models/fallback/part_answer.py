"""Which part to take: what to keep and what to buy by load, and which topics first with so many people."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from models.fallback.answer_parts import Problem, WhichPart
from models.fallback.assumptions import Assumptions
from models.fallback.base_peak import base_peak, duration_curve, seat_use
from models.fallback.day_answer import agents_added
from models.fallback.facts import Facts, TopicWork
from models.fallback.given import OutOfReasonError, number
from models.fallback.week import INTERVAL_S, Week, handle_scale
from models.fallback.which_first import MAX_TOGETHER, Choice, Here, Topic, WhichFirst, which_first
from models.staffing import erlang_b, people_scheduled
from models.staffing.arrays import Floats

POOL = "calls"


def which_part(facts: Facts, assumed: Assumptions, week: Week | Problem) -> WhichPart | Problem:
    """By load over the weeks measured, everybody able to do everything, and by topic over a month."""
    if isinstance(week, Problem):
        return week
    try:
        return _which_part(facts, assumed, week)
    except OutOfReasonError as error:
        return error.problem
    except ValueError as error:
        return Problem(f"Which part cannot be worked out: {error}.")


def own_hour(assumed: Assumptions) -> float:
    """Full cost of a productive hour in-house, those who leave replaced. Raises OutOfReasonError."""
    annual, hire = number(assumed, "annual_cost"), number(assumed, "hire_cost")
    return (annual + number(assumed, "attrition") * hire) / number(assumed, "hours")


def _which_part(facts: Facts, assumed: Assumptions, week: Week) -> WhichPart:
    if facts.worked is None:
        raise OutOfReasonError("Nobody knows how much work this was in the last weeks, so there is nothing to split.")
    load = np.array(facts.worked.agents) * handle_scale(facts, assumed)
    own, price = own_hour(assumed), number(assumed, "price")
    hours = INTERVAL_S / 3600
    bought = price * facts.worked.contacts / (float(load.sum()) * hours)
    if not bought:
        raise OutOfReasonError("The provider costs nothing, so buying all of it is cheapest.", "price")
    split = base_peak(load, own_cost=own, bought_cost=bought, hours=hours)
    people = _people(assumed, week)
    told: list[str] = []
    try:
        topics: WhichFirst | Problem = _topics(facts, assumed, week, people, own, told)
    except OutOfReasonError as error:
        topics = error.problem
    except ValueError as error:
        topics = Problem(f"Which topics come first cannot be worked out: {error}.")
    return WhichPart(
        facts.worked.first, facts.worked.last, duration_curve(load), split, last_seat(load, split.best.base), own,
        bought, topics, people, tuple(told),
    )  # fmt: skip


def last_seat(load: Floats, base: int) -> tuple[float, float]:
    """Share of the time in which the last of so many seats works; see `WhichPart.last_used`.

    load: agents at work on average, by interval. The work an own group of n carries of an offered load a is
    a * (1 - B(n, a)); what its last agent adds is that of n less that of n - 1.
    """
    if not base:
        return math.nan, math.nan
    more, less = (load * (1 - erlang_b(seats, load)) for seats in (base, base - 1))
    return seat_use(load, base), float((more - less).mean())


def _people(assumed: Assumptions, week: Week) -> int:
    if assumed["people"].value is not None:
        return int(number(assumed, "people"))
    return int(people_scheduled(float(agents_added(week, slice(0, week.size))[0].max()), week.shrinkage))


def _topics(
    facts: Facts, assumed: Assumptions, week: Week, people: int, own: float, told: list[str]
) -> WhichFirst:  # fmt: skip
    occupancy, scale = number(assumed, "occupancy"), handle_scale(facts, assumed)
    known = [each for each in facts.topics if each.amount is not None and each.peak_erlangs and each.contacts]
    if unknown := [each.name for each in facts.topics if each.amount is None]:
        told.append(f"Nobody knows what these cost at the provider, so they are left out: {', '.join(unknown)}.")
    if not known:
        raise OutOfReasonError("No topic of this work is known by what it costs and how much work it is.")
    largest = sorted(known, key=lambda each: (-(each.amount or 0.0), each.topic))[:MAX_TOGETHER]
    if rest := [each.name for each in known if each not in largest]:
        told.append(
            f"Only the {MAX_TOGETHER} topics that cost most are compared; {len(rest)} are not: {', '.join(rest)}."
        )
    topics = []
    for each in largest:
        benefit = _benefit(each, own, occupancy, scale)
        if benefit < 0:
            told.append(f"{each.name} does not pay: in-house it would cost {-benefit:,.0f} a month more.")
        topics.append(
            Topic(each.topic, max(0.0, benefit), erlangs=each.peak_erlangs, aht_s=_aht(each, scale), pool=POOL)
        )
    kind = week.voice or week.chat
    assert kind is not None  # noqa: S101 - a week has some work.
    here = _here(week)

    def chosen(of: Sequence[Topic]) -> WhichFirst:
        return which_first(
            of, people, aim=kind.standard.need, shrinkage=week.shrinkage, here={POOL: here} if here else None
        )

    # What does not pay is never among what to bring home first, however many people there are.
    paying, nothing = [each for each in topics if each.benefit > 0], Choice((), 0.0, 0.0)
    best = chosen(paying) if paying else WhichFirst(nothing, nothing, {})
    return WhichFirst(best.best, best.greedy, chosen(topics).alone)


def _aht(topic: TopicWork, scale: float) -> float:
    aht = topic.own_aht_s * scale if topic.own_aht_s else topic.provider_aht_s
    if not aht:
        raise OutOfReasonError(f"{topic.name}: nobody knows how long a contact takes.")
    return aht


def _benefit(topic: TopicWork, own: float, occupancy: float, scale: float) -> float:
    """A month, in the company's currency: the provider's amount less the full cost of the hours in-house."""
    return (topic.amount or 0.0) - topic.contacts * _aht(topic, scale) / 3600 / occupancy * own


def _here(week: Week) -> Here | None:
    """What in-house people do anyway in the busiest quarter-hour of all the work; None when they do nothing then."""
    kind = week.voice or week.chat
    assert kind is not None  # noqa: S101 - a week has some work.
    at = int(np.argmax(kind.pooled.need_all[: week.size]))
    work = [(pool.own[at], float(np.broadcast_to(pool.own_aht_s, len(pool.own))[at])) for pool in kind.pools]
    contacts, seconds = sum(own for own, _ in work), sum(own * aht for own, aht in work)
    return Here(seconds / INTERVAL_S, seconds / contacts) if contacts > 0 else None
