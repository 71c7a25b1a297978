"""What the address says of the live desk: what is on the board, by what, at which instant, and whether on a wall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashboard import words
from dashboard.live.board import BY, Selection

PAGE = "live"
LISTS = ("sites", "queues", "languages", "channels")
_NAMES = (*LISTS, "by", "at", "wall")
Options = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class View:
    """at: UTC, None for now. wall: large type and no menus."""

    selection: Selection = field(default_factory=Selection)
    by: str = BY[0]
    at: datetime | None = None
    wall: bool = False

    def to_query(self, zone: str) -> dict[str, list[str]]:
        """The address of it; nothing for what holds without being named."""
        query = {name: list(getattr(self.selection, name)) for name in LISTS}
        query["by"] = [self.by] if self.by != BY[0] else []
        query["at"] = [written(self.at, zone)] if self.at else []
        query["wall"] = ["1"] if self.wall else []
        return {name: values for name, values in query.items() if values}


def read(query: Mapping[str, Sequence[str]], options: Options, now: datetime, zone: str) -> tuple[View, list[str]]:
    """What an address asks for, and a note on everything of it that was left out. now: UTC."""
    notes = [words.unknown_filter(name) for name in query if name not in _NAMES]
    chosen: dict[str, tuple[str, ...]] = {}
    for name in LISTS:
        wanted = list(dict.fromkeys(query.get(name, ())))
        notes += [words.dropped_filter(name, value) for value in wanted if value not in options[name]]
        chosen[name] = tuple(sorted(value for value in wanted if value in options[name]))
    by = _last(query, "by", BY[0])
    if by not in BY:
        notes.append(words.dropped_filter("by", by))
        by = BY[0]
    at, asked = None, _last(query, "at", "")
    if asked:
        at = _instant(asked, zone)
        if at is None or at > now:
            notes.append(words.dropped_filter("at", asked))
            at = None
    wall = _last(query, "wall", "0")
    if wall not in ("0", "1"):
        notes.append(words.dropped_filter("wall", wall))
    return View(Selection(**chosen), by, at, wall == "1"), notes


def written(at: datetime, zone: str) -> str:
    """An instant to the minute in the zone, with its offset: the hour that happens twice stays apart."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def _instant(text: str, zone: str) -> datetime | None:
    try:
        # A `+` in an address somebody typed arrives as a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
        at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
        at = at.astimezone(UTC).replace(second=0, microsecond=0)
    except (ValueError, OverflowError):
        return None
    return at if at.year >= 1990 else None


def _last(query: Mapping[str, Sequence[str]], name: str, default: str) -> str:
    values = query.get(name) or ()
    return values[-1] if values else default
