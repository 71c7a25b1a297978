"""The filters of the Weeks page: one frozen object, mirrored in the URL so that a view can be sent.

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
        return {name: values for name, values in query.items() if values}


def read(
    query: Mapping[str, Sequence[str]],
    *,
    sites: Collection[str],
    weeks: Collection[date],
    measures: Collection[str],
) -> tuple[WeekFilters, list[str]]:
    """The filters a URL asks for, and a note (plain text) for everything dropped."""
    notes = [words.unknown_filter(name) for name in query if name not in NAMES][:5]
    chosen = []
    for site in dict.fromkeys(query.get("site", ())[:MOST_VALUES]):
        if site in sites:
            chosen.append(site)
        else:
            notes.append(words.dropped_filter("site", site))
    first = _week(query.get("from", ()), "from", weeks, notes)
    last = _week(query.get("to", ()), "to", weeks, notes)
    if first and last and first > last:
        notes.append(words.reversed_weeks(text.week(first), text.week(last)))
        first = last = None
    measure = _last(query.get("metric", ()))
    if measure is not None and measure not in measures:
        notes.append(words.dropped_filter("metric", measure))
        measure = None
    return WeekFilters(tuple(sorted(chosen)), first, last, measure), notes


def default_weeks(weeks: Iterable[date], most: int = 13) -> tuple[date, date] | None:
    """First and last of the latest weeks: a quarter of a year that there is data for."""
    known = sorted(set(weeks))
    return (known[-most:][0], known[-1]) if known else None


def _week(values: Sequence[str], name: str, weeks: Collection[date], notes: list[str]) -> date | None:
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
