"""Which part to take: what to keep and what to buy by load, and which topics first with so many people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.fallback.answer_parts import Problem, WhichPart
from models.fallback.assumptions import Assumptions
from models.fallback.base_peak import base_peak, duration_curve
from models.fallback.day_answer import agents_short
from models.fallback.facts import Facts, TopicWork
from models.fallback.given import OutOfReasonError, number
from models.fallback.week import INTERVAL_S, Week, handle_scale
from models.fallback.which_first import MAX_TOGETHER, Choice, Here, Topic, WhichFirst, which_first
from models.staffing import people_scheduled
from models.staffing.arrays import Floats

POOL = "calls"


def which_part(facts: Facts, assumed: Assumptions, week: Week | Problem) -> WhichPart | Problem:
    """By load over the days ahead, everybody able to do everything, and by topic over a month."""
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
    load, more = _loads(week)
    own, price = own_hour(assumed), number(assumed, "price")
    hours = INTERVAL_S / 3600
    if not more.any():
        raise OutOfReasonError(
            "The work takes no more agents than in-house work does alone: there is nothing to split."
        )
    bought = price * float(week.moved[1].sum()) / (float(more.sum()) * hours)
    if not bought:
        raise OutOfReasonError("The provider costs nothing, so buying all of it is cheapest.", "price")
    split = base_peak(more, own_cost=own, bought_cost=bought, hours=hours)
    people = _people(assumed, week)
    told: list[str] = []
    try:
        topics: WhichFirst | Problem = _topics(facts, assumed, week, people, own, told)
    except OutOfReasonError as error:
        topics = error.problem
    except ValueError as error:
        topics = Problem(f"Which topics come first cannot be worked out: {error}.")
    return WhichPart(load, duration_curve(more), split, own, bought, topics, people, tuple(told))


def _loads(week: Week) -> tuple[Floats, Floats]:
    """Agents by quarter-hour with all the work, and how many more that is than without it."""
    load, more = np.zeros(week.size), np.zeros(week.size)
    for kind in week.kinds:
        rows = slice(0, week.size)
        load += kind.pooled.need_all[rows] / kind.slots
        more += (kind.pooled.need_all[rows] - kind.pooled.need_own[rows]) / kind.slots
    return load, more


def _people(assumed: Assumptions, week: Week) -> int:
    if assumed["people"].value is not None:
        return int(number(assumed, "people"))
    return int(people_scheduled(float(agents_short(week, slice(0, week.size))[0].max()), week.shrinkage))


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
