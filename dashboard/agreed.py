"""Terms of a contract in readable sentences: what each charge is paid by, the minimum, malus and bonus."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.cost import money
from models.terms.charge import Baseline, Fixed, PerAgent, PerContact, PerHour, PerMinute, PerResolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.terms.charge import Beyond, Charge, Priced, Tiers
    from models.terms.contract import Terms

_BANDS = {
    "marginal": "each band at its own price",
    "all_units": "the whole volume at the price of the band it reaches",
}
_WORK = ("sites", "queues", "channels", "languages", "topics")


def terms(of: Terms) -> list[str]:
    """Everything that is paid for, and what changes it."""
    lines = [f"{each.name}: {charge(each, of.currency)}" for each in of.charges]
    if of.minimum:
        lines.append(_minimum(of))
    if of.bonus:
        lines.append(_bonus(of))
    lines += [
        f"Prices change by {100 * index.change:+.2f}% from {text.day(index.on)} ({index.index})."
        for index in of.indexation
    ]
    exchange = {
        "contract_rate": f"Converted at the agreed rate of {of.exchange.rate}.",
        "invoice_day": "Converted at the last rate known on the day after the month.",
        "month_average": "Converted at the mean rate of the month.",
    }.get(of.exchange.rule)
    lines += [exchange] if exchange else []
    lines += [
        f"Does not count for service levels: {text.day(span.first)} to {text.day(span.last)} ({span.reason})."
        for span in of.excluded
    ]
    return lines


def charge(each: Charge, currency: str) -> str:
    """The price model of a charge."""
    match each:
        case PerContact():
            said = f"{_price(each, currency)} for each contact handled" + _unpaid(each)
        case PerMinute():
            spoken = ", ".join(part.replace("_", "-") for part in each.parts)
            said = f"{_price(each, currency)} for each minute of {spoken}" + _unpaid(each)
            said += f"; rounded up to full {each.started_s:,} s" if each.started_s else ""
            said += f"; at least {each.minimum_s:,} s each" if each.minimum_s else ""
        case PerHour():
            said = f"{_price(each, currency)} for each productive hour ({_states(each.states)})"
        case PerResolution():
            said = f"{_price(each, currency)} for each contact nobody came again about within {each.window_days} days"
        case PerAgent():
            said = (
                f"{money.shown(each.fee, currency)} a month for each of {_units(each.agents)} full-time agents of "
                f"{_units(each.hours)} hours; absence is {'deducted' if each.deduct_absence else 'not deducted'}"
            )
        case Fixed():
            said = f"{money.shown(each.fee, currency)} a month, whatever comes"
            if each.included is not None and each.overage is not None:
                said = (
                    f"{money.shown(each.fee, currency)} a month with {_units(each.included)} contacts, beyond "
                    f"{money.price(each.overage, currency)} each"
                )
        case Baseline():
            said = (
                f"{money.shown(each.fee, currency)} a month at {_units(each.baseline)} contacts, the same within "
                f"{_percent(each.dead_band)} either way; above {_beyond(each.additional, currency)}"
                + (f"; below, back {_beyond(each.reduced, currency)}" if each.reduced else "; nothing back below")
            )
    only = [f"{name} {', '.join(getattr(each, name))}" for name in _WORK if getattr(each, name)]
    return said + (f"; only {'; '.join(only)}." if only else ".")


def ending(fee: Decimal | None, assistance_days: object, currency: str) -> str:
    """What ending costs, and what help there is after it."""
    said = f"Ending it costs {money.shown(fee, currency)}." if fee else ""
    if isinstance(assistance_days, (int, float)) and not text.is_missing(assistance_days) and assistance_days:
        said += f" Help goes on {int(assistance_days):,} days after the end."
    return said.strip()


def _price(each: Priced, currency: str) -> str:
    if each.rate is not None:
        return money.price(each.rate, currency)
    return _tiers(each.tiers, currency) if each.tiers else ""


def _tiers(tiers: Tiers, currency: str) -> str:
    steps = [
        f"{money.price(step.rate, currency)} up to {_units(step.upto)}"
        if step.upto is not None
        else f"{money.price(step.rate, currency)} beyond"
        for step in tiers.steps
    ]
    return f"{', '.join(steps)} a month ({_BANDS[tiers.kind]}),"


def _unpaid(each: PerContact | PerMinute) -> str:
    not_paid = []
    if each.short_s:
        not_paid.append(f"with less than {_units(each.short_s)} s of talk")
    if each.repeat_hours:
        not_paid.append(f"of a customer who comes again about the same topic within {each.repeat_hours} h")
    return f"; not for those {' or '.join(not_paid)}" if not_paid else ""


def _beyond(bands: Sequence[Beyond], currency: str) -> str:
    return ", ".join(
        f"{money.price(band.rate, currency)} each up to {_percent(band.upto)}"
        if band.upto is not None
        else f"{money.price(band.rate, currency)} each beyond"
        for band in bands
    )


def _minimum(of: Terms) -> str:
    least = of.minimum
    if least is None:
        return ""
    if least.kind == "amount":
        return f"At least {money.shown(least.amount, of.currency)} a month."
    if least.kind == "units":
        return f"Paid as if at least {_units(least.units or Decimal(0))} units had come in a month."
    return f"Paid as if at least {_percent(least.share or Decimal(0))} of the locked forecast had come."


def _bonus(of: Terms) -> str:
    rules = of.bonus
    if rules is None:
        return ""
    said = f"Service: malus up to {_percent(rules.malus)} of the fees"
    said += f", bonus up to {_percent(rules.bonus)}" if rules.bonus else ", no bonus"
    if rules.per_point is not None:
        said += f"; {_percent(rules.per_point)} for each hundredth missed"
    said += (
        f"; a malus must be claimed within {rules.claim_days:,} days of the end of the month"
        if rules.claim_days
        else "; a malus is on the bill"
    )
    if rules.earn_back_months:
        said += f"; paid back when {rules.earn_back_months:,} months in a row meet every target"
    return f"{said}."


def _states(states: Sequence[str]) -> str:
    return ", ".join(state.replace("_", "-") for state in states)


def _units(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"


def _percent(share: Decimal) -> str:
    return f"{(100 * share).normalize():f}%"
