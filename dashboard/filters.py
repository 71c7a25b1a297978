"""The filters of a page: one frozen object, mirrored in the URL so that a view can be sent.

The URL is untrusted. What does not name a known site, week or measure is dropped, and a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard import words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

NAMES = ("site", "from", "to", "metric")
HEALTH_NAMES = ("site", "week", "message")
MOST_VALUES = 100
"""More values than this in a URL are not looked at."""


@dataclass(frozen=True)
class WeekFilters:
    """What is looked at. Empty means all sites, the default weeks, all measures."""

    sites: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    measure: str | None = None

    def to_query(self) -> dict[str, list[str]]:
        """The URL's query, without what is empty."""
        query = {
            "site": list(self.sites),
            "from": [text.week(self.first)] if self.first else [],
            "to": [text.week(self.last)] if self.last else [],
            "metric": [self.measure] if self.measure else [],
        }
        return _filled(query)


def read(
    query: Mapping[str, Sequence[str]],
    *,
    sites: Collection[str],
    weeks: Collection[date],
    measures: Collection[str],
) -> tuple[WeekFilters, list[str]]:
    """The filters a URL asks for, and a note (plain text) for everything dropped."""
    notes = _unknown(query, NAMES)
    chosen = _sites(query, sites, notes)
    first = read_week(query.get("from", ()), "from", weeks, notes)
    last = read_week(query.get("to", ()), "to", weeks, notes)
    if first and last and first > last:
        notes.append(words.reversed_weeks(text.week(first), text.week(last)))
        first = last = None
    measure = _last(query.get("metric", ()))
    if measure is not None and measure not in measures:
        notes.append(words.dropped_filter("metric", measure))
        measure = None
    return WeekFilters(chosen, first, last, measure), notes


@dataclass(frozen=True)
class HealthFilters:
    """What the Data health page looks at. Empty means all sites, all weeks, no message in full."""

    sites: tuple[str, ...] = ()
    week: date | None = None
    message: str | None = None

    def to_query(self) -> dict[str, list[str]]:
        """The URL's query, without what is empty."""
        query = {
            "site": list(self.sites),
            "week": [text.week(self.week)] if self.week else [],
            "message": [self.message] if self.message else [],
        }
        return _filled(query)


def read_health(
    query: Mapping[str, Sequence[str]],
    *,
    sites: Collection[str],
    weeks: Collection[date],
    messages: Collection[str],
) -> tuple[HealthFilters, list[str]]:
    """The filters of the Data health page that a URL asks for, and a note for everything dropped."""
    notes = _unknown(query, HEALTH_NAMES)
    chosen = _sites(query, sites, notes)
    week = read_week(query.get("week", ()), "week", weeks, notes)
    message = _last(query.get("message", ()))
    if message is not None and message not in messages:
        notes.append(words.dropped_filter("message", message))
        message = None
    return HealthFilters(chosen, week, message), notes


def default_weeks(weeks: Iterable[date], most: int = 13) -> tuple[date, date] | None:
    """First and last of the latest weeks: a quarter of a year that there is data for."""
    known = sorted(set(weeks))
    return (known[-most:][0], known[-1]) if known else None


def _filled(query: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: values for name, values in query.items() if values}


def _unknown(query: Mapping[str, Sequence[str]], names: Collection[str]) -> list[str]:
    return [words.unknown_filter(name) for name in query if name not in names][:5]


def _sites(query: Mapping[str, Sequence[str]], sites: Collection[str], notes: list[str]) -> tuple[str, ...]:
    asked = list(dict.fromkeys(query.get("site", ())[:MOST_VALUES]))
    notes += [words.dropped_filter("site", site) for site in asked if site not in sites]
    return tuple(sorted(site for site in asked if site in sites))


def read_week(values: Sequence[str], name: str, weeks: Collection[date], notes: list[str]) -> date | None:
    """The Monday the last of these values names; a note where that is no week there is."""
    value = _last(values)
    if value is None:
        return None
    start = text.parse_week(value)
    if start is None or start not in weeks:
        notes.append(words.dropped_filter(name, value))
        return None
    return start


def _last(values: Sequence[str]) -> str | None:
    return values[-1] if values else None
