"""Months of a bill and the parts of them in which the same terms hold. Days are those of the contract's zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from models.terms.contract import Contract, Terms


def next_month(month: date) -> date:
    """First day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def last_day(month: date) -> date:
    """Last day of the month."""
    return next_month(month) - timedelta(days=1)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, none when the last is before."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def checked_month(month: date) -> date:
    """Raises ValueError unless it is the first day of a month."""
    if month.day != 1:
        raise ValueError(f"expected the first day of a month, got {month}")
    return month


@dataclass(frozen=True, slots=True)
class Segment:
    """The days of a month in which the same terms hold; most months are one."""

    terms: Terms
    first: date
    last: date

    @property
    def share(self) -> Fraction:
        """Its part of the month, by calendar days: monthly fees, borders and volumes are prorated by it."""
        return Fraction((self.last - self.first).days + 1, last_day(self.first).day)

    def over(self, until: date | None) -> bool:
        """Whether all its days are known when days up to `until` are (None: all of the month)."""
        return until is None or until >= self.last


def segments(contract: Contract, month: date) -> list[Segment]:
    """The segments of a month, oldest first; none for days before the first terms.

    Raises ValueError unless `month` is the first day of one.
    """
    end = last_day(checked_month(month))
    ends = [later.on - timedelta(days=1) for later in contract.terms[1:]] + [date.max]
    return [
        Segment(terms, max(terms.on, month), min(until, end))
        for terms, until in zip(contract.terms, ends, strict=True)
        if terms.on <= end and until >= month
    ]


def month_terms(contract: Contract, month: date) -> Terms:
    """The terms of what is settled once a month (service levels, exchange): those in force on its last day.

    Raises ValueError when none are.
    """
    terms = contract.in_force(last_day(checked_month(month)))
    if terms is None:
        raise ValueError(
            f"no terms of {contract.provider} hold in {month:%Y-%m}: the first begin on {contract.terms[0].on}"
        )
    return terms
