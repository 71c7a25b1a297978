"""What every adapter is: a pure function from one native message to events of the contract.

An adapter leaves empty what the message does not say and invents nothing. Ids of events are made from the
vendor's own ids, so that a message that comes again gives the same events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class NotUnderstoodError(Exception):
    """A native message that cannot be used: what was found, where in it, and what was expected."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a native message becomes."""

    events: tuple[dict[str, Any], ...] = ()
    """CloudEvents of the contract as JSON documents; see `event`."""
    nothing: str = ""
    """Why there are none: what the message is, when it says nothing the contract has a fact for."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One system's way of saying things."""

    name: str
    """As the configuration and the command line call it."""
    system: str
    """The product, in its vendor's words."""
    messages: tuple[str, ...]
    """Kinds of native messages it takes, for people."""
    tell: Callable[[bytes, str], Told]
    """Native message and site in, events out. Raises NotUnderstoodError and nothing else, whatever the bytes."""


def event(
    site: str, kind: str, subject: str, event_id: str, time: str, revision: int | None = None, **data: Any
) -> dict[str, Any]:
    """An event as a JSON document; fields that are None are left out.

    time: RFC 3339 with offset. revision: grows with each telling of the same fact, where the vendor corrects itself.
    """
    made: dict[str, Any] = {
        "specversion": "1.0",
        "id": event_id,
        "source": site,
        "type": kind,
        "time": time,
        "subject": subject,
        "data": {name: value for name, value in data.items() if value is not None},
    }
    if revision is not None:
        made["revision"] = revision
    return made
