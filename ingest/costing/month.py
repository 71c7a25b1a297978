"""One month of one party, computed: what its bill ought to be, and what each day, site, channel and topic cost."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ingest.costing.reading import IssueWork, Paid, Work
from models.billing.exchange import MissingRateError, rate_of
from models.billing.in_house import unit_cost
from models.billing.invoice import Invoice
from models.billing.share_out import share_out
from models.terms.contract import Exchange
from models.terms.exchange import ExchangeRates
from models.terms.in_house import InHouseCosts

_MS_OF_HOUR = 3_600_000


class Place(NamedTuple):
    """Where something was: what cost is told by."""

    day: date
    site: str | None
    channel: str | None
    topic: str | None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """Rates of a month: of the month itself, and of one that all months share; None where there is none."""

    rate: Decimal | None
    constant: Decimal | None
    trouble: str | None = None

    def of(self, amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
        """An amount in the company's currency at both, not rounded."""
        return (
            None if self.rate is None else amount * self.rate,
            None if self.constant is None else amount * self.constant,
        )


def exchanged(currency: str, exchange: Exchange, rates: ExchangeRates | None, month: date, base: date) -> Exchanged:
    """The rates of a month, and of the base month."""
    found: list[Decimal | None] = []
    trouble = None
    for of in (month, base):
        try:
            found.append(rate_of(currency, exchange, rates, of).rate)
        except MissingRateError as error:
            found.append(None)
            trouble = trouble or str(error)
    return Exchanged(found[0], found[1], trouble)


@dataclass(slots=True)
class Cost:
    """What was done at a place and what it cost, in the company's currency; None where nobody knows."""

    contacts: int = 0
    handle_ms: int = 0
    amount: Decimal | None = Decimal(0)
    labour: Decimal | None = None
    constant: Decimal | None = Decimal(0)

    def add(self, amount: Decimal | None, constant: Decimal | None) -> None:
        """Both, where they are known."""
        self.amount = None if amount is None or self.amount is None else self.amount + amount
        self.constant = None if constant is None or self.constant is None else self.constant + constant


@dataclass(frozen=True, slots=True)
class IssueCost:
    """What a site's contacts cost, by the issue they belong to."""

    work: IssueWork
    amount: Decimal | None


@dataclass(frozen=True)
class Month:
    """The outcome. bill: of a provider."""

    party: str
    month: date
    until: date | None
    is_closed: bool
    currency: str
    costs: Mapping[Place, Cost]
    issues: Sequence[IssueCost]
    bill: Invoice | None = None
    rate: Decimal | None = None
    own_total: Decimal | None = None
    constant_total: Decimal | None = None
    trouble: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def digest(self) -> str:
        """Two months with the same outcome have the same."""
        told = repr((self.bill, self.is_closed, self.rate, self.constant_total, self.trouble, self.notes, self.issues))
        told += repr(sorted(self.costs.items(), key=repr))
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def places_of(work: Iterable[Work], *, is_known: bool = True) -> dict[Place, Cost]:
    """What was done, before anything is added up of its cost; not is_known: nobody will know it."""
    nothing = Decimal(0) if is_known else None
    found: dict[Place, Cost] = {}
    for row in work:
        place = Place(row.day, row.site, row.channel, row.topic)
        cost = found.setdefault(place, Cost(amount=nothing, constant=nothing))
        cost.contacts += row.contacts
        cost.handle_ms += row.handle_ms
    return found


def provider_costs(
    bill: Invoice,
    work: Sequence[Work],
    paid: Sequence[Paid],
    hours: Sequence[tuple[date, str, str, int]],
    sites: Sequence[str],
    exchange: Exchanged,
) -> dict[Place, Cost]:
    """The bill shared out over the work it is for.

    A line counted by contact goes where its units were; one counted by hours to its sites and there by handle time; any
    other by handle time: of its day, or of the month for a day without work and for what is only known at its end.
    """
    costs = places_of(work)
    by_units: dict[tuple[date, str], list[tuple[Place, int]]] = defaultdict(list)
    for row in paid:
        by_units[row.bill_day, row.charge].append((Place(row.day, row.site, row.channel, row.topic), row.units))
    by_site: dict[tuple[date, str], dict[str, int]] = defaultdict(dict)
    for day, charge, site, ms in hours:
        by_site[day, charge][site] = by_site[day, charge].get(site, 0) + ms
    by_day: dict[date, list[tuple[Place, int]]] = defaultdict(list)
    for done in work:
        by_day[done.day].append((Place(done.day, done.site, done.channel, done.topic), done.handle_ms))
    whole = [pair for pairs in by_day.values() for pair in pairs]

    def put(amount: Decimal, where: list[tuple[Place, int]]) -> None:
        own, constant = exchange.of(amount)
        weights = [weight for _, weight in where]
        owns = share_out(own, weights) if own is not None else [None] * len(where)
        constants = share_out(constant, weights) if constant is not None else [None] * len(where)
        for (place, _), a, c in zip(where, owns, constants, strict=True):
            costs.setdefault(place, Cost()).add(a, c)

    for line in bill.lines:
        nowhere = Place(line.day or bill.month, sites[0] if len(sites) == 1 else None, None, None)
        if line.day is None:
            put(line.amount, whole or [(nowhere, 1)])
        elif where := by_units.get((line.day, line.charge)):
            put(line.amount, where)
        elif of_sites := by_site.get((line.day, line.charge)):
            names = sorted(of_sites)
            for site, part in zip(names, share_out(line.amount, [of_sites[name] for name in names]), strict=True):
                own = [pair for pair in by_day.get(line.day, []) if pair[0].site == site]
                put(part, own or [(Place(line.day, site, None, None), 1)])
        else:
            put(line.amount, by_day.get(line.day) or whole or [(nowhere, 1)])
    if bill.effect.on_bill:
        put(bill.effect.on_bill, whole or [(Place(bill.month, None, None, None), 1)])
    return costs


def in_house_costs(
    documents: InHouseCosts, work: Sequence[Work], productive: Mapping[tuple[date, str], int], sites: Sequence[str],
    exchanges: Mapping[str, Exchanged],
) -> tuple[dict[Place, Cost], list[str]]:  # fmt: skip
    """Productive hours of each site and day at their full cost, shared out by handle time; and what nobody knows.

    A site with contacts but without a state of any agent has no cost: nobody knows its hours.
    """
    costs, notes = places_of(work), []
    by_day: dict[tuple[date, str], list[tuple[Place, int]]] = defaultdict(list)
    for row in work:
        by_day[row.day, row.site].append((Place(row.day, row.site, row.channel, row.topic), row.handle_ms))
    for site in sites:
        if not any(ms for (_, of), ms in productive.items() if of == site):
            if any(row.site == site for row in work):
                notes.append(f"{site}: no states of agents, so nobody knows its hours and what they cost")
            for place, cost in costs.items():
                if place.site == site:
                    cost.amount = cost.constant = None
            continue
        for day in sorted({day for day, of in (*productive, *by_day) if of == site}):
            period = documents.in_force(site, day)
            where = by_day.get((day, site)) or [(Place(day, site, None, None), 1)]
            if period is None:
                notes.append(f"{site}: no in-house cost is given for {day}")
                for place, _ in where:
                    costs.setdefault(place, Cost()).amount = None
                continue
            unit, hours = unit_cost(period), Decimal(productive.get((day, site), 0)) / _MS_OF_HOUR
            exchange = exchanges[period.currency]
            full, constant = exchange.of(hours * unit.per_available_hour)
            labour, _ = exchange.of(hours * unit.labour_per_available_hour)
            _put(costs, where, full, constant, labour)
    return costs, list(dict.fromkeys(notes))


def _put(
    costs: dict[Place, Cost], where: list[tuple[Place, int]], full: Decimal | None, constant: Decimal | None,
    labour: Decimal | None,
) -> None:  # fmt: skip
    weights = [weight for _, weight in where]
    parts: list[list[Decimal] | list[None]] = [
        share_out(amount, weights) if amount is not None else [None] * len(where) for amount in (full, constant, labour)
    ]
    for (place, _), amount, fixed, of_labour in zip(where, *parts, strict=True):
        cost = costs.setdefault(place, Cost())
        cost.add(amount, fixed)
        cost.labour = of_labour


def issue_costs(costs: Mapping[Place, Cost], issues: Sequence[IssueWork], *, by_contact: bool) -> list[IssueCost]:
    """What each site's contacts of a channel cost, shared out over the issues they belong to.

    By the number of contacts where these are what is paid for, else by handle time. Cost of a channel without any issue
    goes to all of the site; together it is what the site cost.
    """
    of_channel: dict[tuple[str | None, str | None], Decimal | None] = {}
    for place, cost in costs.items():
        key = (place.site, place.channel)
        before = of_channel.get(key, Decimal(0))
        of_channel[key] = None if before is None or cost.amount is None else before + cost.amount
    known: dict[tuple[str | None, str | None], list[IssueWork]] = defaultdict(list)
    for row in issues:
        known[row.site, row.channel].append(row)
    amounts: dict[IssueWork, Decimal | None] = dict.fromkeys(issues, Decimal(0))
    for (site, channel), amount in of_channel.items():
        rows = known.get((site, channel)) or [row for row in issues if site is None or row.site == site]
        if not rows:
            continue
        weights = [row.contacts if by_contact else row.handle_ms for row in rows]
        parts = share_out(amount, weights) if amount is not None else [None] * len(rows)
        for row, part in zip(rows, parts, strict=True):
            so_far = amounts[row]
            amounts[row] = None if so_far is None or part is None else so_far + part
    return [IssueCost(row, amount) for row, amount in amounts.items()]
