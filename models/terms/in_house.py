"""What the company's own sites cost, by period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.terms.values import Change, Code, Currency, Money, Part, Share


class Pay(Part):
    """People who support agents: what one earns in a year, and how many agents one has."""

    pay: Money = Field(description="Pay of a year before on-cost.")
    span: Annotated[Decimal, Field(gt=0, strict=False)] = Field(description="Agents for each.")


class InHouse(Part):
    """Cost of a full-time agent of some sites, from a day on. Amounts are of a year unless said otherwise."""

    on: date = Field(alias="from", description="First day.")
    sites: tuple[Code, ...] = Field((), strict=False, description="Sites. Default: all in-house sites.")
    currency: Currency = Field(description="ISO 4217 code of all its amounts.")
    pay: Money = Field(description="Pay of an agent.")
    on_cost: Change = Field(ge=0, description="Employer's contributions as a share of pay.")
    bonus: Change = Field(Decimal(0), ge=0, description="Bonus as a share of pay and on-cost.")
    seat: Money = Field(Decimal(0), description="Seat, licences and equipment.")
    facilities: Money = Field(Decimal(0), description="Room, energy, cleaning.")
    administration: Money = Field(Decimal(0), description="Personnel and other administration.")
    lead: Pay | None = Field(None, description="Team leads.")
    quality: Pay | None = Field(None, description="Quality assurance.")
    planning: Pay | None = Field(None, description="Workforce management.")
    trainer: Pay | None = Field(None, description="Trainers.")
    attrition: Annotated[Decimal, Field(ge=0, le=5, strict=False)] = Field(
        Decimal(0), description="Agents who leave in a year, as a share of all."
    )
    recruiting: Money = Field(Decimal(0), description="Cost of finding one agent.")
    training_weeks: Annotated[Decimal, Field(ge=0, le=104, strict=False)] = Field(
        Decimal(0), description="Paid weeks before a new agent takes contacts."
    )
    working_days: Annotated[Decimal, Field(gt=0, le=366, strict=False)] = Field(
        description="Paid days of a year, holidays and absence included."
    )
    hours_per_day: Annotated[Decimal, Field(gt=0, le=24, strict=False)] = Field(description="Paid hours of a day.")
    absence_days: Annotated[Decimal, Field(ge=0, lt=366, strict=False)] = Field(
        description="Paid days not worked: leave, public holidays, illness, training days (shrinkage outside)."
    )
    shrinkage: Share = Field(lt=1, description="Share of present time not available for contacts (shrinkage inside).")
    overtime: Annotated[Decimal, Field(ge=1, le=5, strict=False)] = Field(
        Decimal("1.25"), description="Overtime pay as a multiple of pay."
    )

    @model_validator(mode="after")
    def _somebody_is_there(self) -> Self:
        if self.absence_days >= self.working_days:
            raise ValueError("expected fewer `absence_days` than `working_days`")
        return self


class InHouseCosts(Part):
    """The document."""

    version: Literal[1] = Field(description="Of this format.")
    periods: tuple[InHouse, ...] = Field(min_length=1, max_length=200, strict=False, description="Oldest first.")

    @model_validator(mode="after")
    def _periods_follow_each_other(self) -> Self:
        for site in {site for period in self.periods for site in period.sites or ("",)}:
            of_site = [period.on for period in self.periods if site in (period.sites or ("",))]
            if any(later <= earlier for earlier, later in pairwise(of_site)):
                raise ValueError("expected periods of a site whose `from` rises from one to the next")
        return self

    def in_force(self, site: str, day: date) -> InHouse | None:
        """What holds for a site on a day: what is said of the site itself before what is said of all."""
        begun = [period for period in self.periods if period.on <= day]
        held = [period for period in begun if site in period.sites] or [p for p in begun if not p.sites]
        return held[-1] if held else None
