"""A provider's contract: terms by the day from which they hold, how it can be ended, and the plan for that."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.metrics.catalogue import BY_NAME
from models.settings import TimeZone
from models.terms.charge import Charge
from models.terms.service import Bonus, Excluded, ServiceLevel
from models.terms.values import Change, Code, Currency, Label, Money, Part, Rate, RoundingMode, Share, Units


class Rounding(Part):
    """How quantities and amounts are rounded. A line is one charge of one day."""

    quantity_places: Annotated[int, Field(ge=0, le=6)] = Field(2, description="Of the quantity of a line.")
    amount_places: Annotated[int, Field(ge=0, le=4)] = Field(2, description="Of the amount of a line.")
    per: Literal["day", "month"] = Field("day", description="Whether a day or a month of a charge is a line.")
    mode: RoundingMode = Field("half_up", description="Which way.")


class LockedForecast(Part):
    """The volume that was fixed for a month."""

    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = Field(description="For example 2026-11.")
    units: Units = Field(description="Units of the first charge with a rate or tiers.")
    locked_on: date = Field(description="Since when it holds.")


class Minimum(Part):
    """What is paid at least in a month, whatever comes (take-or-pay)."""

    kind: Literal["amount", "units", "forecast"] = Field(
        description="amount: so much money; units: as if so many units had come; forecast: as if this share of the "
        "locked forecast had come."
    )
    amount: Money | None = Field(None, description="For kind amount.")
    units: Units | None = Field(None, description="For kind units.")
    share: Share | None = Field(None, description="For kind forecast, for example 0.9.")
    forecasts: tuple[LockedForecast, ...] = Field((), strict=False, description="For kind forecast: the locked months.")

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        given = {"amount": self.amount, "units": self.units, "forecast": self.share}
        if [kind for kind, value in given.items() if value is not None] != [self.kind]:
            needed = {"amount": "amount", "units": "units", "forecast": "share"}[self.kind]
            raise ValueError(f"expected `{needed}` for kind {self.kind}, and none of the others")
        return self


class Index(Part):
    """A change of all prices from a day on (indexation, COLA); they compound."""

    on: date = Field(alias="from", description="First day.")
    change: Change = Field(description="Share by which prices change, for example 0.023.")
    index: Label = Field(description='What it follows, for example "CPI euro area, October".')


class Exchange(Part):
    """How amounts become the company's currency."""

    rule: Literal["same", "contract_rate", "invoice_day", "month_average"] = Field(
        "same",
        description="same: it is in that currency; contract_rate: at `rate`; invoice_day: at the last "
        "rate known on the day after the month ended; month_average: mean of the month's rates.",
    )
    rate: Rate | None = Field(None, description="For contract_rate: the company's currency for one of the contract's.")

    @model_validator(mode="after")
    def _rate_fits(self) -> Self:
        if (self.rule == "contract_rate") != (self.rate is not None):
            raise ValueError('expected `rate` with rule = "contract_rate", and only there')
        return self


class Terms(Part):
    """What holds from a day on, until the next terms."""

    on: date = Field(alias="from", description="First day, in the contract's time zone.")
    currency: Currency = Field(description="ISO 4217 code of all its amounts.")
    charges: tuple[Charge, ...] = Field(min_length=1, max_length=20, strict=False, description="What is paid for.")
    minimum: Minimum | None = Field(None, description="What is paid at least.")
    service_levels: tuple[ServiceLevel, ...] = Field((), strict=False, description="What is promised.")
    bonus: Bonus | None = Field(None, description="What good and bad service are worth.")
    excluded: tuple[Excluded, ...] = Field((), strict=False, description="Days that do not count for service levels.")
    relief: Share | None = Field(
        None, description="When more than this share above the locked forecast comes, service levels do not count."
    )
    indexation: tuple[Index, ...] = Field((), strict=False, description="Changes of all prices.")
    exchange: Exchange = Field(default_factory=Exchange, description="How amounts become the company's currency.")
    rounding: Rounding = Field(default_factory=Rounding, description="How quantities and amounts are rounded.")

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        names = [charge.name for charge in self.charges]
        if len(set(names)) < len(names):
            raise ValueError("expected another `name` for each charge")
        if self.bonus and not self.service_levels:
            raise ValueError("expected `service_levels` with `bonus`")
        if self.bonus and self.bonus.shape == "points":
            for level in self.service_levels:
                if BY_NAME[level.metric].unit != "share":
                    raise ValueError(f'expected metrics that are shares with shape = "points", not {level.metric}')
        if self.service_levels and sum(level.weight for level in self.service_levels) != 1:
            raise ValueError("expected weights of `service_levels` that sum to 1")
        if self.relief is not None and not (self.minimum and self.minimum.forecasts):
            raise ValueError("expected `minimum.forecasts` with `relief`")
        if (
            self.minimum
            and self.minimum.kind != "amount"
            and not any(charge.kind in ("contact", "minute", "hour", "resolution") for charge in self.charges)
        ):
            raise ValueError("expected a charge by contact, minute, hour or resolution for a minimum of units")
        return self


class Owners(Part):
    """Who answers for the contract."""

    ours: Label = Field(description="At the company.")
    theirs: Label = Field(description="At the provider.")


class Review(Part):
    """A date both sides meet."""

    on: date = Field(description="When.")
    about: Label = Field(description="What about.")


class Ending(Part):
    """How the contract can be ended."""

    notice_days: Annotated[int, Field(ge=0, le=1461)] = Field(description="Days of notice.")
    to: Literal["any_day", "month_end", "quarter_end", "year_end"] = Field(
        "month_end", description="On which days it can end."
    )
    earliest: date | None = Field(None, description="Day before which it cannot end.")
    fee: Money = Field(Decimal(0), description="What ending it costs, in the currency of the terms.")
    assistance_days: Annotated[int, Field(ge=0, le=1461)] = Field(
        0, description="Days the provider goes on and helps after the end (termination assistance)."
    )
    causes: tuple[Label, ...] = Field((), strict=False, description="What allows ending it at once.")


class ExitPlan(Part):
    """The plan for leaving the provider: what is done when it goes dark, or when its work comes home."""

    owner: Label = Field(description="Who answers for it, at the company.")
    where: Label = Field(description="Where it is written.")
    updated: date = Field(description="When it was last brought up to date.")


class Contract(Part):
    """A contract with a provider."""

    version: Literal[1] = Field(description="Of this format.")
    provider: Label = Field(description="Who runs the sites, as `provider` of each in the settings.")
    sites: tuple[Code, ...] = Field((), strict=False, description="Its sites. Default: all of the provider.")
    reference: Label | None = Field(None, description="Where the paper is.")
    time_zone: TimeZone = Field("UTC", description="Zone of the days and months of the bill.")
    owners: Owners = Field(description="Who answers for it.")
    ending: Ending = Field(description="How it can be ended.")
    reviews: tuple[Review, ...] = Field((), strict=False, description="Dates both sides meet.")
    tolerance: Money = Field(Decimal(0), description="Differences of a bill up to this are let pass, a month.")
    dispute_days: Annotated[int, Field(ge=1, le=366)] = Field(30, description="Days a bill can be disputed in.")
    close_days: Annotated[int, Field(ge=0, le=366)] = Field(
        10,
        description="Days after a month until it is closed: what changes later is a correction of its own. Repeats "
        "within 7 days are known by the default.",
    )
    terms: tuple[Terms, ...] = Field(min_length=1, max_length=100, strict=False, description="By day, oldest first.")
    exit_plan: ExitPlan | None = Field(None, description="The plan for leaving the provider.")

    @model_validator(mode="after")
    def _terms_follow_each_other(self) -> Self:
        if any(later.on <= earlier.on for earlier, later in pairwise(self.terms)):
            raise ValueError("expected terms whose `from` rises from one to the next")
        for earlier, later in pairwise(self.terms):
            if later.currency != earlier.currency and later.on.day != 1:
                raise ValueError(
                    f"expected another currency from the first day of a month on, not from {later.on}: "
                    "a month has one total"
                )
        return self

    def in_force(self, day: date) -> Terms | None:
        """The terms that hold on a day in the contract's time zone; None before the first."""
        held = [terms for terms in self.terms if terms.on <= day]
        return held[-1] if held else None
