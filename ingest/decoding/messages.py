"""What goes through ingest: messages by where they come from, and what decoding makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

import pyarrow as pa

from models.fold import Key, State


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
    """A batch: its events as an Arrow table (columns EVENT_COLUMNS), what they say of contacts, the refused."""

    events: pa.Table
    states: Mapping[Key, State]
    """The fold of the batch's events, by contact."""
    refusals: list[Refusal]
    repeats: Counter[str]
    """Events left out because the batch holds the same one before, by site."""
    simulated: list[int]
    """Rows of `events` that a simulator made."""
    messages: Counter[str] = field(default_factory=Counter)
    """Messages read, by site."""
    silent: Counter[str] = field(default_factory=Counter)
    """Messages of other systems that say nothing the contract has a fact for, by site."""
    out_of_order: Counter[str] = field(default_factory=Counter)
    """Events of contacts that are older than one of the same contact before them in the batch, by site."""


class Decodes(Protocol):
    """What turns a batch received at one instant (UTC) into events. Never raises for the content of a message."""

    def begin(self, messages: Messages, received_at: datetime) -> Callable[[], Decoded]:
        """Start on it; what is returned waits for the result. Results are asked for in the order of the beginnings."""

    def decode(self, messages: Messages, received_at: datetime) -> Decoded:
        """The same at once; what is begun is not disturbed."""
