"""The slice of a provider's work as one frozen object, mirrored in the URL.

The URL is untrusted: what is not known is dropped, and a note says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dashboard import words
from dashboard.fallback import words as said
from dashboard.scope import scope
from models.fallback.facts import Slice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.scope.scope import Known

PAGE = "fallback"
PART, DAY = "part", "day"
HOURS, SHARE = "hours", "share"
LISTS = ("sites", "queues", "channels", "languages", "topics")
ELSEWHERE = ("from", "to")
"""Filters of other pages that mean nothing here."""
ALL_DAY = (0, 24)
WHOLE = 100
CASE, DEMAND, ABSORB, WHEN, PRICE, WHICH, DRILL, DECIDE, READINESS = PARTS = (
    "case", "demand", "now", "when", "price", "which", "drill", "decide", "readiness",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What is chosen. hours: from the first to before the second. percent: of what is left after all that."""

    provider: str
    sites: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    hours: tuple[int, int] = ALL_DAY
    percent: int = WHOLE

    def slice(self) -> Slice:
        """The same as facts are gathered by."""
        return Slice(
            provider=self.provider, sites=self.sites, queues=self.queues, channels=self.channels,
            languages=self.languages, topics=self.topics, first_hour=self.hours[0], end_hour=self.hours[1],
            share=self.percent / WHOLE,
        )  # fmt: skip

    def to_query(self, default: str) -> dict[str, list[str]]:
        """The URL's query, without what is empty. default: the provider that holds without a choice."""
        lists = scope.Scope(
            () if self.provider == default else (self.provider,), self.sites, queues=self.queues,
            channels=self.channels, languages=self.languages, topics=self.topics,
        ).to_query()  # fmt: skip
        hours = [f"{self.hours[0]}-{self.hours[1]}"] if self.hours != ALL_DAY else []
        share = [str(self.percent)] if self.percent != WHOLE else []
        return lists | {name: values for name, values in ((HOURS, hours), (SHARE, share)) if values}


def of_provider(known: Known, provider: str) -> Known:
    """What there is to choose from once the provider is chosen: its sites only."""
    return replace(known, sites=known.providers[provider])


def read(
    query: Mapping[str, Sequence[str]], known: Known, default: str, also: Sequence[str] = ()
) -> tuple[Asked, list[str]]:
    """What a URL asks for, and a note (plain text) for everything dropped.

    known: with only those providers whose work can come home. default: one of them. also: names of the page's own.
    """
    notes = [words.unknown_filter(name) for name in ELSEWHERE if name in query]
    rest = {name: values for name, values in query.items() if name not in ELSEWHERE}
    providers, more = scope.read({name: values for name, values in rest.items() if name == "provider"}, known)
    notes += more
    provider = providers.providers[0] if providers.providers else default
    if len(providers.providers) > 1:
        notes.append(said.one_provider(provider))
    lists, more = scope.read(
        {name: values for name, values in rest.items() if name != "provider"}, of_provider(known, provider),
        (*also, HOURS, SHARE),
    )  # fmt: skip
    notes += more
    hours = _hours(rest.get(HOURS, ()), notes)
    percent = _percent(rest.get(SHARE, ()), notes)
    asked = Asked(
        provider, lists.sites, lists.queues, lists.channels, lists.languages, lists.topics, hours, percent
    )  # fmt: skip
    return asked, notes


def _hours(values: Sequence[str], notes: list[str]) -> tuple[int, int]:
    if not values:
        return ALL_DAY
    first, dash, end = values[-1].partition("-")
    if dash and _digits(first) and _digits(end) and 0 <= int(first) < int(end) <= ALL_DAY[1]:
        return int(first), int(end)
    notes.append(words.dropped_filter(HOURS, values[-1]))
    return ALL_DAY


def _percent(values: Sequence[str], notes: list[str]) -> int:
    if not values:
        return WHOLE
    if _digits(values[-1], 3) and 1 <= int(values[-1]) <= WHOLE:
        return int(values[-1])
    notes.append(words.dropped_filter(SHARE, values[-1]))
    return WHOLE


def _digits(value: str, most: int = 2) -> bool:
    return 0 < len(value) <= most and value.isascii() and value.isdigit()
