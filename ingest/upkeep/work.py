"""What a command on the store is: work in pieces, between which ingest can go on.

A piece is at most one transaction and holds nothing open when it ends, so that a batch can be committed, or
everything be given up, after each.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from ingest.decoding.messages import Decodes
from ingest.store import Store

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Step(msgspec.Struct, frozen=True):
    """How far long work is. total: 0 when nobody knows."""

    done: int
    total: int
    what: str


class Done(msgspec.Struct, frozen=True):
    """The id of what was written, and when (UTC without a zone)."""

    id: str
    at: datetime


Work: TypeAlias = Generator[Step, None, Answer]
"""Does one piece at a time, says how far it is after each, and returns the answer."""

OnStep: TypeAlias = Callable[[Step], None]


@dataclass(frozen=True)
class Command(Generic[Asked, Answer]):
    """Something to do with the open store. Asked and Answer are classes msgspec can write as JSON.

    The decoder is asked for by the work that needs one: making it needs secrets.
    """

    name: str
    asked: type[Asked]
    answer: type[Answer]
    work: Callable[[Store, Callable[[], Decodes], Asked], Work[Answer]]


AnyCommand: TypeAlias = Command[Any, Any]


def finished(work: Work[Answer], on_step: OnStep) -> Answer:
    """Do all of the work. Raises what it raises."""
    while True:
        try:
            step = next(work)
        except StopIteration as done:
            answer: Answer = done.value
            return answer
        on_step(step)
