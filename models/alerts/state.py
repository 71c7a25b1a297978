"""What is remembered of one figure under one rule, what is seen of it, and what is told when it changes."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from models.alerts.rule import Rule, Scope


class Condition(StrEnum):
    """How a figure stands under its rule."""

    OK = "ok"
    PENDING = "pending"
    """Bad, but not yet for long enough."""
    OPEN = "open"
    CLEARING = "clearing"
    """Open, and good, but not yet for long enough."""
    UNKNOWN = "unknown"
    """The feed is silent; an open episode goes on beneath."""


class Event(StrEnum):
    """What happened to an episode."""

    OPENED = "opened"
    CLOSED = "closed"
    TOLD = "told"
    """It opened in quiet hours, these are over, and it is still open."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a figure was at an instant: its value in the unit of the metric (None: there is none), from n contacts.

    fed: whether the feed was alive; when it was not, value and n mean nothing. Raises ValueError for an instant without
    a zone, a value that is not finite and a negative n.
    """

    instant: datetime
    value: float | None
    n: float
    fed: bool = True

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise ValueError(f"expected an instant with a time zone, got {self.instant.isoformat()}")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"expected a finite value, or None where there is none, got {self.value}")
        if not (math.isfinite(self.n) and self.n >= 0):
            raise ValueError(f"expected n to be at least 0 contacts, got {self.n}")


@dataclass(frozen=True, slots=True)
class Episode:
    """From an opening to its clearing. told: whether its opening was to be notified already."""

    id: str
    opened_at: datetime
    told: bool


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of condition, or with TOLD a reason to notify; the value and n that brought it about.

    event and episode: what happened to which episode, None when it is none or nothing. notify: whether someone is to be
    told now; quiet hours only ever change this, and a clearing is told to those who were told of the opening.
    """

    at: datetime
    before: Condition
    after: Condition
    event: Event | None
    episode: str | None
    notify: bool
    value: float | None
    n: float


@dataclass(frozen=True, slots=True)
class State:
    """Where one figure stands. Make the first with `start`; `machine.advance` makes all others.

    last: instant of the last observation. counted: that of the last one that was neither thin nor silent. since: from
    when on it counts as bad (pending) or good (clearing), moved on by what thin observations took. thin: whether one
    came after `counted`. recent: the last periods, True for bad; good: how many were good in a row; held: how many came
    since the opening.
    """

    rule: str
    scope: Scope
    condition: Condition = Condition.OK
    episode: Episode | None = None
    last: datetime | None = None
    counted: datetime | None = None
    since: datetime | None = None
    thin: bool = False
    recent: tuple[bool, ...] = ()
    good: int = 0
    held: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As JSON knows it, instants in UTC."""
        episode = self.episode
        return {
            "rule": self.rule,
            "scope": self.scope.model_dump(),
            "condition": self.condition.value,
            "episode": None
            if episode is None
            else {"id": episode.id, "opened_at": _written(episode.opened_at), "told": episode.told},
            "last": _written(self.last),
            "counted": _written(self.counted),
            "since": _written(self.since),
            "thin": self.thin,
            "recent": list(self.recent),
            "good": self.good,
            "held": self.held,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> State:
        """The state that `to_dict` wrote. Raises ValueError naming what is wrong with it."""
        try:
            episode = kept["episode"]
            return cls(
                str(kept["rule"]),
                Scope(**kept["scope"]),
                Condition(kept["condition"]),
                None
                if episode is None
                else Episode(str(episode["id"]), _instant(episode["opened_at"]), bool(episode["told"])),
                _read(kept["last"]),
                _read(kept["counted"]),
                _read(kept["since"]),
                bool(kept["thin"]),
                tuple(map(bool, kept["recent"])),
                int(kept["good"]),
                int(kept["held"]),
            )
        except KeyError as error:
            raise ValueError(f"expected the state of an alert, with {error.args[0]!r}; got {sorted(kept)}") from error
        except (TypeError, ValueError) as error:
            raise ValueError(f"expected the state of an alert as it was written: {error}") from error


def start(rule: Rule, scope: Scope) -> State:
    """The state of a figure not yet looked at. Raises ValueError when the rule does not watch this part of the work."""
    if not rule.scope.covers(scope):
        raise ValueError(f"expected a part of what rule {rule.name!r} watches ({rule.scope!r}), got {scope!r}")
    return State(rule.name, scope)


def episode_id(rule: str, scope: Scope, opened_at: datetime) -> str:
    """Always the same for an opening of a rule: who replays the same observations finds the same episodes."""
    known = json.dumps([rule, scope.model_dump(), _written(opened_at)], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()


def _read(written: str | None) -> datetime | None:
    return None if written is None else _instant(written)


def _instant(written: str) -> datetime:
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        raise ValueError(f"{written} has no time zone")
    return instant
