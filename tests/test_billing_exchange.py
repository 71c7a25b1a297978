"""Amounts become the company's currency by the rule of the contract, or say which rate is missing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from models.billing import MissingRateError, at_constant_rate, invoice, to_own
from models.terms.contract import Exchange
from models.terms.exchange import ExchangeRates
from tests.agreed import JUNE, PER_CONTACT, agreed, beside, came

RATES = ExchangeRates.model_validate(
    {
        "version": 1,
        "source": "a bank",
        "rates": [
            {"on": on, "currency": currency, "rate": rate}
            for on, currency, rate in [
                (date(2026, 5, 29), "USD", "0.80"),
                (date(2026, 6, 1), "USD", "0.90"),
                (date(2026, 6, 15), "USD", "0.92"),
                (date(2026, 6, 30), "USD", "0.915"),
                (date(2026, 7, 1), "USD", "0.95"),
                (date(2026, 7, 2), "USD", "0.99"),
                (date(2026, 6, 15), "GBP", "1.2"),
            ]
        ],
    }
)
INVOICE_DAY, MONTH_AVERAGE = Exchange(rule="invoice_day"), Exchange(rule="month_average")


def own(exchange: Exchange, month: date = JUNE, currency: str = "USD") -> Decimal:
    return to_own(Decimal("1000"), currency, exchange, RATES, month).amount


def test_every_rule() -> None:
    assert own(Exchange()) == 1000
    assert own(Exchange(rule="contract_rate", rate=Decimal("0.875"))) == 875
    # 1 July counts, 2 July does not.
    assert own(INVOICE_DAY) == 950
    # The mean of 0.90, 0.92 and 0.915 is 0.911667.
    assert own(MONTH_AVERAGE) == Decimal("911.67")


def test_a_rate_says_where_it_is_from() -> None:
    found = to_own(Decimal(1), "USD", INVOICE_DAY, RATES, date(2026, 5, 1)).rate
    assert (found.rate, found.on, found.of) == (Decimal("0.90"), date(2026, 6, 1), 1)
    mean = to_own(Decimal(1), "USD", MONTH_AVERAGE, RATES, JUNE).rate
    assert (mean.rate, mean.on, mean.of) == (Decimal("0.911667"), date(2026, 6, 30), 3)


def test_a_missing_rate_is_told() -> None:
    with pytest.raises(MissingRateError, match=r"no rate of USD on or before 2026-05-01, the day after 2026-04 ended"):
        own(INVOICE_DAY, date(2026, 4, 1))
    with pytest.raises(MissingRateError, match="no rate of GBP in 2026-07: expected one in the rates of exchange"):
        own(MONTH_AVERAGE, date(2026, 7, 1), "GBP")
    with pytest.raises(MissingRateError, match="no rate of USD"):
        to_own(Decimal(1), "USD", MONTH_AVERAGE, None, JUNE)


def test_constant_currency_takes_one_month_or_one_rate_for_all() -> None:
    assert at_constant_rate(Decimal(1000), "USD", INVOICE_DAY, RATES, date(2026, 5, 1)).amount == 900
    assert at_constant_rate(Decimal(1000), "USD", MONTH_AVERAGE, RATES, Decimal("0.5")).amount == 500
    assert at_constant_rate(Decimal(1000), "EUR", Exchange(), None, Decimal("0.5")).amount == 1000
    assert at_constant_rate(Decimal(1000), "EUR", Exchange(), None, JUNE).amount == 1000


def test_an_invoice_has_both_totals() -> None:
    agreement = agreed(PER_CONTACT, currency="USD", exchange={"rule": "invoice_day"})
    found = invoice(agreement, JUNE, came(100), {}, RATES)
    assert beside(found.currency, found.total, found.own.amount, found.own.rate.rate) == (
        "USD",
        360,
        342,
        Decimal("0.95"),
    )
    assert (found.final, invoice(agreement, JUNE, came(100), {}, RATES, JUNE).final) == (True, False)


def test_a_month_before_the_contract_has_no_invoice() -> None:
    with pytest.raises(ValueError, match="no terms of Acme hold in 2025-12: the first begin on 2026-01-01"):
        invoice(agreed(PER_CONTACT), date(2025, 12, 1), [], {})
