"""The way from the simulated floor to Kafka, and what goes wrong on it: the rules, and their execution.

The floor hands on perfect events in order of time. What becomes of an event, in this order:

1. The site's clock: its `time` is shifted by `clock_offset_s`.
2. missing: it is never sent. Nothing below is done to it.
3. malformed: a damaged message is sent once, without delay, in its place. Nothing below is done to it.
4. skew: its `time` is shifted by an amount of its own.
5. late and out_of_order: it is sent later; both delays add up.
6. repeated: the same message is sent again, each copy after a delay of its own from the sending of the event.

Sending takes `latency_s` besides. Every fault of every site has a random stream of its own, made from the seed
and the site's name, so switching one on or off changes neither which events another strikes nor by how much.
Ingest refuses times further ahead of its clock than its `future_tolerance_s`; wrong clocks can get there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count
from operator import itemgetter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ingest.simulator.delivery.damage import FAULTS, KINDS, NEVER, Site, shifted
from ingest.simulator.dispatch import Dispatch

_WEEK_MIN, _YEAR_S = 7 * 24 * 60, 31_536_000
_instant, _site_of = itemgetter(0), itemgetter(1)

Minutes = Annotated[float, Field(gt=0, le=_WEEK_MIN)]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class _Fault(_Rules):
    share: float = Field(ge=0, le=1, description="Share of the site's events it strikes, 0 to 1.")

    def bounds(self) -> tuple[int, int]:
        """Least and most of the whole number drawn for an event it strikes; of times in milliseconds."""
        return 0, 0


class Missing(_Fault):
    """Events that never arrive."""


class Malformed(_Fault):
    """Events in whose place comes a message that ingest must refuse; all kinds of damage are equally likely."""

    def bounds(self) -> tuple[int, int]:
        return 0, len(KINDS) - 1


class Skew(_Fault):
    """Single events whose time is wrong, as of a desktop whose clock is off."""

    seconds: float = Field(ge=0.001, le=_YEAR_S, description="Most the time is off, seconds, ahead or behind.")

    def bounds(self) -> tuple[int, int]:
        return -_ms(self.seconds), _ms(self.seconds) - 1


class Late(_Fault):
    """Events that arrive minutes to days later."""

    minutes: tuple[Minutes, Minutes] = Field(
        strict=False, description="Shortest and longest delay, minutes, at most 10,080 (7 days); uniform between."
    )

    @field_validator("minutes")
    @classmethod
    def _shortest_first(cls, minutes: tuple[float, float]) -> tuple[float, float]:
        if minutes[0] > minutes[1]:
            raise ValueError("expected the shortest delay first, then the longest")
        return minutes

    def bounds(self) -> tuple[int, int]:
        shortest, longest = (max(1, _ms(60 * minutes)) for minutes in self.minutes)
        return shortest, longest


class OutOfOrder(_Fault):
    """Events that later ones of their site may overtake."""

    seconds: float = Field(ge=0.001, le=3600, description="Longest delay, seconds; uniform up to it.")

    def bounds(self) -> tuple[int, int]:
        return 1, _ms(self.seconds)


class Repeated(_Fault):
    """Events that arrive more than once."""

    times: int = Field(1, ge=1, le=5, description="Most extra copies of an event; from 1 to it equally likely.")
    seconds: float = Field(ge=0.001, le=60 * _WEEK_MIN, description="A copy comes so many seconds later at most.")

    def bounds(self) -> tuple[int, int]:
        return 1, _ms(self.seconds)


class DeliveryRules(_Rules):
    """How the events of one site reach Kafka. Without faults they take `latency_s`, and all is well."""

    latency_s: float = Field(0.2, ge=0, le=3600, description="From an event to its sending, seconds; always the same.")
    late: Late | None = Field(None, description="Events that arrive minutes to days later; default none.")
    out_of_order: OutOfOrder | None = Field(None, description="Events delayed by seconds; default none.")
    repeated: Repeated | None = Field(None, description="Events that arrive more than once; default none.")
    missing: Missing | None = Field(None, description="Events that never arrive; default none.")
    clock_offset_s: float = Field(
        0, ge=-_YEAR_S, le=_YEAR_S, description="How far the site's whole clock is ahead, seconds; negative: behind."
    )
    skew: Skew | None = Field(None, description="Single events whose time is wrong; default none.")
    malformed: Malformed | None = Field(None, description="Events damaged beyond reading; default none.")


class Delivery:
    """Executes the rules: takes events in order of time, gives messages in order of their sending.

    rules, sources: of each site, by its number in the dispatches; sources are the names events bear.
    seed: the same seed, rules and events give the same messages, however the events are cut into batches.

    Messages sent at the same millisecond: delayed ones first, then those of slower sites, then as given.
    Texts have to be encoded with `errors="surrogateescape"`: damaged ones may hold bytes that are not UTF-8.
    Holds in memory what is under way, nothing else.
    """

    def __init__(self, rules: Sequence[DeliveryRules], sources: Sequence[str], seed: int) -> None:
        if not len(rules) == len(sources) == len(set(sources)):
            raise ValueError("expected rules and a name of its own for every site")
        self._sources = tuple(sources)
        self._sites = [Site(rule, source, sources, seed) for rule, source in zip(rules, sources, strict=True)]
        self._spared = [site.next for site in self._sites]
        self._faultless = all(spared >= NEVER for spared in self._spared)
        self._clock_ms = [_ms(rule.clock_offset_s) for rule in rules]
        self._latency_ms = [_ms(rule.latency_s) for rule in rules]
        self._fastest_ms = min(self._latency_ms, default=0)
        # By latency, slowest first: of messages sent together theirs are the older events.
        self._on_the_way: dict[int, list[Dispatch]] = {ms: [] for ms in sorted(set(self._latency_ms), reverse=True)}
        self._delayed: list[tuple[int, int, Dispatch, tuple[str, ...]]] = []
        self._number = count()
        self._sent: Counter[int] = Counter()
        self._now_ms = -NEVER

    def push(self, batch: list[Dispatch], clock_ms: int | None = None) -> list[Dispatch]:
        """Take the next events; give all messages whose order is certain by then.

        clock_ms: the floor's clock, milliseconds since 1970; no event before it will come. Default: the last event.
        Raises ValueError when the batch begins before the clock.
        """
        if batch and batch[0][0] < self._now_ms:
            raise ValueError(f"event at {batch[0][0]} after the clock has reached {self._now_ms}")
        self._now_ms = max(self._now_ms, batch[-1][0] if batch else -NEVER, -NEVER if clock_ms is None else clock_ms)
        return self._sent_until(batch, self._now_ms + self._fastest_ms)

    def rest(self) -> list[Dispatch]:
        """All that is still held back, in order. Nothing can be pushed after that."""
        self._now_ms = NEVER
        return self._sent_until([], 2 * NEVER)

    def counts(self) -> dict[str, dict[str, int]]:
        """What was done, by site.

        sent: messages given out, of any kind. late, out_of_order, skew: events among them, copies not counted.
        repeated: copies among them. malformed, malformed_KIND: messages among them. missing: events lost.
        held_back: messages not given out yet, counted nowhere else.
        """
        held = Counter(event[1] for events in self._on_the_way.values() for event in events)
        held.update(event[1] for _, _, event, _ in self._delayed)
        names = [*FAULTS, *(f"malformed_{kind}" for kind in KINDS)]
        return {
            source: {"sent": self._sent[number], "held_back": held[number], **{name: site.done[name] for name in names}}
            for number, (source, site) in enumerate(zip(self._sources, self._sites, strict=True))
        }

    def _sent_until(self, batch: list[Dispatch], until_ms: int) -> list[Dispatch]:
        """What is sent up to an instant, in order; no message sent before it may come later."""
        sending = self._without_faults(batch, until_ms)
        if any(self._clock_ms):
            clocks = self._clock_ms
            sending = [
                (event[0], event[1], event[2], shifted(event[3], clocks[event[1]])) if clocks[event[1]] else event
                for event in sending
            ]
        if not self._faultless:
            sending = self._with_faults(sending)
        if released := self._released(until_ms):
            sending = sorted(released + sending, key=_instant)
        self._sent.update(map(_site_of, sending))
        return sending

    def _without_faults(self, batch: list[Dispatch], until_ms: int) -> list[Dispatch]:
        """The events whose ordinary sending is due, in order of it."""
        if len(self._on_the_way) <= 1:
            latency_ms = self._fastest_ms
            return [(at + latency_ms, site, key, text) for at, site, key, text in batch]
        latencies = self._latency_ms
        add = [self._on_the_way[latency_ms].append for latency_ms in latencies]
        for at, site, key, text in batch:
            add[site]((at + latencies[site], site, key, text))
        due: list[Dispatch] = []
        for events in self._on_the_way.values():
            end = bisect_right(events, until_ms, key=_instant)
            due += events[:end]
            del events[:end]
        due.sort(key=_instant)
        return due

    def _with_faults(self, events: list[Dispatch]) -> list[Dispatch]:
        """What is left of them to be sent without delay; the delayed are put aside."""
        spared = self._spared
        on_time: list[Dispatch] = []
        for event in events:
            number = event[1]
            if left := spared[number]:
                spared[number] = left - 1
                on_time.append(event)
                continue
            site = self._sites[number]
            struck = site.next
            for delay_ms, text, marks in site.struck(event[3]):
                sending = (event[0] + delay_ms, number, event[2], text)
                if delay_ms:
                    heappush(self._delayed, (sending[0], next(self._number), sending, marks))
                else:
                    on_time.append(sending)
                    site.count(marks)
            spared[number] = site.next - struck - 1
        return on_time

    def _released(self, until_ms: int) -> list[Dispatch]:
        """Delayed messages due by then, in order."""
        delayed = self._delayed
        released: list[Dispatch] = []
        while delayed and delayed[0][0] <= until_ms:
            _, _, sending, marks = heappop(delayed)
            self._sites[sending[1]].count(marks)
            released.append(sending)
        return released
