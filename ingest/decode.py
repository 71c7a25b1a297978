"""Kafka messages to columns of events, or to a reason why not. Knows the contract, no broker and no store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

import msgspec
import pyarrow as pa
from pydantic import BaseModel, ValidationError

from ingest.fastread import DATA_STRUCTS, STRUCTS, read
from models.columns import EVENT_COLUMNS
from models.events import EVENT, data_class, event_classes
from models.fold import EVENT_TYPES, FoldEvent, Key

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Events before this are refused: no site has them, but broken clocks and defaults (1970, year 1) do."""

EXAMPLE = (
    b'{"specversion":"1.0","id":"c1/offered","source":"warm-up","type":"contact.offered",'
    b'"time":"2026-03-02T09:00:00Z","subject":"c1","data":{"channel":"voice","queue":"main","customer_id":"1"}}'
)

EXAMPLE_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_SHOWN = 80
_HIDDEN = frozenset({"customer_id"})
_WIRE_NAMES: dict[type, str] = {cls: name for name, cls in STRUCTS.items()}
_WITH_CUSTOMER = frozenset(
    name for name, event in event_classes().items() if "customer_id" in data_class(event).model_fields
)
_to_json = msgspec.json.Encoder().encode


class Origin(NamedTuple):
    """One partition of a site's topic. `site` is the one the topic belongs to."""

    site: str
    topic: str
    topic_id: str
    partition: int


class Message(NamedTuple):
    """One message of a partition."""

    offset: int
    key: bytes | None
    value: bytes | None


Messages: TypeAlias = list[tuple[Origin, list[Message]]]
"""Messages by where they come from, in order within each partition."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that cannot be used. `reason` says where it stands, what is wrong and what was expected."""

    origin: Origin
    message: Message
    code: str
    reason: str


class RefusedError(Exception):
    """Carries the code and the reason of a refusal to the one place that makes it."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Decoded:
    """A batch: its events as an Arrow table (columns EVENT_COLUMNS) and by contact for the fold; the refused."""

    events: pa.Table
    by_contact: Mapping[Key, list[FoldEvent]]
    refusals: list[Refusal]
    repeats: Counter[str]
    """Events left out because the batch holds the same one before, by site."""
    simulated: list[int]
    """Rows of `events` that a simulator made."""


class Decoder:
    """Turns messages into events.

    customer_key: key of the hash that replaces customer identifiers, 16 to 64 bytes.
    future_tolerance_s: events further ahead of the receiver's clock than this are refused.
    max_message_bytes: longer messages are refused unread.
    """

    def __init__(self, customer_key: str, future_tolerance_s: float, max_message_bytes: int) -> None:
        key = blake2b(customer_key.encode(), digest_size=32).digest()
        self._future_s = future_tolerance_s
        self._max_bytes = max_message_bytes

        @lru_cache(maxsize=65_536)
        def hashed(customer: str | None) -> str | None:
            if customer is None:
                return None
            return blake2b(customer.encode("utf-8", "surrogatepass"), digest_size=16, key=key).hexdigest()

        self._hashed = hashed

    def decode(self, messages: Messages, received_at: datetime) -> Decoded:
        """Decode a batch received at one instant (UTC). Never raises for the content of a message."""
        earliest = EARLIEST.timestamp()
        latest = received_at.timestamp() + self._future_s
        rows: list[tuple[Any, ...]] = []
        by_contact: dict[Key, list[FoldEvent]] = defaultdict(list)
        refusals: list[Refusal] = []
        repeats: Counter[str] = Counter()
        simulated: list[int] = []
        seen: set[tuple[Any, ...]] = set()
        read_time, longest = datetime.fromisoformat, self._max_bytes
        for origin, found in messages:
            site, topic, _, partition = origin
            for message in found:
                offset, _, value = message
                unknown: list[str] | None = None
                try:
                    try:
                        if value is None or len(value) > longest:
                            raise self._unreadable(value)
                        event = read(value)
                        seconds = read_time(event.time).timestamp()
                    except (msgspec.MsgspecError, ValueError, RecursionError):
                        event, seconds, unknown = self._ask_contract(value or b"")
                    if event.source != site:
                        raise RefusedError(
                            "wrong_source",
                            f"source: expected {site!r}, the site of this topic, got {_short(event.source)}",
                        )
                    if not earliest <= seconds <= latest:
                        raise self._out_of_range(seconds, received_at)
                except RefusedError as refused:
                    reason = f"{topic}[{partition}]@{offset}: {refused}"
                    refusals.append(Refusal(origin, message, refused.code, reason))
                    continue
                data, wire, subject = event.data, _WIRE_NAMES[type(event)], event.subject
                if wire in _WITH_CUSTOMER and data.customer_id is not None:
                    data.customer_id = self._hashed(data.customer_id)
                at, text = round(seconds * 1e6), _to_json(data)
                same = (site, event.id, at, wire, subject, text)
                if same in seen:
                    repeats[site] += 1
                    continue
                seen.add(same)
                if event.simulated:
                    simulated.append(len(rows))
                if wire in EVENT_TYPES:
                    by_contact[site, subject].append((wire, at, event.id, data))
                rows.append((site, event.id, wire, subject, at, text, unknown, topic, partition, offset))
        return Decoded(_table(rows, received_at), by_contact, refusals, repeats, simulated)

    def warm_up(self) -> None:
        """Decode once without effect: the first use of Arrow and the contract takes seconds."""
        origin = Origin("warm-up", "contacts.warm-up", "", 0)
        self.decode([(origin, [Message(0, None, EXAMPLE), Message(1, None, b"{")])], EXAMPLE_AT)

    def _unreadable(self, value: bytes | None) -> RefusedError:
        if value is None:
            return RefusedError("empty", "message without a value; expected a CloudEvents JSON document")
        return RefusedError("too_long", f"message of {len(value):,} bytes; expected at most {self._max_bytes:,}")

    def _ask_contract(self, value: bytes) -> tuple[Any, float, list[str] | None]:
        """The contract's own reading: the event, its time in seconds, the names of fields it does not know."""
        try:
            event = EVENT.validate_json(value)
        except ValidationError as error:
            raise _explained(error, value) from None
        except RecursionError:
            raise RefusedError("not_json", "nested too deeply to be read") from None
        facts: BaseModel = event.data
        unknown = sorted(name[:_SHOWN] for name in facts.model_extra or ())[:32]
        known = {name: getattr(facts, name) for name in type(facts).model_fields}
        envelope = STRUCTS[event.type](
            specversion=event.specversion,
            id=event.id,
            source=event.source,
            time=event.time.isoformat(),
            subject=event.subject,
            simulated=event.simulated,
            data=DATA_STRUCTS[event.type](**known),
        )
        return envelope, event.time.timestamp(), unknown or None

    def _out_of_range(self, seconds: float, received_at: datetime) -> RefusedError:
        if seconds < EARLIEST.timestamp():
            return RefusedError("too_old", f"time: expected {EARLIEST:%Y-%m-%d} or later")
        ahead = seconds - received_at.timestamp()
        return RefusedError(
            "in_future",
            f"time: {ahead:,.0f} s ahead of the receiver's clock ({received_at:%Y-%m-%dT%H:%M:%SZ}); "
            f"expected at most {self._future_s:,.0f} s",
        )


def _table(rows: list[tuple[Any, ...]], received_at: datetime) -> pa.Table:
    """Rows in the order of EVENT_COLUMNS less received_at."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * (len(EVENT_COLUMNS) - 1)
    stamp = pa.repeat(pa.scalar(received_at.replace(tzinfo=None), pa.timestamp("us")), len(rows))
    arrays: list[Any] = []
    for name, kind in EVENT_COLUMNS.items():
        if name == "received_at":
            arrays.append(stamp)
        elif name == "occurred_at":
            arrays.append(pa.array(columns.pop(0), pa.int64()).cast(kind))
        else:
            arrays.append(pa.array(columns.pop(0), kind))
    return pa.table(arrays, names=list(EVENT_COLUMNS))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _explained(error: ValidationError, value: bytes) -> RefusedError:
    """The refusal that says best what is wrong; customer identifiers are never repeated in it."""
    problems = error.errors(include_url=False)
    first = problems[0]
    match first["type"]:
        case "json_invalid":
            try:
                value.decode("utf-8")
            except UnicodeDecodeError as bad:
                return RefusedError("not_utf8", f"byte {bad.start} is not UTF-8; expected a JSON document in UTF-8")
            return RefusedError("not_json", f"{first['ctx']['error']}; expected a JSON document")
        case "union_tag_invalid":
            known = ", ".join(event_classes())
            return RefusedError("unknown_type", f"type: {_short(first['ctx']['tag'])} is not one of {known}")
        case "union_tag_not_found" | "dict_type" | "model_type" if not first["loc"]:
            if not isinstance(first["input"], dict):
                found = type(first["input"]).__name__
                return RefusedError("not_cloudevents", f"expected a CloudEvents JSON object, got {found}")
            return RefusedError("not_cloudevents", "type: missing; expected the CloudEvents attribute as text")
    parts = []
    for problem in problems[:5]:
        field = ".".join(str(step) for step in problem["loc"][1:])
        given = problem["input"]
        if problem["type"] == "missing" or _HIDDEN & set(map(str, problem["loc"])) or isinstance(given, dict):
            shown = ""
        else:
            shown = f", got {_short(given)}"
        parts.append(f"{field}: {problem['msg']}{shown}")
    envelope = all(len(problem["loc"]) > 1 and problem["loc"][1] != "data" for problem in problems)
    return RefusedError("not_cloudevents" if envelope else "bad_field", "; ".join(parts))
