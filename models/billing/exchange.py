"""Amounts in the company's currency, at the rate the contract says and at one that does not move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from models.billing import amounts
from models.billing.months import checked_month, last_day, next_month
from models.terms.contract import Exchange, Rounding
from models.terms.exchange import ExchangeRates


class MissingRateError(ValueError):
    """No rate of exchange is known where one is needed."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and where it comes from, so that anybody can compute with it again."""

    rate: Decimal
    """The company's currency for one of the contract's; 6 places."""
    on: date | None
    """Day of the rate; the last of several of a mean; None when it was agreed or there is no other currency."""
    of: int
    """Days it is a mean of; 0 when no given rate was used."""


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in the company's currency."""

    amount: Decimal
    rate: Rate


def rate_of(currency: str, exchange: Exchange, rates: ExchangeRates | None, month: date) -> Rate:
    """The rate of a month by the contract's rule.

    same: 1. contract_rate: the agreed one. invoice_day: the last one known on the day after the month ended; how old
    it is shows in `on`. month_average: plain mean of the month's, half up to 6 places. Raises MissingRateError when
    there is none, ValueError unless `month` is the first day of one.
    """
    match checked_month(month), exchange.rule:
        case _, "same":
            return Rate(Decimal(1), None, 0)
        case _, "contract_rate":
            assert exchange.rate is not None  # noqa: S101 - the class has what its rule needs.
            return Rate(exchange.rate, None, 0)
    given = [rate for rate in rates.rates if rate.currency == currency] if rates else []
    if exchange.rule == "invoice_day":
        day = next_month(month)
        held = max((rate for rate in given if rate.on <= day), key=lambda rate: rate.on, default=None)
        if held is None:
            raise MissingRateError(
                f"no rate of {currency} on or before {day}, the day after {month:%Y-%m} ended: "
                "expected one in the rates of exchange"
            )
        return Rate(held.rate, held.on, 1)
    within = [rate for rate in given if month <= rate.on <= last_day(month)]
    if not within:
        raise MissingRateError(f"no rate of {currency} in {month:%Y-%m}: expected one in the rates of exchange")
    mean = sum((Fraction(rate.rate) for rate in within), Fraction(0)) / len(within)
    return Rate(amounts.rounded(mean, amounts.RATE_PLACES), max(rate.on for rate in within), len(within))


def to_own(
    amount: Decimal,
    currency: str,
    exchange: Exchange,
    rates: ExchangeRates | None,
    month: date,
    rounding: Rounding | None = None,
) -> Converted:
    """An amount of a month by the contract's rule (`rate_of`, with its errors), rounded as the contract says.

    rounding: default 2 places, half up.
    """
    rate = rate_of(currency, exchange, rates, month)
    return Converted(amounts.amount(Fraction(amount) * Fraction(rate.rate), rounding or Rounding()), rate)


def at_constant_rate(
    amount: Decimal,
    currency: str,
    exchange: Exchange,
    rates: ExchangeRates | None,
    base: date | Decimal,
    rounding: Rounding | None = None,
) -> Converted:
    """The same at a rate that does not move from month to month, so that prices show and currencies do not.

    base: a month, whose rate by the contract's rule is taken for all, or a rate. Without another currency the amount
    stays what it is. Raises as `rate_of`.
    """
    if isinstance(base, date) or exchange.rule == "same":
        month = base if isinstance(base, date) else date(2000, 1, 1)
        return to_own(amount, currency, exchange, rates, month, rounding)
    return Converted(amounts.amount(Fraction(amount) * Fraction(base), rounding or Rounding()), Rate(base, None, 0))
