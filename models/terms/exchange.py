"""Rates of exchange, as given."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from models.terms.values import Currency, Label, Part, Rate


class GivenRate(Part):
    """A day's rate: how much of the company's currency one of the other is."""

    on: date = Field(description="The day.")
    currency: Currency = Field(description="The other currency.")
    rate: Rate = Field(description="The company's currency for one of the other.")


class ExchangeRates(Part):
    """The document."""

    version: Literal[1] = Field(description="Of this format.")
    source: Label = Field(description="Whose rates they are.")
    rates: tuple[GivenRate, ...] = Field(min_length=1, max_length=100_000, strict=False, description="By day.")

    @model_validator(mode="after")
    def _one_a_day(self) -> Self:
        seen: set[tuple[date, str]] = set()
        for rate in self.rates:
            if (rate.on, rate.currency) in seen:
                raise ValueError(f"expected one rate for a day and currency; {rate.currency} has two of {rate.on}")
            seen.add((rate.on, rate.currency))
        return self
