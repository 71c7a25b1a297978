"""The filters of the Data health page: one frozen object, mirrored in the URL so that a view can be sent.

The URL is untrusted. What does not name a known site, week or message is dropped, and a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard import words
from dashboard.scope.scope import MOST_VALUES, read_week

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

NAMES = ("site", "week", "message")


@dataclass(frozen=True)
class HealthFilters:
    """What is looked at. Empty means all sites, all weeks, no message in full."""

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
        return {name: values for name, values in query.items() if values}


def read(
    query: Mapping[str, Sequence[str]],
    *,
    sites: Collection[str],
    weeks: Collection[date],
    messages: Collection[str],
) -> tuple[HealthFilters, list[str]]:
    """The filters a URL asks for, and a note (plain text) for everything dropped."""
    notes = [words.unknown_filter(name) for name in query if name not in NAMES][:5]
    asked = list(dict.fromkeys(query.get("site", ())[:MOST_VALUES]))
    notes += [words.dropped_filter("site", site) for site in asked if site not in sites]
    week = read_week(query.get("week", ()), "week", weeks, notes)
    message = next(reversed(query.get("message", ())), None)
    if message is not None and message not in messages:
        notes.append(words.dropped_filter("message", message))
        message = None
    return HealthFilters(tuple(sorted(site for site in asked if site in sites)), week, message), notes
