"""Pushes damaged messages through every adapter: each must be told, say nothing, or be refused in words.

    uv run python -m tests.fuzz_adapters --messages 1000000 --seed 1 [--workers 2]

A failure is any exception but NotUnderstoodError, an event the contract refuses, a refusal that is empty, too long or
repeats a customer, and a message that takes over a second. Messages are those of the adapters' tests, damaged as
structures and as bytes. The same seed and number give the same messages, however many workers there are.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import random
import re
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ingest.adapters.base import Adapter, NotUnderstoodError
from ingest.adapters.catalogue import ADAPTERS
from ingest.adapters.check import check
from models.events import EVENT, event_classes
from tests import test_adapter_amazon_connect_refused as amazon_connect
from tests import test_adapter_asterisk as asterisk
from tests import test_adapter_genesys_cloud as genesys_cloud
from tests import test_adapter_twilio_taskrouter as twilio_taskrouter
from tests.builders import event
from tests.test_adapter_amazon_connect import PLAIN_EVENTS

CHUNK = 5_000
LONGEST_TEXT = 2_000
LONGEST_S = 1.0
MOST_FAILURES = 20
PHONE, MAIL = "+4955573194628", "anna.k55573194628@mail.example"
_LEAK = re.compile("|".join([*("55573194628"[n : n + 5] for n in range(7)), r"anna\.k\S*@"]))
_CUSTOMER_FIELDS = {"customerid", "externalcontactid", "from", "customer_id", "calleridnum", "callerid"}
# Mostly little: what is damaged beyond sense is refused at once and tells nothing more.
_HOW_OFTEN = [1, 1, 1, 1, 2, 2, 3, 5]
_TIME = re.compile(r"\d{4}-\d\d-\d\dT")

EXTREMES: list[Any] = [
    None, True, False, 0, -1, 1, -0.0, 0.5, 1e308, -1e308, float("nan"), float("inf"), float("-inf"), 2**31, 2**53,
    2**63, -(2**63), 10**400, 10**4299, 1772442000, 1772442000123, 99999999999999, "", " ", "0", "-1", "NaN", "1e999",
    "null", "NONE", "\x00", "a\x1b[31mb", "\r\n", "\u2028", "\ud800", "a\udfffb", "💥", "ß" * 64, "x" * 64, "x" * 65,
    "x" * 128, "x" * 129, "x" * 256, "x" * 257, "/", "a/b/c", "//", "|", PHONE, MAIL, [], {}, [[]], [None], [3],
    {"": ""}, {"a": None}, "[" * 500, '{"a":' * 100, "CALLBACK", "TRANSFER", "OUTBOUND", "CHAT", "TASK", "MONITOR",
    "voice", "chat", "callback", "wrapup", "hold", "interact", "acd", "agent", "customer", "peer", "offline", "true",
]  # fmt: skip
TIMES = [
    "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-03-02T24:00:00Z",
    "2026-03-02T09:00:60Z", "2026-03-02T09:00:00", "2026-03-02t09:00:00z", "2026-03-02T09:00:00+0200",
    "2026-03-02T09:00:00+99:99", "2026-03-02", "2026-W10-1T09:00:00Z", "2020-01-01T00:00:00Z",
    "２０２６-03-02T09:00:00Z", "2026-03-02T09:00:00." + "1" * 40 + "Z", "2031-01-01T00:00:00.5Z", "253402300799", "-1",
]  # fmt: skip


def _named(value: Any) -> Any:
    """A message in which customers have the names that refusals are searched for."""
    if isinstance(value, dict):
        return {
            key: (MAIL if len(key) % 2 else PHONE)
            if key.lower() in _CUSTOMER_FIELDS and isinstance(each, str)
            else _named(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_named(each) for each in value]
    if isinstance(value, str) and value.startswith("{"):
        return json.dumps(_named(json.loads(value)))
    return value


def _seeds() -> dict[str, list[bytes]]:
    documents: dict[str, list[Any]] = {
        "cloudevents": [event(kind, customer_id=PHONE) for kind in event_classes()],
        "amazon_connect": [*amazon_connect.VALID, *PLAIN_EVENTS],
        "genesys_cloud": [document for document, _ in genesys_cloud.GOLDEN.values()],
        "twilio_taskrouter": [each for told, _ in twilio_taskrouter.GOLDEN.values() for each in told],
    }
    seeds = {name: [json.dumps(_named(each)).encode() for each in of] for name, of in documents.items()}
    seeds["asterisk"] = [re.sub(rb"\+4930\d+", PHONE.encode(), message) for message in asterisk.NATIVE]
    return seeds


SEEDS = _seeds()


def _spot(chance: random.Random, document: Any) -> tuple[Any, Any] | None:
    """A place somewhere in a document: what holds it, and its key."""
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        if not keys:
            return None
        key = chance.choice(keys)
        if not isinstance(place[key], dict | list) or not place[key] or chance.random() < 0.15:
            return place, key
        place = place[key]


def _text(chance: random.Random, value: str) -> str:
    """A text with something done to it."""
    if _TIME.match(value) and chance.random() < 0.7:
        digit = chance.randrange(len(value))
        return chance.choice([chance.choice(TIMES), value[:digit] + str(chance.randrange(10)) + value[digit + 1 :]])
    place = chance.randrange(len(value) + 1)
    put = chance.choice(["\x00", "\x7f", "\n", "\ud800", "|", "/", " ", ":", "é", "0", "-", "@"])
    long = chance.choice([200, 300, 3_000] if chance.random() < 0.99 else [200_000])
    return chance.choice([value[:place], value[:place] + put + value[place:], value + "y" * long, value.swapcase()])


def _damage(chance: random.Random, document: Any, other: Any) -> None:
    """Change one place of a document; other: where a part may come from."""
    spot = _spot(chance, document)
    if spot is None:
        return
    place, key = spot
    how = chance.randrange(9)
    if how == 0:
        del place[key]
    elif how == 1:
        if isinstance(place, dict):
            place[chance.choice([key.upper(), key.lower(), f"_{key}", key * 2])] = place[key]
        else:
            place.append(place[key])
    elif how <= 3:
        value = chance.choice(EXTREMES)
        # What is put in may be damaged next, and must come whole the next time.
        place[key] = copy.deepcopy(value) if isinstance(value, dict | list) else value
    elif how <= 5 and isinstance(place[key], str):
        place[key] = _text(chance, place[key])
    elif how == 6:
        place[key] = {str(key): place[key]} if chance.random() < 0.5 else [place[key]]
    elif how == 7:
        found = _spot(chance, other)
        if found:
            place[key] = found[0][found[1]]
    elif isinstance(place[key], int | float):
        place[key] = chance.choice([-place[key], place[key] * 1000, str(place[key]), place[key] + 0.123456789, 10**12])
    else:
        place[key] = chance.choice(TIMES)


def _structure(chance: random.Random, seeds: list[bytes]) -> bytes:
    document, other = json.loads(chance.choice(seeds)), json.loads(chance.choice(seeds))
    try:
        for _ in range(chance.choice(_HOW_OFTEN)):
            _damage(chance, document, other)
        if chance.random() < 0.2:
            return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return json.dumps(document).encode()
    except (ValueError, OverflowError):  # A part put into itself, or a number that is too long to write.
        return b"{}"


def _fields(chance: random.Random, seeds: list[bytes]) -> bytes:
    """The same for lines of fields."""
    line = chance.choice(seeds)
    mark = b"|" if b"|" in line else b"\r\n" if b"\r\n" in line else b","
    fields, others = line.split(mark), chance.choice(seeds).split(mark)
    for _ in range(chance.choice(_HOW_OFTEN)):
        n = chance.randrange(len(fields) + 1)
        value = str(chance.choice([*EXTREMES, *TIMES])).encode("utf-8", "surrogatepass")
        if mark == b"\r\n" and n < len(fields):
            value = fields[n].partition(b":")[0] + b": " + value
        fields[n : n + chance.randrange(2)] = chance.choice([[], [value], [value], [chance.choice(others)], fields[:n]])
    return mark.join(fields[:200])


def _bytes(chance: random.Random, seeds: list[bytes]) -> bytes:
    message = bytearray(chance.choice(seeds))
    for _ in range(chance.choice(_HOW_OFTEN)):
        start = chance.randrange(len(message) + 1)
        end = min(len(message), start + chance.choice([0, 1, 1, 2, 8, 64]))
        other = chance.choice(seeds)
        cut = chance.randrange(len(other))
        put = [b"", chance.randbytes(chance.randint(1, 4)), bytes(message[start:end]) * 2, other[cut : cut + 40]]
        put += [
            b'"',
            b"{",
            b"}",
            b"[",
            b"\\u0000",
            b"\\ud800",
            b"\x00",
            b"\xff",
            b"\xed\xa0\x80",
            b"9" * 400,
            b"-",
            b"|",
        ]
        message[start:end] = chance.choice(put)
    if chance.random() < 0.05:
        return chance.choice(
            [bytes(message[: len(message) // 2]), bytes(message) * 2, b"\xef\xbb\xbf" + bytes(message)]
        )
    return bytes(message)


def _deep(chance: random.Random, seeds: list[bytes]) -> bytes:
    """Nested far beyond sense, in front of a message's own fields."""
    depth = chance.choice([50, 199, 500, chance.randint(850, 1000), 5_000])
    opened, closed = chance.choice([(b"[", b"]"), (b'{"a":', b"}")])
    return chance.choice(seeds).replace(b"{", b'{"deep":' + opened * depth + b"1" + closed * depth + b",", 1)


def messages(adapter: str, chance: random.Random) -> Iterator[bytes]:
    """Damaged messages for an adapter, without end."""
    seeds = SEEDS[adapter]
    documents = [seed for seed in seeds if seed.startswith(b"{")]
    lines = [seed for seed in seeds if not seed.startswith(b"{")]
    while True:
        which = chance.random()
        if which < 0.0005:
            yield _deep(chance, documents)
        elif which < 0.2:
            yield _bytes(chance, seeds)
        elif lines and which < 0.7:
            yield _fields(chance, lines)
        else:
            yield _structure(chance, documents)


@dataclass
class Found:
    """What became of messages."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By adapter, and told, events, nothing or refused."""
    slowest_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    failures: list[str] = field(default_factory=list)
    digest: int = 0
    """The same for the same messages that became the same."""

    def add(self, other: Found) -> None:
        """Take in what another found."""
        self.counts += other.counts
        for name, seconds in other.slowest_s.items():
            self.slowest_s[name] = max(self.slowest_s[name], seconds)
        self.failures = [*self.failures, *other.failures][:MOST_FAILURES]
        self.digest = zlib.crc32(other.digest.to_bytes(4), self.digest)


class _FailureError(Exception):
    pass


def _became(adapter: Adapter, message: bytes) -> tuple[str, str, int]:
    """told, nothing or refused; what was said of it; how many events."""
    try:
        told = adapter.tell(message, "north")
    except NotUnderstoodError as error:
        return "refused", str(error), 0
    if adapter.name == "cloudevents":
        # It hands on what may still break the contract; who reads it says why.
        refused = check(1, message, adapter, "north").refused
        return ("refused", refused, 0) if refused else ("told", "", len(told.events))
    for made in told.events:
        read = EVENT.validate_json(json.dumps(made))
        if read.source != "north" or read.data.model_extra:
            raise _FailureError(f"{made}: of another site, or with fields the contract does not know")
    if bool(told.events) == bool(told.nothing):
        raise _FailureError("neither events nor why there are none, or both")
    return ("told" if told.events else "nothing"), told.nothing, len(told.events)


def chunk(task: tuple[int, str, int, int]) -> Found:
    """Push the messages of a chunk: seed, adapter, which chunk of it, how many messages."""
    seed, name, which, size = task
    adapter, found = ADAPTERS[name], Found()
    source = messages(name, random.Random(f"{seed}/{name}/{which}"))
    for number in range(size):
        message = next(source)
        began = time.perf_counter()
        try:
            what, said, events = _became(adapter, message)
            took = time.perf_counter() - began
            if took > LONGEST_S:
                raise _FailureError(f"took {took:.1f} s")
            if what != "told" and not 0 < len(said) < LONGEST_TEXT:
                raise _FailureError(f"{what} in {len(said)} characters")
            if _LEAK.search(said):
                raise _FailureError(f"names the customer: {said}")
            outcome = f"{what}{said}{events}".encode()
        except Exception as error:
            where = f"{name}, seed {seed}, chunk {which}, message {number}"
            kind = type(error).__name__ if not isinstance(error, _FailureError | ValidationError) else "failure"
            found.failures.append(f"{where}: {kind}: {str(error)[:600]}\n    {message[:3000]!r}")
            continue
        found.counts[name, what] += 1
        found.counts[name, "events"] += events
        found.slowest_s[name] = max(found.slowest_s[name], took)
        found.digest = zlib.crc32(outcome, zlib.crc32(message, found.digest))
    found.failures = found.failures[:MOST_FAILURES]
    return found


def fuzz(count: int, seed: int, workers: int, tell: Callable[[int], None] = lambda _: None) -> Found:
    """Push so many messages, an equal share for each adapter. tell: called with how many are done."""
    share, found, done = -(-count // len(ADAPTERS)), Found(), 0
    sizes = [min(CHUNK, share - start) for start in range(0, share, CHUNK)]
    tasks = [(seed, name, which, size) for which, size in enumerate(sizes) for name in ADAPTERS]
    if workers == 1:
        results: Iterator[Found] = map(chunk, tasks)
    else:
        pool = multiprocessing.get_context("spawn").Pool(workers)
        results = pool.imap(chunk, tasks)
    for task, result in zip(tasks, results, strict=True):
        found.add(result)
        done += task[3]
        tell(done)
    if workers != 1:
        pool.close()
        pool.join()
    return found


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    began = time.perf_counter()

    def progress(done: int) -> None:
        if done % (CHUNK * len(ADAPTERS) * 4) == 0:
            print(f"{done:,} messages, {done / (time.perf_counter() - began):,.0f}/s", flush=True)

    found = fuzz(options.messages, options.seed, options.workers, progress)
    took = time.perf_counter() - began
    print(f"{'adapter':20}{'messages':>10}{'told':>10}{'events':>10}{'nothing':>10}{'refused':>10}{'slowest ms':>12}")
    for name in ADAPTERS:
        told, nothing, refused = (found.counts[name, what] for what in ("told", "nothing", "refused"))
        print(
            f"{name:20}{told + nothing + refused:10,}{told:10,}{found.counts[name, 'events']:10,}{nothing:10,}"
            f"{refused:10,}{found.slowest_s[name] * 1000:12,.1f}"
        )
    total = sum(count for (_, what), count in found.counts.items() if what != "events")
    print(f"{total:,} messages in {took:.0f} s, {total / took:,.0f}/s; digest {found.digest:08x}; seed {options.seed}")
    for failure in found.failures:
        print(f"FAILED {failure}")
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
