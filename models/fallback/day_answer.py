"""Whether in-house can take the work over on each of the days ahead, and the outage of a day's drill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.fallback.absorb import Absorbed, Bounds
from models.fallback.answer_parts import DayAnswer, Problem
from models.fallback.drill import Outage
from models.fallback.facts import QUARTERS, Facts
from models.fallback.pool import Standard
from models.fallback.week import NAMES, Kind, KindWeek, Stretch, Week, patience_s
from models.staffing import people_scheduled
from models.staffing.arrays import Floats, Whole

_ARRAYS = (
    "moved", "rostered", "need_own", "need_all", "gap", "absorbable", "service_level_own", "service_level_all",
    "abandonment_own", "abandonment_all", "occupancy_own", "occupancy_all",
)  # fmt: skip


def day_answers(week: Week) -> tuple[DayAnswer, ...]:
    """One for each of the days, also where nothing is left of it (no quarter-hours then)."""
    return tuple(_day(week, stretch) for stretch in week.stretches)


def bounds_of(kind: KindWeek, rows: slice) -> Bounds | None:
    """Pools apart and as one over some of the rows; None without any of the work there.

    Apart are the pools that have work to take over. As one are all who do such work, with all they have to do: agents
    of another language count only if everybody could do everything. Neither needs more than the other way round, as
    one pool can always be run as several.
    """
    apart = [_cut(each, rows, kind.standard) for each in kind.separate]
    asked = [each for each in apart if each.moved.any()]
    if not asked:
        return None
    pooled = _cut(kind.pooled, rows, kind.standard)
    helpers = [each.need_own for each in apart if not each.moved.any()]
    need: Whole = np.sum([each.need_all for each in asked] + helpers, axis=0)
    gap: Whole = np.sum([each.gap for each in asked], axis=0)
    fits: Floats = np.sum([each.absorbable for each in asked], axis=0)
    gap_as_one = np.minimum(gap, pooled.gap)
    people = tuple(_people(widest, kind.standard) for widest in (gap, gap_as_one))
    return Bounds(
        tuple(asked), pooled, (fits, np.maximum(fits, pooled.absorbable)), (need, np.minimum(need, pooled.need_all)),
        (gap, gap_as_one), (people[0], people[1]),
    )  # fmt: skip


def agents_short(week: Week, rows: slice) -> tuple[Floats, Floats]:
    """Agents short by quarter-hour, calls and chats together: apart and as one. A chat agent holds several slots."""
    size = rows.stop - rows.start
    found = (np.zeros(size), np.zeros(size))
    for kind in week.kinds:
        bounds = bounds_of(kind, rows)
        if bounds is not None:
            apart, as_one = (-(-gap // kind.slots) for gap in bounds.gap)
            found = (found[0] + apart, found[1] + as_one)
    return found


def agents_added(week: Week, rows: slice) -> tuple[Floats, Floats]:
    """Of agents short by quarter-hour, pools apart: by the work itself, and without it already."""
    added, anyway = np.zeros(rows.stop - rows.start), np.zeros(rows.stop - rows.start)
    for kind in week.kinds:
        gap, own = (
            np.sum([getattr(each, name)[rows] for each in kind.separate], axis=0) for name in ("gap", "gap_own")
        )
        added += -(-(gap - own) // kind.slots)
        anyway += -(-own // kind.slots)
    return added, anyway


def outage_of(facts: Facts, day: int, dark_from: int, dark_until: int, diverted: float, kind: Kind) -> Outage | Problem:
    """A day's drill, pools of a kind merged into one queue; agents in whole numbers, chats in slots.

    day: which of `Facts.days`. Quarter-hours from `dark_from` to before `dark_until`; diverted: a share. The handle
    time is that of contacts from then on, a mean over them.
    """
    if not 0 <= day < len(facts.days):
        return Problem(f"There is no such day: expected one of the {len(facts.days)} days ahead.")
    pools = [pool for pool in facts.days[day].pools if pool.kind == kind]
    if not any(sum(pool.moved) for pool in pools):
        return Problem(
            f"No {NAMES[kind]} of this work are expected on that day, so there is nothing that could go dark."
        )
    own, moved, agents = (
        np.sum([np.asarray(getattr(pool, name)) * (pool.slots if name == "agents" else 1) for pool in pools], axis=0)
        for name in ("own", "moved", "agents")
    )
    agents = np.floor(agents + 0.5)
    if not agents.any():
        return Problem(f"Nobody in-house does {NAMES[kind]} on that day: all that comes home would be lost.")
    if not moved[max(0, dark_from) : max(0, dark_until)].any():
        return Problem(f"No {NAMES[kind]} of this work are expected while it is dark: choose other hours.")
    work = contacts = 0.0
    for pool in pools:
        for row, aht in ((pool.own, pool.own_aht_s), (pool.moved, pool.moved_aht_s or pool.moved_aht_provider_s)):
            if aht is not None:
                work, contacts = work + sum(row) * aht, contacts + sum(row)
    if not work:
        return Problem(f"Nobody knows how long {NAMES[kind]} take in-house, so no queue can be worked out.")
    try:
        return Outage(own, moved, agents, dark_from, dark_until, work / contacts, patience_s(pools), diverted)
    except ValueError as error:
        return Problem(f"The drill cannot be worked out: {error} (quarter-hours of a day are 0 to {QUARTERS}).")


def _day(week: Week, stretch: Stretch) -> DayAnswer:
    rows = stretch.rows
    voice, chat = (bounds_of(kind, rows) if kind else None for kind in (week.voice, week.chat))
    gap = agents_short(week, rows)
    fits = [np.sum([each.absorbable[way].sum() for each in (voice, chat) if each]) for way in (0, 1)]
    people = [int(people_scheduled(float(row.max(initial=0)), week.shrinkage)) for row in gap]
    low, moved, high = (float(row[rows].sum()) for row in week.moved)
    return DayAnswer(
        stretch.day, stretch.left, voice, chat, week.chat.slots if week.chat else 1, moved, low, high,
        (float(fits[0]), float(fits[1])), (people[0], people[1]), gap,
    )  # fmt: skip


def _cut(whole: Absorbed, rows: slice, standard: Standard) -> Absorbed:
    part = {name: getattr(whole, name)[rows] for name in _ARRAYS}
    return replace(whole, **part, people=_people(part["gap"], standard))


def _people(gap: Sequence[int] | Whole, standard: Standard) -> int:
    return int(people_scheduled(int(np.max(gap, initial=0)), standard.shrinkage))
