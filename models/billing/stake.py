"""Which service levels of a running month are lost, which can still be saved, until when, and for how much."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from models.billing import amounts
from models.billing.delivered import Level
from models.billing.months import last_day
from models.billing.service import NO_LEVEL, ServiceEffect, meets, service_effect, weights
from models.metrics.catalogue import BY_NAME
from models.terms.contract import Terms
from models.terms.service import Bonus, ServiceLevel

_BOUNDS: dict[str, tuple[int, int | None]] = {"share": (0, 1), "score": (1, 5), "points": (-100, 100)}
"""Least and greatest value by unit of metric; all others have 0 and none."""


class Standing(StrEnum):
    """How a level stands within its month."""

    MET = "met"
    AT_RISK = "at risk"
    MISSED = "missed for certain"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Stake:
    """One level of a running month. Money in the contract's currency."""

    level: ServiceLevel
    value: Decimal | None
    """So far."""
    n: int
    standing: Standing
    """met: the value so far reaches the target; at risk: it does not, but can; missed: the cases left are too few."""
    certain: bool
    """Whether nothing that is left can change it: missed, or met whatever comes."""
    needed: Decimal | None
    """Mean over the cases left with which the target is just reached; 6 places, None when none are left or known."""
    save_by: date | None
    """For a level at risk: last day from the morning of which on the best possible values still save it, at the mean
    volume of the days left, if until then it goes on as so far. None where there is no best possible value."""
    so_far: Decimal
    """Malus (below 0) or bonus of it at the values so far, on the fees so far."""
    expected: Decimal
    """The same on the fees expected for the month."""
    most: Decimal
    """The most it can still cost alone: its part of the malus share of the fees expected, 0 or more."""


def at_stake(
    terms: Terms,
    fees_so_far: Decimal,
    fees_expected: Decimal,
    levels_so_far: Mapping[str, Level],
    cases_left: Mapping[str, int],
    until: date,
) -> list[Stake]:
    """Every service level of the terms, in their order.

    levels_so_far, cases_left: by metric; values are taken as means over their cases (of a percentile this is no more
    than a hint). A metric without expected cases has none left. until: last day of what is known. Where a metric has no
    worst value (times), meeting it is never certain while cases are left.
    """
    month, end = until.replace(day=1), last_day(until)
    now = service_effect(terms, fees_so_far, levels_so_far, month)
    then = service_effect(terms, fees_expected, levels_so_far, month)
    shared = weights(terms, levels_so_far)
    found = []
    for number, level in enumerate(terms.service_levels):
        known = levels_so_far.get(level.metric, NO_LEVEL)
        left = max(cases_left.get(level.metric, 0), 0) if until < end else 0
        standing, certain, needed = _standing(level, known, left)
        most = Decimal(0)
        if terms.bonus and not (certain and standing is Standing.MET):
            share = _most(terms.bonus, level, shared[number] or Fraction(level.weight))
            most = amounts.amount(Fraction(fees_expected) * share, terms.rounding)
        by = _save_by(level, known, left, until, end) if standing is Standing.AT_RISK else None
        found.append(
            Stake(
                level, known.value, known.n, standing, certain,
                None if needed is None else amounts.rounded(needed, 6),
                by, _amount(now, number), _amount(then, number), most,
            )
        )  # fmt: skip
    return found


def _most(rules: Bonus, level: ServiceLevel, weight: Fraction) -> Fraction:
    """Share of the fees it can cost alone."""
    if rules.per_point is None:
        return Fraction(rules.malus) * weight
    worst = _worst(level)
    if worst is None:
        return Fraction(rules.malus)
    return min(Fraction(rules.malus), weight * Fraction(rules.per_point) * 100 * abs(worst - Fraction(level.target)))


def _amount(effect: ServiceEffect, number: int) -> Decimal:
    return effect.levels[number].amount


def _best(level: ServiceLevel) -> Fraction | None:
    low, high = _BOUNDS.get(BY_NAME[level.metric].unit, (0, None))
    return _exact(high if level.worst < level.target else low)


def _worst(level: ServiceLevel) -> Fraction | None:
    low, high = _BOUNDS.get(BY_NAME[level.metric].unit, (0, None))
    return _exact(low if level.worst < level.target else high)


def _exact(bound: int | None) -> Fraction | None:
    return None if bound is None else Fraction(bound)


def _standing(level: ServiceLevel, known: Level, left: int) -> tuple[Standing, bool, Fraction | None]:
    if known.value is None or not known.n:
        return Standing.NO_DATA, not left, Fraction(level.target) if left else None
    met = meets(level, known.value)
    if not left:
        return (Standing.MET if met else Standing.MISSED), True, None
    target, value = Fraction(level.target), Fraction(known.value)
    needed = (target * (known.n + left) - value * known.n) / left
    sign = 1 if level.worst < level.target else -1
    best, worst = _best(level), _worst(level)
    if met:
        return Standing.MET, worst is not None and sign * (worst - needed) >= 0, needed
    if best is not None and sign * (needed - best) > 0:
        return Standing.MISSED, True, needed
    return Standing.AT_RISK, False, needed


def _save_by(level: ServiceLevel, known: Level, left: int, until: date, end: date) -> date | None:
    """With N cases in all, value v, target t and best b, at least N (t - v) / (b - v) of them must be at their best."""
    best = _best(level)
    if best is None or known.value is None or not left:
        return None
    value, target = Fraction(known.value), Fraction(level.target)
    perfect = (known.n + left) * (target - value) / (best - value)
    a_day = Fraction(left, (end - until).days)
    return end - timedelta(days=math.ceil(perfect / a_day) - 1)
