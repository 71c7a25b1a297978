"""The contact fold: from the events of a contact, in any order and however often repeated, to the same state.

A state is a value of a join-semilattice: every part is the earliest or the latest fact of its kind (by highest
revision, then time, id, content) or a set of facts. Merging is associative, commutative and idempotent, so neither
order nor repeats nor the way batches fall can change the result, and folding everything again from the raw
events gives what living through them gave.

Times are microseconds since 1970 in UTC. Facts are tuples `(at, id, field, ..., revision)` in the order of FACTS.
A source that corrects itself tells the fact again under the same id with a higher revision, and the highest
counts. The correction may even be another fact (a contact that "abandoned" turns out to be a callback): both
facts stay in the state then, and the views let the one of the higher revision stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

Fact: TypeAlias = tuple[Any, ...]

Key: TypeAlias = tuple[str, str]
"""Site and contact id."""

FoldEvent: TypeAlias = tuple[str, int, str, int, Any]
"""Type, time, id, revision and `data` of an event; data is an object with the contract's fields as attributes."""


class FactRule(NamedTuple):
    """Which fact of an event type a state keeps, and which fields of it."""

    column: str
    event_type: str
    fields: tuple[str, ...]
    keep: str
    """earliest, latest or all."""


FACTS: tuple[FactRule, ...] = (
    FactRule(
        "started", "contact.started", ("channel", "direction", "language", "topic", "customer_id"), "earliest"
    ),
    FactRule(
        "offered",
        "contact.offered",
        ("channel", "direction", "queue", "language", "topic", "campaign", "priority", "customer_id",
         "initial_contact_id", "previous_contact_id"),
        "earliest",
    ),
    FactRule("answered", "contact.answered", ("agent_id", "wait_s"), "earliest"),
    FactRule("abandoned", "contact.abandoned", ("wait_s",), "earliest"),
    FactRule("left_queue", "contact.left_queue", ("reason", "wait_s"), "earliest"),
    FactRule("left_menu", "contact.left_menu", ("reason",), "earliest"),
    FactRule("completed", "contact.completed", ("talk_s", "hold_s", "ended_by"), "latest"),
    FactRule("wrapped_up", "contact.wrapped_up", ("wrap_up_s",), "latest"),
    FactRule("classified", "contact.classified", ("topic", "disposition", "resolved"), "latest"),
    FactRule("excluded", "contact.excluded", ("reason",), "earliest"),
    FactRule("holds", "contact.held", ("hold_s",), "all"),
    FactRule("transfers", "contact.transferred", ("to_queue", "to_site", "to_contact_id", "warm"), "all"),
)  # fmt: skip

INSTANTS = ("first_customer_message_at", "first_agent_message_at", "last_message_at")
COLUMNS = ("first_at", "last_at", *(rule.column for rule in FACTS), *INSTANTS)
"""Parts of a state, in order."""

State: TypeAlias = tuple[Any, ...]
"""One value per COLUMNS; None (or an empty frozenset) where nothing is known."""

_FIRST_FACT = 2
_FIRST_INSTANT = _FIRST_FACT + len(FACTS)
_EMPTY: State = tuple(
    frozenset() if 0 <= n - _FIRST_FACT < len(FACTS) and FACTS[n - _FIRST_FACT].keep == "all" else None
    for n in range(len(COLUMNS))
)
EVENT_TYPES = frozenset({"chat.message", *(rule.event_type for rule in FACTS)})
"""Types of events that say something about a contact's course."""

_BIRTHS = (COLUMNS.index("started"), COLUMNS.index("offered"))


def _content(fact: Fact) -> tuple[Any, ...]:
    """An order of facts of equal time and id that is the same everywhere; None comes last."""
    return tuple((value is None, "" if value is None else value) for value in fact)


def earliest(a: Fact | None, b: Fact | None) -> Fact | None:
    """The earlier of two facts of one kind."""
    if a is None or b is None:
        return a if b is None else b
    if a[-1] != b[-1]:
        return max(a, b, key=_revision)
    if a[:2] == b[:2]:
        return min(a, b, key=_content)
    return min(a, b, key=_when)


def latest(a: Fact | None, b: Fact | None) -> Fact | None:
    """The later of two facts of one kind."""
    if a is None or b is None:
        return a if b is None else b
    if a[-1] != b[-1]:
        return max(a, b, key=_revision)
    if a[:2] == b[:2]:
        return max(a, b, key=_content)
    return max(a, b, key=_when)


def _when(fact: Fact) -> Fact:
    return fact[:2]


def _revision(fact: Fact) -> int:
    revision: int = fact[-1]
    return revision


def _lowest(a: int | None, b: int | None) -> int | None:
    return a if b is None else b if a is None else min(a, b)


def _highest(a: int | None, b: int | None) -> int | None:
    return a if b is None else b if a is None else max(a, b)


_KEEP: dict[str, Callable[[Any, Any], Any]] = {
    "earliest": earliest,
    "latest": latest,
    "all": frozenset.union,
}
_JOINS: tuple[Callable[[Any, Any], Any], ...] = (
    _lowest,
    _highest,
    *(_KEEP[rule.keep] for rule in FACTS),
    _lowest,
    _lowest,
    _highest,
)
_READERS: dict[str, tuple[int, Callable[[Any, Any], Any], Callable[[Any], Any], bool, bool]] = {
    rule.event_type: (
        _FIRST_FACT + n,
        _KEEP[rule.keep],
        attrgetter(*rule.fields),
        len(rule.fields) == 1,
        rule.keep == "all",
    )
    for n, rule in enumerate(FACTS)
}


def merge(a: State, b: State) -> State:
    """The state that knows what both know."""
    return tuple(join(x, y) for join, x, y in zip(_JOINS, a, b, strict=True))


def fold(events: Iterable[FoldEvent], known: State | None = None) -> State | None:
    """Add events of one contact to what is known of it.

    Events that say nothing about a contact's course (surveys, evaluations) are passed over; None when
    nothing is known then.
    """
    state = None if known is None else list(known)
    for wire, at, event_id, revision, data in events:
        rule = _READERS.get(wire)
        if rule is None and wire != "chat.message":
            continue
        if state is None:
            state = list(_EMPTY)
            state[0] = state[1] = at
        elif at < state[0]:
            state[0] = at
        elif at > state[1]:
            state[1] = at
        if rule is None:
            _fold_message(state, at, data.sender)
            continue
        place, join, read, single, as_set = rule
        values = read(data)
        fact = (at, event_id, values, revision) if single else (at, event_id, *values, revision)
        before = state[place]
        if as_set:
            state[place] = before | {fact}
        elif before is None:
            state[place] = fact
        else:
            state[place] = join(before, fact)
    return None if state is None else tuple(state)


def _fold_message(state: list[Any], at: int, sender: str) -> None:
    customer, agent, last = range(_FIRST_INSTANT, _FIRST_INSTANT + 3)
    if sender == "customer":
        state[customer] = _lowest(state[customer], at)
    elif sender == "agent":
        state[agent] = _lowest(state[agent], at)
    state[last] = _highest(state[last], at)


def has_beginning(state: State) -> bool:
    """Whether the contact's arrival is known; later parts can come first."""
    return any(state[place] is not None for place in _BIRTHS)
