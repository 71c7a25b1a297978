"""A whole scenario: one company's work, its sites, and what happens to them. README.md explains it key by key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from ingest.simulator.delivery.delivery import DeliveryRules
from ingest.simulator.scenario.plants import Incident, Overbilling, Plant
from ingest.simulator.scenario.staff import Craft, Evaluations, Group, People
from ingest.simulator.scenario.terms import Label, Name, Part, SiteId
from ingest.simulator.scenario.work import Campaign, Holidays, Line, Repeats, Season, Shape, Surveys, Topic, Variation
from models.settings import TimeZone


class Billing(Part):
    """What a provider may bill. Bills are written beside the truth, one CSV for each month (UTC)."""

    unit: Literal["contact", "minute", "hour"] = Field(
        description="contact: handled; minute: talk, hold and wrap-up, summed by day; hour: logged in less breaks."
    )
    rate: Annotated[Decimal, Field(strict=False, gt=0, max_digits=12, decimal_places=4)] = Field(
        description="Price of a unit."
    )
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = Field("EUR", description="ISO 4217 code.")
    short_s: Annotated[float, Field(ge=0, le=600)] = Field(
        10, description="Contacts with less conversation than this may not be billed, seconds."
    )


class Site(Part):
    """One site, in-house or a provider's."""

    name: Label = Field(description="Name shown on the pages.")
    provider: Label = Field(description="Who runs it; the company's own name for in-house sites.")
    in_house: bool = Field(False, description="True for the company's own sites.")
    time_zone: TimeZone = Field(description="Zone of its shifts.")
    lines: list[Line] = Field(default_factory=list, description="The work it gets.")
    groups: list[Group] = Field(default_factory=list, description="The people it has.")
    people: People = Field(People(), description="How they come, learn, rest and go.")
    craft: Craft = Field(Craft(), description="How well they work.")
    evaluations: Evaluations = Field(Evaluations(), description="How quality is scored.")
    transfers_to: SiteId | None = Field(None, description="Site that transferred contacts go to. Default: itself.")
    billing: Billing | None = Field(None, description="What it may bill; providers only.")
    delivery: DeliveryRules = Field(DeliveryRules(), description="How awkwardly its events arrive.")


class Scenario(Part):
    """The whole world."""

    version: Literal[1] = Field(description="Of this format.")
    name: Label = Field(description="Shown while it plays.")
    time_zone: TimeZone = Field(description="Zone of the customers: opening hours, weeks, holidays, campaigns.")
    service_level_s: Annotated[float, Field(gt=0, le=600)] = Field(
        20, description="Answered within this counts as in target, seconds."
    )
    customers: Annotated[int, Field(ge=1, le=1_000_000_000)] = Field(
        100_000, description="Customers the company has; each fresh contact is one of them."
    )
    volume: Annotated[float, Field(gt=0, le=10_000)] = Field(
        1.0, description="Factor on the contacts of all lines and the agents of all groups."
    )
    topics: Annotated[dict[Name, Topic], Field(min_length=1)] = Field(description="What contacts are about.")
    shapes: Annotated[dict[Name, Shape], Field(min_length=1)] = Field(description="How they spread over time.")
    sites: Annotated[dict[SiteId, Site], Field(min_length=1)] = Field(description="The sites.")
    own_hour: Annotated[float, Field(gt=0, le=100_000)] | None = Field(
        None, description="What an own agent's hour costs in full, in the currency of the bills; see the truth."
    )
    season: Season | None = Field(None, description="Yearly wave.")
    holidays: list[Holidays] = Field(default_factory=list, description="Days unlike others.")
    campaigns: list[Campaign] = Field(default_factory=list, description="Work on top.")
    variation: Variation = Field(Variation(), description="How far days and hours differ beyond chance.")
    repeats: Repeats = Field(Repeats(), description="Who comes again.")
    surveys: Surveys = Field(Surveys(), description="Who answers.")
    incidents: list[Incident] = Field(default_factory=list, description="Incidents the sites report.")
    plants: list[Plant] = Field(default_factory=list, description="What is planted; see the truth.")

    @property
    def currency(self) -> str:
        """That of the first bill; EUR without any."""
        return next((site.billing.currency for site in self.sites.values() if site.billing), "EUR")

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        problems = list(self._unknown_names())
        if problems:
            # With a place for each, so that a reader of the file can be told the line.
            raise ValidationError.from_exception_data("Scenario", problems)
        return self

    def _unknown_names(self) -> Iterator[InitErrorDetails]:
        for topic, rules in self.topics.items():
            if rules.transfer_queue is not None and not any(
                line.queue == rules.transfer_queue for site in self.sites.values() for line in site.lines
            ):
                yield _problem(("topics", topic, "transfer_queue"), rules.transfer_queue, "no site has this queue")
        for site_id, site in self.sites.items():
            at: tuple[str | int, ...] = ("sites", site_id)
            for number, line in enumerate(site.lines):
                yield from _unknown((*at, "lines", number, "shape"), [line.shape], self.shapes)
                yield from _unknown((*at, "lines", number, "topics"), line.topics, self.topics)
                for language in line.languages:
                    if not any(_serves(group, line, language) for group in site.groups):
                        text = f"no group of {site_id} serves {line.queue} by {line.channel} in {language!r}"
                        yield _problem((*at, "lines", number, "languages", language), language, text)
            if site.transfers_to is not None:
                yield from _unknown((*at, "transfers_to"), [site.transfers_to], self.sites)
            names = [group.name for group in site.groups]
            for number, name in enumerate(names):
                if name in names[:number]:
                    yield _problem((*at, "groups", number, "name"), name, "another group of the site has this name")
        for number, campaign in enumerate(self.campaigns):
            at = ("campaigns", number)
            for place, site_id in enumerate(campaign.sites):
                yield from _unknown((*at, "sites", place), [site_id], self.sites)
            yield from _unknown((*at, "topics"), campaign.topics, self.topics)
            for site_id in campaign.sites:
                known = self.sites.get(site_id)
                if known and not any(line.queue == campaign.queue for line in known.lines):
                    yield _problem((*at, "queue"), campaign.queue, f"{site_id} has no such queue")
        for number, incident in enumerate(self.incidents):
            yield from _unknown(("incidents", number, "site"), [incident.site], self.sites)
        for number, plant in enumerate(self.plants):
            at = ("plants", number)
            yield from _unknown((*at, "site"), [plant.site], self.sites)
            for key in ("divert_to", "than"):
                if (other := getattr(plant, key, None)) is not None:
                    yield from _unknown((*at, key), [other], self.sites)
            known = self.sites.get(plant.site)
            if isinstance(plant, Overbilling) and known and known.billing is None:
                yield _problem((*at, "site"), plant.site, "this site has no [billing]")


def _serves(group: Group, line: Line, language: str) -> bool:
    return group.channel == line.channel and line.queue in group.queues and language in group.languages


def _unknown(at: tuple[str | int, ...], names: Iterable[str], known: Iterable[str]) -> Iterator[InitErrorDetails]:
    for name in names:
        if name not in known:
            place = (*at, name) if isinstance(names, dict) else at
            yield _problem(place, name, f"expected one of {', '.join(known)}")


def _problem(at: tuple[str | int, ...], value: object, text: str) -> InitErrorDetails:
    # Braces would be read as places for values.
    safe = text.replace("{", "{{").replace("}", "}}")
    return InitErrorDetails(type=PydanticCustomError("unknown_name", safe), loc=at, input=value)
