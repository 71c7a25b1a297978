"""The days ahead as rows of quarter-hours, by pool, and what taking the work over does to each of them.

All days are one long row, so that the arithmetic of a pool is done once. A quarter-hour is looked at when some of the
work is expected in it. Those of today that are over are in it too: a week is judged by all of its hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from models.fallback.absorb import Absorbed, absorb
from models.fallback.answer_parts import Problem
from models.fallback.assumptions import Assumptions
from models.fallback.facts import Day, Facts, PoolDay
from models.fallback.given import OutOfReasonError, number
from models.fallback.pool import Aim, Pool, Standard, merged
from models.staffing import Targets
from models.staffing.arrays import Floats

Kind = Literal["voice", "chat"]
INTERVAL_S = 900.0
NAMES = {"voice": "calls", "chat": "chats"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A day's place in the rows. passed: of its quarter-hours, how many are over."""

    day: date
    quarters: tuple[int, ...]
    first: int
    passed: int = 0

    @property
    def rows(self) -> slice:
        """Entries of a row that are still to come."""
        return slice(self.first + self.passed, self.first + len(self.quarters))

    @property
    def left(self) -> tuple[int, ...]:
        """The quarter-hours of these."""
        return self.quarters[self.passed :]


@dataclass(frozen=True, slots=True)
class KindWeek:
    """Calls, or chats, of all days. Everything has an entry for each quarter-hour, first with the demand expected, then
    once more with the high one; `Week.size` quarter-hours each. Chats are in slots, `slots` to an agent."""

    kind: Kind
    slots: int
    standard: Standard
    pools: tuple[Pool, ...]
    separate: tuple[Absorbed, ...]
    pooled: Absorbed
    """All agents who do such work, with all they have to do, as one pool."""


@dataclass(frozen=True, slots=True)
class Week:
    """What is expected of the work in the days ahead. moved rows: contacts by quarter-hour, low, expected and high."""

    size: int
    stretches: tuple[Stretch, ...]
    voice: KindWeek | None
    chat: KindWeek | None
    moved: tuple[Floats, Floats, Floats]
    shrinkage: float

    @property
    def kinds(self) -> tuple[KindWeek, ...]:
        """Those with any such work."""
        return tuple(each for each in (self.voice, self.chat) if each is not None)


class _Aims(NamedTuple):
    """What staffing is planned for, as in `Facts`."""

    service_level: float | None
    threshold_s: float
    max_abandonment: float | None
    max_occupancy: float | None


def week_of(facts: Facts, assumed: Assumptions) -> Week | Problem:
    """The days ahead, or why nothing can be said of them."""
    try:
        return _week(facts, assumed)
    except OutOfReasonError as error:
        return error.problem
    except ValueError as error:
        return Problem(f"The days ahead cannot be worked out: {error}.")


def _week(facts: Facts, assumed: Assumptions) -> Week:
    shrinkage, scale = number(assumed, "shrinkage"), handle_scale(facts, assumed)
    spare = None if assumed["handle_s"].value is None else number(assumed, "handle_s")
    aims = _Aims(facts.service_level, facts.threshold_s, facts.max_abandonment, facts.max_occupancy)
    return _worked_out(facts.days, aims, shrinkage, scale, spare)


# Most of an answer's time, and the same for every other assumption that is changed.
@lru_cache(maxsize=16)
def _worked_out(days: tuple[Day, ...], aims: _Aims, shrinkage: float, scale: float, spare: float | None) -> Week:
    stretches = tuple(_stretches(days))
    size = sum(len(each.quarters) for each in stretches)
    if not size:
        raise OutOfReasonError(
            "None of this work is expected in the days ahead, so there is nothing to take over."
            if days
            else "Nobody knows what is expected in the days ahead: there is no forecast for this work."
        )
    kinds = {kind: _kind(days, aims, kind, stretches, shrinkage, scale, spare) for kind in ("voice", "chat")}
    low, expected, high = (_total(days, stretches, name) for name in ("moved_low", "moved", "moved_high"))
    return Week(size, stretches, kinds["voice"], kinds["chat"], (low, expected, high), shrinkage)


def moved_occupancy(week: Week) -> float | None:
    """Occupancy of the agents the work takes beyond those own work needs anyway, pools apart; None when it takes none.

    Work taken over by the time of these agents: what hiring for it by quarter-hour would come to. At most 1.
    """
    work = added = 0.0
    rows = slice(0, week.size)
    for kind in week.kinds:
        for pool, found in zip(kind.pools, kind.separate, strict=True):
            seconds = np.broadcast_to(np.asarray(pool.moved_aht_s), len(found.moved))
            work += float((found.moved * seconds)[rows].sum()) / INTERVAL_S / kind.slots
            added += float((found.need_all - found.need_own)[rows].sum()) / kind.slots
    return min(1.0, work / added) if added else None


def handle_scale(facts: Facts, assumed: Assumptions) -> float:
    """By what measured handle times in-house are multiplied, for the one assumed to hold on the whole. 1 when nothing
    was measured or assumed. Raises OutOfReasonError for one out of bounds."""
    if assumed["handle_s"].value is None or not facts.own_handle_s:
        return 1.0
    return number(assumed, "handle_s") / facts.own_handle_s


def patience_s(pools: Sequence[PoolDay]) -> float:
    """Mean patience of several pools: hang-ups per second waited, a mean over contacts. Endless when nobody hung up."""
    contacts = np.array([sum(pool.own) + sum(pool.moved) for pool in pools])
    rate = np.array([0.0 if pool.patience_s is None else 1 / pool.patience_s for pool in pools])
    mean = float(contacts @ rate) / float(contacts.sum()) if contacts.any() else 0.0
    return 1 / mean if mean else math.inf


def standard_of(aims: _Aims, patience: float, shrinkage: float) -> Standard:
    """What staffing is planned for; what has to hold while work is taken over is that without the cap on occupancy,
    which is there for people to bear a year and not for a morning. Raises ValueError when nothing is planned for."""
    threshold = None if aims.service_level is None else aims.threshold_s
    planned = Targets(
        service_level=aims.service_level, threshold_s=threshold, max_abandonment=aims.max_abandonment,
        max_occupancy=aims.max_occupancy,
    )  # fmt: skip
    hold = None
    if aims.service_level is not None or aims.max_abandonment is not None:
        hold = Aim(
            Targets(service_level=aims.service_level, threshold_s=threshold, max_abandonment=aims.max_abandonment),
            patience,
        )
    return Standard(Aim(planned, patience), hold, shrinkage, INTERVAL_S)


def _stretches(days: Sequence[Day]) -> Iterator[Stretch]:
    first = 0
    for day in days:
        busy = np.sum([np.maximum(pool.moved, pool.moved_high) for pool in day.pools], axis=0) if day.pools else []
        quarters = tuple(int(at) for at in np.flatnonzero(busy))
        yield Stretch(day.day, quarters, first, sum(at < day.passed for at in quarters))
        first += len(quarters)


def _kind(
    days: Sequence[Day], aims: _Aims, kind: Kind, stretches: Sequence[Stretch], shrinkage: float, scale: float,
    spare: float | None,
) -> KindWeek | None:  # fmt: skip
    of_kind = [pool for day in days for pool in day.pools if pool.kind == kind]
    languages = sorted({pool.language for pool in of_kind})
    names = {language: [pool for pool in of_kind if pool.language == language] for language in languages}
    pools = [_pool(days, kind, language, stretches, scale, spare, names[language]) for language in languages]
    size = sum(len(each.quarters) for each in stretches)
    if not any(np.any(np.asarray(pool.moved)[:size]) for pool in pools):
        return None
    standard = standard_of(aims, patience_s(of_kind), shrinkage)
    # Fewest slots where languages differ: it never promises people too many chats.
    slots = min(pool.slots for pool in of_kind)
    separate = tuple(absorb(pool, standard) for pool in pools)
    return KindWeek(kind, slots, standard, tuple(pools), separate, absorb(merged(pools), standard))


def _pool(
    days: Sequence[Day], kind: Kind, language: str, stretches: Sequence[Stretch], scale: float, spare: float | None,
    known: Sequence[PoolDay],
) -> Pool:  # fmt: skip
    """Rows of a pool over all days: as expected, with the high demand, and one entry more.

    A `Pool` with nobody in it, or without work to take over, is refused; here both are answers (nothing fits, nothing
    is needed), so the last entry has one agent and one contact, and is never looked at.
    """
    by_day = {day.day: pool for day in days for pool in day.pools if (pool.kind, pool.language) == (kind, language)}
    rows: dict[str, list[float]] = {name: [] for name in ("own", "moved", "high", "agents", "own_aht", "moved_aht")}
    for stretch in stretches:
        pool = by_day.get(stretch.day)
        own_aht, moved_aht = _handle_times(kind, language, pool, known, scale, spare)
        for quarter in stretch.quarters:
            rows["own"].append(pool.own[quarter] if pool else 0.0)
            rows["moved"].append(pool.moved[quarter] if pool else 0.0)
            rows["high"].append(max(pool.moved[quarter], pool.moved_high[quarter]) if pool else 0.0)
            rows["agents"].append(_there(pool.agents[quarter]) * pool.slots if pool else 0.0)
            rows["own_aht"].append(own_aht)
            rows["moved_aht"].append(moved_aht)
    twice = {name: np.array([*row, *row, 1.0]) for name, row in rows.items()}
    moved = np.array([*rows["moved"], *rows["high"], 1.0])
    twice["own"][-1] = 0.0
    return Pool(language, twice["own"], moved, twice["agents"], twice["own_aht"], twice["moved_aht"])


def _there(agents: float) -> float:
    """Less than a second of one in a quarter-hour is nobody; formulas do not end for next to nobody."""
    return agents if agents * INTERVAL_S >= 1 else 0.0


def _handle_times(
    kind: Kind, language: str, pool: PoolDay | None, known: Sequence[PoolDay], scale: float, spare: float | None
) -> tuple[float, float]:
    """Of own contacts and of those taken over; what is not measured in-house is what is assumed, then what they take at
    the provider, then what own contacts take."""
    days = ([pool] if pool else []) + list(known)
    own = next((each.own_aht_s for each in days if each.own_aht_s), None)
    moved = next((each.moved_aht_s * scale for each in days if each.moved_aht_s), None)
    provider = next((each.moved_aht_provider_s for each in days if each.moved_aht_provider_s), None)
    taken = moved or spare or provider or own
    if taken is None:
        raise OutOfReasonError(
            f"Nobody knows how long {NAMES[kind]} ({language or 'language not told'}) take in-house: say how long.",
            "handle_s",
        )
    return own or taken, taken


def _total(days: Sequence[Day], stretches: Sequence[Stretch], name: str) -> Floats:
    found = [
        sum(getattr(pool, name)[quarter] for pool in day.pools)
        for day, stretch in zip(days, stretches, strict=True)
        for quarter in stretch.quarters
    ]
    return np.array(found, dtype=np.float64)
