"""The people of a scenario's site: groups and shifts, how they come and go, how well they work."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ingest.simulator.scenario.terms import Factor, Language, Name, Part, Share, Shift, Weight
from ingest.simulator.scenario.work import Channel
from models.hours import Days, MinuteOfDay


class ShiftPattern(Part):
    """When a share of a group works, in the site's time zone."""

    starts: MinuteOfDay = Field(description="Start of the shift.")
    hours: Annotated[float, Field(gt=0, le=24)] = Field(
        description="Length with breaks, hours. 24 is a seat that is always taken: no breaks, no absence."
    )
    days: Days = Field(description="Weekdays on which these people work.")
    share: Weight = Field(1.0, description="Share of the group's agents, as a weight.")


class Group(Part):
    """Agents with the same skills, of one channel."""

    name: Name = Field(description="Name of the group; teams are named after it.")
    agents: Annotated[int, Field(ge=1, le=100_000)] = Field(description="Agents employed.")
    channel: Channel = Field("voice", description="Calls or chats.")
    queues: Annotated[list[Name], Field(min_length=1)] = Field(description="Queues they serve; the first is their own.")
    languages: Annotated[list[Language], Field(min_length=1)] = Field(description="Languages they speak.")
    slots: Annotated[int, Field(ge=1, le=10)] = Field(1, description="Chats at once.")
    team_size: Annotated[int, Field(ge=1, le=100)] = Field(12, description="Agents to a team lead.")
    shifts: Annotated[list[ShiftPattern], Field(min_length=1)] = Field(description="When they work.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.channel == "voice" and self.slots != 1:
            raise ValueError("slots is for chat; an agent takes one call at a time")
        if not sum(shift.share for shift in self.shifts):
            raise ValueError("the shares of all shifts are 0, so nobody would work")
        return self


class People(Part):
    """How the people of a site come, learn, rest and go."""

    tenure_months: Annotated[float, Field(ge=0, le=240)] = Field(18, description="Mean tenure at the start, months.")
    leaves_per_month: Share = Field(0.02, description="Probability that an agent leaves within a month.")
    leads_leave_per_month: Share = Field(0.01, description="Probability that a team lead leaves within a month.")
    hire_after_days: Annotated[int, Field(ge=0, le=365)] = Field(28, description="Days until a leaver is replaced.")
    training_days: Annotated[int, Field(ge=0, le=180)] = Field(
        10, description="Working days of training of a new agent."
    )
    ramp_days: Annotated[int, Field(ge=0, le=720)] = Field(90, description="Days until a new agent is up to speed.")
    ramp_handle: Factor = Field(1.4, description="Handle time of a new agent on the first day, against later.")
    ramp_resolved: Shift = Field(-0.4, description="Log-odds of solving an issue on the first day, against later.")
    absent: Share = Field(0.06, description="Probability that an agent does not come on a working day.")
    break_minutes: Annotated[float, Field(ge=0, le=120)] = Field(15, description="Each of two breaks, minutes.")
    lunch_minutes: Annotated[float, Field(ge=0, le=120)] = Field(30, description="Lunch, minutes; shifts over 6 hours.")
    training_hours_per_week: Annotated[float, Field(ge=0, le=20)] = Field(1, description="Coaching and training.")
    agent_spread: Share = Field(0.12, description="How far agents differ in handle time (coefficient of variation).")
    agent_resolved: Annotated[float, Field(ge=0, le=2)] = Field(
        0.2, description="How far agents differ in solving (standard deviation of the log-odds)."
    )


class Craft(Part):
    """How well a site works on the same topic, against the average the topics describe."""

    handle: Factor = Field(1.0, description="Factor on talk and wrap-up.")
    resolved: Shift = Field(0.0, description="Added to the log-odds of solving the issue.")
    satisfied: Shift = Field(0.0, description="Added to the log-odds of a satisfied customer.")
    transferred: Factor = Field(1.0, description="Factor on the probability of a transfer.")
    claims_solved: Share = Field(0.3, description="Share of unsolved contacts that its agents close as solved.")
    chat_slowdown: Annotated[float, Field(ge=0, le=2)] = Field(
        0.25, description="Chat takes so much longer for each further chat the agent has open."
    )


class Evaluations(Part):
    """How the quality of contacts is scored."""

    provider: Share = Field(0.015, description="Share of contacts the site's own evaluators score.")
    client: Share = Field(0.004, description="Share the company's evaluators score.")
    calibration: Share = Field(0.002, description="Share that both score, to compare evaluators.")
    score: Annotated[float, Field(ge=0, le=100)] = Field(86, description="Mean score as the company sees it, of 100.")
    lenient: Annotated[float, Field(ge=-20, le=20)] = Field(0, description="Points the site's own evaluators add.")
    critical: Share = Field(0.03, description="Probability of a critical error in a contact.")
