"""Lines of one charge over a segment: what came each day at its price, fees day by day, and what its end settles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from models.billing import amounts, prices
from models.billing.delivered import UNITS, quantities
from models.billing.indexation import factor, indexed
from models.billing.line import Line, LineKind
from models.billing.months import Segment, days, last_day
from models.terms.charge import Baseline, Charge, Fixed, PerAgent


def charge_lines(segment: Segment, charge: Charge, raw: Mapping[date, int], until: date | None) -> list[Line]:
    """Lines of a charge in a segment, up to `until`; what only the end settles once the segment is over.

    raw: counts of each day. Rounding and order are those of `models.billing.expected`.
    """
    last = segment.last if until is None else min(until, segment.last)
    counted = {day: count for day, count in raw.items() if segment.first <= day <= last}
    return priced_lines(
        segment, charge, quantities(charge, counted, segment.terms.rounding), last, over=segment.over(until)
    )


def priced_lines(
    segment: Segment, charge: Charge, quantity: Mapping[date, Decimal], last: date, *, over: bool
) -> list[Line]:
    """The same from quantities that are already rounded, in order of days."""
    match charge:
        case Fixed():
            lines = list(_fee(segment, charge, charge.fee, last))
            beyond = prices.beyond_included(charge, segment.share)
            if beyond:
                lines += _units(segment, charge, beyond, "overage", quantity)
            return lines
        case Baseline():
            lines = list(_fee(segment, charge, charge.fee, last))
            lines += _units(segment, charge, prices.additional(charge, segment.share), "arc", quantity)
            return lines + (_credit(segment, charge, quantity) if over else [])
        case PerAgent():
            lines = list(_fee(segment, charge, charge.agents * charge.fee, last))
            return lines + (_absence(segment, charge, quantity, lines) if over and charge.deduct_absence else [])
        case _:
            return list(_units(segment, charge, prices.agreed(charge, segment.share), charge.kind, quantity))


def volume(segment: Segment, quantity: Mapping[date, Decimal]) -> list[tuple[Fraction, Fraction]]:
    """Quantities of days as a volume, each day at its factor of indexation."""
    return [(factor(segment.terms, day), Fraction(count)) for day, count in quantity.items()]


def _line(
    segment: Segment, charge: Charge, kind: LineKind, day: date | None, unit: str, quantity: Decimal,
    rate: Decimal | None, amount: Decimal, note: str = "",
) -> Line:  # fmt: skip
    terms = segment.terms
    return Line(day, charge.name, kind, unit, quantity, rate, amount, terms.currency, terms.on, note)


def _units(
    segment: Segment, charge: Charge, price: prices.Prices, kind: LineKind, quantity: Mapping[date, Decimal]
) -> Iterator[Line]:
    """What came each day: the price of all so far less that of all before."""
    rounding = segment.terms.rounding
    came: list[tuple[Fraction, Fraction]] = []
    before = seen = Fraction(0)
    for day, count in quantity.items():
        by = factor(segment.terms, day)
        came.append((by, Fraction(count)))
        upto = price.of(came)
        if rounding.per == "day":
            amount = amounts.amount(upto - before, rounding)
        else:
            amount = amounts.amount(upto, rounding) - amounts.amount(before, rounding)
        rate, note = _rate(price, seen, seen + Fraction(count), by)
        if count or amount:
            yield _line(segment, charge, kind, day, UNITS[charge.kind], count, rate, amount, note)
        before, seen = upto, seen + Fraction(count)


def _rate(price: prices.Prices, before: Fraction, upto: Fraction, by: Fraction) -> tuple[Decimal | None, str]:
    if price.all_units:
        band = price.reached(upto)
        changed = before > 0 and band != price.reached(before)
        note = f"the {float(before):,.10g} before it in the month now have this price too" if changed else ""
        return indexed(band.rate, by), note
    bands = price.bands_between(before, upto) or [price.reached(upto)]
    if len(bands) == 1:
        return indexed(bands[0].rate, by), ""
    return None, "several prices: " + ", ".join(f"{indexed(band.rate, by).normalize():f}" for band in bands)


def _fee(segment: Segment, charge: Charge, fee: Decimal, last: date) -> Iterator[Line]:
    """A monthly fee, evenly over the days; rounded as a sum so that the days add up to it."""
    rounding = segment.terms.rounding
    of_month = last_day(segment.first).day
    upto, before = Fraction(0), Decimal(0)
    for day in days(segment.first, last):
        upto += Fraction(indexed(fee, factor(segment.terms, day))) / of_month
        amount = amounts.amount(upto, rounding)
        yield _line(segment, charge, "fee", day, "day", Decimal(1), None, amount - before)
        before = amount


def _over_days(segment: Segment) -> list[tuple[Fraction, Fraction]]:
    """Factors of indexation, each with its share of the segment's days."""
    factors = [factor(segment.terms, day) for day in days(segment.first, segment.last)]
    return [(by, Fraction(factors.count(by), len(factors))) for by in sorted(set(factors))]


def _credit(segment: Segment, charge: Baseline, quantity: Mapping[date, Decimal]) -> list[Line]:
    """RRC: what is missing to the baseline, at the mean of the days' prices."""
    price = prices.reduced(charge, segment.share)
    missing = Fraction(charge.baseline) * segment.share - sum(map(Fraction, quantity.values()))
    if price is None or missing <= 0:
        return []
    credit = sum((share * price.of([(by, missing)]) for by, share in _over_days(segment)), Fraction(0))
    amount = -amounts.amount(credit, segment.terms.rounding)
    if not amount:
        return []
    count = amounts.quantity(missing, segment.terms.rounding)
    note = f"{count:,f} fewer than the baseline, of which the dead band is free"
    return [_line(segment, charge, "rrc", None, UNITS[charge.kind], count, None, amount, note)]


def _absence(segment: Segment, charge: PerAgent, quantity: Mapping[date, Decimal], fees: list[Line]) -> list[Line]:
    """Hours missing to those agreed, at fee / hours; never more than the fee."""
    rounding = segment.terms.rounding
    due = Fraction(charge.agents * charge.hours) * segment.share
    missing = amounts.quantity(max(due - sum(map(Fraction, quantity.values())), Fraction(0)), rounding)
    an_hour = sum(
        (share * Fraction(indexed(charge.fee, by)) for by, share in _over_days(segment)), Fraction(0)
    ) / Fraction(charge.hours)
    fee = amounts.total([line.amount for line in fees])
    amount = -min(amounts.amount(Fraction(missing) * an_hour, rounding), fee)
    if not amount:
        return []
    note = f"of {amounts.quantity(due, rounding):,f} hours agreed"
    rate = amounts.rounded(an_hour, amounts.RATE_PLACES)
    return [_line(segment, charge, "absence", None, "hour", missing, rate, amount, note)]
