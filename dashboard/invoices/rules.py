"""The terms of a contract in words: what is paid for, what of it is not, and how a bill is reckoned from it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard import money
from models.billing.months import last_day, segments
from models.metrics.catalogue import BY_NAME
from models.terms.charge import Baseline, Fixed, PerAgent, PerContact, PerHour, PerMinute, PerResolution

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from models.terms.charge import Beyond, Charge, Tiers
    from models.terms.contract import Contract, Terms

UNITS = {"contact": "handled contact", "minute": "minute", "hour": "productive hour", "resolution": "resolved contact"}
_MODES = {
    "half_up": "to the nearest, halves up", "half_even": "to the nearest, halves to even", "up": "up", "down": "down",
}  # fmt: skip


def in_words(contract: Contract, month: date) -> list[str]:
    """The rules of a month, a sentence or two each."""
    parts = segments(contract, month)
    found = []
    for part in parts:
        when = f"From {text.day(part.first)} to {text.day(part.last)}: " if len(parts) > 1 else ""
        found += [when + line for line in _terms(part.terms, month)]
    found.append(f"Days and months are those of {contract.time_zone}.")
    return [*found, _tolerance(contract, parts[-1].terms.currency)] if parts else found


def _terms(terms: Terms, month: date) -> Iterator[str]:
    for charge in terms.charges:
        yield f"{charge.name}: {_price(charge, terms.currency)}{_scope(charge)}.{_unpaid(charge)}"
    for index in terms.indexation:
        if index.on <= last_day(month):
            yield f"All prices change by {_percent(index.change)} from {text.day(index.on)} ({index.index})."
    if terms.minimum is not None:
        amount, units, share = terms.minimum.amount, terms.minimum.units, terms.minimum.share
        what = money.shown(amount, terms.currency) if amount is not None else (
            f"{money.quantity(units)} units" if units is not None
            else f"{_percent(share or Decimal(0))} of the locked forecast"
        )  # fmt: skip
        yield f"At least {what} is paid in a month, whatever comes."
    if terms.bonus is not None:
        promised = "; ".join(
            f"{BY_NAME[level.metric].label} {money.quantity(level.target)}, weight {_percent(level.weight)}"
            for level in terms.service_levels
        )
        bonus = f" and pay {_percent(terms.bonus.bonus)} on top at most" if terms.bonus.bonus else ""
        claimed = f" A malus is claimed apart, within {terms.bonus.claim_days} days." if terms.bonus.claim_days else ""
        yield f"Service levels ({promised}) withhold {_percent(terms.bonus.malus)} of the fees at most{bonus}.{claimed}"
    rounding = terms.rounding
    yield (
        f"A line is a {rounding.per} of a charge; quantities are rounded to {rounding.quantity_places} places, amounts "
        f"to {rounding.amount_places}, {_MODES[rounding.mode]}."
    )


def _price(charge: Charge, currency: str) -> str:
    match charge:
        case PerContact() | PerMinute() | PerHour() | PerResolution():
            unit = UNITS[charge.kind]
            if charge.rate is not None:
                return f"{money.shown(charge.rate, currency)} a {unit}{_length(charge)}"
            assert charge.tiers is not None  # noqa: S101 - one of the two is there
            return f"{_tiers(charge.tiers, currency)} a {unit}{_length(charge)}"
        case PerAgent():
            deducted = "; hours not delivered are deducted" if charge.deduct_absence else ""
            return (
                f"{money.quantity(charge.agents)} full-time agents at {money.shown(charge.fee, currency)} a month, of "
                f"{money.quantity(charge.hours)} hours each{deducted}"
            )
        case Fixed():
            fee = f"{money.shown(charge.fee, currency)} a month"
            if charge.included is None or charge.overage is None:
                return fee
            return (
                f"{fee} with {money.quantity(charge.included)} handled contacts included, each beyond "
                f"{money.shown(charge.overage, currency)}"
            )
        case Baseline():
            reduced = f"; below it {_bands(charge.reduced, currency)} less" if charge.reduced else ""
            return (
                f"{money.shown(charge.fee, currency)} a month for {money.quantity(charge.baseline)} handled contacts, "
                f"{_percent(charge.dead_band)} either way; above it {_bands(charge.additional, currency)} more{reduced}"
            )


def _tiers(tiers: Tiers, currency: str) -> str:
    parts, below = [], Decimal(0)
    for step in tiers.steps:
        upto = f"up to {money.quantity(step.upto)}" if step.upto is not None else f"beyond {money.quantity(below)}"
        parts.append(f"{money.shown(step.rate, currency)} {upto}")
        below = step.upto or below
    which = "the units of each band" if tiers.kind == "marginal" else "the whole volume by the band it reaches"
    return f"{', '.join(parts)} ({which})"


def _bands(bands: tuple[Beyond, ...], currency: str) -> str:
    return ", ".join(
        f"{money.shown(band.rate, currency)}" + (f" up to {_percent(band.upto)} away" if band.upto is not None else "")
        for band in bands
    ) + " a contact"  # fmt: skip


def _length(charge: object) -> str:
    if not isinstance(charge, PerMinute):
        return ""
    said = f" of {', '.join(part.replace('_', '-') for part in charge.parts)}"
    said += f", each contact rounded up to full {charge.started_s} s" if charge.started_s else ""
    return said + (f", at least {charge.minimum_s} s" if charge.minimum_s else "")


def _scope(charge: Charge) -> str:
    told = [
        f"{name} {', '.join(values)}"
        for name in ("sites", "queues", "channels", "languages", "topics")
        if (values := getattr(charge, name))
    ]
    return f", for {'; '.join(told)}" if told else ""


def _unpaid(charge: Charge) -> str:
    if not isinstance(charge, PerContact | PerMinute):
        return ""
    said = (
        f" Contacts with less than {money.quantity(charge.short_s)} s of talk are not paid." if charge.short_s else ""
    )
    if charge.repeat_hours:
        said += f" Nor is the same customer about the same topic again within {charge.repeat_hours} hours."
    return said


def _tolerance(contract: Contract, currency: str) -> str:
    let_pass = f"Differences up to {money.shown(contract.tolerance, currency)} are let pass; a"
    return (
        f"{let_pass if contract.tolerance else 'A'} bill can be disputed for "
        f"{contract.dispute_days} days after it was received."
    )


def _percent(share: Decimal) -> str:
    return f"{money.quantity(100 * share)}%"
