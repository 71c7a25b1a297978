"""What is planted in a world, so that later pages can be held against it. None of it is said in the events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ingest.simulator.scenario.terms import Label, Name, Part, Share, Shift, SiteId
from ingest.simulator.scenario.when import When


class Drift(Part):
    """A site gets worse week by week, then stays so."""

    kind: Literal["drift"]
    site: SiteId = Field(description="The site.")
    begins: When = Field(description="First day of the first worse week.")
    weeks: Annotated[int, Field(ge=1, le=104)] = Field(4, description="Weeks until it is as bad as it gets.")
    handle: Annotated[float, Field(ge=-0.9, le=5)] = Field(0.0, description="Handle time in the end, share on top.")
    resolved: Shift = Field(0.0, description="Log-odds of solving an issue, in the end.")
    satisfied: Shift = Field(0.0, description="Log-odds of a satisfied customer, in the end.")
    score: Annotated[float, Field(ge=-100, le=100)] = Field(0.0, description="Quality score in the end, points on top.")
    absent: Share = Field(0.0, description="Absence in the end, on top.")
    leaves_per_month: Share = Field(0.0, description="Monthly attrition in the end, on top.")


class Outage(Part):
    """A site goes dark: calls drop, nobody answers; after a while new contacts are sent to another site."""

    kind: Literal["outage"]
    site: SiteId = Field(description="The site.")
    begins: When = Field(description="Day and time, in the customers' time zone.")
    minutes: Annotated[float, Field(gt=0, le=10_080)] = Field(description="How long, minutes.")
    divert_after_minutes: Annotated[float, Field(ge=0, le=10_080)] = Field(
        30, description="After so many minutes new contacts go elsewhere."
    )
    divert_to: SiteId | None = Field(None, description="Where they go; nowhere when empty.")


class Overbilling(Part):
    """A provider bills more than its contract allows; each reason is a share of the contacts billed rightly."""

    kind: Literal["overbilling"]
    site: SiteId = Field(description="The site; it must have [billing].")
    begins: When = Field("week 1", validate_default=True, description="From this day.")
    abandoned: Share = Field(0.0, description="Share of the abandoned contacts it bills as handled.")
    short: Share = Field(0.0, description="Share of the contacts too short to be billed that it bills.")
    twice: Share = Field(0.0, description="Share of the contacts it bills a second time.")


class KinderServiceLevel(Part):
    """A provider reports its own service level by a kinder definition than the company's."""

    kind: Literal["kinder_service_level"]
    site: SiteId = Field(description="The site.")
    definition: Literal["sl_answered_only", "sl_ignore_within_T", "sl_ignore_short", "sl_positive"] = Field(
        description="The definition it uses; the company's is sl_negative."
    )
    threshold_s: Annotated[float, Field(gt=0, le=600)] | None = Field(None, description="Its own, seconds.")
    short_s: Annotated[float, Field(gt=0, le=60)] = Field(
        5, description="Short abandons, seconds, for sl_ignore_short."
    )


class EasyTopics(Part):
    """A claim the truth is checked for: the site looks better than another only because its topics are easier."""

    kind: Literal["easy_topics"]
    site: SiteId = Field(description="The site that looks better.")
    than: SiteId = Field(description="The site it is compared with.")


class Incident(Part):
    """A site reports an incident."""

    site: SiteId = Field(description="The site.")
    at: When = Field(description="When, in the customers' time zone.")
    kind: Literal["outage", "data_protection", "security", "staffing", "quality", "other"] = Field(description="Kind.")
    severity: Literal["low", "medium", "high", "critical"] = Field(description="How bad.")
    id: Name = Field(description="Names the incident.")
    description: Label = Field(description="What happened.")
    hours: Annotated[float, Field(gt=0, le=8760)] | None = Field(None, description="Hours until it is reported over.")


Plant = Annotated[Drift | Outage | Overbilling | KinderServiceLevel | EasyTopics, Field(discriminator="kind")]
