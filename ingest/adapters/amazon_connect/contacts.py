"""Amazon Connect's contact events and contact records: what one contact's timestamps say happened to it.

Both carry everything known of the contact so far, so each is read whole: a lost contact event costs nothing
that a later one repeats. The ids of the events made are the same from both; those from a record carry a
revision, so that the record has the last word, and a later record the very last.
"""

from __future__ import annotations

from typing import Any

from ingest.adapters.amazon_connect.document import Document, later, milliseconds
from ingest.adapters.base import Told, event
from ingest.adapters.reading import CODE, wrong

_CHANNELS = {"VOICE": "voice", "CHAT": "chat", "TASK": "case", "EMAIL": "email"}
_MESSAGING = {"connect:sms", "connect:whatsapp", "connect:apple"}

_OUTBOUND = {"OUTBOUND", "EXTERNAL_OUTBOUND", "CAMPAIGN_PREVIEW", "AGENT_REPLY", "FLOW"}
# An agent dials or writes; the record names a queue, but nobody waits in it.
_NEVER_WAITS = _OUTBOUND | {"MONITOR"}
# The customer was at the site already; the contact before this one tells of the arrival.
_CONTINUES = {"TRANSFER", "QUEUE_TRANSFER", "CALLBACK", "DISCONNECT"}

_ENDED_BY = {
    "CUSTOMER_DISCONNECT": "customer",
    "AGENT_DISCONNECT": "agent",
    "AGENT_COMPLETED": "agent",
    "CONTACT_FLOW_DISCONNECT": "system",
    "EXPIRED": "system",
    "IDLE_DISCONNECT": "system",
    "SYSTEM_ERROR": "system",
    "API": "system",
}


def tell_contact_event(document: Document, site: str) -> Told:
    """What a contact event says. It never says who comes next, nor what anything took but after-contact work."""
    contact = _Contact(document, site, None)
    kind = document.text("eventType") or "unnamed"
    return _told(contact.facts(), f"contact event {kind} of a contact with no fact to tell yet")


def tell_contact_record(document: Document, site: str) -> Told:
    """What a contact record says."""
    contact = _Contact(document, site, milliseconds(document.needed_instant("LastUpdateTimestamp")))
    return _told(contact.facts(), "contact record of a step between contacts: no arrival, queue or agent")


def _told(facts: list[dict[str, Any]], nothing: str) -> Told:
    return Told(tuple(facts)) if facts else Told(nothing=nothing)


class _Contact:
    """One contact as one message knows it."""

    def __init__(self, document: Document, site: str, revision: int | None) -> None:
        self.document = document
        self.site = site
        self.revision = revision
        self.is_record = revision is not None
        self.id = document.needed_identifier("contactId")
        self.method = (document.text("initiationMethod") or "").upper()
        self.agent = document.part("Agent", "agentInfo")
        self.queue = document.part("Queue", "queueInfo")
        self.native_channel = document.choice("channel", _CHANNELS)
        self.dialled = self.method in (*_OUTBOUND, "CALLBACK") or (
            self.method == "API" and self.native_channel == "VOICE"
        )
        self.offered_at = None if self.method in _NEVER_WAITS else self.queue.instant("enqueueTimestamp")
        self.answered_at = self._answered_at()
        self.ended_at = document.instant("disconnectTimestamp")
        self.disconnect_reason = (document.text("disconnectReason") or "").upper()
        self.agent_id = self.agent.identifier("ARN") or self.agent.identifier("agentArn")

    def facts(self) -> list[dict[str, Any]]:
        """Everything the message says happened, in the order of a contact's life."""
        found = [self._transferred_here(), self._started(), self._offered()]
        if self.answered_at:
            found += [self._answered(self.answered_at), self._transferred(), self._completed(), self._wrapped_up()]
        elif self.offered_at:
            found.append(self._left_queue())
        else:
            found.append(self._left_menu())
        return [fact for fact in found if fact]

    def _event(self, fact: str, time: str, subject: str | None = None, **data: Any) -> dict[str, Any]:
        name = data.pop("name", fact)
        subject = subject or self.id
        return event(self.site, f"contact.{fact}", subject, f"{subject}/{name}", time, self.revision, **data)

    def _answered_at(self) -> str | None:
        # A missed ring leaves no such timestamp, however many AgentConnectionAttempts there were.
        agent_at = self.agent.instant("connectedToAgentTimestamp")
        if agent_at is None or not self.dialled or self.native_channel != "VOICE":
            return agent_at
        # The agent's leg can stand before the customer picks up, and does when they never do.
        customer_at = self.document.instant("connectedToSystemTimestamp")
        return later(agent_at, customer_at) if customer_at else None

    def _nature(self) -> dict[str, Any]:
        return {
            "channel": self._channel(),
            "direction": self._direction(),
            "customer_id": self.document.text("customerId", longest=256, private=True),
        }

    def _channel(self) -> str:
        if self.method == "CALLBACK":
            return "callback"
        if self.native_channel == "CHAT":
            subtype = self.document.part("segmentAttributes").part("connect:Subtype").text("valueString")
            if (subtype or "").lower() in _MESSAGING:
                return "messaging"
        return _CHANNELS[self.native_channel]

    def _direction(self) -> str:
        to_an_agent = (self.queue.text("queueType") or "").upper() == "AGENT" or "/queue/agent/" in (
            self.queue.text("ARN", "queueArn", longest=2048) or ""
        )
        # Tasks are made by the company's own people and systems.
        if self.method == "MONITOR" or self.native_channel == "TASK" or (self.method == "TRANSFER" and to_an_agent):
            return "internal"
        # A queued callback was asked for by the customer, whoever dials.
        return "outbound" if self.dialled and self.method != "CALLBACK" else "inbound"

    def _begins_here(self) -> bool:
        # A contact that continues another begins with its queue, or with its agent where it met no queue.
        return self.method not in _CONTINUES or (self.answered_at is not None and self.offered_at is None)

    def _started(self) -> dict[str, Any] | None:
        at = self.document.instant("initiationTimestamp")
        return self._event("started", at, **self._nature()) if at and self._begins_here() else None

    def _queue_name(self) -> str:
        name = self.queue.text("Name") or self.queue.identifier("ARN") or self.queue.identifier("queueArn")
        if name is None:
            raise wrong(self.queue.path, None, f"its Name or ARN, at most {CODE} characters")
        return name

    def _offered(self) -> dict[str, Any] | None:
        if self.offered_at is None:
            return None
        return self._event(
            "offered",
            self.offered_at,
            queue=self._queue_name(),
            campaign=self.document.part("Campaign").text("CampaignId"),
            initial_contact_id=self._other("initialContactId"),
            previous_contact_id=self._other("previousContactId"),
            **self._nature(),
        )

    def _other(self, name: str) -> str | None:
        # The first contact of a chain names itself as the initial one in some records, and nobody in others.
        found = self.document.identifier(name)
        return None if found == self.id else found

    def _wait_s(self) -> float | None:
        return self.queue.seconds("Duration") if self.is_record and self.offered_at else None

    def _answered(self, at: str) -> dict[str, Any]:
        return self._event("answered", at, agent_id=self.agent_id, wait_s=self._wait_s())

    def _transferred_here(self) -> dict[str, Any] | None:
        """A transfer by an agent, told of the contact before this one. Only this one knows it was a transfer."""
        before, at = self._other("previousContactId"), self.document.instant("initiationTimestamp")
        # Before its queue is known a contact event would tell the same transfer differently than after.
        if self.method != "TRANSFER" or not before or not at or not (self.offered_at or self.is_record):
            return None
        to_queue = self._queue_name() if self.offered_at else None
        name = f"transferred/{self.id}"
        made = self._event("transferred", at, before, name=name, to_queue=to_queue, to_contact_id=self.id)
        if self.revision is not None:
            # Records of both contacts are often of one second; then this one counts, which knows the queue.
            made["revision"] = self.revision + 1
        return made

    def _transferred(self) -> dict[str, Any] | None:
        """A cold transfer, told of this contact. A mere NextContactId may be a survey after the call."""
        at = self.document.instant("TransferCompletedTimestamp")
        if at is None:
            return None
        after = self._other("NextContactId")
        name = f"transferred/{after}" if after else "transferred"
        return self._event("transferred", at, name=name, to_contact_id=after, warm=False)

    def _completed(self) -> dict[str, Any] | None:
        at = self.ended_at
        if self.is_record:
            # A customer handed to an outside number stays connected long after the agent has left.
            at = self.agent.instant("AfterContactWorkStartTimestamp") or at
        if at is None:
            return None
        return self._event(
            "completed",
            at,
            talk_s=self.agent.seconds("AgentInteractionDuration"),
            hold_s=self.agent.seconds("CustomerHoldDuration"),
            ended_by=_ENDED_BY.get(self.disconnect_reason),
        )

    def _wrapped_up(self) -> dict[str, Any] | None:
        at = self.agent.instant("AfterContactWorkEndTimestamp")
        spent = self.agent.seconds("AfterContactWorkDuration")
        return self._event("wrapped_up", at, wrap_up_s=spent) if at else None

    def _left_queue(self) -> dict[str, Any] | None:
        at = self.queue.instant("dequeueTimestamp") or self.ended_at
        # Best known once the contact is over: until then the queue may be left for an agent's ring.
        if at is None or self.ended_at is None:
            return None
        reason = self._why_left()
        if reason is None:
            return None
        # One id for both: how the queue was left is one fact, and a later record may know better.
        if reason == "abandoned":
            return self._event("abandoned", at, name="unanswered", wait_s=self._wait_s())
        return self._event("left_queue", at, name="unanswered", reason=reason, wait_s=self._wait_s())

    def _why_left(self) -> str | None:
        if self._other("NextContactId"):
            return "callback"
        if self.disconnect_reason == "TRANSFERRED" or self.document.part("TransferredToEndpoint"):
            return "overflow"
        if self._customer_left():
            return "abandoned"
        if self.disconnect_reason:
            return "other"
        # Records of before 2021 have no reason; the vendor then calls this an abandoned contact.
        return "abandoned" if self.is_record else None

    def _customer_left(self) -> bool:
        # The originator of a dialled call is the company.
        return self.disconnect_reason == "CUSTOMER_DISCONNECT" or (
            self.disconnect_reason == "TELECOM_ORIGINATOR_CANCEL" and not self.dialled
        )

    def _left_menu(self) -> dict[str, Any] | None:
        if self.ended_at is None or not self._begins_here():
            return None
        return self._event("left_menu", self.ended_at, reason="hung_up" if self._customer_left() else "other")
