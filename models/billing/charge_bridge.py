"""The bridge of one charge: its bill is corrected reason by reason, and each reason is what the price falls by.

The prices before and after a reason are those of the contract at what is then left, so the steps of a charge sum to
what was billed less what was expected, whatever the tiers and however it is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from models.billing import amounts
from models.billing.accrual import priced_lines
from models.billing.bill import BilledLine, Item, Known
from models.billing.delivered import quantities
from models.billing.indexation import factor, indexed
from models.billing.line import Line
from models.billing.listed import corrections
from models.billing.months import Segment, last_day
from models.billing.step import Reason, Step
from models.terms.charge import Charge, Fixed, PerContact, PerHour, PerMinute, PerResolution

_PRICED = (PerContact, PerMinute, PerHour, PerResolution)


class ChargeBridge:
    """Walks from the billed amount of a charge to the expected one."""

    def __init__(self, name: str, segments: Sequence[Segment], expected: Sequence[Line]) -> None:
        """segments: those of the month; one at least has the charge. expected: our lines of this charge."""
        self._name = name
        self._held = [(s, charge) for s in segments for charge in s.terms.charges if charge.name == name]
        self._expected = expected
        self._steps: list[Step] = []
        self._at = self._units = Decimal(0)

    def steps(self, lines: Sequence[BilledLine], items: Sequence[Item], known: Mapping[str, Known]) -> list[Step]:
        """From the billed lines to ours. known: contacts of this charge by id; only looked at when there are items."""
        self._steps = []
        self._at = amounts.total([line.amount for line in lines])
        self._units = amounts.total([line.quantity for line in lines])
        owed = amounts.total([line.amount for line in self._expected])
        if all(isinstance(charge, _PRICED) for _, charge in self._held):
            self._priced(lines, items, known)
        else:
            self._flat(lines, owed)
        self._to("unexplained", owed)
        return self._steps

    def _to(self, reason: Reason, amount: Decimal, units: Decimal | None = None, contacts: Iterable[str] = ()) -> None:
        """Go on to another amount (and quantity) and say why."""
        units = self._units if units is None else units
        step = Step(reason, self._name, self._units - units, self._at - amount, tuple(contacts))
        if step.amount or step.quantity or step.contacts:
            self._steps.append(step)
        self._at, self._units = amount, units

    def _flat(self, lines: Sequence[BilledLine], owed: Decimal) -> None:
        """Fees and what hangs on them: compared as a month. Their quantities are of different units."""
        self._units = Decimal(0)
        if self._at != owed:
            self._to("arithmetic", amounts.total([self._recomputed(line) for line in lines]))
            only_fee = all(isinstance(charge, Fixed) and charge.overage is None for _, charge in self._held)
            self._to("rate" if only_fee else "quantity", owed)

    def _priced(self, lines: Sequence[BilledLine], items: Sequence[Item], known: Mapping[str, Known]) -> None:
        """Units at a rate or tiers."""
        apart = self._at_agreed_prices(lines)
        if items:
            listed, units = self._volume(items)
            self._to("not_itemised", listed + apart, units)
            month = self._held[0][0].first.replace(day=1)
            by_length = any(isinstance(charge, PerMinute) for _, charge in self._held)
            for reason, left, contacts in corrections(items, known, month, last_day(month), by_length=by_length):
                if contacts:
                    price, units = self._volume(left)
                    self._to(reason, price + apart, units, contacts)
        else:
            ours = {line.day: line.quantity for line in self._expected if line.day}
            price = amounts.total([line.amount for line in self._lines(ours)])
            self._to("quantity", price + apart, amounts.total(ours.values()))
        tiered = any(isinstance(charge, _PRICED) and charge.tiers for _, charge in self._held)
        self._to("tier" if tiered else "rounding", self._at - apart)

    def _at_agreed_prices(self, lines: Sequence[BilledLine]) -> Decimal:
        """Mend arithmetic and rate of each line. Returns how far the amounts then are from the price of the volume."""
        by_day: dict[date, list[BilledLine]] = {}
        for line in lines:
            by_day.setdefault(self._day(line.day), []).append(line)
        billed = {day: amounts.total([line.quantity for line in of_day]) for day, of_day in by_day.items()}
        ours = {line.day: line.amount for line in self._lines(billed)}
        computed = agreed = Decimal(0)
        for day, of_day in by_day.items():
            right = ours.get(day, Decimal(0))
            sums = [line.amount for line in of_day]
            if amounts.total(sums) != right:
                sums = [self._recomputed(line) for line in of_day]
            computed += amounts.total(sums)
            agreed += amounts.total(sums if amounts.total(sums) == right else self._agreed(day, of_day, sums, right))
        self._to("arithmetic", computed)
        self._to("rate", agreed)
        return agreed - amounts.total(ours.values())

    def _agreed(
        self, day: date, lines: Sequence[BilledLine], sums: Sequence[Decimal], right: Decimal
    ) -> Sequence[Decimal]:
        """Amounts of a day's lines at agreed rates; with tiers a rate is fine when some band has it."""
        segment, charge = self._on(day)
        if not isinstance(charge, _PRICED):
            return [right]
        by = factor(segment.terms, day)
        if charge.tiers:
            rates = {indexed(step.rate, by) for step in charge.tiers.steps}
            return sums if all(line.rate is None or line.rate in rates for line in lines) else [right]
        rate = indexed(charge.rate or Decimal(0), by)
        return [
            amount
            if line.rate == rate
            else amounts.amount(Fraction(line.quantity) * Fraction(rate), segment.terms.rounding)
            for line, amount in zip(lines, sums, strict=True)
        ]

    def _recomputed(self, line: BilledLine) -> Decimal:
        if line.rate is None:
            return line.amount
        rounding = self._on(self._day(line.day))[0].terms.rounding
        return amounts.amount(Fraction(line.quantity) * Fraction(line.rate), rounding)

    def _volume(self, items: Sequence[Item]) -> tuple[Decimal, Decimal]:
        """Price and quantity of listed contacts."""
        raw: dict[date, int] = {}
        for item in items:
            day = self._day(item.day)
            raw[day] = raw.get(day, 0) + (item.raw if isinstance(self._on(day)[1], PerMinute) else 1)
        quantity: dict[date, Decimal] = {}
        for segment, charge in self._held:
            part = {day: count for day, count in raw.items() if segment.first <= day <= segment.last}
            quantity |= quantities(charge, part, segment.terms.rounding)
        return amounts.total([line.amount for line in self._lines(quantity)]), amounts.total(quantity.values())

    def _lines(self, quantity: Mapping[date, Decimal]) -> list[Line]:
        found: list[Line] = []
        for segment, charge in self._held:
            part = {day: quantity[day] for day in sorted(quantity) if segment.first <= day <= segment.last}
            found += priced_lines(segment, charge, part, segment.last, over=True)
        return found

    def _on(self, day: date) -> tuple[Segment, Charge]:
        return next((s, charge) for s, charge in self._held if s.first <= day <= s.last)

    def _day(self, day: date | None) -> date:
        """The day itself, or the nearest one before (else the first) on which the charge is agreed."""
        begun = [segment for segment, _ in self._held if day is None or segment.first <= day]
        if not begun:
            return self._held[0][0].first
        return begun[-1].last if day is None else min(day, begun[-1].last)
