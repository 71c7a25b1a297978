"""What good and bad service do to a month's fees: malus and bonus, level by level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from models.billing import amounts
from models.billing.delivered import Level
from models.billing.minimum import locked_forecast
from models.billing.months import checked_month, last_day
from models.metrics.catalogue import BY_NAME
from models.terms.contract import Terms
from models.terms.service import Bonus, Gate, ServiceLevel

NO_LEVEL = Level(None, 0)


@dataclass(frozen=True, slots=True)
class LevelScore:
    """What one level amounted to."""

    level: ServiceLevel
    value: Decimal | None
    n: int
    counts: bool
    """Whether it has data of enough cases."""
    weight: Decimal
    """Its weight after those that do not count gave theirs up; 6 places."""
    met: bool | None
    """Whether the target was reached; None when it does not count."""
    score: Decimal
    """shape score: -1 at `worst` to 1 at `best`; shape points: minus the hundredths missed. 6 places; 0 when it does
    not count."""
    amount: Decimal
    """Its part of the effect; the parts sum to it."""


@dataclass(frozen=True, slots=True)
class ServiceEffect:
    """Malus (below 0) or bonus of a month, in the contract's currency."""

    fees: Decimal
    """What it was computed on: all lines and the minimum."""
    share: Decimal
    """Of the fees; 6 places, the amount was computed without this rounding."""
    amount: Decimal
    levels: tuple[LevelScore, ...]
    notes: tuple[str, ...]
    is_claim: bool
    """Whether the malus is no part of the bill but must be claimed."""
    claim_by: date | None
    """Last day for the claim."""

    @property
    def on_bill(self) -> Decimal:
        """What of it the bill must show."""
        return Decimal(0) if self.is_claim else self.amount

    @property
    def all_met(self) -> bool:
        """Whether some level counts and every one that does was met: what an earn-back asks of a month."""
        counting = [level.met for level in self.levels if level.counts]
        return bool(counting) and all(counting)


def meets(level: ServiceLevel, value: Decimal) -> bool:
    """Whether a value reaches the target; which way is better follows from `worst`."""
    return value >= level.target if level.worst < level.target else value <= level.target


def score(level: ServiceLevel, value: Decimal) -> Fraction:
    """-1 at `worst` or beyond, 0 at the target, 1 at `best` or beyond, straight lines between."""
    away = Fraction(value) - Fraction(level.target)
    side = level.best if meets(level, value) else level.worst
    part = abs(away) / abs(Fraction(side) - Fraction(level.target))
    return min(part, Fraction(1)) * (1 if meets(level, value) else -1)


def points_missed(level: ServiceLevel, value: Decimal) -> Fraction:
    """Hundredths by which a share misses its target; 0 when it is met."""
    return Fraction(0) if meets(level, value) else 100 * abs(Fraction(value) - Fraction(level.target))


def weights(terms: Terms, levels: Mapping[str, Level]) -> list[Fraction]:
    """Weight of each service level: 0 without data or below `at_least` cases, the others scaled up to sum to 1."""
    kept = [
        Fraction(level.weight) if _counts(level, levels.get(level.metric, NO_LEVEL)) else Fraction(0)
        for level in terms.service_levels
    ]
    whole = sum(kept)
    return [weight / whole for weight in kept] if whole else [Fraction(0) for _ in kept]


def service_effect(
    terms: Terms, fees: Decimal, levels: Mapping[str, Level], month: date, volume: Decimal | None = None
) -> ServiceEffect:
    """Malus or bonus of a month.

    fees: what it is a share of, contract currency. levels: by metric, excluded days already left out. volume: units of
    the first priced charge; when more came than the month's locked forecast x (1 + relief) the levels are released.

    shape score: fees x (malus or bonus share) x sum of weight x score. shape points: fees x per_point x sum of weight
    x hundredths missed, up to the malus share. Gates take away a bonus, never a malus; one without data is not passed.
    Raises ValueError unless `month` is the first day of one.
    """
    end = last_day(checked_month(month))
    notes: list[str] = []
    rules = terms.bonus
    given = [levels.get(level.metric, NO_LEVEL) for level in terms.service_levels]
    shared = weights(terms, levels)
    parts = _parts(rules, terms, given, shared) if rules else [Fraction(0)] * len(shared)
    if rules and not any(shared):
        notes.append("no service level has enough data: no effect")
    released = _released(terms, month, volume)
    if released:
        notes.append(released)
        parts = [Fraction(0)] * len(parts)
    share = sum(parts, Fraction(0))
    if rules and share > 0 and (missed := _gate_missed(rules.gates, levels)):
        notes.append(missed)
        share, parts = Fraction(0), [Fraction(0)] * len(parts)
    amount = amounts.amount(Fraction(fees) * share, terms.rounding)
    claimed = rules is not None and rules.claim_days is not None and amount < 0
    return ServiceEffect(
        fees,
        amounts.rounded(share, 6),
        amount,
        _scores(terms, given, shared, parts, fees),
        tuple(notes),
        claimed,
        end + timedelta(days=rules.claim_days) if claimed and rules and rules.claim_days else None,
    )


def _counts(level: ServiceLevel, known: Level) -> bool:
    return known.value is not None and known.n >= level.at_least


def _score(shape: str, level: ServiceLevel, value: Decimal) -> Fraction:
    return score(level, value) if shape == "score" else -points_missed(level, value)


def _parts(rules: Bonus, terms: Terms, given: list[Level], shared: list[Fraction]) -> list[Fraction]:
    """Share of the fees of each level, capped as a whole."""
    plain = [
        weight * _score(rules.shape, level, known.value) if weight and known.value is not None else Fraction(0)
        for level, known, weight in zip(terms.service_levels, given, shared, strict=True)
    ]
    if rules.per_point is None:
        limit = Fraction(rules.malus if sum(plain) < 0 else rules.bonus)
        return [limit * part for part in plain]
    missed = [Fraction(rules.per_point) * part for part in plain]
    most = Fraction(rules.malus)
    whole = -sum(missed, Fraction(0))
    return [part * most / whole for part in missed] if whole > most else missed


def _scores(
    terms: Terms, given: list[Level], shared: list[Fraction], parts: list[Fraction], fees: Decimal
) -> tuple[LevelScore, ...]:
    shape = terms.bonus.shape if terms.bonus else "score"
    found = []
    upto, before = Fraction(0), Decimal(0)
    for level, known, weight, part in zip(terms.service_levels, given, shared, parts, strict=True):
        upto += part * Fraction(fees)
        amount = amounts.amount(upto, terms.rounding)
        value = known.value if _counts(level, known) else None
        found.append(
            LevelScore(
                level,
                known.value,
                known.n,
                value is not None,
                amounts.rounded(weight, 6),
                None if value is None else meets(level, value),
                Decimal(0) if value is None else amounts.rounded(_score(shape, level, value), 6),
                amount - before,
            )
        )
        before = amount
    return tuple(found)


def _released(terms: Terms, month: date, volume: Decimal | None) -> str:
    locked = locked_forecast(terms, month)
    if terms.relief is None or locked is None or volume is None or volume <= locked * (1 + terms.relief):
        return ""
    return f"service levels do not count: {volume:,f} came, more than {terms.relief:.0%} above the {locked:,f} forecast"


def _gate_missed(gates: tuple[Gate, ...], levels: Mapping[str, Level]) -> str:
    for gate in gates:
        value = levels.get(gate.metric, NO_LEVEL).value
        if value is None:
            return f"no bonus: no data of {gate.metric}"
        better = BY_NAME[gate.metric].better
        if value > gate.limit if better == "lower" else value < gate.limit:
            return f"no bonus: {gate.metric} is {value.normalize():f}, {gate.limit.normalize():f} is needed"
    return ""
