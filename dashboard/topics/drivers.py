"""What drove a change of contacts, hours or handle time: parts that sum to it exactly, as steps of a waterfall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.fairness.drivers import RatioChange, TotalChange, ratio_change, total_change
from models.fairness.sums import Totals

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

MOST_STEPS = 8
"""Topics with a step of their own; what the others come to is one step."""
HOUR_MS = 3_600_000.0


@dataclass(frozen=True)
class Step:
    """One part of a change: volume, days, mix or rate; topic: the one it is about, None for all or the rest."""

    part: str
    topic: str | None
    amount: float


@dataclass(frozen=True)
class Change:
    """What a figure came to before and after, and the steps between, which sum to the difference."""

    before: float
    after: float
    steps: tuple[Step, ...]

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before


def contacts(before: pd.DataFrame, after: pd.DataFrame, days_before: int, days_after: int) -> Change | None:
    """Contacts: how many days there were any on, and the contacts a day of each topic."""
    then, now = (frame.groupby("topic")["offered"].sum().to_dict() for frame in (before, after))
    if not days_before or not days_after or not sum(then.values()):
        return None
    topics = {**then, **now}
    # Every topic is there on every day: what changes is how many come on one.
    told = total_change(
        {topic: Totals(float(then.get(topic, 0)), days_before) for topic in topics},
        {topic: Totals(float(now.get(topic, 0)), days_after) for topic in topics},
    )
    return _change(told, before["offered"].sum(), after["offered"].sum(), "days")


def handle_hours(before: pd.DataFrame, after: pd.DataFrame) -> Change | None:
    """Hours of handling: how many contacts were handled, which and by whom, and how long each kind took."""
    told = total_change(_handling(before), _handling(after))
    return _change(told, before["handle_ms"].sum() / HOUR_MS, after["handle_ms"].sum() / HOUR_MS, "volume")


def handle_time(before: pd.DataFrame, after: pd.DataFrame) -> Change | None:
    """Mean handle time in seconds: which contacts were handled and by whom, and how long each kind took."""
    then, now = _handling(before), _handling(after)
    told = ratio_change(then, now)
    if told is None:
        return None
    means = [3600 * sum(c.total for c in side.values()) / sum(c.n for c in side.values()) for side in (then, now)]
    return _change(told, means[0], means[1], "volume", 3600)


def _handling(frame: pd.DataFrame) -> dict[Hashable, Totals]:
    sums = frame.groupby(["topic", "who"])[["handle_ms", "handled"]].sum()
    sums = sums[sums["handled"] > 0]
    hours, handled = sums["handle_ms"] / HOUR_MS, sums["handled"]
    return {key: Totals(float(h), float(n)) for key, h, n in zip(sums.index, hours, handled, strict=True)}


def _change(
    told: TotalChange | RatioChange | None, before: float, after: float, volume: str, unit: float = 1
) -> Change | None:
    if told is None:
        return None
    steps = [Step(volume, None, unit * told.volume)] if isinstance(told, TotalChange) else []
    steps.append(Step("mix", None, unit * told.mix))
    steps += _by_topic({key: unit * part.rate for key, part in told.strata.items()})
    kept = tuple(step for step in steps if abs(step.amount) > 1e-9)
    return Change(float(before), float(after), kept)


def _by_topic(rates: Mapping[Hashable, float]) -> list[Step]:
    topics: dict[str, float] = {}
    for key, rate in rates.items():
        topic = str(key[0] if isinstance(key, tuple) else key)
        topics[topic] = topics.get(topic, 0.0) + rate
    order = sorted(topics, key=lambda topic: (-abs(topics[topic]), topic))
    steps = [Step("rate", topic, topics[topic]) for topic in order[:MOST_STEPS]]
    if len(order) > MOST_STEPS:
        steps.append(Step("rate", None, sum(topics[topic] for topic in order[MOST_STEPS:])))
    return steps
