"""What a batch of accepted messages amounts to: a table of its events, and what they say of each contact."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, compress
from operator import itemgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from ingest.decoding.fast_reader import DATA_STRUCTS, STRUCTS
from ingest.decoding.messages import Decoded, Origin, Refusal
from models.columns import EVENT_COLUMNS
from models.events import data_class, event_classes
from models.fold import EVENT_TYPES, FoldEvent, Key, State, fold

_WIRE_NAMES: dict[type, str] = {cls: name for name, cls in STRUCTS.items()}
_WITH_CUSTOMER = frozenset(
    DATA_STRUCTS[name] for name, event in event_classes().items() if "customer_id" in data_class(event).model_fields
)
_time_of = itemgetter(1)
_to_json = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Accepted:
    """Events of one partition that may be stored, column by column, in order."""

    origin: Origin
    events: list[Any] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    """Microseconds since 1970."""
    offsets: list[int] = field(default_factory=list)
    unknown: dict[int, list[str]] = field(default_factory=dict)
    """Names of fields the contract does not know, by place in the other lists."""

    def add(self, offset: int, found: list[tuple[Any, int, list[str] | None]]) -> None:
        """The events of one message."""
        for event, at, unknown in found:
            if unknown:
                self.unknown[len(self.events)] = unknown
            self.events.append(event)
            self.at.append(at)
            self.offsets.append(offset)


def assembled(
    accepted: Sequence[Accepted],
    refusals: list[Refusal],
    messages: Counter[str],
    silent: Counter[str],
    hashed: Callable[[str], str],
    received_at: datetime,
) -> Decoded:
    """The batch without its repeats. hashed: stands for a customer's identifier. received_at: UTC, without a zone."""
    rows = _Rows(accepted)
    for data in rows.data:
        if type(data) in _WITH_CUSTOMER and data.customer_id is not None:
            data.customer_id = hashed(data.customer_id)
    rows.text = list(map(_to_json, rows.data))
    repeats = rows.leave_out_repeats()
    states, out_of_order = rows.states()
    simulated = [row for row, event in enumerate(rows.events) if event.simulated]
    return Decoded(rows.table(received_at), states, refusals, repeats, simulated, messages, +silent, out_of_order)


class _Rows:
    """The events of all partitions, column by column."""

    def __init__(self, accepted: Sequence[Accepted]) -> None:
        self.origins = [part.origin for part in accepted]
        self.events = list(chain.from_iterable(part.events for part in accepted))
        self.at = list(chain.from_iterable(part.at for part in accepted))
        self.offset = list(chain.from_iterable(part.offsets for part in accepted))
        counts = [len(part.events) for part in accepted]
        self.origin_no = np.repeat(np.arange(len(counts)), counts)
        starts = np.cumsum([0, *counts])
        self.unknown = {
            int(start) + place: names
            for start, part in zip(starts[:-1], accepted, strict=True)
            for place, names in part.unknown.items()
        }
        self.wire = [_WIRE_NAMES[type(event)] for event in self.events]
        self.id = [event.id for event in self.events]
        self.subject = [event.subject for event in self.events]
        self.revision = [event.revision for event in self.events]
        self.data = [event.data for event in self.events]
        self.text: list[bytes] = []

    def leave_out_repeats(self) -> Counter[str]:
        """Keep the first of events that are the same but for where they stood. Returns those left out, by site."""
        ids: dict[str, list[str]] = defaultdict(list)
        for origin, first, last in self._runs():
            ids[origin.site] += self.id[first:last]
        if all(len(set(mine)) == len(mine) for mine in ids.values()):
            return Counter()
        several = {(site, name) for site, mine in ids.items() for name, n in Counter(mine).items() if n > 1}
        sites = [self.origins[number].site for number in self.origin_no]
        names = list(zip(sites, self.id, strict=True))
        seen: set[tuple[Any, ...]] = set()
        kept = [True] * len(names)
        for row, name in enumerate(names):
            if name in several:
                same = (name, self.at[row], self.revision[row], self.wire[row], self.subject[row], self.text[row])
                kept[row] = same not in seen
                seen.add(same)
        repeats = Counter(site for site, keep in zip(sites, kept, strict=True) if not keep)
        if repeats:
            self._keep(kept)
        return repeats

    def _runs(self) -> Iterator[tuple[Origin, int, int]]:
        """The rows of each origin: first, and the one after the last."""
        first = 0
        for number, count in enumerate(np.bincount(self.origin_no, minlength=len(self.origins))):
            yield self.origins[number], first, first + int(count)
            first += int(count)

    def _keep(self, kept: list[bool]) -> None:
        places = list(compress(range(len(kept)), kept))
        self.unknown = {new: self.unknown[old] for new, old in enumerate(places) if old in self.unknown}
        self.origin_no = self.origin_no[kept]
        for name in ("events", "at", "offset", "wire", "id", "subject", "revision", "data", "text"):
            setattr(self, name, list(compress(getattr(self, name), kept)))

    def states(self) -> tuple[dict[Key, State], Counter[str]]:
        """What the events say of each contact, and how many came after a later one of their contact, by site."""
        found: dict[Key, State] = {}
        late: Counter[str] = Counter()
        events = list(zip(self.wire, self.at, self.id, self.revision, self.data, strict=True))
        by_site: dict[str, dict[str, list[FoldEvent]]] = defaultdict(lambda: defaultdict(list))
        for origin, first, last in self._runs():
            by_contact = by_site[origin.site]
            for subject, event in zip(self.subject[first:last], events[first:last], strict=True):
                if event[0] in EVENT_TYPES:
                    by_contact[subject].append(event)
        for site, contacts in by_site.items():
            for subject, mine in contacts.items():
                state = fold(mine)
                if state is not None:
                    found[site, subject] = state
                times = list(map(_time_of, mine))
                if times != sorted(times):
                    late[site] += sum(_out_of_order(times))
        return found, late

    def table(self, received_at: datetime) -> pa.Table:
        """The columns of EVENT_COLUMNS."""
        count = len(self.events)
        stamp = pa.scalar(received_at, pa.timestamp("us"))
        columns: dict[str, Any] = {
            "site": self._of_origin("site", pa.string()),
            "event_id": pa.array(self.id, pa.string()),
            "type": pa.array(self.wire, pa.string()),
            "subject": pa.array(self.subject, pa.string()),
            "occurred_at": pa.array(self.at, pa.int64()).cast(pa.timestamp("us")),
            "received_at": pa.repeat(stamp, count),
            "revision": pa.array(self.revision, pa.int64()),
            "data": pa.array(self.text, pa.string()),
            "ignored_fields": self._ignored_fields(),
            "kafka_topic": self._of_origin("topic", pa.string()),
            "kafka_partition": self._of_origin("partition", pa.int32()),
            "kafka_offset": pa.array(self.offset, pa.int64()),
        }
        return pa.table([columns[name] for name in EVENT_COLUMNS], names=list(EVENT_COLUMNS))

    def _of_origin(self, name: str, kind: pa.DataType) -> Any:
        values = pa.array([getattr(origin, name) for origin in self.origins], kind)
        return values.take(pa.array(self.origin_no, pa.int64()))

    def _ignored_fields(self) -> Any:
        kind: Any = EVENT_COLUMNS["ignored_fields"]
        if not self.unknown:
            return pa.nulls(len(self.events), kind)
        return pa.array([self.unknown.get(row) for row in range(len(self.events))], kind)


def _out_of_order(times: list[int]) -> Iterator[bool]:
    newest = times[0]
    for at in times:
        yield at < newest
        newest = max(newest, at)
