"""A day's answer as rows by pool and by quarter-hour. Chats come in slots and are told in agents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.fallback import absorb_words as said
from dashboard.fallback import words
from models.staffing import people_scheduled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.fallback.absorb import Absorbed, Bounds
    from models.fallback.answer_parts import DayAnswer
    from models.fallback.facts import Day
    from models.staffing.arrays import Floats


def kinds(answer: DayAnswer) -> Iterator[tuple[str, Bounds, int]]:
    """Calls and chats, as far as there are any: kind, bounds, contacts an agent holds at once."""
    if answer.voice is not None:
        yield "voice", answer.voice, 1
    if answer.chat is not None:
        yield "chat", answer.chat, answer.slots


def pools(answer: DayAnswer, day: Day, shrinkage: float) -> pd.DataFrame:
    """One row per pool, and of several one as if they were one. Shares from 0 to 1. shrinkage: below 1."""
    rows = []
    for kind, bounds, slots in kinds(answer):
        numbers = list(answer.quarters)
        own = {pool.language: np.asarray(pool.own)[numbers] for pool in day.pools if pool.kind == kind}
        for one in bounds.separate:
            rows.append(_pool(said.pool(kind, one.name), one, own.get(one.name), slots, shrinkage))
        if len(bounds.separate) > 1 or len(own) > 1:
            together: Floats = np.sum([*own.values()], axis=0)
            # One pool can always be run as several: it never fits less and never needs more.
            as_one = replace(bounds.pooled, absorbable=bounds.absorbable[1], gap=bounds.gap[1])
            rows.append(_pool(said.pooled(kind), as_one, together, slots, shrinkage))
    return pd.DataFrame(rows)


def _pool(name: str, one: Absorbed, own: Floats | None, slots: int, shrinkage: float) -> dict[str, object]:
    own = np.zeros_like(one.moved) if own is None else own
    everything = own + one.moved
    gap = -(-one.peak_gap // slots)
    return {
        "pool": name, "asked": float(one.moved.sum()), "fits": float(one.absorbable.sum()), "share": one.share,
        "level_own": _mean(one.service_level_own, own), "level_all": _mean(one.service_level_all, everything),
        "worst": float(one.service_level_all.min()), "lost_own": _mean(one.abandonment_own, own),
        "lost_all": _mean(one.abandonment_all, everything), "gap": gap,
        "people": int(people_scheduled(gap, shrinkage)),
    }  # fmt: skip


def _mean(shares: Floats, contacts: Floats) -> float | None:
    """Over contacts; None without any."""
    whole = float(contacts.sum())
    return float((shares * contacts).sum() / whole) if whole else None


def agents(bounds: Bounds, slots: int) -> dict[str, list[float]]:
    """Agents there, needed for own work and with all of it, by quarter-hour, pools apart."""
    there: Floats = np.sum([one.rostered for one in bounds.separate], axis=0) / slots
    own, everything = (
        np.ceil(np.sum([getattr(one, name) for one in bounds.separate], axis=0) / slots)
        for name in ("need_own", "need_all")
    )
    return {"there": list(there), "own": list(own), "all": list(everything)}


def quarters(answer: DayAnswer) -> pd.DataFrame:
    """One row per quarter-hour and kind, pools apart."""
    found = []
    for kind, bounds, slots in kinds(answer):
        row = agents(bounds, slots)
        found.append(
            pd.DataFrame(
                {
                    "day": answer.day, "quarter": [words.quarter(number) for number in answer.quarters], "kind": kind,
                    "moved": np.sum([one.moved for one in bounds.separate], axis=0), "fits": bounds.absorbable[0],
                    **row, "gap": -(-bounds.gap[0] // slots),
                }
            )
        )  # fmt: skip
    return pd.concat(found, ignore_index=True)
