"""The work of a scenario: topics, how contacts spread over day and week, lines, campaigns, holidays, surveys."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ingest.simulator.scenario.terms import Factor, Label, Language, Name, Part, Seconds, Share, SiteId, Weight
from ingest.simulator.scenario.when import DayOfYear, Holiday, When
from models.hours import Days, MinuteOfDay

Channel = Literal["voice", "chat"]


def _not_all_zero(weights: dict[str, float]) -> dict[str, float]:
    if weights and not sum(weights.values()):
        raise ValueError("all weights are 0")
    return weights


Mix = Annotated[dict[Name, Weight], Field(min_length=1), AfterValidator(_not_all_zero)]


class Topic(Part):
    """What a contact can be about, and how it goes with an experienced agent of average craft."""

    talk_s: Annotated[Seconds, Field(gt=0)] = Field(description="Mean conversation without holds, seconds.")
    spread: Annotated[float, Field(gt=0, le=3)] = Field(
        0.6, description="Coefficient of variation of talk and wrap-up."
    )
    distribution: Literal["lognormal", "exponential"] = Field("lognormal", description="Of talk and wrap-up times.")
    wrap_s: Seconds = Field(20, description="Mean after-contact work, seconds.")
    resolved: Share = Field(0.8, description="Probability that the contact solves the issue.")
    satisfied: Share = Field(0.8, description="Probability of a satisfied customer (4 or 5 of 5) when it is solved.")
    held: Share = Field(0.1, description="Probability of a hold, voice only.")
    hold_s: Seconds = Field(40, description="Mean length of a hold, seconds.")
    transferred: Share = Field(0.0, description="Probability that the agent hands the contact on.")
    transfer_queue: Name | None = Field(
        None,
        description="Queue it is handed to, at the site `transfers_to` names; where that has none of the contact's "
        "channel and language, or is closed, the agent keeps the contact.",
    )

    @model_validator(mode="after")
    def _transfer_has_a_target(self) -> Self:
        if self.transferred and self.transfer_queue is None:
            raise ValueError("transferred is given but transfer_queue is not: where do these contacts go?")
        return self


class Shape(Part):
    """How a line's contacts spread over the day and the week, in the customers' time zone."""

    hours: Annotated[list[Weight], Field(min_length=24, max_length=24)] = Field(description="24 weights from 00:00.")
    weekdays: Annotated[list[Weight], Field(min_length=7, max_length=7)] = Field(
        [1.0] * 7, description="7 weights from Monday."
    )

    @model_validator(mode="after")
    def _somebody_comes(self) -> Self:
        if not sum(self.hours) or not sum(self.weekdays):
            raise ValueError("all weights are 0, so nobody would ever come")
        return self


class Callback(Part):
    """A waiting customer is offered to be called back."""

    after_s: Seconds = Field(description="Wait after which the offer is made, seconds.")
    accepted: Share = Field(description="Probability that the offer is accepted.")
    delay_minutes: Annotated[float, Field(gt=0, le=1440)] = Field(20, description="Minutes until the call back.")


class Line(Part):
    """Contacts of one queue and channel that come to one site."""

    queue: Name = Field(description="Queue they wait in.")
    channel: Channel = Field("voice", description="voice or chat.")
    languages: Annotated[dict[Language, Weight], Field(min_length=1), AfterValidator(_not_all_zero)] = Field(
        description="Weights by language."
    )
    contacts_per_week: Annotated[float, Field(ge=0, le=10_000_000)] = Field(
        description="First contacts in an ordinary week, before repeats and campaigns."
    )
    shape: Name = Field(description="One of [shapes].")
    topics: Mix = Field(description="Weights by topic.")
    patience_s: Annotated[Seconds, Field(gt=0)] = Field(180, description="Mean patience (exponential), seconds.")
    opens: MinuteOfDay = Field(480, description="Opening time in the customers' time zone.")
    closes: MinuteOfDay = Field(1200, description="Closing time there; who still waits is then sent away.")
    days: Days = Field(frozenset(range(7)), description="Open on these weekdays.")
    menu_s: Seconds = Field(0, description="Mean time in the voice menu before the queue, seconds; 0 for no menu.")
    leaves_menu: Share = Field(0, description="Probability that a contact ends in the menu.")
    callback: Callback | None = Field(None, description="Offer to be called back; voice only.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("closes must be after opens (24:00 for midnight)")
        if self.leaves_menu and not self.menu_s:
            raise ValueError("leaves_menu is given but menu_s is not: there is no menu to leave")
        if self.channel == "chat" and (self.callback or self.menu_s):
            raise ValueError("menu_s and callback are for voice only")
        return self


class Campaign(Part):
    """Work that comes on top of the steady work for some days, and carries its name in the events."""

    name: Name = Field(description="Name in the events.")
    begins: When = Field(description="First day.")
    days: Annotated[int, Field(ge=1, le=3650)] = Field(description="How many days it lasts.")
    sites: Annotated[list[SiteId], Field(min_length=1)] = Field(description="Sites that get it.")
    queue: Name = Field(description="Queue at these sites.")
    extra: Annotated[float, Field(gt=0, le=50)] = Field(
        description="Contacts on top, as a share of the steady ones, on its busiest day; it fades in and out."
    )
    topics: Mix = Field(description="Weights by topic.")


class Holidays(Part):
    """A day on which fewer or more customers come."""

    name: Label = Field(description="What it is called in the truth.")
    on: Holiday = Field(description='A date, a day of a week, or a day of every year such as "12-25".')
    factor: Annotated[float, Field(ge=0, le=10)] = Field(description="Contacts compared with an ordinary day.")


class Season(Part):
    """A yearly wave of volume."""

    amplitude: Share = Field(description="Share by which the peak stands above the mean of the year.")
    peak: DayOfYear = Field(description="Day of the peak, month-day.")


class Variation(Part):
    """How far days and hours differ from their mean beyond chance (gamma factors, coefficients of variation)."""

    company_day: Share = Field(0.05, description="Of a day, all lines together.")
    line_day: Share = Field(0.06, description="Of a day, each line for itself.")
    line_hour: Share = Field(0.08, description="Of an hour, each line for itself.")


class Repeats(Part):
    """Customers whose issue was not solved come again, at whichever site serves their topic and language."""

    returns: Share = Field(0.6, description="Probability that such a customer comes again.")
    mean_days: Annotated[float, Field(gt=0, le=30)] = Field(1.5, description="Mean days until then (exponential).")
    within_days: Annotated[float, Field(gt=0, le=60)] = Field(7, description="Never later than this.")


class Surveys(Part):
    """Who answers the survey, and what is asked beside satisfaction (CSAT, 1 to 5)."""

    response: Share = Field(0.15, description="Probability that a satisfied caller answers.")
    chat_factor: Factor = Field(1.4, description="Chats answer so many times as often.")
    unhappy_factor: Factor = Field(1.3, description="The dissatisfied answer so many times as often.")
    nps: Share = Field(0.3, description="Share of the answers that carry a recommendation, 0 to 10.")
    ces: Share = Field(0.2, description="Share that carry an effort score, 1 to 7.")
    solved: Share = Field(0.5, description="Share that say whether the issue was solved, 0 or 1.")
    mean_delay_hours: Annotated[float, Field(gt=0, le=240)] = Field(2.0, description="Mean hours until the answer.")
    wait_per_minute: Annotated[float, Field(ge=0, le=2)] = Field(
        0.15, description="Log-odds of satisfaction lost with each minute of waiting."
    )
