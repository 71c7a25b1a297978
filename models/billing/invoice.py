"""The whole bill of a month as it ought to be: lines, minimum, service levels, exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.billing.amounts import total
from models.billing.delivered import Delivered, Level
from models.billing.exchange import Converted, to_own
from models.billing.expected import expected, priced_quantity
from models.billing.line import Line
from models.billing.months import last_day, month_terms
from models.billing.service import ServiceEffect, service_effect
from models.terms.contract import Contract, Rounding
from models.terms.exchange import ExchangeRates


@dataclass(frozen=True, slots=True)
class Invoice:
    """What a month costs by the contract."""

    provider: str
    month: date
    until: date | None
    """Last day that is known; None: all of the month."""
    currency: str
    lines: tuple[Line, ...]
    """All of them, the minimum too."""
    subtotal: Decimal
    """Lines without the minimum."""
    minimum: Decimal
    """What was missing to it."""
    effect: ServiceEffect
    """Malus or bonus; of a month that is not over, as if it ended now."""
    total: Decimal
    """subtotal + minimum + effect.on_bill, contract currency."""
    own: Converted
    """The total in the company's currency."""
    rounding: Rounding
    """As on the month's last day; each line was rounded by its own terms."""

    @property
    def final(self) -> bool:
        """Whether the month is over."""
        return self.until is None or self.until >= last_day(self.month)


def invoice(
    contract: Contract,
    month: date,
    delivered: Iterable[Delivered],
    levels: Mapping[str, Level],
    rates: ExchangeRates | None = None,
    until: date | None = None,
) -> Invoice:
    """The bill of a month: charges, then the minimum, then malus or bonus on both, then exchange of the total.

    Lines are those of `expected`. Service levels, their effect, currency and exchange follow the terms in force on the
    month's last day. levels: by metric. rates: needed for the rules invoice_day and month_average. Raises ValueError
    when no terms hold on the month's last day, as `expected` does, and MissingRateError.
    """
    terms = month_terms(contract, month)
    lines = expected(contract, month, delivered, until)
    minimum = total([line.amount for line in lines if line.kind == "minimum"])
    fees = total([line.amount for line in lines])
    effect = service_effect(terms, fees, levels, month, priced_quantity(contract, month, lines))
    whole = fees + effect.on_bill
    own = to_own(whole, terms.currency, terms.exchange, rates, month, terms.rounding)
    return Invoice(
        contract.provider, month, until, terms.currency, tuple(lines), fees - minimum, minimum, effect, whole, own,
        terms.rounding,
    )  # fmt: skip
