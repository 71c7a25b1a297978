"""Price models: what one unit is, and what it costs. A hybrid is several charges side by side."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.terms.values import Code, Label, Money, Part, Rate, Share, Units

AgentState = Literal["available", "busy", "wrap_up", "break", "lunch", "training", "meeting", "other_work"]
Spoken = Literal["talk", "hold", "wrap_up"]
ReturnDays = Literal[1, 7, 30]


class Step(Part):
    """A band of a tier."""

    upto: Units | None = Field(None, gt=0, description="Last unit of the band in a month; only the last band has none.")
    rate: Rate = Field(description="Price of a unit.")


class Tiers(Part):
    """Prices that change with the volume of a month. Borders are prorated when terms hold for part of a month."""

    kind: Literal["marginal", "all_units"] = Field(
        description="marginal: the rate of a band is that of the units in it; all_units: the whole volume has the rate "
        "of the band it reaches."
    )
    steps: tuple[Step, ...] = Field(min_length=1, max_length=20, strict=False, description="The bands, lowest first.")

    @model_validator(mode="after")
    def _bands_rise(self) -> Self:
        borders = [step.upto for step in self.steps]
        if borders[-1] is not None or None in borders[:-1]:
            raise ValueError("expected `upto` in every band but the last, which has none")
        known = [border for border in borders if border is not None]
        if any(upper <= lower for lower, upper in pairwise(known)):
            raise ValueError("expected bands whose `upto` rises from one to the next")
        return self


class Work(Part):
    """Which work a charge is for, and what of it is not paid. Empty lists: all of it."""

    name: Label = Field(description="What the line of the invoice is called; another for each charge.")
    sites: tuple[Code, ...] = Field((), strict=False, description="Sites.")
    queues: tuple[Code, ...] = Field((), strict=False, description="Queues.")
    channels: tuple[Code, ...] = Field((), strict=False, description="Channels.")
    languages: tuple[Code, ...] = Field((), strict=False, description="Languages.")
    topics: tuple[Code, ...] = Field((), strict=False, description="Topics.")


class _Priced(Work):
    rate: Rate | None = Field(None, description="Price of a unit; or `tiers`.")
    tiers: Tiers | None = Field(None, description="Prices by volume; or `rate`.")

    @model_validator(mode="after")
    def _has_one_price(self) -> Self:
        if (self.rate is None) == (self.tiers is None):
            raise ValueError("expected either `rate` or `tiers`")
        return self


class _Handled(_Priced):
    short_s: Annotated[Decimal, Field(ge=0, le=3600, strict=False)] = Field(
        Decimal(0), description="Contacts with less talk than this are not paid, seconds."
    )
    repeat_hours: Annotated[int, Field(ge=1, le=168)] | None = Field(
        None,
        description="A contact of the same customer about the same topic within so many hours after the end of "
        "another of this provider is not paid, unless it took longer than 14 days from then.",
    )


class PerContact(_Handled):
    """A price for each contact that was handled."""

    kind: Literal["contact"]


class PerMinute(_Handled):
    """A price for each minute of the contacts that were handled."""

    kind: Literal["minute"]
    parts: tuple[Spoken, ...] = Field(
        ("talk", "hold", "wrap_up"), min_length=1, strict=False, description="What a billable minute is made of."
    )
    started_s: Annotated[int, Field(ge=0, le=3600)] = Field(
        0, description="Each contact is rounded up to full multiples of this, seconds, for example 60; 0: not rounded."
    )
    minimum_s: Annotated[int, Field(ge=0, le=3600)] = Field(0, description="Each contact counts at least this long.")


class PerHour(_Priced):
    """A price for each productive hour of agents."""

    kind: Literal["hour"]
    states: tuple[AgentState, ...] = Field(
        ("available", "busy", "wrap_up"), min_length=1, strict=False, description="States whose time is billable."
    )


class PerAgent(Work):
    """A price for each full-time agent and month."""

    kind: Literal["fte"]
    agents: Units = Field(description="Full-time agents agreed.")
    fee: Money = Field(description="Price of one for a month.")
    hours: Units = Field(gt=0, description="Hours of a full-time agent in a month, for example 160 or 173.33.")
    deduct_absence: bool = Field(True, description="Whether hours that were not delivered are deducted.")
    states: tuple[AgentState, ...] = Field(
        ("available", "busy", "wrap_up", "training", "meeting", "other_work"), min_length=1, strict=False,
        description="States whose time counts as delivered.",
    )  # fmt: skip


class PerResolution(_Priced):
    """A price for each contact after which the customer did not come again about it."""

    kind: Literal["resolution"]
    window_days: ReturnDays = Field(description="Days in which nobody came again.")


class Fixed(Work):
    """A price for a month, whatever comes; beyond what is included at a rate."""

    kind: Literal["fixed"]
    fee: Money = Field(description="Price of a month.")
    included: Units | None = Field(None, description="Handled contacts included; without it all are.")
    overage: Rate | None = Field(None, description="Price of each contact beyond.")

    @model_validator(mode="after")
    def _overage_is_whole(self) -> Self:
        if (self.included is None) != (self.overage is None):
            raise ValueError("expected both `included` and `overage`, or neither")
        return self


class Beyond(Part):
    """A band beyond the dead band."""

    upto: Share | None = Field(
        None,
        gt=0,
        le=10,
        description="Last unit of the band, as a share of the baseline away from it; the last has none.",
    )
    rate: Rate = Field(description="Price of a unit.")


class Baseline(Work):
    """A price at an agreed volume of handled contacts, unchanged within a dead band around it."""

    kind: Literal["baseline"]
    fee: Money = Field(description="Price of a month at the baseline.")
    baseline: Units = Field(gt=0, description="Handled contacts of a month.")
    dead_band: Share = Field(description="Share of the baseline by which the volume may differ either way.")
    additional: tuple[Beyond, ...] = Field(
        min_length=1, strict=False, description="Additional resource charge (ARC) of units above the dead band."
    )
    reduced: tuple[Beyond, ...] = Field(
        (), strict=False, description="Reduced resource credit (RRC) of units below it; none: no credit."
    )

    @model_validator(mode="after")
    def _bands_rise(self) -> Self:
        for bands in (self.additional, self.reduced):
            borders = [band.upto for band in bands]
            if borders and (borders[-1] is not None or None in borders[:-1]):
                raise ValueError("expected `upto` in every band but the last, which has none")
            known = [self.dead_band, *(border for border in borders if border is not None)]
            if any(upper <= lower for lower, upper in pairwise(known)):
                raise ValueError("expected bands whose `upto` rises, the first above `dead_band`")
        return self


Charge = Annotated[
    PerContact | PerMinute | PerHour | PerAgent | PerResolution | Fixed | Baseline, Field(discriminator="kind")
]
Handled = PerContact | PerMinute
"""Charges for which contacts are counted one by one."""
Priced = PerContact | PerMinute | PerHour | PerResolution
"""Charges with a rate or tiers."""
