"""What a provider is paid when part of its work leaves: the contract's own arithmetic on a month of less.

The bill is that of `models.billing.expected`, as on the cost page. What came of each charge is rebuilt from the slice's
last whole month: its contacts, by channel and language as expected in the days ahead, at the provider's handle time.
What that leaves open (units that are not counted here, service credits, exchange) is one factor, by which the bill of
that month comes out as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from models.billing.amounts import total
from models.billing.delivered import Delivered
from models.billing.expected import expected
from models.billing.months import Segment, segments
from models.fallback.facts import Facts, Month
from models.terms.charge import Baseline, Charge, Fixed, PerAgent, PerContact, PerHour, PerMinute, PerResolution
from models.terms.contract import Contract

_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Due:
    """What a month of the slice costs, and what of it is paid for nothing, up to the minimum."""

    bill: float
    stranded: float


class Bill(Protocol):
    """What the provider is paid for the slice in a month, by the share of it that has left."""

    def __call__(self, month: date, left: float) -> Due:
        """month: its first day. left: from 0 to 1."""


@dataclass(frozen=True, slots=True)
class PricePaid:
    """So much a contact: without a contract, or without a bill to measure it by."""

    volume: float
    price: float

    def __call__(self, month: date, left: float) -> Due:  # noqa: ARG002 - of every month alike.
        """The contacts that stay, at the price."""
        return Due(self.volume * self.price * (1 - left), 0.0)


@dataclass(frozen=True, slots=True)
class ContractBill:
    """By the contract. stay: what the slice costs a month now. part: of all the provider's work, what is the slice."""

    contract: Contract
    stay: float
    part: float
    factor: float
    """Money of the company for one of the contract's arithmetic; see the module."""
    contacts: float
    """Of all the provider's work in a month."""
    work: Work

    def __call__(self, month: date, left: float) -> Due:
        """What all costs with the slice's share gone, less what the rest cost before: the slice bears the minimum."""
        whole, minimum = self._whole(month, 0.0)
        now, topped_up = self._whole(month, left * self.part)
        bill = max(0.0, self.stay - (whole - now) * self.factor)
        return Due(bill, min(bill, max(0.0, (topped_up - minimum) * self.factor)))

    def _whole(self, month: date, gone: float) -> tuple[float, float]:
        return _priced(self.contract, month, self.contacts * (1 - gone), self.work)


@dataclass(frozen=True, slots=True)
class Work:
    """How contacts become units. shares: of contacts by (channel, language)."""

    shares: tuple[tuple[str, str, float], ...]
    handle_s: float
    occupancy: float
    resolution: float

    def units(self, charge: Charge, contacts: float) -> float:
        """The raw count of a charge in a month; see `models.billing.delivered`."""
        of = contacts * self._share(charge)
        match charge:
            case PerMinute():
                return of * self.handle_s * 1000
            case PerHour():
                return of * self.handle_s * 1000 / self.occupancy
            case PerAgent():
                # A crew that was agreed is there and paid, however little comes.
                return float(charge.agents * charge.hours) * _HOUR_MS
            case PerResolution():
                return of * self.resolution
            case PerContact() | Fixed() | Baseline():
                return of

    def _share(self, charge: Charge) -> float:
        if not charge.channels and not charge.languages:
            return 1.0
        return sum(
            share
            for channel, language, share in self.shares
            if (not charge.channels or channel in charge.channels)
            and (not charge.languages or language in charge.languages)
        )


def bill_of(facts: Facts, volume: float, price: float) -> Bill:
    """What the slice is paid, from so many contacts a month at a price, which is what it costs while all of it stays.

    By the contract when there is one and a whole month whose bill is known, else by the price.
    """
    month = last_known(facts)
    if facts.contract is None or month is None or not month.bill or not month.amount or not month.contacts:
        return PricePaid(volume, price)
    part = 1.0 if is_whole(facts) else min(1.0, month.amount / month.bill)
    # The price assumed may be another than was paid: then all of the contract is dearer by as much.
    dearer = price * month.contacts / month.amount
    work = Work(_shares(facts), facts.handle_s or 300.0, facts.occupancy or 1.0, facts.resolution or 1.0)
    before, _ = _priced(facts.contract, month.month, month.contacts / part, work)
    if not before > 0 or not list(segments(facts.contract, month.month)):
        return PricePaid(volume, price)
    return ContractBill(facts.contract, volume * price, part, dearer * month.bill / before, volume / part, work)


def last_known(facts: Facts) -> Month | None:
    """The last whole month of which both the slice's amount and the whole bill are known."""
    whole = [each for each in facts.months if each.whole and each.amount is not None and each.bill is not None]
    return whole[-1] if whole else None


def is_whole(facts: Facts) -> bool:
    """Whether the slice is all of the provider's work, so that the contract can end with it."""
    asked = facts.slice
    some = (asked.sites, asked.queues, asked.channels, asked.languages, asked.topics)
    return not any(some) and (asked.first_hour, asked.end_hour, asked.share) == (0, 24, 1.0)


@lru_cache(maxsize=512)
def _priced(contract: Contract, month: date, contacts: float, work: Work) -> tuple[float, float]:
    """Amount of a month, and what of it tops up a minimum, in the contract's currency."""
    lines = expected(contract, month, list(_delivered(contract, month, contacts, work)))
    minimum = total([line.amount for line in lines if line.kind == "minimum"])
    return float(total([line.amount for line in lines])), float(minimum)


def _delivered(contract: Contract, month: date, contacts: float, work: Work) -> Iterator[Delivered]:
    """One day for each part of the month in which the same terms and prices hold: units of a month have no day."""
    for segment in segments(contract, month):
        days = _days(segment)
        for charge in segment.terms.charges:
            whole = work.units(charge, contacts) * float(segment.share)
            for number, day in enumerate(days):
                came = Decimal(whole) * (number + 1) / len(days), Decimal(whole) * number / len(days)
                yield Delivered(day, charge.name, int(came[0]) - int(came[1]))


def _days(segment: Segment) -> list[date]:
    later = [index.on for index in segment.terms.indexation if segment.first < index.on <= segment.last]
    return sorted({segment.first, *later})


def _shares(facts: Facts) -> tuple[tuple[str, str, float], ...]:
    contacts: dict[tuple[str, str], float] = {}
    for day in facts.days:
        for pool in day.pools:
            key = (pool.kind, pool.language)
            contacts[key] = contacts.get(key, 0.0) + sum(pool.moved)
    whole = sum(contacts.values())
    return tuple((*key, count / whole) for key, count in sorted(contacts.items())) if whole else ()
