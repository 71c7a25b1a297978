"""Contacts a bill lists, corrected reason by reason until they are those the contract pays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal, TypeAlias

from models.billing.bill import Item, Known
from models.billing.step import Reason

ROUNDED_TO_MS = (60_000, 30_000, 6_000, 1_000)
"""Lengths that providers round to."""

Corrected: TypeAlias = tuple[Reason, Sequence[Item], tuple[str, ...]]
"""A reason, what is left of the list when it is mended, and the contacts it was about."""


def corrections(
    items: Sequence[Item], known: Mapping[str, Known], first: date, last: date, *, by_length: bool
) -> Iterator[Corrected]:
    """Every correction in its order.

    known: contacts of this charge by id. first, last: days of the month. by_length: whether lengths are paid. Of a
    contact listed twice the first stays. A length differs by rounding when it is less than one rounded unit (a minute,
    half of it, six seconds, a second: the longest that divides all listed lengths) from ours.
    """
    unit = _rounded_to(items)

    def outside(item: Item) -> bool:
        day = known[item.contact_id].day
        return day is not None and not first <= day <= last

    def differs(item: Item) -> bool:
        return by_length and abs(item.raw - known[item.contact_id].raw) >= unit

    seen: set[str] = set()
    once: list[Item] = []
    again: list[str] = []
    for item in items:
        if item.contact_id in seen:
            again.append(item.contact_id)
        else:
            once.append(item)
            seen.add(item.contact_id)
    yield "twice", once, tuple(again)
    left: Sequence[Item] = once
    left, gone = _without(left, {item.contact_id for item in left if item.contact_id not in known})
    yield "unknown", left, gone
    unpaid: tuple[Literal["short", "abandoned", "repeat"], ...] = ("short", "abandoned", "repeat")
    for reason in unpaid:
        left, gone = _without(left, {i.contact_id for i in left if known[i.contact_id].unpaid == reason})
        yield reason, left, gone
    left, gone = _without(left, {item.contact_id for item in left if outside(item)})
    yield "other_month", left, gone
    unproven = {i.contact_id for i in left if known[i.contact_id].unpaid or known[i.contact_id].day is None}
    left, gone = _without(left, unproven)
    yield "unproven", left, gone
    other = tuple(item.contact_id for item in left if differs(item))
    left = [replace(item, raw=known[item.contact_id].raw) if differs(item) else item for item in left]
    yield "duration", left, other
    left, other = _as_ours(left, known, by_length=by_length)
    yield "rounding", left, other
    added = [
        Item(contact.day, contact.charge, contact.contact_id, contact.raw)
        for contact in known.values()
        if contact.contact_id not in seen
        and contact.unpaid is None
        and contact.day is not None
        and first <= contact.day <= last
    ]
    yield "left_out", [*left, *added], tuple(item.contact_id for item in added)


def _rounded_to(items: Sequence[Item]) -> int:
    return next((unit for unit in ROUNDED_TO_MS if all(item.raw % unit == 0 for item in items)), 1)


def _without(items: Sequence[Item], gone: set[str]) -> tuple[Sequence[Item], tuple[str, ...]]:
    if not gone:
        return items, ()
    left = [item for item in items if item.contact_id not in gone]
    return left, tuple(item.contact_id for item in items if item.contact_id in gone)


def _as_ours(
    items: Sequence[Item], known: Mapping[str, Known], *, by_length: bool
) -> tuple[Sequence[Item], tuple[str, ...]]:
    left, other = [], []
    for item in items:
        ours = known[item.contact_id]
        if ours.day is not None and (ours.day != item.day or (by_length and ours.raw != item.raw)):
            other.append(item.contact_id)
            item = replace(item, day=ours.day, raw=ours.raw)
        left.append(item)
    return left, tuple(other)
