"""The filters of the week pages as one frozen object, mirrored in the URL, and as conditions of a question.

The URL is untrusted: what is not known is dropped, and a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from dashboard.literals import Value

NONE = "(none)"
"""Stands in the URL and in the widgets for a contact without a queue, channel, language or topic."""
WEEKS = 13
"""Weeks that are shown without a choice: a quarter of a year."""
MOST_VALUES = 100
"""More values than this in a URL are not looked at."""

_NAMES = {
    "providers": "provider",
    "sites": "site",
    "queues": "queue",
    "channels": "channel",
    "languages": "language",
    "topics": "topic",
}
_COLUMNS = {"queues": "queue", "channels": "channel", "languages": "language", "topics": "topic"}
NAMES = (*_NAMES.values(), "from", "to")
"""Names in the URL that mean something."""


@dataclass(frozen=True)
class Known:
    """What there is to choose from. providers: sites by provider. weeks: Mondays, oldest first, without gaps."""

    sites: tuple[str, ...] = ()
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weeks: tuple[date, ...] = ()
    queues: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def default_weeks(self) -> tuple[date, date]:
        """First and last week shown without a choice."""
        return self.weeks[-WEEKS:][0], self.weeks[-1]


@dataclass(frozen=True)
class Scope:
    """What is looked at. Empty means everything; without weeks, the latest ones."""

    providers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    queues: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def to_query(self) -> dict[str, list[str]]:
        """The URL's query, without what is empty."""
        query = {
            _NAMES[each.name]: list(getattr(self, each.name))
            for each in fields(self)
            if each.name not in ("first", "last")
        }
        query["from"] = [text.week(self.first)] if self.first else []
        query["to"] = [text.week(self.last)] if self.last else []
        return {name: values for name, values in query.items() if values}

    def sites_of(self, known: Known) -> tuple[str, ...]:
        """The sites in view: those chosen and those of the providers chosen; all without a choice."""
        chosen = {*self.sites, *(site for name in self.providers for site in known.providers.get(name, ()))}
        return tuple(site for site in known.sites if site in chosen) if chosen else known.sites

    def span(self, known: Known) -> tuple[date, date]:
        """First day, and the day after the last, of the weeks in view."""
        first, last = known.default_weeks()
        first, last = self.first or min(first, self.last or first), self.last or max(last, self.first or last)
        return first, last + timedelta(weeks=1)

    def conditions(
        self, known: Known, *, columns: Collection[str] = tuple(_COLUMNS), day: str = "date"
    ) -> tuple[str, dict[str, Value]]:
        """A condition for `where` with `$names`, and their values.

        columns: dimensions the table asked has. day: its column of days, or of first days of weeks.
        """
        first, end = self.span(known)
        rest, values = self.besides_weeks(known, columns=columns)
        where = f"{day} >= $first_day and {day} < $end_day" + (f" and {rest}" if rest else "")
        return where, {"first_day": first, "end_day": end, **values}

    def besides_weeks(
        self, known: Known, *, columns: Collection[str] = tuple(_COLUMNS)
    ) -> tuple[str, dict[str, Value]]:
        """The same without the weeks; empty when everything is looked at."""
        parts, values = list[str](), dict[str, "Value"]()
        if self.sites or self.providers:
            parts.append("list_contains($sites, site)")
            values["sites"] = list(self.sites_of(known))
        for name, column in _COLUMNS.items():
            chosen = getattr(self, name)
            if chosen and column in columns:
                parts.append(f"list_contains(${name}, coalesce({column}, $none))")
                values[name] = list(chosen)
                values["none"] = NONE
        return " and ".join(parts), values


def read(query: Mapping[str, Sequence[str]], known: Known, also: Collection[str] = ()) -> tuple[Scope, list[str]]:
    """The scope a URL asks for, and a note (plain text) for everything dropped. also: names of the page's own."""
    notes = [words.unknown_filter(name) for name in query if name not in NAMES and name not in also][:5]
    chosen = {name: _among(query.get(key, ()), key, getattr(known, name), notes) for name, key in _NAMES.items()}
    first = read_week(query.get("from", ()), "from", known.weeks, notes)
    last = read_week(query.get("to", ()), "to", known.weeks, notes)
    if first and last and first > last:
        notes.append(words.reversed_weeks(text.week(first), text.week(last)))
        first = last = None
    return Scope(first=first, last=last, **chosen), notes


def read_week(values: Sequence[str], name: str, weeks: Collection[date], notes: list[str]) -> date | None:
    """The Monday the last of these values names; a note where that is no week there is."""
    if not values:
        return None
    start = text.parse_week(values[-1])
    if start is None or start not in weeks:
        notes.append(words.dropped_filter(name, values[-1]))
        return None
    return start


def _among(values: Sequence[str], name: str, known: Iterable[str], notes: list[str]) -> tuple[str, ...]:
    asked, there = list(dict.fromkeys(values[:MOST_VALUES])), set(known)
    notes += [words.dropped_filter(name, value) for value in asked if value not in there][:5]
    return tuple(sorted(value for value in asked if value in there))
