"""Amazon Connect: contact events, contact records, agent events, evaluations and chat analyses.

Left empty because no message says it: topic, language and closing code (sites keep them in attributes of their
own naming), single holds, who spoke first in a warm transfer, and the agent of a chat message.
"""

from __future__ import annotations

from ingest.adapters.amazon_connect.agents import tell_agent_event
from ingest.adapters.amazon_connect.contacts import tell_contact_event, tell_contact_record
from ingest.adapters.amazon_connect.document import Document, milliseconds
from ingest.adapters.base import Adapter, NotUnderstoodError, Told, event
from ingest.adapters.reading import Json, masked, parse, shown

_CONTACT_EVENT = "Amazon Connect Contact Event"
_MESSAGES = (
    "contact events (EventBridge, wrapped or their detail alone)",
    "contact records (ContactTraceRecord)",
    "agent event stream",
    "evaluation form output",
    "Contact Lens analysis of a chat",
)
_SENDERS = {"CUSTOMER": "customer", "AGENT": "agent", "SYSTEM": "bot", "CUSTOM_BOT": "bot"}


def _tell(message: bytes, site: str) -> Told:
    found = parse(message, "one JSON object in UTF-8")
    document = Document(found)
    if document.has("detail-type", "detail"):
        kind = document.text("detail-type", longest=256)
        if kind != _CONTACT_EVENT:
            return Told(
                nothing=f"EventBridge event {masked(kind or '')}; only {_CONTACT_EVENT} tells a contact's course"
            )
        return tell_contact_event(document.part("detail"), site)
    if document.has("AgentARN", "EventType"):
        return tell_agent_event(document, site)
    if document.has("contactId", "eventType"):
        return tell_contact_event(document, site)
    if document.has("contactId", "InitiationTimestamp"):
        return tell_contact_record(document, site)
    if document.has("evaluationId", "metadata"):
        return _tell_evaluation(document, site)
    if document.has("CustomerMetadata", "Transcript"):
        return _tell_chat_analysis(document, site)
    raise NotUnderstoodError(
        f"an object with {_names(found)}; expected one of: {'; '.join(_MESSAGES)}",
    )


def _names(found: Json) -> str:
    names = ", ".join(shown(name) for name in list(found)[:5])
    return f"the fields {names}" if names else "no fields"


def _tell_evaluation(document: Document, site: str) -> Told:
    """A submitted evaluation. Who evaluates is a user of the instance, so on the side that runs the site.

    An automatic fail is part of the score; the form does not say which class of error it was.
    """
    metadata = document.part("metadata")
    evaluation = document.needed_identifier("evaluationId")
    contact = metadata.needed_identifier("contactId")
    at = metadata.needed_instant("evaluationSubmitTimestamp")
    score = metadata.part("score").number("percentage", 100, "per cent")
    form = metadata.text("evaluationDefinitionTitle") or metadata.identifier("evaluationDefinitionId")
    if score is None or form is None:
        return Told(nothing="evaluation without a score or without the name of its form")
    made = event(
        site,
        "contact.evaluated",
        contact,
        f"{evaluation}/evaluated",
        at,
        milliseconds(at),
        evaluator="provider",
        evaluation_id=evaluation,
        form=form,
        score=score,
        max_score=100.0,
    )
    return Told((made,))


def _tell_chat_analysis(document: Document, site: str) -> Told:
    """The messages of a chat, without their text. Participants are named for the one chat only, so no agent."""
    if document.text("Channel") != "CHAT":
        return Told(nothing="Contact Lens analysis of a call: what was said and how, no course of events")
    contact = document.part("CustomerMetadata").needed_identifier("ContactId")
    made = []
    for item in document.parts("Transcript"):
        sender = _SENDERS.get(item.text("ParticipantRole") or "")
        if item.text("Type") != "MESSAGE" or sender is None:
            continue
        message, at = item.needed_identifier("Id"), item.needed_instant("AbsoluteTime")
        made.append(event(site, "chat.message", contact, f"{contact}/message/{message}", at, sender=sender))
    return Told(tuple(made)) if made else Told(nothing="Contact Lens analysis of a chat without messages")


ADAPTER = Adapter("amazon_connect", "Amazon Connect", _MESSAGES, _tell)
