"""What an answer rests on: everything measured or agreed, gathered once and kept, so that it can be answered again.

Money is in the company's currency and floating, as of an estimate (`business_case`); amounts owed are in
`models.billing`. Shares are from 0 to 1. Quarter-hours are of the reporting zone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.terms.contract import Contract

QUARTERS = 96
"""Rows by quarter-hour of a day, from midnight on."""

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Row = Annotated[tuple[NotNegative, ...], Field(min_length=QUARTERS, max_length=QUARTERS)]


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Slice(_Fact):
    """Which of a provider's work is asked about. Empty: all of it."""

    provider: str = Field(min_length=1, max_length=200)
    sites: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    first_hour: int = Field(0, ge=0, le=23)
    """Hours of the day, by the reporting zone: from this one …"""
    end_hour: int = Field(24, ge=1, le=24)
    """… to before this one."""
    share: float = Field(1.0, gt=0, le=1)
    """Of what is left after all that."""

    @model_validator(mode="after")
    def _hours_follow(self) -> Self:
        if self.end_hour <= self.first_hour:
            raise ValueError(f"expected the last hour to be after the first ({self.first_hour}), got {self.end_hour}")
        return self


class PoolDay(_Fact):
    """A language's calls, or chats, on one day: in-house agents, their own contacts, and those asked about."""

    kind: Literal["voice", "chat"]
    language: str
    """Empty: not told."""
    slots: int = Field(1, ge=1)
    """Chats an agent holds at once; 1 for calls."""
    own: Row
    """In-house contacts expected."""
    moved: Row
    """The slice's contacts expected; low and high are the forecast's band."""
    moved_low: Row
    moved_high: Row
    agents: Row
    """In-house agents usually there (after shrinkage) of whom this is the main work: no agent counts in two pools."""
    able: Row
    """In-house agents usually there who know the language and do such work at all; they may count in several."""
    own_aht_s: float | None = Field(None, gt=0)
    """Mean handle time of in-house contacts; None when none was handled."""
    moved_aht_s: float | None = Field(None, gt=0)
    """What the slice's contacts would take in-house: in-house handle times by topic, weighed by the slice's topics."""
    moved_aht_provider_s: float | None = Field(None, gt=0)
    """What they take at the provider."""
    patience_s: float | None = Field(None, gt=0)
    """Mean; None: nobody hung up, so endless."""


class Day(_Fact):
    """One day to come (or today)."""

    day: date
    passed: int = Field(0, ge=0, le=QUARTERS)
    """Quarter-hours of it that are over."""
    pools: tuple[PoolDay, ...]
    basis: tuple[date, ...] = ()
    """The days the forecast is the mean of."""


class Seen(_Fact):
    """A criterion's figure in one week; None and unfed: nobody knows."""

    value: float | None
    n: float = 0
    fed: bool = True


class Criterion(_Fact):
    """One exit criterion and its weeks."""

    name: str
    label: str
    unit: Literal["share", "count", "hours", "points"]
    direction: Literal["above", "below"]
    opens: float
    """Bad beyond this."""
    clears: float
    min_n: int = 0
    source: str
    """Where its limits come from: the contract, the settings, or what is usual."""
    weeks: tuple[Seen, ...] = ()
    """By `Facts.weeks`."""


class Compared(_Fact):
    """Like for like with in-house, over the weeks looked at.

    difference: the slice less in-house, in the metric's unit; own, provider: like for like too where there is one.
    """

    metric: str
    own: float | None
    provider: float | None
    raw: float | None
    difference: float | None
    low: float | None
    high: float | None
    comparable: float | None
    """Share of the slice's contacts that could be compared."""
    n: float = 0


class Month(_Fact):
    """What a month of the slice was. amount None: not known."""

    month: date
    contacts: NotNegative
    amount: float | None
    """Of the slice's contacts, by the bills expected."""
    bill: float | None
    """The provider's whole bill expected."""
    units: float | None = None
    whole: bool = True
    """The month is over."""


class OwnCost(_Fact):
    """What in-house people cost, by the documents; see `models.billing.in_house`."""

    full_hour: float | None = None
    """Full cost of a productive hour."""
    direct_hour: float | None = None
    """Direct labour of a paid hour."""
    annual: float | None = None
    """Of a full-time agent in a year, in full, without attrition."""
    hours: float | None = None
    """Productive hours of a full-time agent in a year."""
    hire: float | None = None
    """Recruiting and training one."""
    lead: float | None = None
    """A team lead in a year, with on-cost."""
    span: float | None = None
    """Agents for each lead."""
    attrition: float | None = None
    """Share that leaves in a year."""
    overtime: float | None = None
    """Overtime pay as a multiple of pay."""
    shrinkage: float | None = None
    """Of paid time, inside and outside together."""
    training_weeks: float | None = None


class TopicWork(_Fact):
    """A topic of the slice, over the last whole month or the last 28 days, per month."""

    topic: str
    name: str
    contacts: NotNegative
    amount: float | None
    """What the provider's contacts cost."""
    own_aht_s: float | None = None
    provider_aht_s: float | None = None
    own_resolution: float | None = None
    provider_resolution: float | None = None
    peak_erlangs: NotNegative = 0
    """Load in its busiest quarter-hour of the week, handled in-house."""


class Worked(_Fact):
    """What the slice's contacts of past weeks were as work, by quarter-hour with any of it; chats share an agent."""

    first: date
    """The first of the days, and …"""
    last: date
    contacts: float = Field(gt=0)
    agents: tuple[NotNegative, ...] = Field(min_length=1)
    """Agents at work on average, had they been handled in-house."""


class Facts(_Fact):
    """All of it. missing: sentences about what nobody knows and what follows from it."""

    asked_at: datetime
    """UTC, by the store's clock."""
    today: date
    zone: str
    currency: str
    version: str
    """Of the program."""
    known_upto: int
    """The last batch that is in it."""
    slice: Slice
    provider_name: str
    in_house_name: str
    service_level: float | None
    """What staffing is planned for; see `models.staffing.Targets`."""
    threshold_s: float
    max_abandonment: float | None
    max_occupancy: float | None
    weeks: tuple[date, ...] = ()
    """Mondays, oldest first, of weeks that are over."""
    criteria: tuple[Criterion, ...] = ()
    compared: tuple[Compared, ...] = ()
    days: tuple[Day, ...] = ()
    """The next seven days, today first."""
    months: tuple[Month, ...] = ()
    """Oldest first."""
    topics: tuple[TopicWork, ...] = ()
    worked: Worked | None = None
    """None: there was no such work, or nobody knows how long it takes."""
    own_cost: OwnCost = OwnCost()
    occupancy: float | None = None
    """Of in-house agents, last 28 days."""
    free_hours: NotNegative = 0
    """In-house agents' idle hours a month, as measured over 28 days."""
    handle_s: float | None = None
    """Of the slice's contacts at the provider."""
    own_handle_s: float | None = None
    """What they would take in-house, by topic."""
    resolution: float | None = None
    """First-contact resolution of the slice, and in-house on the same topics."""
    own_resolution: float | None = None
    returning: float | None = None
    """Share of unresolved who come again, measured; None: not known."""
    contract: Contract | None = None
    missing: tuple[str, ...] = ()
