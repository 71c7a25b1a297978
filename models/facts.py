"""What each event says beyond its envelope: one frozen class per kind of `data`, every field with its unit.

Times are not here: the envelope's `time` says when the fact happened. Durations (`*_s`) are what the
site's own platform measured; where a platform gives none they stay empty and are derived from instants.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NO_CONTROL = r"^[^\x00-\x1f\x7f]+$"

Code = Annotated[str, StringConstraints(min_length=1, max_length=128, strip_whitespace=True, pattern=NO_CONTROL)]
"""A short code or name (queue, topic, language tag, agent), never free text."""

Identifier = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=NO_CONTROL)]
Text = Annotated[str, StringConstraints(max_length=2000)]
Seconds = Annotated[float, Field(ge=0, le=31_536_000, allow_inf_nan=False)]

Channel = Literal["voice", "chat", "messaging", "email", "callback", "video", "case"]
Direction = Literal["inbound", "outbound", "internal"]


class Facts(BaseModel):
    """Base of all `data` classes. Fields the contract does not know are ignored and their names counted."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)


class Started(Facts):
    """A customer reached the site, before any queue: the voice menu or the form in front of a chat."""

    channel: Channel = Field(description="How the customer came in.")
    direction: Direction = Field("inbound", description="Who began the contact, seen from the company.")
    language: Code | None = Field(None, description="Language of the contact, BCP 47 tag.")
    topic: Code | None = Field(None, description="Topic code as known on arrival.")
    customer_id: Identifier | None = Field(
        None, description="The customer at the site. Replaced by a keyed hash before it is stored."
    )


class Offered(Facts):
    """A contact entered the queue for an agent. Its wait begins."""

    channel: Channel = Field(description="How the customer came in.")
    queue: Code = Field(description="Queue the contact waits in.")
    direction: Direction = Field("inbound", description="Who began the contact, seen from the company.")
    language: Code | None = Field(None, description="Language of the contact, BCP 47 tag.")
    topic: Code | None = Field(None, description="Topic code as known on arrival.")
    campaign: Code | None = Field(None, description="Campaign that caused the contact; empty for steady work.")
    priority: int | None = Field(None, ge=0, le=1000, description="Routing priority; higher is more urgent.")
    customer_id: Identifier | None = Field(
        None, description="The customer at the site. Replaced by a keyed hash before it is stored."
    )
    initial_contact_id: Identifier | None = Field(
        None, description="First contact of this journey, when this one came by transfer."
    )
    previous_contact_id: Identifier | None = Field(None, description="The contact that was transferred into this one.")


class Answered(Facts):
    """An agent was connected to the customer."""

    agent_id: Identifier | None = Field(None, description="The agent, as the site names them.")
    wait_s: Seconds | None = Field(None, description="Wait in queue as the platform measured it, seconds.")


class Held(Facts):
    """A hold ended. One event per hold."""

    hold_s: Seconds = Field(description="Length of this hold, seconds.")
    agent_id: Identifier | None = Field(None, description="The agent who held the contact.")


class Transferred(Facts):
    """An agent handed the contact on. The new queue visit is a contact of its own."""

    to_queue: Code | None = Field(None, description="Queue it was handed to.")
    to_site: Code | None = Field(None, description="Site it was handed to, when another one.")
    to_contact_id: Identifier | None = Field(None, description="The contact it became.")
    warm: bool | None = Field(None, description="True when the agents spoke first.")


class Abandoned(Facts):
    """The customer left the queue before an agent answered."""

    wait_s: Seconds | None = Field(None, description="Wait in queue as the platform measured it, seconds.")


class LeftQueue(Facts):
    """A contact left the queue without an agent and without the customer giving up (flow-out)."""

    reason: Literal["callback", "voicemail", "overflow", "closed", "other"] = Field(
        description="Where it went instead."
    )
    wait_s: Seconds | None = Field(None, description="Wait in queue as the platform measured it, seconds.")


class LeftMenu(Facts):
    """A contact ended before it entered any queue."""

    reason: Literal["hung_up", "self_served", "closed", "other"] = Field(description="Why it ended there.")


class Completed(Facts):
    """The conversation ended. After-contact work may follow."""

    talk_s: Seconds | None = Field(None, description="Conversation without holds as the platform measured it, seconds.")
    hold_s: Seconds | None = Field(None, description="All holds together, seconds.")
    ended_by: Literal["customer", "agent", "system"] | None = Field(None, description="Who ended it.")


class WrappedUp(Facts):
    """After-contact work ended; the agent is free of this contact."""

    wrap_up_s: Seconds | None = Field(None, description="After-contact work as the platform measured it, seconds.")


class Classified(Facts):
    """Someone, or something, said what the contact was about and how it ended. The latest word counts."""

    topic: Code | None = Field(None, description="Topic code.")
    disposition: Code | None = Field(None, description="The site's own closing code.")
    resolved: bool | None = Field(None, description="Whether the agent considers the issue solved.")


class Excluded(Facts):
    """The source says this is not a customer contact (test, phantom row). Kept, counted, in no metric."""

    reason: Code = Field(description="Why it does not count, in the source's words.")


class Message(Facts):
    """One chat message was sent. Its text is never part of the contract."""

    sender: Literal["customer", "agent", "bot"] = Field(description="Who wrote it.")
    agent_id: Identifier | None = Field(None, description="The agent, when one wrote it.")


class Surveyed(Facts):
    """A customer answered one survey question about the contact."""

    instrument: Literal["csat", "nps", "ces", "resolved"] = Field(description="Which question was asked.")
    score: float = Field(allow_inf_nan=False, description="The answer, on the scale given.")
    scale_min: float = Field(allow_inf_nan=False, description="Lowest possible answer.")
    scale_max: float = Field(allow_inf_nan=False, description="Highest possible answer.")


class Evaluated(Facts):
    """Someone scored the contact against a quality form."""

    evaluator: Literal["provider", "client"] = Field(description="On whose side the evaluator stands.")
    evaluation_id: Identifier = Field(description="Names the evaluation; a later version replaces an earlier.")
    form: Code = Field(description="Quality form used.")
    score: float = Field(ge=0, allow_inf_nan=False, description="Points reached.")
    max_score: float = Field(gt=0, allow_inf_nan=False, description="Points that applied.")
    critical_errors: tuple[Literal["customer", "business", "compliance"], ...] = Field(
        (), description="Classes in which a critical error was found.", strict=False
    )
    calibration_id: Identifier | None = Field(
        None, description="Shared by evaluations of one contact made to compare evaluators."
    )


class StateChanged(Facts):
    """An agent entered a state, and is in it until the next such event."""

    state: Literal["available", "busy", "wrap_up", "break", "lunch", "training", "meeting", "other_work", "offline"] = (
        Field(description="The state entered.")
    )
    reason: Code | None = Field(None, description="The site's own reason code.")
    team: Code | None = Field(None, description="Team at that moment.")
    slots: int | None = Field(None, ge=0, le=100, description="Contacts the agent may hold at once.")


class IncidentReported(Facts):
    """The site reports an incident."""

    kind: Literal["outage", "data_protection", "security", "staffing", "quality", "other"] = Field(
        description="What sort of incident."
    )
    severity: Literal["low", "medium", "high", "critical"] = Field(description="How bad it is.")
    incident_id: Identifier = Field(description="Names the incident; later reports update it.")
    description: Text | None = Field(None, description="What happened, in the site's words.")
    ended: bool = Field(False, description="True when this report says it is over.")
