"""The event contract: CloudEvents 1.0 in structured JSON, one frozen class per past fact.

The subject of `contact.*` and `chat.*` is the contact, of `agent.*` the agent, of `site.*` the site.
`EVENT` validates the text of one message; the published schemas are made from the same classes.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)

from models import facts

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")
SITE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"

FactsT = TypeVar("FactsT", bound=facts.Facts)


def _rfc3339_text(value: object) -> object:
    # Pydantic would also take a number as seconds since 1970, which no clock of a site means.
    if not isinstance(value, str) or not _RFC3339.match(value):
        raise ValueError("expected RFC 3339 with offset, for example 2026-03-01T09:30:00.250+01:00")
    return value


class Event(BaseModel, Generic[FactsT]):
    """Envelope of every event. Other extension attributes CloudEvents allows are accepted and not kept."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    specversion: Literal["1.0"] = Field(description="CloudEvents version.")
    id: facts.Identifier = Field(description="Unique within the source; the same id again is a repeat.")
    source: Annotated[str, StringConstraints(pattern=SITE_PATTERN)] = Field(
        description="The site. Must be the site of the topic the event is published to."
    )
    time: Annotated[AwareDatetime, BeforeValidator(_rfc3339_text)] = Field(
        strict=False, description="When it happened at the site, RFC 3339 with offset."
    )
    subject: facts.Identifier = Field(description="The contact, agent or site the fact is about.")
    simulated: bool = Field(False, description="True when a simulator made this event; pages then say so.")
    revision: int = Field(
        0, ge=0, le=2**53 - 1, description="Grows when a fact is told again corrected: of one id the highest counts."
    )
    data: FactsT


class ContactStarted(Event[facts.Started]):
    """The customer reached the site's menu or form."""

    type: Literal["contact.started"]


class ContactOffered(Event[facts.Offered]):
    """The contact entered a queue."""

    type: Literal["contact.offered"]


class ContactAnswered(Event[facts.Answered]):
    """An agent was connected."""

    type: Literal["contact.answered"]


class ContactHeld(Event[facts.Held]):
    """A hold ended."""

    type: Literal["contact.held"]


class ContactTransferred(Event[facts.Transferred]):
    """The contact was handed on."""

    type: Literal["contact.transferred"]


class ContactAbandoned(Event[facts.Abandoned]):
    """The customer gave up waiting."""

    type: Literal["contact.abandoned"]


class ContactLeftQueue(Event[facts.LeftQueue]):
    """The contact left the queue for something other than an agent."""

    type: Literal["contact.left_queue"]


class ContactLeftMenu(Event[facts.LeftMenu]):
    """The contact ended before any queue."""

    type: Literal["contact.left_menu"]


class ContactCompleted(Event[facts.Completed]):
    """The conversation ended."""

    type: Literal["contact.completed"]


class ContactWrappedUp(Event[facts.WrappedUp]):
    """After-contact work ended."""

    type: Literal["contact.wrapped_up"]


class ContactClassified(Event[facts.Classified]):
    """Topic, closing code or resolution became known."""

    type: Literal["contact.classified"]


class ContactExcluded(Event[facts.Excluded]):
    """The contact is declared not to be one."""

    type: Literal["contact.excluded"]


class ChatMessage(Event[facts.Message]):
    """A chat message was sent."""

    type: Literal["chat.message"]


class ContactSurveyed(Event[facts.Surveyed]):
    """A survey answer came in."""

    type: Literal["contact.surveyed"]


class ContactEvaluated(Event[facts.Evaluated]):
    """A quality evaluation was made."""

    type: Literal["contact.evaluated"]


class AgentStateChanged(Event[facts.StateChanged]):
    """An agent changed state."""

    type: Literal["agent.state_changed"]


class SiteIncidentReported(Event[facts.IncidentReported]):
    """The site reported an incident."""

    type: Literal["site.incident_reported"]


AnyEvent = (
    ContactStarted
    | ContactOffered
    | ContactAnswered
    | ContactHeld
    | ContactTransferred
    | ContactAbandoned
    | ContactLeftQueue
    | ContactLeftMenu
    | ContactCompleted
    | ContactWrappedUp
    | ContactClassified
    | ContactExcluded
    | ChatMessage
    | ContactSurveyed
    | ContactEvaluated
    | AgentStateChanged
    | SiteIncidentReported
)

EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="type")])
"""Validates the text of one message: `EVENT.validate_json(value)`."""


def event_classes() -> dict[str, type[Event[Any]]]:
    """Event classes by their wire name, in the order of a contact's life."""
    classes: tuple[type[Event[Any]], ...] = get_args(AnyEvent)
    return {get_args(cls.model_fields["type"].annotation)[0]: cls for cls in classes}


def data_class(event: type[Event[Any]]) -> type[facts.Facts]:
    """The class of an event's `data`."""
    annotation = event.model_fields["data"].annotation
    if not (isinstance(annotation, type) and issubclass(annotation, facts.Facts)):
        raise TypeError(f"{event.__name__}.data is {annotation!r}, not a Facts class")
    return annotation
