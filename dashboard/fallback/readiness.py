"""How ready in-house is for a provider's end: who covers what when, how much hangs on whom, what is planned.

Works on the answers to `readiness_questions`; draws and words nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dashboard import format as text
from dashboard.fallback.readiness_questions import BITS, WEEKS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from models.staffing.arrays import Truths

PAUSE_HOURS = 3
"""An agent who takes contacts on either side of no more than so many hours was there in between."""
LEAST_CONTACTS = WEEKS
"""In an hour of the week, over all weeks, for it to count as one in which contacts come: one a week."""
MUCH = 0.6
"""Share of contacts with one provider from which it is a dependency."""
FEW = 50
"""Contacts below which a share says little."""
MOST_DAYS = 365
"""A plan or drill older than this is overdue."""


@dataclass(frozen=True, order=True)
class Pair:
    """What somebody must be able to do: a queue in a language, by phone or in writing. scope.NONE: not told."""

    queue: str
    language: str
    calls: bool


@dataclass(frozen=True)
class Hour:
    """An hour of the week in which contacts of a pair come. weekday: 0 is Monday."""

    pair: Pair
    weekday: int
    hour: int
    contacts: int
    """Over all weeks looked at."""
    bought: int
    """Of them, with providers."""
    agents: float
    """In-house agents who do such work and are usually there: the mean over the weeks."""

    @property
    def is_hole(self) -> bool:
        """A provider has contacts, and nobody was there in-house in any of the weeks."""
        return self.bought > 0 and self.agents == 0


@dataclass(frozen=True)
class Hole:
    """Hours in which nobody in-house does what a provider does.

    whole_day: all in which contacts come on these days; always: on all days on which any come.
    """

    pair: Pair
    weekdays: tuple[int, ...]
    hours: tuple[tuple[int, int], ...]
    """Stretches, each from this hour to before that one."""
    whole_day: bool
    always: bool
    contacts: int
    """With providers in these hours, over all weeks."""


@dataclass(frozen=True)
class Dependency:
    """How much of something one provider has. The provider is the one that has most of all that are bought in."""

    pair: tuple[str, str] | None
    """Queue and language; None: of a topic, or of everything."""
    topic: str | None
    contacts: int
    provider: str | None
    """None: all of it is in-house."""
    share: float
    in_house: float

    @property
    def is_thin(self) -> bool:
        """So few that the share says little."""
        return self.contacts < FEW

    @property
    def is_marked(self) -> bool:
        """A dependency."""
        return self.share > MUCH and not self.is_thin


@dataclass(frozen=True)
class Plan:
    """A provider's exit plan and last drill; None what is not known."""

    provider: str
    has_contract: bool
    owner: str | None = None
    where: str | None = None
    updated: date | None = None
    age_days: int | None = None
    drilled: date | None = None
    drill: str | None = None
    since_drill: int | None = None
    """Days since then."""

    @property
    def is_missing(self) -> bool:
        """There is no plan."""
        return self.updated is None

    @property
    def is_old(self) -> bool:
        """Brought up to date longer than a year ago."""
        return self.age_days is not None and self.age_days > MOST_DAYS

    @property
    def drill_is_due(self) -> bool:
        """None in a year."""
        return self.since_drill is None or self.since_drill > MOST_DAYS

    @property
    def is_overdue(self) -> bool:
        """Anything of it."""
        return self.is_missing or self.is_old or self.drill_is_due


def usually_there(agents: pd.DataFrame, zone: str) -> dict[Pair, dict[tuple[int, int], float]]:
    """In-house agents of each pair by weekday and hour of the zone, mean over the weeks; hours without any left out."""
    worked, able = agents[agents["block"].notna()], agents[agents["block"].isna()]
    if worked.empty:
        return {}
    number = pd.factorize(pd.concat([worked, able])["site"] + "\0" + pd.concat([worked, able])["agent_id"])[0]
    blocks = worked["block"].to_numpy(dtype=np.int64)
    first, many = int(blocks.min()), int(blocks.max() - blocks.min()) + 1
    presence = np.zeros((int(number.max()) + 1, many, BITS), dtype=bool)
    bits = worked["hours"].to_numpy(dtype=np.int64)
    presence[number[: len(worked)], blocks - first] = (bits[:, None] >> np.arange(BITS) & 1).astype(bool)
    there = _without_pauses(presence.reshape(presence.shape[0], many * BITS))
    begins = datetime.fromtimestamp(first * BITS * 3600, UTC)
    local = [(begins + timedelta(hours=hour)).astimezone(ZoneInfo(zone)) for hour in range(many * BITS)]
    found: dict[Pair, dict[tuple[int, int], float]] = {}
    for (queue, language, calls), at in able.assign(agent=number[len(worked) :]).groupby(
        ["queue", "language", "calls"]
    ):
        counts = there[at["agent"].to_numpy()].sum(axis=0)
        sums: dict[tuple[int, int], float] = defaultdict(float)
        for hour in np.flatnonzero(counts):
            sums[local[hour].weekday(), local[hour].hour] += float(counts[hour]) / WEEKS
        found[Pair(str(queue), str(language), bool(calls))] = dict(sums)
    return found


def _without_pauses(hours: Truths) -> Truths:
    """The same, each row by itself, with no gap of fewer than PAUSE_HOURS hours."""
    filled = hours.copy()
    for apart in range(2, PAUSE_HOURS + 1):
        both = hours[:, :-apart] & hours[:, apart:]
        for between in range(1, apart):
            filled[:, between : between + both.shape[1]] |= both
    return filled


def cover(agents: pd.DataFrame, volume: pd.DataFrame, zone: str) -> list[Hour]:
    """Every hour of the week in which contacts of a pair come, pairs with most contacts first."""
    there = usually_there(agents, zone)
    hours = []
    for row in volume.to_dict("records"):
        pair = Pair(str(row["queue"]), str(row["language"]), bool(row["calls"]))
        if row["contacts"] >= LEAST_CONTACTS:
            when = int(row["weekday"]), int(row["hour"])
            agents_there = there.get(pair, {}).get(when, 0.0)
            hours.append(Hour(pair, *when, int(row["contacts"]), int(row["bought"]), agents_there))
    totals: dict[Pair, int] = defaultdict(int)
    for hour in hours:
        totals[hour.pair] += hour.contacts
    return sorted(hours, key=lambda each: (-totals[each.pair], each.pair, each.weekday, each.hour))


def holes(hours: Iterable[Hour]) -> list[Hole]:
    """Holes, those of a pair with the same hours on several days together; most contacts first."""
    days: dict[tuple[Pair, int], list[Hour]] = defaultdict(list)
    for hour in hours:
        days[hour.pair, hour.weekday].append(hour)
    on_any = {pair: {day for other, day in days if other == pair} for pair, _ in days}
    alike: dict[tuple[Pair, tuple[tuple[int, int], ...], bool], list[tuple[int, int]]] = defaultdict(list)
    for (pair, weekday), listed in days.items():
        empty = [hour for hour in listed if hour.is_hole]
        if empty:
            key = pair, _stretches([hour.hour for hour in empty]), len(empty) == len(listed)
            # Of whole days the hours matter less than that nobody is there.
            alike[(pair, (), True) if key[2] else key].append((weekday, sum(hour.bought for hour in empty)))
    found = [
        Hole(
            pair, tuple(sorted(day for day, _ in on)), stretches, whole,
            whole and {day for day, _ in on} == on_any[pair], sum(contacts for _, contacts in on),
        )
        for (pair, stretches, whole), on in alike.items()
    ]  # fmt: skip
    return sorted(found, key=lambda hole: (-hole.contacts, hole.pair, hole.weekdays))


def _stretches(hours: list[int]) -> tuple[tuple[int, int], ...]:
    """Hours that follow each other as (first, after the last)."""
    runs = [[hour for _, hour in run] for _, run in groupby(enumerate(sorted(hours)), lambda at: at[1] - at[0])]
    return tuple((run[0], run[-1] + 1) for run in runs)


def dependencies(mix: pd.DataFrame) -> tuple[list[Dependency], list[Dependency]]:
    """By queue and language with everything first, and by topic; each with most contacts first. Empty without any."""
    if mix.empty:
        return [], []
    pairs = [_dependency(rows, pair=(str(key[0]), str(key[1]))) for key, rows in mix.groupby(["queue", "language"])]
    topics = [_dependency(rows, topic=str(topic)) for topic, rows in mix.groupby("topic")]

    def most(each: Dependency) -> tuple[int, str]:
        return -each.contacts, f"{each.pair}{each.topic}"

    return [_dependency(mix), *sorted(pairs, key=most)], sorted(topics, key=most)


def _dependency(rows: pd.DataFrame, pair: tuple[str, str] | None = None, topic: str | None = None) -> Dependency:
    contacts = int(rows["contacts"].sum())
    own = rows["in_house"].astype(bool)
    bought = rows[~own].groupby("provider")["contacts"].sum()
    provider = None if bought.empty else str(bought.idxmax())
    most = 0 if bought.empty else int(bought.max())
    return Dependency(pair, topic, contacts, provider, most / contacts, int(rows["contacts"][own].sum()) / contacts)


def plans(frame: pd.DataFrame, sites: pd.DataFrame, today: date) -> list[Plan]:
    """One for every provider that has a site or a contract: overdue ones first, then by name."""
    known = {str(row["provider"]): row for _, row in frame.iterrows()}
    bought = sites["provider"][~sites["in_house"].astype(bool)]
    found = []
    for provider in sorted({str(name) for name in bought} | set(known)):
        if provider not in known:
            found.append(Plan(provider, has_contract=False))
            continue
        row = known[provider]
        updated, drilled = _day(row["updated"]), _day(row["last_drill_on"])
        found.append(
            Plan(
                provider, True, _text(row["owner"]), _text(row["where"]), updated,
                None if updated is None else max(0, (today - updated).days),
                drilled, _text(row["last_drill_kind"]),
                None if drilled is None else max(0, (today - drilled).days),
            )
        )  # fmt: skip
    return sorted(found, key=lambda plan: (not plan.is_overdue, not plan.is_missing, plan.provider.casefold()))


def _day(value: object) -> date | None:
    return None if text.is_missing(value) else pd.Timestamp(str(value)).date()


def _text(value: object) -> str | None:
    return None if text.is_missing(value) or not str(value) else str(value)
