"""What is missing to what is paid at least (take-or-pay)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from models.billing import amounts, prices
from models.billing.accrual import volume
from models.billing.indexation import factor
from models.billing.line import Line
from models.billing.months import Segment
from models.terms.charge import PerContact, PerHour, PerMinute, PerResolution, Priced
from models.terms.contract import Terms


def first_priced(terms: Terms) -> Priced | None:
    """The charge whose units a minimum and a locked forecast count: the first with a rate or tiers."""
    found = (c for c in terms.charges if isinstance(c, PerContact | PerMinute | PerHour | PerResolution))
    return next(found, None)


def locked_forecast(terms: Terms, month: date) -> Decimal | None:
    """Units fixed for a month; of several the one locked last. None when the month has none."""
    if terms.minimum is None:
        return None
    held = [forecast for forecast in terms.minimum.forecasts if forecast.month == f"{month:%Y-%m}"]
    return max(held, key=lambda forecast: forecast.locked_on).units if held else None


def minimum_lines(segment: Segment, lines: list[Line], quantity: Mapping[date, Decimal]) -> list[Line]:
    """The line that tops a segment up to its minimum; none without a minimum, amount 0 when nothing is missing.

    lines: all other lines of the segment. quantity: of the first charge with a rate or tiers, by day. Kind amount:
    all lines together reach the amount. Kinds units and forecast: that charge reaches the price of so many units, the
    missing ones at the indexation of the segment's last day; with so many units or more there is nothing to pay, even
    where tiers for all units make more units cheaper. All of it prorated by the segment's days.
    """
    terms, minimum = segment.terms, segment.terms.minimum
    if minimum is None:
        return []
    unit, missing, note = "month", Fraction(0), ""
    top_up = Decimal(0)
    if minimum.kind == "amount":
        assert minimum.amount is not None  # noqa: S101 - the class has what its kind needs.
        floor = amounts.amount(Fraction(minimum.amount) * segment.share, terms.rounding)
        top_up = max(floor - amounts.total([line.amount for line in lines]), Decimal(0))
        note = f"at least {floor:,f}"
    else:
        charge = first_priced(terms)
        assert charge is not None  # noqa: S101 - the class demands one.
        unit = charge.kind
        least = _least_units(segment)
        if least is None:
            note = f"no forecast was locked for {segment.first:%Y-%m}: no minimum"
        else:
            came = volume(segment, quantity)
            missing = max(least - prices.quantity_of(came), Fraction(0))
            charged = amounts.total([line.amount for line in lines if line.charge == charge.name])
            due = prices.agreed(charge, segment.share).of([*came, (factor(terms, segment.last), missing)])
            if missing:
                top_up = max(amounts.amount(due, terms.rounding) - charged, Decimal(0))
            note = f"at least {amounts.quantity(least, terms.rounding):,f} of {charge.name}"
    count = Decimal(1) if minimum.kind == "amount" else amounts.quantity(missing, terms.rounding)
    return [
        Line(
            None,
            "minimum",
            "minimum",
            unit,
            count,
            None,
            amounts.amount(top_up, terms.rounding),
            terms.currency,
            terms.on,
            note,
        )
    ]


def _least_units(segment: Segment) -> Fraction | None:
    minimum = segment.terms.minimum
    assert minimum is not None  # noqa: S101
    if minimum.kind == "units":
        assert minimum.units is not None  # noqa: S101
        return Fraction(minimum.units) * segment.share
    locked = locked_forecast(segment.terms, segment.first)
    if locked is None:
        return None
    assert minimum.share is not None  # noqa: S101
    return Fraction(minimum.share * locked) * segment.share
