"""The filters of the Contacts page: one frozen object, mirrored in the URL so that a list or a contact can be sent.

The URL is untrusted. What cannot be meant is dropped, and a note says so; free values (a queue, an agent) are only
ever compared with, as bound literals.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from dashboard import contact_words as said
from dashboard import words
from dashboard.contact_measures import CLOCKS, MEASURES
from dashboard.scope.scope import MOST_VALUES
from models.facts import Channel

ARRIVAL = "arrival"
FREE = ("queue", "language", "topic", "agent", "team")
"""Filters whose values sites make up."""
CHOICES: dict[str, Collection[str]] = {
    "clock": CLOCKS,
    "measure": MEASURES,
    "channel": get_args(Channel),
    "outcome": said.OUTCOMES,
}
NAMES = ("site", "from", "to", "at", *CHOICES, *FREE, "contact", "of")
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)
QUARTER = timedelta(minutes=15)
USUAL_DAYS = 7
_LONGEST = 256
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_QUARTER_HOUR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:(00|15|30|45)Z")


@dataclass(frozen=True)
class ContactFilters:
    """What is looked at: days of the reporting zone or one quarter-hour (UTC), and what else holds.

    Empty means all. `contact` is one contact in full, `of` its site.
    """

    sites: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    at: datetime | None = None
    clock: str = ARRIVAL
    measure: str | None = None
    queue: str | None = None
    channel: str | None = None
    language: str | None = None
    topic: str | None = None
    outcome: str | None = None
    agent: str | None = None
    team: str | None = None
    contact: str | None = None
    of: str | None = None

    def to_query(self) -> dict[str, list[str]]:
        """The URL's query, without what is empty."""
        query: dict[str, list[str | None]] = {
            "site": list(self.sites),
            "from": [self.first.isoformat() if self.first else None],
            "to": [self.last.isoformat() if self.last else None],
            "at": [self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if self.at else None],
            "clock": [self.clock if self.clock != ARRIVAL else None],
            **{name: [getattr(self, name)] for name in ("measure", "channel", "outcome", *FREE, "contact", "of")},
        }
        filled = {name: [value for value in values if value] for name, values in query.items()}
        return {name: values for name, values in filled.items() if values}

    def opening(self, contact: str | None, of: str | None = None) -> ContactFilters:
        """The same list with one contact opened; with none, the list itself."""
        return replace(self, contact=contact, of=of)

    def bounds(self, zone: str) -> tuple[datetime, datetime]:
        """First instant and first one after. Days must be set unless a quarter-hour is."""
        if self.at:
            return self.at, self.at + QUARTER
        if self.first is None or self.last is None:
            raise ValueError("filters without days")
        local = ZoneInfo(zone)
        ends = (self.first, self.last + timedelta(days=1))
        start, end = (datetime.combine(day, time(), tzinfo=local).astimezone(UTC) for day in ends)
        return start, end


def read(query: Mapping[str, Sequence[str]], *, sites: Collection[str]) -> tuple[ContactFilters, list[str]]:
    """The filters a URL asks for, and a note (plain text) for everything dropped."""
    notes = [words.unknown_filter(name) for name in query if name not in NAMES][:5]
    asked = list(dict.fromkeys(query.get("site", ())[:MOST_VALUES]))
    notes += [words.dropped_filter("site", site) for site in asked if site not in sites]
    at = _quarter_hour(query, notes)
    first, last = (_day(query, name, notes) for name in ("from", "to"))
    if at and (first or last):
        notes.append(said.AT_AND_DAYS)
        first = last = None
    if first and last and first > last:
        notes.append(said.reversed_days(first, last))
        first = last = None
    chosen = {name: _choice(query, name, known, notes) for name, known in CHOICES.items()}
    free = {name: _free(query, name, notes) for name in (*FREE, "contact")}
    of = _choice(query, "of", sites, notes)
    return (
        ContactFilters(
            sites=tuple(sorted(site for site in asked if site in sites)),
            first=first,
            last=last,
            at=at,
            clock=chosen.pop("clock") or ARRIVAL,
            of=of if free["contact"] else None,
            **chosen,
            **free,
        ),
        notes,
    )


def usual_days(last_event_at: datetime | None, now: datetime, zone: str) -> tuple[date, date]:
    """The week that ends with the last data."""
    latest = min(last_event_at, now) if last_event_at else now
    last = min(max(latest.astimezone(ZoneInfo(zone)).date(), FIRST_DAY + timedelta(days=USUAL_DAYS)), LAST_DAY)
    return last - timedelta(days=USUAL_DAYS - 1), last


def _asked(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = query.get(name, ())
    return values[-1] if values else None


def _choice(query: Mapping[str, Sequence[str]], name: str, known: Collection[str], notes: list[str]) -> str | None:
    value = _asked(query, name)
    if value is not None and value not in known:
        notes.append(words.dropped_filter(name, value))
        return None
    return value


def _free(query: Mapping[str, Sequence[str]], name: str, notes: list[str]) -> str | None:
    value = _asked(query, name)
    if value is None:
        return None
    # What the contract would not let in names nothing that could be found.
    if not 0 < len(value) <= _LONGEST or any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value):
        notes.append(words.dropped_filter(name, value))
        return None
    return value


def _day(query: Mapping[str, Sequence[str]], name: str, notes: list[str]) -> date | None:
    value = _asked(query, name)
    if value is None:
        return None
    try:
        day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        notes.append(words.dropped_filter(name, value))
        return None
    return day


def _quarter_hour(query: Mapping[str, Sequence[str]], notes: list[str]) -> datetime | None:
    value = _asked(query, "at")
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value).astimezone(UTC) if _QUARTER_HOUR.fullmatch(value) else None
    except (ValueError, OverflowError):
        at = None
    if at is None or not FIRST_DAY <= at.date() <= LAST_DAY:
        notes.append(words.dropped_filter("at", value))
        return None
    return at
