"""What a month ought to cost by the contract, line by line, before service levels and exchange.

- The terms in force on a day apply. Where they change within a month each part is computed by itself, and what is
  agreed for a month (fees, included volume, tier borders, baselines, agents, minimum) is prorated by its days.
- A quantity is rounded before it is priced; a line's amount is the price of all that came so far in the month less the
  price of what came before. With rounding per day that difference is rounded; with rounding per month both prices are,
  so that the days of a month sum to the month rounded once.
- Fees accrue evenly over the days, rounded as a running sum, so that the days sum to the fee.
- A minimum, a credit for missing volume (RRC) and a deduction for absence are known at the end of their part of the
  month only; they have no day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from models.billing.accrual import charge_lines
from models.billing.amounts import total
from models.billing.delivered import Delivered, by_day, quantities
from models.billing.line import Line
from models.billing.minimum import first_priced, minimum_lines
from models.billing.months import Segment, days, segments
from models.terms.contract import Contract


def expected(contract: Contract, month: date, delivered: Iterable[Delivered], until: date | None = None) -> list[Line]:
    """The lines of a month, in order of days, those of the month at the end.

    month: its first day. until: last day that is known; None: all are. Days outside the month, after `until` or before
    the first terms are not looked at. Raises ValueError for a charge the contract does not have that day, and when
    `month` is no first day of one.
    """
    rows = list(delivered)
    found: list[Line] = []
    for segment in segments(contract, month):
        found += _segment_lines(segment, _of(segment, rows), until)
    return sorted(found, key=lambda line: (line.day is None, line.day or date.max))


def at_pace(contract: Contract, month: date, delivered: Iterable[Delivered], until: date) -> list[Delivered]:
    """What will have been delivered when the month goes on at the mean of its days so far.

    Each charge of the terms then in force, from their first day in the month to `until`; days of the week are not told
    apart. Of terms without a day so far nothing more is expected. Raises ValueError as `expected` does.
    """
    rows = [row for row in delivered if row.day <= until]
    found: list[Delivered] = []
    for segment in segments(contract, month):
        of_segment = _of(segment, rows)
        found += of_segment
        known = len(list(days(segment.first, min(until, segment.last))))
        if not known:
            continue
        for charge in segment.terms.charges:
            raw = sum(by_day(of_segment, charge.name).values())
            ahead = days(max(segment.first, date.fromordinal(until.toordinal() + 1)), segment.last)
            for number, day in enumerate(ahead, known + 1):
                # Whole counts that sum to the mean times the days.
                came = raw * number // known - raw * (number - 1) // known
                found.append(Delivered(day, charge.name, came))
    return found


def minimum_at_pace(contract: Contract, month: date, delivered: Iterable[Delivered], until: date) -> Decimal:
    """An estimate of the month's top-up to the minimum if it goes on at the mean of its days so far (`at_pace`).

    In the contract's currency; 0 when there is no minimum or nothing will be missing.
    """
    lines = expected(contract, month, at_pace(contract, month, delivered, until))
    return total([line.amount for line in lines if line.kind == "minimum"])


def priced_quantity(contract: Contract, month: date, lines: Sequence[Line]) -> Decimal:
    """Units of the first charge with a rate or tiers, to set against a locked forecast."""
    names = {
        segment.terms.on: charge.name
        for segment in segments(contract, month)
        if (charge := first_priced(segment.terms)) is not None
    }
    return total([line.quantity for line in lines if line.day and line.charge == names.get(line.terms_from)])


def _of(segment: Segment, rows: Iterable[Delivered]) -> list[Delivered]:
    names = {charge.name for charge in segment.terms.charges}
    found = [row for row in rows if segment.first <= row.day <= segment.last]
    for row in found:
        if row.charge not in names:
            known = ", ".join(repr(name) for name in sorted(names))
            raise ValueError(f"no charge {row.charge!r} on {row.day}: expected one of {known}")
    return found


def _segment_lines(segment: Segment, rows: list[Delivered], until: date | None) -> list[Line]:
    lines: list[Line] = []
    for charge in segment.terms.charges:
        lines += charge_lines(segment, charge, by_day(rows, charge.name), until)
    if not segment.over(until):
        return lines
    first = first_priced(segment.terms)
    came = quantities(first, by_day(rows, first.name), segment.terms.rounding) if first else {}
    return lines + minimum_lines(segment, lines, came)
