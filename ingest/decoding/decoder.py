"""Kafka messages to columns of events, or to a reason why not. Knows the contract, no broker and no store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec

from ingest.decoding.assembly import Accepted, assembled
from ingest.decoding.contract_reader import ask_contract, short
from ingest.decoding.fast_reader import read, read_all
from ingest.decoding.messages import Decoded, Message, Messages, Origin, Refusal, RefusedError
from ingest.decoding.translation import translations
from ingest.epoch import microseconds

EARLIEST = datetime(1990, 1, 1)
"""Events before this are refused: no site has them, but broken clocks and defaults (1970, year 1) do."""

EXAMPLE = (
    b'{"specversion":"1.0","id":"c1/offered","source":"warm-up","type":"contact.offered",'
    b'"time":"2026-03-02T09:00:00Z","subject":"c1","data":{"channel":"voice","queue":"main","customer_id":"1"}}'
)

EXAMPLE_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_AT_ONCE, _ONE_BY_ONE = 512, 8


class Decoder:
    """Turns messages into events.

    customer_key: key of the hash that replaces customer identifiers, 16 to 64 bytes.
    future_tolerance_s: events further ahead of the receiver's clock than this are refused.
    max_message_bytes: longer messages are refused unread.
    systems: the adapter of each site that does not speak the contract, by its name.
    """

    def __init__(
        self,
        customer_key: str,
        future_tolerance_s: float,
        max_message_bytes: int,
        systems: Mapping[str, str] | None = None,
    ) -> None:
        key = blake2b(customer_key.encode(), digest_size=32).digest()
        self.future_s = future_tolerance_s
        self.max_bytes = max_message_bytes
        self.systems = translations(systems or {})

        @lru_cache(maxsize=65_536)
        def hashed(customer: str) -> str:
            return blake2b(customer.encode("utf-8", "surrogatepass"), digest_size=16, key=key).hexdigest()

        self._hashed = hashed

    def begin(self, messages: Messages, received_at: datetime) -> Callable[[], Decoded]:
        """As `decode`, done when the result is asked for."""
        return lambda: self.decode(messages, received_at)

    def decode(self, messages: Messages, received_at: datetime) -> Decoded:
        """Decode a batch received at one instant (UTC). Never raises for the content of a message."""
        batch = _Batch(self, received_at)
        for origin, found in messages:
            batch.read(origin, found)
        return assembled(batch.accepted, batch.refusals, batch.messages, batch.silent, self._hashed, batch.received_at)

    def warm_up(self) -> None:
        """Decode once without effect: the first use of Arrow and the contract takes seconds."""
        origin = Origin("warm-up", "contacts.warm-up", "", 0)
        self.decode([(origin, [Message(0, None, EXAMPLE), Message(1, None, b"{")])], EXAMPLE_AT)

    def close(self) -> None:
        """Nothing is held."""


class _Batch:
    """A batch being decoded."""

    def __init__(self, decoder: Decoder, received_at: datetime) -> None:
        self._decoder = decoder
        self.received_at = received_at.astimezone(UTC).replace(tzinfo=None)
        self._earliest = microseconds(EARLIEST)
        self._latest = microseconds(self.received_at) + round(decoder.future_s * 1e6)
        self.accepted: list[Accepted] = []
        self.refusals: list[Refusal] = []
        self.messages: Counter[str] = Counter()
        self.silent: Counter[str] = Counter()

    def read(self, origin: Origin, found: list[Message]) -> None:
        """Read messages of one partition."""
        accepted = Accepted(origin)
        self.accepted.append(accepted)
        self.messages[origin.site] += len(found)
        if origin.site in self._decoder.systems:
            for message in found:
                self._read_one(accepted, message)
        else:
            for start in range(0, len(found), _AT_ONCE):
                self._read_together(accepted, found[start : start + _AT_ONCE])

    def _read_together(self, accepted: Accepted, found: list[Message]) -> None:
        """Read many in one go; when there is one among them that is not as it should be, halve until it is alone."""
        if len(found) <= _ONE_BY_ONE:
            for message in found:
                self._read_one(accepted, message)
            return
        try:
            values = [message[2] for message in found]
            if max(map(len, values)) > self._decoder.max_bytes:  # type: ignore[arg-type]
                raise ValueError
            events, at = read_all(values)  # type: ignore[arg-type]
            if [event.source for event in events].count(accepted.origin.site) != len(events):
                raise ValueError
            if min(at) < self._earliest or max(at) > self._latest:
                raise ValueError
        except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
            half = len(found) // 2
            self._read_together(accepted, found[:half])
            self._read_together(accepted, found[half:])
            return
        accepted.events += events
        accepted.at += at
        accepted.offsets += [message[0] for message in found]

    def _read_one(self, accepted: Accepted, message: Message) -> None:
        origin, value = accepted.origin, message.value
        try:
            if value is None:
                raise RefusedError("empty", "message without a value; expected a CloudEvents JSON document")
            if len(value) > self._decoder.max_bytes:
                raise RefusedError(
                    "too_long", f"message of {len(value):,} bytes; expected at most {self._decoder.max_bytes:,}"
                )
            translate = self._decoder.systems.get(origin.site)
            if translate is None:
                found = [self._event(value, origin.site)]
            else:
                # All events of a message or none of them: what is refused can be replayed as a whole.
                found = [self._event(text, origin.site) for text in translate(value, origin.site)]
                self.silent[origin.site] += not found
        except RefusedError as refused:
            reason = f"{origin.topic}[{origin.partition}]@{message.offset}: {refused}"
            self.refusals.append(Refusal(origin, message, refused.code, reason))
            return
        accepted.add(message.offset, found)

    def _event(self, value: bytes, site: str) -> tuple[Any, int, list[str] | None]:
        unknown: list[str] | None = None
        try:
            event, at = read(value)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            event, at, unknown = ask_contract(value)
        if event.source != site:
            raise RefusedError(
                "wrong_source", f"source: expected {site!r}, the site of this topic, got {short(event.source)}"
            )
        if at < self._earliest:
            raise RefusedError("too_old", f"time: expected {EARLIEST:%Y-%m-%d} or later")
        if at > self._latest:
            ahead = (at - microseconds(self.received_at)) / 1e6
            raise RefusedError(
                "in_future",
                f"time: {ahead:,.0f} s ahead of the receiver's clock ({self.received_at:%Y-%m-%dT%H:%M:%SZ}); "
                f"expected at most {self._decoder.future_s:,.0f} s",
            )
        return event, at, unknown
