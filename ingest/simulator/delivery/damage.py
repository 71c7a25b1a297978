"""What goes wrong with single events: which ones a fault strikes, wrong clocks, and messages nobody can read.

Every kind of damaged message is one ingest refuses, never one it may take by luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import inf, log1p
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from ingest.epoch import microseconds
from models.events import data_class, event_classes

if TYPE_CHECKING:
    from ingest.simulator.delivery.delivery import DeliveryRules

NEVER = 1 << 62
FAULTS = ("missing", "malformed", "skew", "late", "out_of_order", "repeated")

_TIME = '"time":"'
_KNOWN_FACTS = {wire: frozenset(data_class(event).model_fields) for wire, event in event_classes().items()}
_NEEDED = ("specversion", "id", "source", "type", "time", "subject")


def damaged(text: str, kind: str, place: float, others: Sequence[str]) -> str:
    """The text of a perfect event, damaged.

    text: compact JSON, the envelope before `data`.
    kind: one of KINDS.
    place: from 0 to below 1; picks where it is cut, which field is hit or whose source is given.
    others: sites whose name it may bear instead of its own; none of them its own.

    A byte that is not UTF-8 stands in the result as a lone surrogate; it has to be encoded with
    `errors="surrogateescape"`, which changes no other text.
    """
    return _DAMAGES[kind][0](text, place, others)


def _picked(things: Sequence[str], place: float) -> str:
    return things[int(place * len(things))]


def _changed(text: str, change: Callable[[dict[str, Any]], object]) -> str:
    body = msgspec.json.decode(text)
    change(body)
    return msgspec.json.encode(body).decode()


def _cut_off(text: str, place: float, _: Sequence[str]) -> str:
    return text[: 1 + int(place * (len(text) - 1))]


def _not_utf8(text: str, _: float, __: Sequence[str]) -> str:
    # A German ae as Latin-1 has it. No UTF-8 character begins with what could follow it.
    return text.replace('"id":"', '"id":"\udce4', 1)


def _wrong_type(text: str, place: float, _: Sequence[str]) -> str:
    def change(body: dict[str, Any]) -> None:
        data = body["data"]
        # Fields the contract does not know may be of any type.
        known = [name for name, value in data.items() if name in _KNOWN_FACTS[body["type"]] and value is not None]
        if not known:
            body["data"] = "none"
            return
        name = _picked(known, place)
        data[name] = 17 if isinstance(data[name], str) else str(data[name])

    return _changed(text, change)


def _missing_field(text: str, place: float, _: Sequence[str]) -> str:
    return _changed(text, lambda body: body.pop(_picked(_NEEDED, place)))


def _unknown_type(text: str, _: float, __: Sequence[str]) -> str:
    return _changed(text, lambda body: body.update(type=f"{body['type']}.v2"))


def _wrong_source(text: str, place: float, others: Sequence[str]) -> str:
    def change(body: dict[str, Any]) -> None:
        strangers = others or ["other" if body["source"] != "other" else "another"]
        body["source"] = _picked(strangers, place)

    return _changed(text, change)


def _number_as_time(text: str, _: float, __: Sequence[str]) -> str:
    def change(body: dict[str, Any]) -> None:
        body["time"] = microseconds(datetime.fromisoformat(body["time"].removesuffix("Z"))) // 1000

    return _changed(text, change)


def _not_an_object(text: str, place: float, _: Sequence[str]) -> str:
    # A list of one event, or JSON written twice.
    return f"[{text}]" if place < 0.5 else msgspec.json.encode(text).decode()


_DAMAGES: dict[str, tuple[Callable[[str, float, Sequence[str]], str], str]] = {
    "cut_off": (_cut_off, "not_json"),
    "not_utf8": (_not_utf8, "not_utf8"),
    "wrong_type": (_wrong_type, "bad_field"),
    "missing_field": (_missing_field, "not_cloudevents"),
    "unknown_type": (_unknown_type, "unknown_type"),
    "wrong_source": (_wrong_source, "wrong_source"),
    "number_as_time": (_number_as_time, "not_cloudevents"),
    "not_an_object": (_not_an_object, "not_cloudevents"),
}

REFUSED_AS: dict[str, str] = {kind: code for kind, (_, code) in _DAMAGES.items()}
"""The code ingest gives when it refuses a message, by kind of damage."""

KINDS = tuple(_DAMAGES)


@lru_cache(maxsize=4096)
def _moved_second(text: str, by_s: int) -> str:
    return (datetime.fromisoformat(text) + timedelta(seconds=by_s)).isoformat()


@lru_cache(maxsize=16_384)
def _moved_ms(text: str, by_ms: int) -> tuple[int, str]:
    carry_s, ms = divmod(int(text) + by_ms, 1000)
    return carry_s, f"{ms:03d}"


def shifted(text: str, by_ms: int) -> str:
    """The message with its `time` moved by so many milliseconds and nothing else changed.

    `time` must stand before `data` as 2026-09-01T09:00:12.345Z, without white space around the colon.
    """
    before, name, after = text.partition(_TIME)
    carry_s, ms = _moved_ms(after[20:23], by_ms)
    return f"{before}{name}{_moved_second(after[:19], carry_s)}.{ms}{after[23:]}"


class _Strikes:
    """Which events of a site one fault strikes, by number from 0, each with the same probability (above 0).

    Drawn as gaps between them, so that events it spares cost nothing.
    """

    __slots__ = ("_least", "_log_spared", "_values", "draw", "fault", "next")

    def __init__(self, fault: str, share: float, bounds: tuple[int, int], stream: str) -> None:
        self.fault = fault
        self.draw = Random(stream).random
        self._log_spared = log1p(-share) if share < 1 else -inf
        self._least, self._values = bounds[0], bounds[1] - bounds[0] + 1
        self.next = -1
        self.go_on()

    def go_on(self) -> None:
        """On to the next event it strikes."""
        self.next += 1 + int(min(log1p(-self.draw()) / self._log_spared, NEVER))

    def value(self) -> int:
        """A whole number within the fault's bounds, each equally likely."""
        return self._least + int(self.draw() * self._values)


class Site:
    """One site's faults, and what they have done. `next` is the number, from 0, of the next event they strike."""

    def __init__(self, rules: DeliveryRules, source: str, sources: Sequence[str], seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._others = [other for other in sources if other != source]
        self._times = rules.repeated.times if rules.repeated else 0
        given = [(fault, getattr(rules, fault)) for fault in FAULTS]
        self._strikes = [
            _Strikes(fault, rule.share, rule.bounds(), f"{seed}/{source}/{fault}")
            for fault, rule in given
            if rule is not None and rule.share > 0
        ]
        self.next = min((strikes.next for strikes in self._strikes), default=NEVER)

    def count(self, marks: tuple[str, ...]) -> None:
        """Count one message as sent."""
        for mark in marks:
            self.done[mark] += 1

    def struck(self, text: str) -> list[tuple[int, str, tuple[str, ...]]]:
        """What is sent in place of event `next`: delay in milliseconds, text, what it counts as; by message.

        Everything is drawn, used or not, so that no fault moves what another draws.
        """
        number, self.next = self.next, NEVER << 1
        kind, place, skew_ms, delay_ms = "", 0.0, 0, 0
        copies_ms: list[int] = []
        marks: tuple[str, ...] = ()
        for strikes in self._strikes:
            if strikes.next == number:
                fault = strikes.fault
                if fault == "repeated":
                    copies_ms = [strikes.value() for _ in range(1 + int(strikes.draw() * self._times))]
                else:
                    value = strikes.value()
                    marks += (fault,)
                    if fault == "malformed":
                        kind, place = KINDS[value], strikes.draw()
                    elif fault == "skew":
                        skew_ms = value + (value >= 0)  # never by nothing
                    else:
                        delay_ms += value
                strikes.go_on()
            if strikes.next < self.next:
                self.next = strikes.next
        if marks and marks[0] == "missing":
            self.done["missing"] += 1
            return []
        if kind:
            return [(0, damaged(text, kind, place, self._others), ("malformed", f"malformed_{kind}"))]
        if skew_ms:
            text = shifted(text, skew_ms)
        messages = [(delay_ms, text, marks)]
        if copies_ms:
            messages += [(delay_ms + copy_ms, text, ("repeated",)) for copy_ms in copies_ms]
        return messages
