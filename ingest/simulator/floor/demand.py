"""When which customers come: a doubly stochastic Poisson process for each line, piecewise constant by quarter-hour.

The mean follows the line's shape over day and week, the season, holidays and campaigns; gamma factors for
the company's day, the line's day and the line's hour make it over-dispersed, as real arrivals are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from ingest.simulator.scenario.when import Moment, Yearly, local_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ingest.simulator.scenario.whole import Scenario
    from ingest.simulator.scenario.work import Campaign, Line, Shape

_QUARTER_MS = 900_000
_SLICE = 20_000
"""Contacts drawn at a time: bounds memory on a busy day."""

Arrival = tuple[int, int, int, int, int, float, float]
"""Instant (ms), stream, topic, customer, patience (ms), factors (mean 1) on talk and on wrap-up."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The fresh contacts of one line in one language, steady or by one campaign."""

    site: str
    line: Line
    language: str
    contacts_per_week: float
    campaign: Campaign | None
    topic_weights: tuple[float, ...]
    """By topic, in the scenario's order; they sum to 1."""


def streams(scenario: Scenario) -> list[Stream]:
    """All streams in the scenario's order: every line by language, then what campaigns add to it."""
    found = []
    for site_id, site in scenario.sites.items():
        for line in site.lines:
            whole = sum(line.languages.values())
            for language, weight in line.languages.items():
                volume = line.contacts_per_week * weight / whole * scenario.volume
                mix = _normal(scenario, line.topics)
                found.append(Stream(site_id, line, language, volume, None, mix))
                found += [
                    Stream(site_id, line, language, volume * extra.extra, extra, _normal(scenario, extra.topics))
                    for extra in scenario.campaigns
                    if site_id in extra.sites and extra.queue == line.queue
                ]
    return found


def _normal(scenario: Scenario, mix: dict[str, float]) -> tuple[float, ...]:
    whole = sum(mix.values()) or 1.0
    return tuple(mix.get(topic, 0.0) / whole for topic in scenario.topics)


def week_weights(line: Line, shape: Shape) -> NDArray[np.float64]:
    """Share of a week's contacts in each weekday and local quarter-hour, shape (7, 96); it sums to 1."""
    hours = np.array(shape.hours)
    # Straight lines between the middles of the hours, so that no hour begins with a jump.
    middles = np.arange(-0.5, 25)
    around = np.concatenate(([hours[-1]], hours, [hours[0]]))
    quarters = np.interp(np.arange(96) / 4 + 0.125, middles, around)
    minutes = np.arange(96) * 15
    quarters = np.where((minutes >= line.opens) & (minutes < line.closes), quarters, 0.0)
    days = np.array([weight if day in line.days else 0.0 for day, weight in enumerate(shape.weekdays)])
    weights: NDArray[np.float64] = np.outer(days, quarters)
    whole = float(weights.sum())
    return weights / whole if whole else weights


class Demand:
    """Draws the fresh contacts of a scenario day by day. The same day of the same seed is always the same."""

    def __init__(self, scenario: Scenario, seed: int, start: date) -> None:
        self._scenario = scenario
        self._seed = seed
        self._start = start
        self._zone = ZoneInfo(scenario.time_zone)
        self.streams = streams(scenario)
        self._weights = np.array(
            [week_weights(stream.line, scenario.shapes[stream.line.shape]) for stream in self.streams]
        ).reshape(-1, 7, 96)
        self._volume = np.array([stream.contacts_per_week for stream in self.streams])
        self._topic_cdf = np.cumsum([stream.topic_weights for stream in self.streams], axis=1)
        self._patience = np.array([stream.line.patience_s * 1000 for stream in self.streams])
        topics = list(scenario.topics.values())
        self._sigma = np.sqrt(np.log1p(np.array([topic.spread for topic in topics]) ** 2))
        self._exponential = np.array([topic.distribution == "exponential" for topic in topics])
        languages = {language: no for no, language in enumerate(dict.fromkeys(s.language for s in self.streams))}
        self._language = np.array([languages[stream.language] for stream in self.streams])
        self._languages = len(languages)

    def day(self, day: date) -> Iterator[list[Arrival]]:
        """The contacts of one local day in order of time, in slices."""
        random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self._seed, day.toordinal()])))
        begin, end = local_ms(day, 0, self._zone), local_ms(day, 1440, self._zone)
        starts = np.arange(begin, end, _QUARTER_MS)
        counts = random.poisson(self._means(day, starts, random))
        per_slice = max(1, int(_SLICE / max(1.0, counts.sum() / len(starts))))
        for first in range(0, len(starts), per_slice):
            part = slice(first, first + per_slice)
            yield self._draw(starts[part], counts[:, part], random)

    def _means(self, day: date, starts: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.float64]:
        """Mean contacts by stream and quarter-hour of the day, chance factors included."""
        # On the two days a year that are not 24 hours long the local quarter repeats or is left out.
        offset = np.array([self._local_quarter(int(ms)) for ms in starts])
        means: NDArray[np.float64] = self._weights[:, day.weekday()][:, offset] * self._volume[:, None]
        means *= self._day_factors(day)[:, None]
        variation = self._scenario.variation
        n = len(self.streams)
        means *= _gamma(random, variation.company_day, 1)
        means *= _gamma(random, variation.line_day, n)[:, None]
        hours = (len(starts) + 3) // 4
        means *= np.repeat(_gamma(random, variation.line_hour, (n, hours)), 4, axis=1)[:, : len(starts)]
        return means

    def _local_quarter(self, ms: int) -> int:
        local = datetime.fromtimestamp(ms / 1000, self._zone)
        return local.hour * 4 + local.minute // 15

    def _day_factors(self, day: date) -> NDArray[np.float64]:
        factor = 1.0
        if season := self._scenario.season:
            factor *= 1 + season.amplitude * math.cos(2 * math.pi * season.peak.days_from(day) / 365.25)
        for holiday in self._scenario.holidays:
            if self._is(holiday.on, day):
                factor *= holiday.factor
        factors = np.full(len(self.streams), factor)
        for number, stream in enumerate(self.streams):
            if campaign := stream.campaign:
                gone = (day - campaign.begins.date(self._start)).days
                # Half a sine wave: it fades in, peaks in its middle and fades out.
                inside = 0 <= gone < campaign.days
                factors[number] *= math.sin(math.pi * (gone + 0.5) / campaign.days) if inside else 0.0
        return factors

    def _is(self, on: Moment | Yearly, day: date) -> bool:
        return (on.in_year(day.year) if isinstance(on, Yearly) else on.date(self._start)) == day

    def _draw(self, starts: NDArray[np.int64], counts: NDArray[np.int64], random: np.random.Generator) -> list[Arrival]:
        n = int(counts.sum())
        if not n:
            return []
        stream = np.repeat(np.repeat(np.arange(len(counts)), len(starts)), counts.ravel())
        begin = np.repeat(np.tile(starts, len(counts)), counts.ravel())
        at = begin + (random.random(n) * _QUARTER_MS).astype(np.int64)
        topic = np.minimum(
            (random.random(n)[:, None] >= self._topic_cdf[stream]).sum(axis=1), self._topic_cdf.shape[1] - 1
        )
        person = random.integers(0, self._scenario.customers, n) * self._languages + self._language[stream]
        patience = (random.exponential(self._patience[stream])).astype(np.int64) + 1
        talk, wrap = self._length(topic, random), self._length(topic, random)
        order = np.argsort(at, kind="stable")
        columns = (at, stream, topic, person, patience, talk, wrap)
        return list(zip(*(column[order].tolist() for column in columns), strict=True))

    def _length(self, topic: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.float64]:
        """Factors of mean 1 with the spread of each topic."""
        sigma = self._sigma[topic]
        lognormal = np.exp(sigma * random.standard_normal(len(topic)) - sigma**2 / 2)
        exponential = random.standard_exponential(len(topic))
        drawn: NDArray[np.float64] = np.where(self._exponential[topic], exponential, lognormal)
        return drawn


def _gamma(random: np.random.Generator, variation: float, size: int | tuple[int, int]) -> NDArray[np.float64]:
    """Factors of mean 1 with this coefficient of variation."""
    if not variation:
        return np.ones(size)
    shape = variation**-2
    drawn: NDArray[np.float64] = random.gamma(shape, 1 / shape, size)
    return drawn


def days_from(start: date) -> Iterator[date]:
    """Every day from this one."""
    while True:
        yield start
        start += timedelta(days=1)
